"""Series: a number of each day or month of a period, all at once, each as if it alone had been asked about.

What happened in a period happened in one part of it: the parts are groups like any others. What stands, stands from one
part's end to another's: it is added where that begins, and taken away where it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import structs

from dashboard.kpi.cohorts import LEFT
from dashboard.kpi.definitions import Indicator
from dashboard.kpi.moments import Either, Event, State, Test
from dashboard.kpi.parts import together
from dashboard.kpi.periods import Period
from dashboard.kpi.results import Group, grouped
from dashboard.kpi.tally import Figures, Sorted, counted, figures, sorted_out

__all__ = ["series"]

Column = npt.NDArray[Any]
#: Of each row, the part at whose end it counts first, and the one at whose end it does no more.
Run = tuple[Column, Column]


def series(indicator: Indicator, found: Sorted, cut: Sequence[Period]) -> list[Group]:
    """found: of the whole period; cut: its parts, one after the other, without gaps."""
    about, size = indicator.about, len(cut)
    if indicator.parts and isinstance(about, Event):
        codes = _codes(found, about, cut)
        split = together(indicator, found.view, found.below, codes, size + 1)[:size]
    else:
        split = grouped(_figures(indicator, found, cut), list(range(size)), [()] * size)
    return [structs.replace(one, period=(part.start, part.end)) for one, part in zip(split, cut, strict=True)]


def _figures(indicator: Indicator, found: Sorted, cut: Sequence[Period]) -> Figures:
    about = indicator.about
    if not isinstance(about, Either):
        return _piece(indicator, found, about, cut)
    made = [
        _piece(indicator, sorted_out(indicator, found.view, found.span, piece), piece, cut) for piece in about.pieces
    ]
    below = [one.above if one.below is None else one.below for one in made]
    return counted(indicator, np.add.reduce([one.above for one in made]), np.add.reduce(below))


def _piece(indicator: Indicator, found: Sorted, about: Event | State, cut: Sequence[Period]) -> Figures:
    return _happened(indicator, found, about, cut) if isinstance(about, Event) else _stood(indicator, found, about, cut)


# --- what happened ---


def _happened(indicator: Indicator, found: Sorted, about: Event, cut: Sequence[Period]) -> Figures:
    codes, ends = _codes(found, about, cut), np.append(_ends(found, cut), np.nan)
    if indicator.counts is not None:  # what counts is asked at the end of each row's own part
        own = replace(found.span, each=ends[codes])
        found = replace(found, above=found.below & indicator.counts(found.view, own))
    made = figures(indicator, found, codes, len(ends))
    return Figures(*(None if column is None else column[:-1] for column in made))  # type: ignore[arg-type]


def _codes(found: Sorted, about: Event, cut: Sequence[Period]) -> Column:
    """The part of each row that is in the denominator; those of no part yet come after the last."""
    edges = np.array([*(part.start for part in cut), cut[-1].end])
    codes = np.full(len(found.view), len(cut), np.min_scalar_type(len(cut)))
    rows = found.below_rows
    codes[rows] = np.searchsorted(edges, about.moment.of(found.view, rows), side="right") - 1
    return codes


# --- what stood ---


def _stood(indicator: Indicator, found: Sorted, about: State, cut: Sequence[Period]) -> Figures:
    view, ends = found.view, _ends(found, cut)
    kept = view.inside.copy()
    for reason in indicator.left:
        kept &= ~LEFT[reason](view, found.span)
    rows = np.flatnonzero(kept)
    run = _run(about, found, rows, ends)
    below = above = _standing(run, len(cut))
    if indicator.counts is not None:
        above = _standing(_both(run, _run(indicator.counts, found, rows, ends)), len(cut))
    bands = _bands(found, rows, run, ends) if indicator.kind == "standing" else None
    return counted(indicator, above, below, bands)


def _ends(found: Sorted, cut: Sequence[Period]) -> Column:
    """The moment at which each part is asked about."""
    return np.array([min(found.span.now, part.end) for part in cut])


def _run(test: Test, found: Sorted, rows: Column, ends: Column) -> Run:
    view, never = found.view, np.full(len(rows), len(ends))
    if not isinstance(test, State):  # it holds all the time, or never
        return np.where(test(view, found.span)[rows], 0, never), never
    began = [_after(moment.of(view, rows), ends) for moment in test.begins]
    return np.maximum.reduce(began), _after(test.ends.of(view, rows), ends) if test.ends else never


def _after(moments: Column, ends: Column) -> Column:
    """The first part that ends after each moment; behind the last where there is none."""
    return np.searchsorted(ends, moments, side="right")


def _both(one: Run, other: Run) -> Run:
    return np.maximum(one[0], other[0]), np.minimum(one[1], other[1])


def _standing(run: Run, size: int) -> Column:
    """How many count at the end of each part."""
    some = np.flatnonzero(run[0] < run[1])
    begun, over = (np.bincount(places[some], minlength=size + 1)[:size] for places in run)
    return np.cumsum(begun - over)


def _bands(found: Sorted, rows: Column, run: Run, ends: Column) -> Column:
    """(parts, 4): those who came so far, less those who went on to the next."""
    due, reported, paused = (found.view[name][rows] for name in ("due_at", "reported_at", "paused_at"))
    reached = [_standing(run, len(ends))]
    for moments in found.span.bands.begin(due, reported):
        moments[paused <= moments] = np.nan
        reached.append(_standing((np.maximum(run[0], _after(moments, ends)), run[1]), len(ends)))
    return -np.diff([*reached, np.zeros_like(reached[0])], axis=0).T
