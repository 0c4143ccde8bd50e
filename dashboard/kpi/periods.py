"""Periods: calendar days, weeks, months, quarters, years in the hall's zone, the one before, and that of a year ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["NAMES", "Period", "between", "parts", "period", "previous", "so_far", "year_ago"]

#: What may be asked for by name.
NAMES = (
    "today", "yesterday", "week", "last_week", "month", "last_month", "quarter", "last_quarter", "year", "last_year",
)  # fmt: skip

_UNITS = {"today": "day", "yesterday": "day"}


@dataclass(frozen=True)
class Period:
    """[start, end), seconds since 1970 UTC. unit: day, week, month, quarter, year, or "" for any other stretch."""

    start: float
    end: float
    unit: str = ""
    zone: str = "Asia/Shanghai"


def period(name: str, now: float, zone: str = "Asia/Shanghai") -> Period:
    """One of NAMES. `month`: the calendar month that now lies in, whole. KeyError for another name."""
    if name not in NAMES:
        raise KeyError(f"a period is called {', '.join(NAMES)}, not {name}")
    unit = _UNITS.get(name, name.removeprefix("last_"))
    back = 1 if name.startswith("last_") or name == "yesterday" else 0
    first = _floor(_local(now, zone).date(), unit)
    return _made(_shift(first, unit, -back), unit, zone)


def between(start: float, end: float, zone: str = "Asia/Shanghai") -> Period:
    """Any stretch; a calendar unit, if it is exactly one."""
    first = _local(start, zone)
    if first.timetz().replace(tzinfo=None) == time(0):
        for unit in _MONTHS | _DAYS:
            made = _made(first.date(), unit, zone)
            if _floor(first.date(), unit) == first.date() and (made.start, made.end) == (start, end):
                return made
    return Period(start, end, "", zone)


def previous(this: Period) -> Period:
    """环比: the calendar unit before; of any other stretch, as much time just before."""
    if this.unit:
        return _made(_shift(_local(this.start, this.zone).date(), this.unit, -1), this.unit, this.zone)
    return Period(this.start - (this.end - this.start), this.start, "", this.zone)


def year_ago(this: Period) -> Period:
    """同比: the same days a year ago. A week: 52 weeks ago, so that Mondays stand beside Mondays."""
    if this.unit == "week":
        return _made(_local(this.start, this.zone).date() - timedelta(weeks=52), "week", this.zone)
    if this.unit:
        return _made(_months(_local(this.start, this.zone).date(), -12), this.unit, this.zone)
    start, end = (_year_before(at, this.zone) for at in (this.start, this.end))
    return Period(start, max(end, start), "", this.zone)


def so_far(this: Period, other: Period, now: float) -> Period:
    """As much of `other` as has passed of `this`: half a month is compared with half a month. Whole if this is over."""
    if now >= this.end or now < this.start:
        return other
    begun, at = _local(this.start, this.zone), _local(now, this.zone)
    days, clock = (at.date() - begun.date()).days, at.timetz().replace(tzinfo=None)
    cut = _moment(_local(other.start, this.zone).date() + timedelta(days=days), this.zone, clock)
    if not this.unit:
        cut = other.start + (now - this.start)
    return Period(other.start, min(cut, other.end), "", this.zone)


def parts(this: Period, unit: str, now: float) -> list[Period]:
    """The days or months of a period, cut at its ends; none that has not begun."""
    found: list[Period] = []
    day = _floor(_local(this.start, this.zone).date(), unit)
    while (made := _made(day, unit, this.zone)).start < min(this.end, max(now, this.start + 1)):
        found.append(Period(max(made.start, this.start), min(made.end, this.end), unit, this.zone))
        day = _shift(day, unit, 1)
    return found


_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


def _local(at: float, zone: str) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))


def _moment(day: date, zone: str, clock: time = time(0)) -> float:
    return datetime.combine(day, clock, ZoneInfo(zone)).timestamp()


def _made(first: date, unit: str, zone: str) -> Period:
    return Period(_moment(first, zone), _moment(_shift(first, unit, 1), zone), unit, zone)


def _floor(day: date, unit: str) -> date:
    """The first day of the unit that a day lies in; weeks begin on Monday."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day if unit == "day" else day.replace(day=1, month=(day.month - 1) // _MONTHS[unit] * _MONTHS[unit] + 1)


def _shift(first: date, unit: str, count: int) -> date:
    return first + timedelta(days=_DAYS[unit] * count) if unit in _DAYS else _months(first, _MONTHS[unit] * count)


def _months(day: date, count: int) -> date:
    """So many months on; the 29th to 31st of a month without them is its last day."""
    number = day.year * 12 + day.month - 1 + count
    first = date(number // 12, number % 12 + 1, 1)
    last = (date((number + 1) // 12, (number + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def _year_before(at: float, zone: str) -> float:
    local = _local(at, zone)
    return _moment(_months(local.date(), -12), zone, local.timetz().replace(tzinfo=None))
