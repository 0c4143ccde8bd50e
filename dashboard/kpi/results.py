"""Results: what a measured number says: what it is made of, of when, what was left out; never a bare number."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy.typing as npt

from dashboard.kpi.bands import BANDS
from dashboard.kpi.tally import Figures

__all__ = ["Group", "Measure", "grouped"]


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


def grouped(found: Figures, rows: list[int], keys: list[tuple[str, ...]]) -> list[Group]:
    """Some rows of the figures, and what each of them is called."""
    bands = [None] * len(rows) if found.bands is None else [
        dict(zip(BANDS, band, strict=True)) for band in found.bands[rows].tolist()
    ]  # fmt: skip
    columns = (_plain(column, rows) for column in (found.value, found.above, found.below, found.p90, found.mean))
    return [
        Group(keys=said, value=value, numerator=above or 0, denominator=below, p90=p90, mean=mean, bands=band)
        for said, band, value, above, below, p90, mean in zip(keys, bands, *columns, strict=True)
    ]


def _plain(column: npt.NDArray[Any] | None, rows: list[int]) -> list[float | None]:
    """numpy's as Python's: a whole number as one, no number as None."""
    if column is None:
        return [None] * len(rows)
    said: list[Any] = column[rows].tolist()
    if column.dtype.kind != "f":
        return said
    return [
        None if value != value else int(value) if value.is_integer() and abs(value) < 2**53 else value  # noqa: PLR0124
        for value in said
    ]
