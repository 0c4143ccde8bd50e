"""Patrol: minutes inside the own grid, a local day at a time, tolerant of short silences.

A minute counts when a fix in it lies inside the own grid. Doubtful is not inside, but a gap of up to ten minutes
between two inside minutes is filled whatever lies in it - silence indoors, doubt, a step across the street - so
doubtful minutes count when they adjoin minutes that need no benefit of the doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from dashboard.live import columns
from dashboard.live.beside import Beside

__all__ = ["HOURS", "Patrol", "local_minutes"]

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

HOURS, DAY = 24, 1440


class Patrol(Beside):
    """bits[local hour, worker]: its 60 minutes; date[...]: the day they are of. minutes: of the newest day."""

    EMPTY: ClassVar = {"bits": 0, "date": 0, "day": 0, "minutes": 0, "last": 0}
    PLACED = ("dirty",)

    def __init__(self, gap: int, home: Rows, places: int = 1) -> None:
        """home: place of each worker's district, of so many places."""
        self.home, self.gap = home, gap
        workers = len(home)
        self.bits = np.zeros((HOURS, workers), np.uint64)
        self.date = np.zeros((HOURS, workers), np.uint16)
        self.day = np.zeros(workers, np.uint16)
        self.minutes = np.zeros(workers, np.uint16)
        self.last = np.zeros(workers, np.int64)  # newest inside minute, local, since 1970
        self.dirty = np.zeros((places, HOURS), np.bool_)

    def fold(self, worker: Rows, minute: Rows) -> Rows:
        """Minutes (local, since 1970) inside the own grid, by worker and time. Answers whose count may have moved."""
        assert self.whole
        # The usual fix is in a minute that counts already: said in one look.
        other = np.flatnonzero(minute != self.last.take(worker))
        if not len(other):
            return other
        worker, minute = worker.take(other), minute.take(other)
        once = np.empty(len(worker), np.bool_)
        once[:1], once[1:] = True, (worker[1:] != worker[:-1]) | (minute[1:] != minute[:-1])
        worker, minute = worker[once], minute[once]
        new = self._mark(worker, minute)
        worker, minute = worker[new], minute[new]
        if not len(worker):
            return worker
        return self._count(worker, minute)

    def _mark(self, worker: Rows, minute: Rows) -> Mask:
        """Set the bits; which of them are news."""
        hour = minute // 60
        day, bit = hour // HOURS, np.uint64(1) << (minute % 60).astype(np.uint64)
        place = (hour % HOURS) * len(self.home) + worker
        bits, date = self.bits.reshape(-1), self.date.reshape(-1)
        head = np.empty(len(worker), np.bool_)
        head[:1], head[1:] = True, (worker[1:] != worker[:-1]) | (hour[1:] != hour[:-1])
        first = np.flatnonzero(head)
        at, its_day = place[first], day[first].astype(np.uint16)
        known = np.where(date[at] == its_day, bits[at], np.uint64(0))
        group = np.cumsum(head) - 1
        stale = date[at] > its_day
        new = ((known[group] & bit) == 0) & ~stale[group]
        merged = known | np.bitwise_or.reduceat(bit, first)
        live = ~stale
        bits[at[live]], date[at[live]] = merged[live], its_day[live]
        self.dirty[self.home[worker[first[live]]], hour[first[live]] % HOURS] = True
        return new

    def _count(self, worker: Rows, minute: Rows) -> Rows:
        """In order: add to the count. Out of order, or on a new day: count that worker's day again."""
        before = np.empty_like(minute)
        head = np.empty(len(worker), np.bool_)
        head[:1], head[1:] = True, worker[1:] != worker[:-1]
        before[1:] = minute[:-1]
        before[head] = self.last[worker[head]]
        gap = minute - before - 1
        odd = (gap < 0) | (minute // DAY != before // DAY)
        gained = 1 + np.where((gap > 0) & (gap <= self.gap), gap, 0)
        first = np.flatnonzero(head)
        who = worker[first]
        again = np.logical_or.reduceat(odd, first)
        plain = ~again
        self.minutes[who[plain]] += np.add.reduceat(gained, first)[plain].astype(np.uint16)
        newest = np.maximum(self.last[who], np.maximum.reduceat(minute, first))
        self.last[who], self.day[who] = newest, (newest // DAY).astype(np.uint16)
        self._recount(who[again])
        return who

    def _recount(self, worker: Rows) -> None:
        if not len(worker):
            return
        valid = self.date[:, worker] == self.day[worker]
        words = np.where(valid, self.bits[:, worker], np.uint64(0))
        inside = (words[:, :, None] >> np.arange(60, dtype=np.uint64)) & np.uint64(1)
        row, minute = np.nonzero(inside.transpose(1, 0, 2).reshape(len(worker), DAY))
        gap = np.diff(minute) - 1
        filled = np.where((row[1:] == row[:-1]) & (gap <= self.gap), gap, 0)
        total = np.bincount(row, minlength=len(worker)) + np.bincount(row[1:], filled, len(worker))
        self.minutes[worker] = total.astype(np.uint16)

    def fields(self, everything: bool) -> dict[str, bytes]:
        hours = np.flatnonzero(self.bits.any(axis=1) if everything else self.dirty.any(axis=0))
        self.dirty[:] = False
        return {
            f"patrol:{hour:02d}": columns.write({"bits": self.bits[hour], "date": self.date[hour]}) for hour in hours
        }

    def load(self, fields: Mapping[str, bytes], take: Rows, put: Rows) -> None:
        for hour in range(HOURS):
            if body := fields.get(f"patrol:{hour:02d}"):
                saved = columns.read(body)
                self.bits[hour, put], self.date[hour, put] = saved["bits"][take], saved["date"][take]
        self._recount(np.flatnonzero(self.last > 0))


def local_minutes(second: Rows, zone: str) -> Rows:
    """Minutes since 1970 on the clock on the wall."""
    if not len(second):
        return second
    low, high = int(second.min()) // 900, int(second.max()) // 900
    if low == high:
        return second // 60 + _offset(zone, low)
    if high - low > 100_000:
        quarters, place = np.unique(second // 900, return_inverse=True)
        return second // 60 + np.array([_offset(zone, int(q)) for q in quarters])[place]
    table = np.array([_offset(zone, quarter) for quarter in range(low, high + 1)])
    if (table == table[0]).all():
        return second // 60 + table[0]
    return second // 60 + table[second // 900 - low]


@lru_cache(maxsize=1 << 14)
def _offset(zone: str, quarter: int) -> int:
    """Minutes that the zone is ahead of UTC in this quarter hour."""
    offset = datetime.fromtimestamp(quarter * 900, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) // 60 if offset else 0
