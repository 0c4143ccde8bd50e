"""Flow: what passed through each step in each quarter hour, and how many stood open when it ended, area by area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live import columns
from dashboard.live.frame import NOTHING
from feeds.record import LEVELS, STEPS

__all__ = ["BUCKET", "CODES", "FIRST_OPEN", "KEPT", "OPEN_AT", "PLACE", "RETURNED", "RING", "Flow"]

BUCKET = 900
#: Quarter hours that are kept: a day, and a few hours for those who look an hour back or are behind.
KEPT = 112
#: Quarter hours in a ring: a power of two above what is kept.
RING = 128
assert RING > KEPT
#: Codes of the table beside the six steps: went back; and open at each level.
RETURNED, OPEN_AT = 8, 16
#: All of them, in the order in which they lie in columns; those of what is open from FIRST_OPEN on.
CODES = np.array([*range(len(STEPS)), RETURNED, *(OPEN_AT + level for level in range(len(LEVELS)))])
FIRST_OPEN = len(STEPS) + 1
#: Place of each code in CODES; -1: there is no such code.
PLACE = np.full(32, -1, np.int64)
PLACE[CODES] = np.arange(len(CODES))

Columns = dict[str, npt.NDArray[Any]]
Rows = npt.NDArray[np.int64]
_NAMES = ("bucket", "area", "step", "count")


class Flow:
    """Counts by quarter hour (a ring), place of the code and area of the district.

    What is open is kept as changes in each quarter hour, so that late words find their place; changes of before the
    ring lie in its oldest.
    """

    def __init__(self, areas: Rows) -> None:
        """areas: rows of the district's areas in the city, ascending."""
        self.areas, self.newest = areas, 0
        self._column = {area: column for column, area in enumerate(areas.tolist())}
        self._counts = np.zeros((RING, len(CODES), len(areas)), np.int32)
        # An area that had as many opened as archived has something to tell, too.
        self._said = np.zeros(self._counts.shape, np.bool_)
        self._moved: set[tuple[int, int, int]] = set()
        self._opened: dict[tuple[int, int], int] = {}
        self._dirty: set[int] = set()

    def entered(self, at: int, area: int, code: int) -> None:
        bucket = at // BUCKET
        self._advance(bucket)
        if bucket > self.newest - KEPT:
            place, column = int(PLACE[code]), self._column[area]
            self._add(bucket, place, column, 1)
            self._moved.add((bucket, place, column))

    def opened(self, at: int, area: int, level: int, change: int) -> None:
        bucket = at // BUCKET
        self._advance(bucket)
        bucket = max(bucket, self.newest - KEPT)
        place, column = FIRST_OPEN + level, self._column[area]
        self._add(bucket, place, column, change)
        self._opened[place, column] = min(bucket, self._opened.get((place, column), bucket))

    def _add(self, bucket: int, place: int, column: int, change: int) -> None:
        slot = bucket % RING
        self._counts[slot, place, column] += change
        self._said[slot, place, column] = True
        self._dirty.add(slot)

    def _advance(self, bucket: int) -> None:
        """The quarter hours that leave are emptied; what they changed in what is open, the oldest that stays takes."""
        if bucket <= self.newest:
            return
        oldest, first = bucket - KEPT, self.newest - KEPT
        leaving = np.arange(first, min(oldest, self.newest + 1)) % RING
        counts, said = self._counts[leaving, FIRST_OPEN:].sum(0), self._said[leaving, FIRST_OPEN:].any(0)
        self._counts[leaving], self._said[leaving] = 0, False
        self._dirty.update(leaving.tolist())
        last = oldest % RING  # of which only what is open is still asked for
        self._counts[last, :FIRST_OPEN], self._said[last, :FIRST_OPEN] = 0, False
        self._counts[last, FIRST_OPEN:] += counts
        self._said[last, FIRST_OPEN:] |= said
        self._dirty.add(last)
        self.newest = bucket

    def table(self, whole: bool) -> Columns:
        """What changed since the last call, or everything: bucket, area, step (a code), count."""
        if not (whole or self._moved or self._opened):
            return NOTHING["flow"]
        buckets = np.arange(self.newest - KEPT, self.newest + 1)
        bucket, place, column = self._all_counted(buckets) if whole else _block(self._moved)
        opened = self._all_opened(buckets) if whole else _block((*key, at) for key, at in self._opened.items())
        self._moved, self._opened = set(), {}
        told = np.array([bucket, place, column, self._counts[bucket % RING, place, column]], np.int64)
        told = told[:, bucket > buckets[0]]  # what has left meanwhile is not told any more
        return self._rows(np.concatenate([told, self._standing(buckets, *opened)], axis=1))

    def _all_counted(self, buckets: Rows) -> Rows:
        at, place, column = np.nonzero(self._said[buckets % RING, :FIRST_OPEN])
        return np.array([buckets[at], place, column])

    def _all_opened(self, buckets: Rows) -> Rows:
        place, column = np.nonzero(self._said[:, FIRST_OPEN:].any(0))
        return np.array([place + FIRST_OPEN, column, np.full(len(place), buckets[0])])

    def _standing(self, buckets: Rows, place: Rows, column: Rows, since: Rows) -> Rows:
        """How many stood open at the end of each quarter hour that changed that, from `since` on."""
        slots = (buckets % RING)[:, None]
        total = np.cumsum(self._counts[slots, place, column], axis=0, dtype=np.int64)
        at, which = np.nonzero(self._said[slots, place, column] & (buckets[:, None] >= since))
        return np.array([buckets[at], place[which], column[which], np.maximum(total[at, which], 0)])

    def _rows(self, block: Rows) -> Columns:
        bucket, place, column, count = block
        return dict(zip(_NAMES, (bucket, self.areas[column], CODES[place], count), strict=True))

    def fields(self, everything: bool) -> dict[str, bytes]:
        """Checkpoint: the quarter hours that changed since the last call, or all of which something is said."""
        slots = np.flatnonzero(self._said.any((1, 2))).tolist() if everything else sorted(self._dirty)
        self._dirty.clear()
        return {f"flow:{slot:02d}": self._written(slot) for slot in slots}

    def _written(self, slot: int) -> bytes:
        place, column = np.nonzero(self._said[slot])
        bucket = np.full(len(place), self.newest - (self.newest - slot) % RING)
        rows = self._rows(np.array([bucket, place, column, self._counts[slot, place, column]]))
        return columns.write({name: values.astype(np.int32) for name, values in rows.items()})

    def load(self, fields: Mapping[str, bytes], areas: Rows) -> None:
        """areas: row of each area now, by its row when this was saved."""
        names = [f"flow:{slot:02d}" for slot in range(RING)]
        saved = [columns.read(fields[name]) for name in names if name in fields]
        self.newest = max((int(part["bucket"].max(initial=0)) for part in saved), default=0)
        for part in saved:
            bucket, area, code, count = (part[name] for name in _NAMES)
            row = bucket % RING, PLACE[code], np.searchsorted(self.areas, areas[area])
            np.add.at(self._counts, row, count)
            self._said[row] = True

    def settle(self, standing: Mapping[tuple[int, int], int], at: int) -> None:
        """So many stand open by (area, level) at a moment: where they were counted in other areas, or not at all."""
        at = max(at, self.newest * BUCKET)
        counted = self._counts[:, FIRST_OPEN:].sum(0)
        for level, column in np.ndindex(counted.shape):
            area = int(self.areas[column])
            if off := standing.get((area, level), 0) - int(counted[level, column]):
                self.opened(at, area, level, off)


def _block(rows: Iterable[tuple[int, int, int]]) -> Rows:
    return np.array(list(rows), np.int64).reshape(-1, 3).T
