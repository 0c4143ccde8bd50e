"""Flow: what passed through each step in each quarter hour, and how many stood open when it ended, area by area."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.frame import NOTHING

__all__ = ["BACK", "BUCKET", "CAME", "KEPT", "OPEN_AT", "RETURNED", "Flow", "Times"]

BUCKET = 900
#: Quarter hours that are kept: a day, and a few hours for those who look an hour back or are behind.
KEPT = 112
#: Added to a step that an event left by going back.
BACK = 16
#: Added to one of the last two steps when an event came into it: nothing ever leaves them.
CAME = 8
#: Codes of the table beside the six steps: went back; and open at each level.
RETURNED, OPEN_AT = 8, 16

Columns = dict[str, npt.NDArray[Any]]
_COUNTS = ("bucket", "area", "step", "count")


class Flow:
    """Counts by (bucket, area, code). Open is kept as changes in each bucket, so that late words find their place."""

    def __init__(self) -> None:
        self.newest = 0
        self.counts: dict[tuple[int, int, int], int] = {}
        self.opens: dict[tuple[int, int], dict[int, int]] = {}
        self._moved: set[tuple[int, int, int]] = set()
        self._opened: dict[tuple[int, int], int] = {}
        self.dirty = True

    def entered(self, at: int, area: int, code: int) -> None:
        bucket = at // BUCKET
        self._advance(bucket)
        if bucket > self.newest - KEPT:
            place = (bucket, area, code)
            self.counts[place] = self.counts.get(place, 0) + 1
            self._moved.add(place)

    def opened(self, at: int, area: int, level: int, change: int) -> None:
        bucket = at // BUCKET
        self._advance(bucket)
        bucket = max(bucket, self.newest - KEPT)
        changes = self.opens.setdefault((area, level), {})
        changes[bucket] = changes.get(bucket, 0) + change
        self._opened[area, level] = min(bucket, self._opened.get((area, level), bucket))

    def table(self, whole: bool) -> Columns:
        if not (whole or self._moved or self._opened):
            return NOTHING["flow"]
        places = self.counts if whole else self._moved
        rows = [(*place, self.counts[place]) for place in places if place in self.counts]
        opened = dict.fromkeys(self.opens, 0) if whole else self._opened
        for (area, level), since in opened.items():
            total = 0
            for bucket, change in sorted(self.opens[area, level].items()):
                total += change
                if bucket >= since:
                    rows.append((bucket, area, OPEN_AT + level, max(total, 0)))
        self._moved, self._opened = set(), {}
        return _columns(rows, _COUNTS)

    def _advance(self, bucket: int) -> None:
        self.dirty = True
        if bucket <= self.newest:
            return
        self.newest = bucket
        oldest = bucket - KEPT
        for place in [place for place in self.counts if place[0] <= oldest]:
            del self.counts[place]
        for changes in self.opens.values():
            if old := [b for b in changes if b < oldest]:
                changes[oldest] = changes.get(oldest, 0) + sum(changes.pop(b) for b in old)

    def columns(self) -> Columns:
        changes = [(b, area, level, n) for (area, level), by in self.opens.items() for b, n in by.items()]
        counts = _columns([(*place, count) for place, count in self.counts.items()], _COUNTS)
        return counts | {f"open_{name}": column for name, column in _columns(changes, _COUNTS).items()}

    def load(self, saved: Columns) -> None:
        for bucket, area, code, count in zip(*(saved[name].tolist() for name in _COUNTS), strict=True):
            self.counts[bucket, area, code] = count
            self.newest = max(self.newest, bucket)
        for bucket, area, level, change in zip(*(saved[f"open_{name}"].tolist() for name in _COUNTS), strict=True):
            self.opens.setdefault((area, level), {})[bucket] = change
            self.newest = max(self.newest, bucket)


class Times:
    """How long events stood in a step before they left it: the newest twenty thousand."""

    NAMES = ("at", "seconds", "area", "step")

    def __init__(self, kept: int = 20_000) -> None:
        self.rows: deque[tuple[int, int, int, int]] = deque(maxlen=kept)
        self._new: list[tuple[int, int, int, int]] = []
        self.dirty = False

    def left(self, at: int, seconds: int, area: int, step: int) -> None:
        row = (at, max(seconds, 0), area, step)
        self.rows.append(row)
        self._new.append(row)
        self.dirty = True

    def table(self, whole: bool) -> Columns:
        if not (whole or self._new):
            return NOTHING["times"]
        rows, self._new = list(self.rows) if whole else self._new, []
        return _columns(rows, self.NAMES)

    def columns(self) -> Columns:
        return _columns(list(self.rows), self.NAMES)

    def load(self, saved: Columns) -> None:
        self.rows.extend(zip(*(saved[name].tolist() for name in self.NAMES), strict=True))


def _columns(rows: list[tuple[int, ...]], names: tuple[str, ...]) -> Columns:
    block = np.array(rows, np.int64).reshape(-1, len(names))
    return {name: block[:, index] for index, name in enumerate(names)}
