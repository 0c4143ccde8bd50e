"""Sweep: what was committed and told by nobody, as its writer died before it could, is told by the steward."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.cases.publish import Publisher

__all__ = ["Sweep"]


class Sweep:
    """To be called each second or so. What was written since the last look is its writer's to tell: who took that from
    it would only make it read everything again.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._seen: dict[str, int] = {}

    def __call__(self) -> int:
        """How many reports were told. Raises what the bus or the database raises when away."""
        if not self._seen:  # nobody knows for how long nothing was told
            told, (_, heads) = self._publisher.publish(), self._publisher.stand(())
        else:
            cursors, heads = self._publisher.stand(self._seen)
            left = [name for name, cursor in cursors.items() if not self._in_hand(cursor, name, heads)]
            told = self._publisher.publish(left) if left else 0
        self._seen = {name: position for name, (_, position) in heads.items()}
        return told

    def _in_hand(self, cursor: str, district: str, heads: Mapping[str, tuple[int, int]]) -> bool:
        """Whether all that we saw is told. Not where Redis and the database know different times of a chain."""
        return cursor.isdigit() and district in heads and self._seen[district] <= int(cursor) <= heads[district][1]
