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

from dashboard.kpi.bands import BANDS
from dashboard.kpi.cohorts import LEFT
from dashboard.kpi.definitions import Indicator
from dashboard.kpi.moments import Either, Event, State, Test
from dashboard.kpi.parts import together
from dashboard.kpi.periods import Period
from dashboard.kpi.places import places
from dashboard.kpi.results import Group, grouped
from dashboard.kpi.tally import Figures, Sorted, counted, figures, sorted_out
from dashboard.kpi.view import Span, View

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
    made = [_piece(indicator, found, piece, cut) for piece in (about.pieces if isinstance(about, Either) else (about,))]
    if len(made) == 1:
        return made[0]
    below = [one.above if one.below is None else one.below for one in made]
    return counted(indicator, np.add.reduce([one.above for one in made]), np.add.reduce(below))


def _piece(indicator: Indicator, found: Sorted, about: Event | State, cut: Sequence[Period]) -> Figures:
    if isinstance(about, State):
        return _stood(indicator, found, about, cut)
    if about is not indicator.about:
        found = sorted_out(indicator, found.view, found.span, about)
    return _happened(indicator, found, about, cut)


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
    codes[rows] = places(found.view[about.moment.name][rows], edges) - 1
    return codes


# --- what stood ---


def _stood(indicator: Indicator, found: Sorted, about: State, cut: Sequence[Period]) -> Figures:
    span, ends = found.span, _ends(found, cut)
    above, below = np.zeros(len(cut), np.int64), np.zeros(len(cut), np.int64)
    bands = np.zeros((len(cut), len(BANDS)), np.int64)
    for view in found.view.pieces():
        run = _run(about, view, span, ends)
        for reason in indicator.left:
            run[0][LEFT[reason](view, span)] = len(cut)
        below += _standing(*run, len(cut))
        if indicator.counts is not None:
            counts = _run(indicator.counts, view, span, ends)
            above += _standing(np.maximum(run[0], counts[0]), np.minimum(run[1], counts[1]), len(cut))
        if indicator.kind == "standing":
            bands += _bands(view, span, run, ends)
    return counted(indicator, below if indicator.counts is None else above, below, bands)


def _ends(found: Sorted, cut: Sequence[Period]) -> Column:
    """The moment at which each part is asked about."""
    return np.array([min(found.span.now, part.end) for part in cut])


def _run(test: Test, view: View, span: Span, ends: Column) -> Run:
    never = np.full(len(view), len(ends))
    if not isinstance(test, State):  # it holds all the time, or never
        return np.where(test(view, span), 0, never), never
    began = [places(moment.of(view), ends) for moment in test.begins]
    return np.maximum.reduce(began), places(test.ends.of(view), ends) if test.ends else never


def _standing(first: Column, past: Column, size: int) -> Column:
    """How many count at the end of each part."""
    begun, over = (np.bincount(at, minlength=size + 1)[:size] for at in (first, np.maximum(first, past)))
    return np.cumsum(begun - over)


def _bands(view: View, span: Span, run: Run, ends: Column) -> Column:
    """(parts, 4): those who came so far, less those who went on to the next."""
    first, past = run
    reached = [_standing(first, past, len(ends))]
    for moments in span.bands.begin(view["due_at"], view["reported_at"]):
        moments[view["paused_at"] <= moments] = np.nan
        reached.append(_standing(np.maximum(first, places(moments, ends)), past, len(ends)))
    return -np.diff([*reached, np.zeros_like(reached[0])], axis=0).T
