"""Compare: a number beside the period before (环比) and a year ago (同比); rates in points, counts in percent."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import msgspec

from dashboard.kpi.definitions import INDICATORS
from dashboard.kpi.filters import Filter
from dashboard.kpi.indicators import measure
from dashboard.kpi.periods import Period, previous, so_far, year_ago
from dashboard.kpi.register import Register
from dashboard.kpi.results import Measure

__all__ = ["Change", "Comparison", "change", "compare"]

_NOTHING = Filter()


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How far this is from that. kind: points, of two rates; percent, of two counts or times: never one for the other.

    value: None where either has none, or where percent of 0 would be asked. better: None where neither way is good.
    """

    kind: Literal["points", "percent"]
    value: float | None
    better: bool | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """last: 环比, the calendar unit before; year: 同比, the same a year ago. so_far: this one is not over, and as much
    of the others as has passed of it stands beside it.
    """

    this: Measure
    last: Measure
    year: Measure
    on_last: Change
    on_year: Change
    so_far: bool


def compare(
    register: Register, name: str, period: Period, *, area: str = "", now: float, by: str = "",
    filter: Filter = _NOTHING,
) -> Comparison:  # fmt: skip
    """by: splits this period alone. Raises what `measure` raises."""

    def of(stretch: Period, split: str = "") -> Measure:
        return measure(
            register, name, area=area, start=stretch.start, end=stretch.end, by=split, now=now, filter=filter,
            zone=period.zone,
        )  # fmt: skip

    this = of(period, by)
    last, year = (of(so_far(period, other, now)) for other in (previous(period), year_ago(period)))
    return Comparison(
        this=this, last=last, year=year, on_last=change(this, last), on_year=change(this, year),
        so_far=period.start <= now < period.end,
    )  # fmt: skip


def change(this: Measure, that: Measure) -> Change:
    """What changed from that to this, as exact as their counts."""
    if this.unit == "percent":
        return _judged(this.name, "points", _points(this, that))
    if this.value is None or not that.value:
        return _judged(this.name, "percent", None)
    return _judged(this.name, "percent", float((Fraction(this.value) / Fraction(that.value) - 1) * 100))


def _points(this: Measure, that: Measure) -> float | None:
    if this.value is None or that.value is None:
        return None
    assert this.denominator and that.denominator
    a, b = (Fraction(m.numerator) / Fraction(m.denominator or 1) for m in (this, that))
    return float((a - b) * 100)


def _judged(name: str, kind: Literal["points", "percent"], value: float | None) -> Change:
    way = INDICATORS[name].better
    better = None if not way or not value else (value > 0) == (way == "more")
    return Change(kind=kind, value=value, better=better)
