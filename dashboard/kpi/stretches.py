"""Stretches: hours from one time of a case to another, and the parts that its whole way is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi.definitions import Indicator
from dashboard.kpi.view import Span, View

__all__ = ["backwards", "hours", "own_hours"]

Column = npt.NDArray[Any]
HOUR = 3600.0


def own_hours(view: View, span: Span, begin: str, end: str) -> Column:
    """By each case's own clock: working time where it says so, else day and night. NaN where a time is missing."""
    passed = (view[end] - view[begin]) / HOUR
    if span.worked is None:
        return passed
    working = view.told("clock", "working") & (passed >= 0)
    if working.any():
        passed[working] = span.worked(view[end][working]) - span.worked(view[begin][working])
    return passed


def hours(indicator: Indicator, view: View, name: str) -> Column:
    """Of one part, day and night."""
    assert indicator.parts is not None
    part = indicator.parts[name]
    if isinstance(part, str):
        return view.once(f"hours {name}", lambda: view[part].astype(np.float64) / HOUR)
    begin, end = part
    return view.once(f"hours {name}", lambda: (view[end] - view[begin]) / HOUR)


def backwards(indicator: Indicator, view: View) -> Column:
    """Cases of which some part ran backwards: their clocks were wrong, all of their times are left out."""
    wrong = np.zeros(len(view), np.bool_)
    for name in indicator.parts or ():
        wrong |= hours(indicator, view, name) < 0
    return wrong
