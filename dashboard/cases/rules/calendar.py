"""Calendar: working time: which hours of which days count, by a file the operator edits, and a clock that runs then."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

__all__ = ["CLOCKS", "DAYS", "KINDS", "Calendar", "Hours"]

CLOCKS = ("continuous", "working")
KINDS = ("holiday", "workday")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR, WEEK = 3600.0, 7 * 86400.0
#: The years that are laid out at once; a moment outside makes the table longer by so many years.
FIRST, LAST, MORE = 2000, 2040, 20

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Hours:
    """Opening hours: stretches of one working day in order, minutes since local midnight; the days that have them."""

    stretches: tuple[tuple[int, int], ...] = ((8 * 60, 12 * 60), (14 * 60, 18 * 60))
    days: frozenset[int] = frozenset(range(5))

    @property
    def a_day(self) -> float:
        """Hours of one working day."""
        return sum(end - begin for begin, end in self.stretches) / 60


@dataclass(frozen=True)
class _Table:
    """All stretches of some years: begin and end of each (s since 1970 UTC), working seconds before each."""

    first: int
    last: int
    safe: tuple[float, float]  # moments at least a week away from its edges
    begin: list[float]
    end: list[float]
    before: list[float]

    def worked(self, at: float) -> float:
        """Working seconds from the beginning of the table until `at`."""
        row = bisect_right(self.begin, at) - 1
        return 0.0 if row < 0 else self.before[row] + min(at, self.end[row]) - self.begin[row]

    def reached(self, worked: float, *, backwards: bool) -> float | None:
        """The moment at which so much is worked; at the edge of a break its first moment, backwards its last."""
        row = (bisect_right if backwards else bisect_left)(self.before, worked) - 1
        if row < 0 or worked > self.before[-1] + self.end[-1] - self.begin[-1]:
            return None
        return self.begin[row] + worked - self.before[row]


@dataclass
class Calendar:
    """A clock that runs in working time. days: what the file says of single days, True: work, False: free."""

    zone: str = "Asia/Shanghai"
    days: Mapping[date, bool] = field(default_factory=dict[date, bool], repr=False)
    hours: Hours = field(default_factory=Hours)
    _table: _Table | None = field(default=None, repr=False, compare=False)

    def works(self, day: date) -> bool:
        return self.days.get(day, day.weekday() in self.hours.days)

    def lacks(self, first: int, last: int) -> list[int]:
        """Those of the years first … last of which the file says nothing: there only weekends would be free."""
        said = {day.year for day in self.days}
        return [year for year in range(first, last + 1) if year not in said]

    def elapsed(self, start: float, end: float) -> float:
        """Working hours from start to end (s since 1970 UTC); negative when end is the earlier."""
        table = self._covering(min(start, end), max(start, end))
        return (table.worked(end) - table.worked(start)) / HOUR

    def due(self, start: float, hours: float) -> float:
        """The first moment at which so many hours are worked since start; hours < 0: the last before which they are."""
        if not hours:
            return start
        table = self._covering(start, start)
        while True:
            at = table.reached(table.worked(start) + hours * HOUR, backwards=hours < 0)
            if at is not None:  # at least start: less than a clock can tell apart is nothing
                return max(at, start) if hours > 0 else min(at, start)
            table = self._laid(table.first - MORE * (hours < 0), table.last + MORE * (hours > 0))

    def worked(self, at: Floats) -> Floats:
        """Working hours from a fixed moment until each of `at` (s since 1970 UTC): differences are what is meant."""
        known = at[np.isfinite(at)]
        table = self._covering(float(known.min(initial=0.0)), float(known.max(initial=0.0)))
        begin, end, before = np.array(table.begin), np.array(table.end), np.array(table.before)
        row = np.maximum(np.searchsorted(begin, at, "right") - 1, 0)
        return np.where(np.isfinite(at), before[row] + np.clip(at, begin[row], end[row]) - begin[row], np.nan) / HOUR

    def _covering(self, first: float, last: float) -> _Table:
        table = self._table or self._laid(FIRST, LAST)
        if not table.safe[0] <= first <= last <= table.safe[1]:
            years = datetime.fromtimestamp(first, UTC).year - 1, datetime.fromtimestamp(last, UTC).year + 1
            table = self._laid(min(years[0] - MORE, table.first), max(years[1] + MORE, table.last))
        return table

    def _laid(self, first: int, last: int) -> _Table:
        zone, edges = ZoneInfo(self.zone), list[float]()
        begun = _moment(datetime(first, 1, 1), 0, zone)  # noqa: DTZ001 (local)
        safe, midnight = begun + WEEK, begun
        for number in range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1):
            day = datetime.fromordinal(number)
            begun, midnight = midnight, _moment(day, 1440, zone)
            if self.works(day.date()):
                edges += self._edges(day, begun, midnight, zone)
        # An hour that summer time takes away is no working hour.
        begin, end = np.maximum.accumulate(np.array(edges)).reshape(-1, 2).T
        before = np.concatenate([[0.0], np.cumsum(end - begin)[:-1]])
        # Put in place whole: whoever reads meanwhile has the shorter one, which is right as well.
        self._table = _Table(first, last, (safe, midnight - WEEK), begin.tolist(), end.tolist(), before.tolist())
        return self._table

    def _edges(self, day: datetime, begun: float, midnight: float, zone: ZoneInfo) -> list[float]:
        minutes = [edge for stretch in self.hours.stretches for edge in stretch]
        if midnight - begun == 24 * HOUR:
            return [begun + 60 * edge for edge in minutes]
        return [_moment(day, edge, zone) for edge in minutes]


def _moment(day: datetime, minutes: int, zone: ZoneInfo) -> float:
    local = (day + timedelta(minutes=minutes)).replace(tzinfo=zone)
    # A minute that summer time leaves out is the first one after it.
    while local.timestamp() > local.replace(fold=1).timestamp():
        local += timedelta(minutes=1)
    return local.timestamp()
