"""Tally: masks become figures: who is left out, how many count, medians, age bands; for all, or group by group."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.kpi.bands import BANDS
from dashboard.kpi.cohorts import LEFT
from dashboard.kpi.definitions import Indicator
from dashboard.kpi.quantiles import quantiles
from dashboard.kpi.stretches import backwards, own_hours
from dashboard.kpi.view import Span, View

__all__ = ["Figures", "Sorted", "counted", "figures", "sorted_out"]

Column = npt.NDArray[Any]


class Sorted(NamedTuple):
    """Row by row of a view: whether it is in the denominator, whether in the numerator; who was left out, and why.

    hours: of a duration, NaN where there is none.
    """

    below: Column
    above: Column
    left: dict[str, Column]
    hours: Column | None


class Figures(NamedTuple):
    """One column a figure, one row a group. What an indicator does not have is None."""

    value: Column
    above: Column
    below: Column | None
    p90: Column | None = None
    mean: Column | None = None
    bands: Column | None = None


def sorted_out(indicator: Indicator, view: View, span: Span, *, part: bool = False) -> Sorted:
    """Each row of the period is in the denominator or left out for one reason, never both.

    part: the span is only a part of what the view was reached for.
    """
    known = indicator.reach is None and not part
    below = view.inside.copy() if known else view.inside & indicator.about(view, span)
    left: dict[str, Column] = {}
    for reason in indicator.left:
        left[reason] = below & LEFT[reason](view, span)
        below &= ~left[reason]
    taken = None
    if indicator.kind == "duration":
        taken = own_hours(view, span, *indicator.between)
        # A clock that was wrong makes no negative duration, and no zero either: it is said that it was wrong.
        left |= {"unmeasured": below & np.isnan(taken), "backwards": below & (taken < 0)}
        below &= taken >= 0
    if indicator.parts:
        left["backwards"] = below & backwards(indicator, view)
        below &= ~left["backwards"]
    above = below if indicator.counts is None else below & indicator.counts(view, span)
    return Sorted(below, above, left, taken)


def figures(indicator: Indicator, view: View, span: Span, found: Sorted, codes: Column | None, size: int) -> Figures:
    """codes: the group of each row, 0 … size - 1; none: all are one."""
    above = counted(found.above, codes, size)
    below = counted(found.below, codes, size)
    if indicator.kind == "rate":
        return Figures(_divided(100.0 * above, below), above, below)
    if indicator.kind == "duration":
        assert found.hours is not None
        taken, group = found.hours[found.below], None if codes is None else codes[found.below]
        median, p90 = quantiles(taken, group, size, (0.5, 0.9))
        total = np.array([taken.sum()]) if group is None else np.bincount(group, taken, minlength=size)
        return Figures(median, above, below, p90, _divided(total, below))
    bands = _bands(view, span, found.above, codes, size) if indicator.kind == "standing" else None
    return Figures(above.astype(np.float64), above, None, bands=bands)


def counted(mask: Column, codes: Column | None, size: int) -> Column:
    """How many rows of each group."""
    return np.array([np.count_nonzero(mask)]) if codes is None else np.bincount(codes[mask], minlength=size)


def _divided(above: Column, below: Column) -> Column:
    return np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)


def _bands(view: View, span: Span, above: Column, codes: Column | None, size: int) -> Column:
    """(groups, 4): how many stand in each age band at the moment that is asked about."""
    band = span.bands.of(view["due_at"][above], view["reported_at"][above], view["paused_at"][above], span.at)
    keys = band if codes is None else codes[above].astype(np.int64) * len(BANDS) + band
    return np.bincount(keys, minlength=size * len(BANDS)).reshape(size, len(BANDS))
