"""Parts: where the time goes: hours of each step or of each handing over, their share of all, and their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi.definitions import Indicator
from dashboard.kpi.grouping import Groups
from dashboard.kpi.results import Group
from dashboard.kpi.stretches import HOUR, pieces, seconds
from dashboard.kpi.view import View

__all__ = ["of_parts", "together"]

Column = npt.NDArray[Any]


def together(indicator: Indicator, view: View, below: Column, codes: Column | None, size: int) -> list[Group]:
    """All parts, a case: hours ÷ cases; for all, or group by group."""
    passed, _ = _summed(indicator, view, below, codes, size)
    rows = np.flatnonzero(below)
    count = _counted(None if codes is None else codes[rows], len(rows), size)
    return [
        Group(keys=(), value=hours / cases if cases else None, numerator=hours, denominator=cases)
        for hours, cases in zip(passed.sum(axis=0).tolist(), count.tolist(), strict=True)
    ]


def of_parts(indicator: Indicator, view: View, below: Column, split: Groups) -> list[Group]:
    """Each part of each group; the part's name is the last of its keys. A case without that part is not in its mean."""
    names, size = list(indicator.parts or ()), len(split.keys)
    passed, count = _summed(indicator, view, below, split.codes, size)
    totals, anybody = passed.sum(axis=0).tolist(), (count.sum(axis=0) > 0).tolist()
    hours, cases = passed.T.tolist(), count.T.tolist()
    return [
        _part((*keys, name), hours[place][row], cases[place][row], totals[place])
        for place, keys in enumerate(split.keys)
        if anybody[place] or not keys
        for row, name in enumerate(names)
    ]


def _summed(indicator: Indicator, view: View, below: Column, codes: Column | None, size: int) -> tuple[Column, Column]:
    """(parts, groups): hours, and cases that have that part."""
    names = list(indicator.parts or ())
    passed, count = np.zeros((len(names), size)), np.zeros((len(names), size), np.int64)
    for rows in pieces(view, size):
        kept = np.flatnonzero(below[rows])
        group = None if codes is None else codes[rows][kept].astype(np.intp)
        all_of_them = _counted(group, len(kept), size)
        for row, name in enumerate(names):
            taken = seconds(indicator, view, name, rows)[kept].astype(np.float64)
            none = np.flatnonzero(np.isnan(taken))
            taken[none] = 0.0
            passed[row] += taken.sum() if group is None else np.bincount(group, taken, minlength=size)
            count[row] += all_of_them
            if len(none):
                count[row] -= _counted(None if group is None else group[none], len(none), size)
    return passed / HOUR, count


def _counted(group: Column | None, many: int, size: int) -> Column:
    return np.array([many]) if group is None else np.bincount(group, minlength=size)


def _part(keys: tuple[str, ...], hours: float, count: int, total: float) -> Group:
    return Group(
        keys=keys, value=hours / count if count else None, numerator=hours, denominator=count,
        share=100.0 * hours / total if total else None,
    )  # fmt: skip
