"""Stretches: hours from one time of a case to another, and the parts that its whole way is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi.definitions import Indicator
from dashboard.kpi.view import Span, View

__all__ = ["HOUR", "backwards", "own_hours", "pieces", "seconds"]

Column = npt.NDArray[Any]
HOUR = 3600.0
#: Rows that are reckoned with at once: what comes between stays in the processor's own memory.
PIECE = 1 << 15


def own_hours(view: View, span: Span, between: tuple[str, str], meant: Column) -> Column:
    """By each case's own clock: working time where it says so, else day and night. NaN where a time is missing.

    meant: whose hours are asked for; those of others may be of any clock.
    """
    begin, end = between
    passed = view[end] - view[begin]
    passed /= HOUR
    if span.worked is None:
        return passed
    rows = np.flatnonzero(view.told("clock", "working") & (passed >= 0) & meant)
    if len(rows):
        passed[rows] = span.worked(view[end][rows]) - span.worked(view[begin][rows])
    return passed


def pieces(view: View, groups: int = 1) -> Iterator[slice]:
    """The rows of a view, some at a time: many more than there are groups."""
    step = max(PIECE, groups * 16)
    return (slice(at, at + step) for at in range(0, len(view), step))


def seconds(indicator: Indicator, view: View, name: str, rows: slice) -> Column:
    """Of one part, day and night; NaN where a time is missing."""
    assert indicator.parts is not None
    part = indicator.parts[name]
    return view[part][rows] if isinstance(part, str) else view[part[1]][rows] - view[part[0]][rows]


def backwards(indicator: Indicator, view: View) -> Column:
    """Cases of which some part ran backwards: their clocks were wrong, all of their times are left out."""
    wrong = np.zeros(len(view), np.bool_)
    for rows in pieces(view):
        for name in indicator.parts or ():
            wrong[rows] |= seconds(indicator, view, name, rows) < 0
    return wrong
