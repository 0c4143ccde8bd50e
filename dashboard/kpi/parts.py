"""Parts: where the time goes: hours of each step or of each handing over, their share of all, and their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi.definitions import Indicator
from dashboard.kpi.grouping import Groups
from dashboard.kpi.results import Group
from dashboard.kpi.stretches import hours
from dashboard.kpi.view import View

__all__ = ["of_parts", "together"]

Column = npt.NDArray[Any]


def together(indicator: Indicator, view: View, below: Column) -> Group:
    """All parts, a case: hours ÷ cases."""
    total = float(sum(np.nansum(hours(indicator, view, name)[below]) for name in indicator.parts or ()))
    count = int(np.count_nonzero(below))
    return Group(keys=(), value=total / count if count else None, numerator=total, denominator=count)


def of_parts(indicator: Indicator, view: View, below: Column, split: Groups) -> list[Group]:
    """Each part of each group; the part's name is the last of its keys. A case without that part is not in its mean."""
    size, names = len(split.keys), list(indicator.parts or ())
    passed, count = np.zeros((len(names), size)), np.zeros((len(names), size), np.int64)
    for row, name in enumerate(names):
        taken = hours(indicator, view, name)
        known = below & ~np.isnan(taken)
        passed[row] = np.bincount(split.codes[known], taken[known], minlength=size)
        count[row] = np.bincount(split.codes[known], minlength=size)
    return [
        _part((*keys, name), float(passed[row, place]), int(count[row, place]), float(passed[:, place].sum()))
        for place, keys in enumerate(split.keys)
        if count[:, place].any() or not keys
        for row, name in enumerate(names)
    ]


def _part(keys: tuple[str, ...], hours: float, count: int, total: float) -> Group:
    return Group(
        keys=keys, value=hours / count if count else None, numerator=hours, denominator=count,
        share=100.0 * hours / total if total else None,
    )  # fmt: skip
