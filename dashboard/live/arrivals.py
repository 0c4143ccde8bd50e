"""Arrivals: a batch of fixes put in order, without what is unknown, double or too late."""

from __future__ import annotations

from dataclasses import dataclass
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


def arrivals(
    fixes: npt.NDArray[Any], worker: Rows, place: Rows, newest: Rows, seen: Seen, late_seconds: int, tally: Tally
) -> Arrivals:
    """worker: row of each fix, -1 unknown; place: of its district; newest: second of each worker's newest fix, or 0."""
    second = fixes["at"] // 1000
    known = worker >= 0
    if not known.all():
        tally.add("unknown_worker", place[~known])
        fixes, worker, place, second = fixes.compress(known), worker[known], place[known], second[known]
    in_time = second >= _horizon(worker, second, newest, min(late_seconds, LATEST))
    if not in_time.all():
        tally.add("too_late", place[~in_time])
        fixes, worker, place = fixes.compress(in_time), worker[in_time], place[in_time]
        second = second[in_time]
    order = _order(worker, second)
    worker, second = worker[order], second[order]
    single = np.empty(len(order), np.bool_)
    single[:1], single[1:] = True, (worker[1:] != worker[:-1]) | (second[1:] != second[:-1])
    if not single.all():
        order, worker, second = order[single], worker[single], second[single]
    new = seen.take(worker, second)
    if not new.all():
        order, worker, second = order[new], worker[new], second[new]
    late = second < newest[worker]
    home = place if len(order) == len(place) else place[order]
    if len(order) < len(place):
        tally.add("duplicate", place, less=home)
    behind = place[order[late]]
    tally.add("late", behind)
    tally.add("fixes", home, less=behind)
    return Arrivals(worker, second, fixes.take(order), late)


def _horizon(worker: Rows, second: Rows, newest: Rows, late_seconds: int) -> Rows:
    """The oldest second that is still taken for each fix, by what came before it."""
    before = newest[worker]
    if len(second) and int(second.max()) - int(second.min()) > late_seconds:
        # A long batch: what stands earlier in it counts too, worker by worker.
        order = np.argsort(worker, kind="stable")
        lane = worker[order] << 34
        running = np.maximum.accumulate(lane | second[order]) - lane
        before[order] = np.maximum(before[order], running)
    return before - late_seconds


def _order(worker: Rows, second: Rows) -> Rows:
    """Stable order by worker and second. Packed into one number where it fits: numbers sort fast, rows do not."""
    count = len(worker)
    if not count:
        return np.zeros(0, np.int64)
    start = int(second.min())
    bits = [int(worker.max()).bit_length(), (int(second.max()) - start).bit_length(), (count - 1).bit_length()]
    if sum(bits) > 62:
        return np.lexsort((second, worker))
    packed = (((worker << bits[1]) | (second - start)) << bits[2]) | np.arange(count)
    packed.sort()
    return packed & ((1 << bits[2]) - 1)
