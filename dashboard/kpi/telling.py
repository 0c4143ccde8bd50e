"""Telling: a measured number as people read it: never rounded up to 100 %, never without what it is made of."""

from __future__ import annotations

import math

from dashboard.kpi.compare import Change
from dashboard.kpi.results import Group, Measure
from layouts.words import NOTHING, Say

__all__ = ["change", "hours", "percent", "value", "whole"]

#: Digits behind the point of a rate and of points.
DIGITS = 2


def percent(part: float, of: float | None) -> str:
    """Two digits: 10,980 of 10,984 is 99.96 %. 100 % only of all, 0 % only of none, NOTHING of nothing."""
    if not of:
        return NOTHING
    if part in (0, of):
        return "100 %" if part else "0 %"
    least = 10**-DIGITS
    shown = min(max(round(100 * part / of, DIGITS), least), 100 - least)
    return f"{shown:.{DIGITS}f} %"


def hours(taken: float | None) -> str:
    """Minutes under an hour, days over two."""
    if taken is None:
        return NOTHING
    if taken < 1:
        return f"{taken * 60:.0f} min"
    return f"{taken:.1f} h" if taken < 48 else f"{taken / 24:.1f} d"


def value(say: Say, measured: Measure | Group, unit: str) -> str:
    """The number alone."""
    if measured.value is None:
        return NOTHING
    if unit == "percent":
        return percent(measured.numerator, measured.denominator)
    return hours(measured.value) if unit == "hours" else say.number(measured.value)


def whole(say: Say, measured: Measure | Group, unit: str) -> str:
    """The number with what it is made of: 99.96 % · 10,980 / 10,984; of times, with the count."""
    said = value(say, measured, unit)
    if unit == "percent" and measured.denominator:
        return f"{said} · {say.share(measured.numerator, measured.denominator)}"
    if unit == "hours" and measured.denominator:
        return f"{said} · {say.number(measured.denominator)} {say('kpi.unit.cases')}"
    return said


def change(say: Say, made: Change) -> str:
    """▲ 0.78 points, ▼ 3.2 %: the unit always says which of the two it is."""
    if made.value is None:
        return NOTHING
    unit = say("kpi.points") if made.kind == "points" else "%"
    size = abs(made.value)
    digits = DIGITS if made.kind == "points" else 1
    if size and size < 10**-digits:  # less than is shown, but not nothing
        return f"{_way(made.value)} < {10**-digits:.{digits}f} {unit}"
    return f"{_way(made.value)} {_rounded(size, digits)} {unit}"


def _way(by: float) -> str:
    return "▲" if by > 0 else "▼" if by < 0 else "="


def _rounded(size: float, digits: int) -> str:
    # Halves up, as people do it: 0.785 is 0.79.
    return f"{math.floor(size * 10**digits + 0.5 + 1e-9) / 10**digits:,.{digits}f}"
