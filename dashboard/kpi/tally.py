"""Tally: masks become figures: who is left out, how many count, medians, age bands; for all, or group by group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.kpi.bands import BANDS
from dashboard.kpi.cohorts import LEFT
from dashboard.kpi.definitions import Indicator
from dashboard.kpi.moments import Test
from dashboard.kpi.quantiles import quantiles
from dashboard.kpi.stretches import backwards, own_hours
from dashboard.kpi.view import Span, View

__all__ = ["Figures", "Sorted", "counted", "figures", "sorted_out"]

Column = npt.NDArray[Any]


@dataclass
class Sorted:
    """Row by row of a view: whether it is in the denominator, whether in the numerator; who was left out, and why.

    hours: of a duration, NaN where there is none.
    """

    below: Column
    above: Column
    left: dict[str, Column]
    hours: Column | None
    view: View
    span: Span

    @cached_property
    def below_rows(self) -> Column:
        """Their numbers: to take by numbers is several times quicker than by a mask."""
        return np.flatnonzero(self.below)

    @cached_property
    def above_rows(self) -> Column:
        return self.below_rows if self.above is self.below else np.flatnonzero(self.above)

    @cached_property
    def taken(self) -> Column:
        """Hours of those in the denominator."""
        assert self.hours is not None
        return self.hours[self.below_rows]

    @cached_property
    def band(self) -> Column:
        """Age band of those in the numerator, at the moment that is asked about: index of BANDS."""
        due, reported, paused = (self.view[name][self.above_rows] for name in ("due_at", "reported_at", "paused_at"))
        return self.span.bands.of(due, reported, paused, self.span.at)


class Figures(NamedTuple):
    """One column a figure, one row a group. What an indicator does not have is None."""

    value: Column
    above: Column
    below: Column | None
    p90: Column | None = None
    mean: Column | None = None
    bands: Column | None = None


def sorted_out(indicator: Indicator, view: View, span: Span, about: Test | None = None) -> Sorted:
    """Each row of the period is in the denominator or left out for one reason, never both.

    about: some of the cases that it is about; none: all of them.
    """
    test = about or (indicator.about if indicator.reach else None)
    below = view.inside & test(view, span) if test else view.inside.copy()
    left: dict[str, Column] = {}
    for reason in indicator.left:
        left[reason] = below & LEFT[reason](view, span)
        below &= ~left[reason]
    taken = None
    if indicator.kind == "duration":
        taken = own_hours(view, span, indicator.between, below)
        # A clock that was wrong makes no negative duration, and no zero either: it is said that it was wrong.
        left |= {"unmeasured": below & np.isnan(taken), "backwards": below & (taken < 0)}
        below &= taken >= 0
    if indicator.parts:
        left["backwards"] = below & backwards(indicator, view)
        below &= ~left["backwards"]
    above = below if indicator.counts is None else below & indicator.counts(view, span)
    return Sorted(below, above, left, taken, view, span)


def figures(indicator: Indicator, found: Sorted, codes: Column | None, size: int) -> Figures:
    """codes: the group of each row, 0 … size - 1; none: all are one."""
    above = _counted(found.above_rows, codes, size)
    below = above if found.above is found.below else _counted(found.below_rows, codes, size)
    if indicator.kind == "duration":
        group = None if codes is None else codes[found.below_rows]
        median, p90 = quantiles(found.taken, group, size, (0.5, 0.9))
        total = np.array([found.taken.sum()]) if group is None else np.bincount(group, found.taken, minlength=size)
        return Figures(median, above, below, p90, _divided(total, below))
    return counted(indicator, above, below, _bands(found, codes, size) if indicator.kind == "standing" else None)


def counted(indicator: Indicator, above: Column, below: Column, bands: Column | None = None) -> Figures:
    """Of what is no duration."""
    if indicator.kind == "rate":
        return Figures(_divided(100.0 * above, below), above, below)
    return Figures(above.astype(np.float64), above, None, bands=bands)


def _counted(rows: Column, codes: Column | None, size: int) -> Column:
    """How many of these rows each group has."""
    return np.array([len(rows)]) if codes is None else np.bincount(codes[rows], minlength=size)


def _divided(above: Column, below: Column) -> Column:
    return np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)


def _bands(found: Sorted, codes: Column | None, size: int) -> Column:
    """(groups, 4): how many stand in each age band."""
    keys = found.band if codes is None else codes[found.above_rows].astype(np.int64) * len(BANDS) + found.band
    return np.bincount(keys, minlength=size * len(BANDS)).reshape(size, len(BANDS))
