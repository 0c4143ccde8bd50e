"""Results: what a measured number says: what it is made of, of when, what was left out; never a bare number."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from dashboard.kpi.bands import BANDS
from dashboard.kpi.tally import Figures

__all__ = ["Group", "Measure", "group", "plain"]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a split. keys: one word for each dimension; a day or month has its period instead.

    share: percent of the time of all parts, where time is split; p90, mean: of durations, hours; bands: of what stands.
    """

    keys: tuple[str, ...]
    value: float | None
    numerator: float
    denominator: float | None
    p90: float | None = None
    mean: float | None = None
    share: float | None = None
    bands: dict[str, int] | None = None
    period: tuple[float, float] | None = None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """value: None where the denominator is 0. unit: cases, percent (0 … 100) or hours. period: [start, end), s UTC.

    at: the moment at which open or closed was asked. exclusions: reason (cohorts.LEFT, unmeasured, backwards) → cases.
    clock: of durations: `own` each case by its own (working time where it says so), `continuous` day and night.
    """

    name: str
    value: float | None
    numerator: float
    denominator: float | None
    unit: str
    period: tuple[float, float]
    at: float
    formula: dict[str, str]
    exclusions: dict[str, int]
    clock: str = ""
    p90: float | None = None
    mean: float | None = None
    bands: dict[str, int] | None = None
    by: tuple[str, ...] = ()
    groups: list[Group] = []


def plain(number: Any) -> float | None:
    """numpy's as Python's; no number is None."""
    if number is None or np.isnan(number):
        return None
    value = number.item()
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def group(found: Figures, row: int, keys: tuple[str, ...], period: tuple[float, float] | None = None) -> Group:
    """One row of the figures."""
    bands: dict[str, int] = {} if found.bands is None else dict(zip(BANDS, found.bands[row].tolist(), strict=True))
    return Group(
        keys=keys, value=plain(found.value[row]), numerator=found.above[row].item(),
        denominator=None if found.below is None else found.below[row].item(),
        p90=None if found.p90 is None else plain(found.p90[row]),
        mean=None if found.mean is None else plain(found.mean[row]), bands=bands or None, period=period,
    )  # fmt: skip
