"""Indicators: a number of the table in definitions.py, measured: with what it is made of, and the cases behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi.definitions import INDICATORS, Indicator
from dashboard.kpi.filters import Filter, narrowed, passing
from dashboard.kpi.grouping import CALENDAR, dimensions, groups
from dashboard.kpi.paging import Found, page
from dashboard.kpi.parts import of_parts, together
from dashboard.kpi.periods import Period, parts
from dashboard.kpi.register import Register
from dashboard.kpi.results import Group, Measure, grouped
from dashboard.kpi.series import series
from dashboard.kpi.table import Table
from dashboard.kpi.tally import Sorted, figures, sorted_out
from dashboard.kpi.view import Span, View
from layouts.words_kpi import FORMULAS

__all__ = ["INDICATORS", "BadPart", "Group", "Measure", "behind", "measure"]

Column = npt.NDArray[Any]
_NOTHING = Filter()


class BadPart(Exception):
    """A part that a number is not made of."""


def measure(
    register: Register, name: str, *, area: str = "", start: float, end: float, by: str = "", now: float,
    filter: Filter = _NOTHING, zone: str = "Asia/Shanghai",
) -> Measure:  # fmt: skip
    """One indicator over [start, end), seconds since 1970 UTC; of an area; split `by` (grouping.DIMENSIONS, CALENDAR).

    Raises KeyError for a name that there is not, BadGrouping for what it cannot be split by.
    """
    indicator, names = INDICATORS[name], dimensions(by)
    table, span = register.table, _span(register, start, end, now)
    view = _reached(register, table, indicator, span, narrowed(filter, area))
    found = sorted_out(indicator, view, span)
    total = _total(indicator, view, found)
    if names and names[0] in CALENDAR:
        split = series(indicator, found, parts(Period(start, end, "", zone), names[0], now))
    else:
        split = _split(register, indicator, view, found, names) if names or indicator.parts else []
    return Measure(
        name=name, value=total.value, numerator=total.numerator, denominator=total.denominator, unit=indicator.unit,
        period=(start, end), at=span.at, formula=dict(zip(("zh", "en"), FORMULAS[name], strict=True)),
        exclusions={reason: int(np.count_nonzero(who)) for reason, who in found.left.items()},
        clock=_clock(register, indicator), p90=total.p90, mean=total.mean, bands=total.bands, by=names, groups=split,
    )  # fmt: skip


def behind(
    register: Register, name: str, part: str = "numerator", *, area: str = "", start: float, end: float, now: float,
    filter: Filter = _NOTHING, order: str = "updated_at", descending: bool = True, cursor: str = "", limit: int = 100,
) -> Found:  # fmt: skip
    """The cases that a number is made of. part: numerator, denominator, or the reason why cases were left out.

    Raises KeyError for a name that there is not, BadPart, BadCursor.
    """
    indicator, span = INDICATORS[name], _span(register, start, end, now)
    table = register.table
    view = _reached(register, table, indicator, span, narrowed(filter, area))
    found = sorted_out(indicator, view, span)
    masks = {"numerator": found.above, "denominator": found.below} | found.left
    if part not in masks:
        raise BadPart(f"part: {name} is made of {', '.join(masks)}, not of {part[:40]}")
    return page(table, view.rows(masks[part]), order, descending, cursor, limit)


def _span(register: Register, start: float, end: float, now: float) -> Span:
    worked = register.calendar.worked if register.calendar else None
    return Span(start, end, now, register.bands, worked)


def _reached(register: Register, table: Table, indicator: Indicator, span: Span, asked: Filter) -> View:
    """The cases that any part of the period could be about: everything after this looks at these alone."""
    view = View(table, passing(table, asked, tree=register.tree, bands=register.bands, now=span.now))
    return view.when((indicator.reach or indicator.about)(view, span))


def _total(indicator: Indicator, view: View, found: Sorted) -> Group:
    if indicator.parts:
        return together(indicator, view, found.below, None, 1)[0]
    return grouped(figures(indicator, found, None, 1), [0], [()])[0]


def _split(register: Register, indicator: Indicator, view: View, found: Sorted, names: tuple[str, ...]) -> list[Group]:
    """Groups in which somebody counts or was counted on; those of which all were left out are not there."""
    split = groups(view, names, register.tree)
    if indicator.parts:
        return of_parts(indicator, view, found.below, split)
    made = figures(indicator, found, split.codes, len(split.keys))
    rows = np.flatnonzero(made.above if made.below is None else made.below).tolist()
    return grouped(made, rows, [split.keys[row] for row in rows])


def _clock(register: Register, indicator: Indicator) -> str:
    if indicator.kind == "duration":
        return "own" if register.calendar else "continuous"
    return "continuous" if indicator.parts else ""
