"""Arrivals: a batch of fixes put in order, without what is unknown, double or too late."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.counters import Tally
from dashboard.live.seen import Seen

__all__ = ["LATEST", "Arrivals", "arrivals"]

Rows = npt.NDArray[np.int64]

#: A fix may be this far behind its worker's newest at most: what `Seen` remembers.
LATEST = 3600

# Rows of fixes are always picked by `take` or `compress`: indexing a structured array costs forty times as much.


@dataclass(frozen=True)
class Arrivals:
    """New fixes by worker and second. late: behind what was the worker's newest before this batch."""

    worker: Rows
    second: Rows
    fix: npt.NDArray[Any]
    late: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.worker)

    @cached_property
    def minute(self) -> Rows:
        return self.second // 60

    @cached_property
    def within(self) -> Rows:
        """Second of the minute."""
        return self.second - self.minute * 60

    @cached_property
    def head(self) -> npt.NDArray[np.bool_]:
        """Whether it is the first of its worker."""
        head = np.empty(len(self.worker), np.bool_)
        head[:1] = True
        np.not_equal(self.worker[1:], self.worker[:-1], out=head[1:])
        return head

    @cached_property
    def alone(self) -> bool:
        """The usual tick: each worker has sent one fix. Then each is the first and the last of its worker."""
        return bool(self.head.all())

    def pick(self, which: npt.NDArray[np.bool_]) -> Arrivals:
        late = self.late.compress(which)
        return Arrivals(self.worker.compress(which), self.second.compress(which), self.fix.compress(which), late)


def arrivals(
    fixes: npt.NDArray[Any], worker: Rows, place: Rows, newest: Rows, seen: Seen, late_seconds: int, tally: Tally
) -> Arrivals:
    """worker: row of each fix, -1 unknown; place: of its district; newest: second of each worker's newest fix, or 0."""
    second = fixes["at"] // 1000
    if len(worker) and worker.min() < 0:
        known = worker >= 0
        tally.add("unknown_worker", place[~known])
        fixes, worker, place, second = fixes.compress(known), worker[known], place[known], second[known]
    in_time = _in_time(worker, second, newest, min(late_seconds, LATEST))
    if not in_time.all():
        tally.add("too_late", place[~in_time])
        fixes, worker, place = fixes.compress(in_time), worker[in_time], place[in_time]
        second = second[in_time]
    order, single = _order(worker, second)
    if not single.all():
        order = order[single]
    worker, second = worker.take(order), second.take(order)
    new = Arrivals(worker, second, fixes.take(order), second < newest.take(worker))
    news = seen.take(new.worker, new.minute, new.within, new.head)
    if not news.all():
        order, new = order[news], new.pick(news)
    home = place if len(order) == len(place) else place.take(order)
    if len(order) < len(place):
        tally.add("duplicate", place, less=home)
    behind = place.take(order.compress(new.late))
    tally.add("late", behind)
    tally.add("fixes", home, less=behind)
    return new


def _in_time(worker: Rows, second: Rows, newest: Rows, late_seconds: int) -> npt.NDArray[np.bool_]:
    """Which are not too far behind what came before them."""
    before = newest.take(worker)
    if len(second) and int(second.max()) - int(second.min()) > late_seconds:
        # A long batch: what stands earlier in it counts too, worker by worker.
        order = np.argsort(worker, kind="stable")
        lane = worker[order] << 34
        running = np.maximum.accumulate(lane | second[order]) - lane
        before[order] = np.maximum(before[order], running)
    return before - second <= late_seconds


def _order(worker: Rows, second: Rows) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Stable order by worker and second, and which of them is the first of its worker and second.

    Packed into one number where it fits: numbers sort fast, rows do not.
    """
    count = len(worker)
    single = np.ones(count, np.bool_)
    if not count:
        return np.zeros(0, np.int64), single
    start = int(second.min())
    bits = [int(worker.max()).bit_length(), (int(second.max()) - start).bit_length(), (count - 1).bit_length()]
    if sum(bits) > 62:
        order = np.lexsort((second, worker))
        worker, second = worker[order], second[order]
        single[1:] = (worker[1:] != worker[:-1]) | (second[1:] != second[:-1])
        return order, single
    packed = (((worker << bits[1]) | (second - start)) << bits[2]) | np.arange(count)
    packed.sort()
    what = packed >> bits[2]
    np.not_equal(what[1:], what[:-1], out=single[1:])
    return packed & ((1 << bits[2]) - 1), single
