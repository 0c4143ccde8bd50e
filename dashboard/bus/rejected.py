"""Rejected: what was refused at the door, counted for ever and kept for a while, so that its sender can be helped.

Beside it stand notes: on what was taken although something in it cannot be. They are told by the head of their reason
and kept apart, so that however many there are, no refusal is pushed out by them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

import msgspec

from dashboard.bus import keys
from dashboard.bus.connect import Redis

__all__ = ["KEPT", "KEPT_NOTES", "NOTED", "Refusal", "Rejected", "told"]

#: How many refusals are kept for inspection.
KEPT = 1000
#: Before the reason of a note; how many notes are kept, and how many of what is shown at once are notes at most: one in
#: so many.
NOTED = "noted:"
KEPT_NOTES, SHARE = 200, 5
EXCERPT = 500


class Refusal(msgspec.Struct, frozen=True):
    """One refused record, or a note on one that was taken. `body`: its known fields, cut short, empty where it could
    not be read; `at_ms`: hall time."""

    kind: str
    source: str
    reason: str
    detail: str
    body: str
    at_ms: float


class Rejected:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(self, refusals: Sequence[Refusal], counts: dict[tuple[str, str], int] | None = None) -> None:
        """`counts`, (kind, reason) → number, where there were more refusals than are handed over to be kept."""
        totals = counts if counts is not None else Counter((r.kind, r.reason) for r in refusals)
        pipe = self._redis.pipeline(transaction=False)
        for (kind, reason), count in totals.items():
            pipe.hincrby(keys.REJECTED, f"{kind}:{reason}", count)
        notes = [refusal for refusal in refusals if _is_note(refusal)]
        refused = [refusal for refusal in refusals if not _is_note(refusal)]
        for log, some, most in ((keys.REJECTED_LOG, refused, KEPT), (keys.NOTED_LOG, notes, KEPT_NOTES)):
            if kept := [msgspec.json.encode(_short(refusal)) for refusal in some[-most:]]:
                pipe.lpush(log, *kept)
                pipe.ltrim(log, 0, most - 1)
        pipe.execute()

    def counts(self) -> dict[str, int]:
        """ "kind:reason" → refused since the hall began; "kind:noted:reason" → taken, with a note."""
        return told(cast("dict[bytes, bytes]", self._redis.hgetall(keys.REJECTED)))

    def recent(self, n: int = 100) -> list[Refusal]:
        """The last n, newest first. Where there are more, notes are only some of them: a refusal matters more."""
        notes = self._newest(keys.NOTED_LOG, n)
        refused = self._newest(keys.REJECTED_LOG, n)
        notes = notes[: max(n - len(refused), n // SHARE)]
        together = [*refused[: n - len(notes)], *notes]
        return sorted(together, key=lambda refusal: -refusal.at_ms) if notes else refused

    def _newest(self, log: str, n: int) -> list[Refusal]:
        bodies = cast("list[bytes]", self._redis.lrange(log, 0, n - 1))
        return [msgspec.json.decode(body, type=Refusal) for body in bodies]


def told(counts: dict[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(count) for name, count in sorted(counts.items())}


def _is_note(refusal: Refusal) -> bool:
    return refusal.reason.startswith(NOTED)


def _short(refusal: Refusal) -> Refusal:
    return msgspec.structs.replace(refusal, body=refusal.body[:EXCERPT], detail=refusal.detail[:EXCERPT])
