"""Arrivals: a batch of fixes put in order, without what is unknown, double or too late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.counters import Counters
from dashboard.live.seen import Seen

__all__ = ["LATEST", "Arrivals", "arrivals"]

Rows = npt.NDArray[np.int64]

#: A fix may be this far behind its worker's newest at most: what `Seen` remembers.
LATEST = 3600

# Rows of fixes are always picked by `take`: indexing a structured array costs forty times as much.


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
    fixes: npt.NDArray[Any], worker: Rows, newest: Rows, seen: Seen, late_seconds: int, counters: Counters
) -> Arrivals:
    """worker: local row of each fix, -1 unknown; newest: second of each worker's newest fix, 0 for none."""
    second = fixes["at"] // 1000
    if (unknown := int(np.count_nonzero(worker < 0))) > 0:
        counters.add("unknown_worker", unknown)
        keep = np.flatnonzero(worker >= 0)
        fixes, worker, second = fixes.take(keep), worker[keep], second[keep]
    late_seconds = min(late_seconds, LATEST)
    in_time = np.flatnonzero(second >= _horizon(worker, second, newest, late_seconds))
    counters.add("too_late", len(worker) - len(in_time))
    if len(in_time) < len(worker):
        fixes, worker, second = fixes.take(in_time), worker[in_time], second[in_time]
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
    counters.add("duplicate", len(fixes) - len(order))
    counters.add("late", int(np.count_nonzero(late)))
    counters.add("fixes", len(order) - int(np.count_nonzero(late)))
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
