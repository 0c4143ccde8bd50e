"""Trends: the last 24 hours of an area in quarter hours, how long events stay in each step, and what day it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from dashboard.live.flow import BUCKET, FIRST_OPEN
from dashboard.live.mirror import Mirror
from dashboard.live.times import BACK, CAME
from feeds.record import STEPS

__all__ = ["SHOWN", "Trend", "local_day", "passages", "trend"]

Column = npt.NDArray[Any]

#: Quarter hours of a day.
SHOWN = 96
DAY, HOUR = 86_400, 3_600
#: Of so many one more does not move the median: it is kept for so many seconds.
MANY, STEADY = 5_000, 10.0
ARCHIVED = STEPS.index("archived")


@dataclass(frozen=True)
class Trend:
    """bucket: seconds // 900, oldest first. open: (levels, buckets), at the end of each."""

    bucket: Column
    received: Column
    archived: Column
    open: Column


@dataclass(frozen=True)
class _Standing:
    """How many stood open (levels, areas, 1 + quarter hours of the ring), when the ring held these buckets."""

    bucket: Column
    open: Column


@dataclass(frozen=True)
class _Medians:
    """Of the areas inside, as of a moment."""

    inside: npt.NDArray[np.bool_]
    now: float
    seconds: Column


def trend(mirror: Mirror, inside: npt.NDArray[np.bool_], now: float) -> Trend:
    """Kept with the mirror until the next facts, or the next quarter hour: several rounds of panels ask in between."""
    if mirror.flow_moved.any():
        mirror.trends.clear()
    newest = int(now) // BUCKET
    area, kept = mirror.trends.get((id(inside), newest), (None, None))
    if area is not inside or kept is None:
        kept = _trend(mirror, inside, newest)
        mirror.trends[id(inside), newest] = inside, kept
    return kept


def _trend(mirror: Mirror, inside: npt.NDArray[np.bool_], newest: int) -> Trend:
    shown = np.arange(newest - SHOWN + 1, newest + 1)
    rows = np.flatnonzero(inside & mirror.flow_known)
    order = np.argsort(mirror.flow_bucket, kind="stable")
    told = mirror.flow_bucket[order]
    standing = _standing(mirror, order).take(rows, axis=1).sum(axis=1)
    # The last that was told up to each quarter hour; before the first of them, what left the ring.
    last = np.searchsorted(told, shown, side="right")
    same = np.where((last > 0) & (told[last - 1] == shown), last - 1, -1)
    received, archived = (
        np.where(same >= 0, mirror.flow[code].take(rows, axis=0).sum(axis=0)[order][same], 0) for code in (0, ARCHIVED)
    )
    return Trend(shown, received, archived, standing[:, last])


def _standing(mirror: Mirror, order: Column) -> Column:
    """Kept with the mirror: only areas in which something has moved are worked out again."""
    kept: _Standing | None = mirror.standing
    if kept is None or not np.array_equal(kept.bucket, mirror.flow_bucket):
        levels, areas = mirror.open_before_ring.shape
        kept = _Standing(mirror.flow_bucket.copy(), np.zeros((levels, areas, len(order) + 1), np.int32))
        mirror.standing, mirror.flow_moved[:] = kept, mirror.flow_known
    rows = np.flatnonzero(mirror.flow_moved)
    kept.open[:, rows] = _carried(mirror.flow[FIRST_OPEN:, rows][:, :, order], mirror.open_before_ring[:, rows])
    mirror.flow_moved[:] = False
    return kept.open


def _carried(standing: Column, before: Column) -> Column:
    """A quarter hour of which nothing was said ends as it began; the first column is `before`."""
    full = np.concatenate([before[:, :, None], standing], axis=2)
    last = np.maximum.accumulate(np.where(full >= 0, np.arange(full.shape[2]), 0), axis=2)
    return np.take_along_axis(full, last, axis=2)


def passages(mirror: Mirror, districts: Iterable[int], inside: npt.NDArray[np.bool_], now: float) -> dict[str, Column]:
    """By step: the median of seconds in it over 24 hours, and how many went through it in the last hour, or back.

    Nothing leaves the last two steps: who came into them is counted, with the seconds on the way there.
    """
    parts = mirror.times(districts)
    at, area, step = (_together(parts, name) for name in ("at", "area", "step"))
    hour = np.flatnonzero((at > now - HOUR) & (at <= now))
    counts = np.bincount(step[hour[inside[area[hour]]]], minlength=BACK + len(STEPS))
    through = [code if code < ARCHIVED else CAME + code for code in range(len(STEPS))]
    return {
        "median_seconds": _medians(mirror, parts, inside, now)[through],
        "passed_hour": counts[through],
        "returned_hour": counts[BACK : BACK + len(STEPS)],
    }


def _medians(
    mirror: Mirror, parts: Sequence[Mapping[str, Column]], inside: npt.NDArray[np.bool_], now: float
) -> Column:
    """By code, NaN where nothing went through; kept with the mirror for a while where there are many."""
    kept: _Medians | None = mirror.medians.get(id(inside))
    if kept is not None and kept.inside is inside and 0 <= now - kept.now < STEADY:
        return kept.seconds
    at, seconds, area, step = (_together(parts, name) for name in ("at", "seconds", "area", "step"))
    day = np.flatnonzero((at > now - DAY) & (at <= now))
    day = day[inside[area[day]]]
    seconds, step = seconds[day], step[day]
    known = np.bincount(step, minlength=BACK)
    medians = np.array([np.median(seconds[step == code]) if count else np.nan for code, count in enumerate(known)])
    if len(day) >= MANY:
        mirror.medians[id(inside)] = _Medians(inside, now, medians)
    return medians


def _together(parts: Sequence[Mapping[str, Column]], name: str) -> Column:
    return np.concatenate([part[name] for part in parts]) if parts else np.zeros(0, np.uint32)


def local_day(now: float, zone: str) -> tuple[int, float]:
    """Number of the local day (since 1970), and the second at which it began."""
    local = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local.date().toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal(), midnight.timestamp()
