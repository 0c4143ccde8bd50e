"""Times: how long events stood in a step before they left it: the newest twenty thousand of a district."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.frame import NOTHING
from dashboard.live.ring import Ring

__all__ = ["BACK", "CAME", "KEPT", "Times"]

#: Added to a step that an event left by going back.
BACK = 16
#: Added to one of the last two steps when an event came into it: nothing ever leaves them.
CAME = 8

Columns = dict[str, npt.NDArray[Any]]
CHUNK, CHUNKS = 500, 40
KEPT = CHUNK * CHUNKS


class Times:
    """at: when it left, seconds since 1970; seconds: for how long it had stood; there: whether a row lies there yet."""

    def __init__(self) -> None:
        self.ring = Ring(
            "times", {"at": "i8", "seconds": "i8", "area": "u4", "step": "u1", "there": "?"}, CHUNK, CHUNKS
        )
        self._new: list[tuple[int, ...]] = []

    def left(self, at: int, seconds: int, area: int, step: int) -> None:
        row = at, max(seconds, 0), area, step
        self.ring.write(self.ring.take_place(), (*row, True))
        self._new.append(row)

    def table(self, whole: bool) -> Columns:
        """What came since the last call, or everything, in order."""
        if not (whole or self._new):
            return NOTHING["times"]
        new, self._new = self._new, []
        *names, there = self.ring.columns
        if whole:
            rows = np.roll(np.arange(KEPT), -self.ring.next)
            rows = rows[self.ring.columns[there][rows]]
            return {name: self.ring.columns[name][rows] for name in names}
        return dict(zip(names, np.array(new, np.int64).reshape(-1, len(names)).T, strict=True))

    def load(self, fields: Mapping[str, bytes], next_: int, areas: npt.NDArray[np.int64]) -> None:
        """areas: row of each area now, by its row when this was saved."""
        self.ring.load(fields, next_)
        there, area = self.ring.columns["there"], self.ring.columns["area"]
        area[there] = areas[area[there]]
