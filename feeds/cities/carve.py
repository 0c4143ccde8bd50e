"""Carve: cuts land into pieces of given weight, again and again, along streets that neighbours share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import shapely

from feeds.cities.cuts import clear, cut, joined, parts, roundest

__all__ = ["Lot", "Sample", "carve"]

#: How far from the wanted share a cut may slide to fall on a rounder number, so that streets go on across blocks.
SLIDE = 0.22
#: What a cut costs that leaves one side empty.
EMPTY = 99.0

NOWHERE = shapely.Polygon()

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
OnCut = Callable[[shapely.Geometry, int, float, int], None]


@dataclass(frozen=True)
class Sample:
    """People and land as weighted points on the plane: what decides where half of a lot is."""

    at: Floats
    weight: Floats


@dataclass
class Lot:
    """A piece to be: how much it weighs, where it would like to be (NaN: anywhere), and what it is cut into."""

    weight: float
    seat: tuple[float, float] = (np.nan, np.nan)
    parts: list[Lot] = field(default_factory=list)
    level: int = 0
    shape: shapely.Geometry = NOWHERE
    points: Ints = field(default_factory=lambda: np.empty(0, np.int64))


def carve(lot: Lot, sample: Sample, on_cut: OnCut) -> None:
    """Give every lot below this one its shape and its sample points."""
    if lot.parts:
        _divide(lot.shape, lot.points, lot.parts, sample, on_cut)
        for part in lot.parts:
            carve(part, sample, on_cut)


def _divide(shape: shapely.Geometry, points: Ints, lots: list[Lot], sample: Sample, on_cut: OnCut) -> None:
    if len(lots) == 1:
        lots[0].shape, lots[0].points = shape, points
        return
    if not np.isnan(lots[0].seat).any() and shapely.get_num_geometries(shape) > 1:
        _islands(shape, points, lots, sample, on_cut)
        return
    best: tuple[float, _Half, _Half] | None = None
    plans = _plans(shape, points, lots, sample)
    for number, plan in enumerate([*plans, *plans]):
        # When no plan works, the second round cuts through small islands too.
        left, right, miss = _try(shape, points, plan, sample, 0.2 if number < len(plans) else 0.0)
        if best is None or miss + plan.cost < best[0]:
            best = (miss + plan.cost, left, right)
        if miss < 0.5 or (number >= 2 and best[0] < EMPTY):
            break
    assert best is not None
    _, left, right = best
    on_cut(shape, left.axis, left.at, lots[0].level)
    _divide(left.shape, left.points, left.lots, sample, on_cut)
    _divide(right.shape, right.points, right.lots, sample, on_cut)


def _islands(shape: shapely.Geometry, points: Ints, lots: list[Lot], sample: Sample, on_cut: OnCut) -> None:
    """Each island goes to the seats on it, or to the nearest seat; only islands with several seats are cut."""
    islands = shapely.get_parts(shape)
    seats = shapely.points([lot.seat for lot in lots])
    home = np.array([int(np.argmin(shapely.distance(islands, seat))) for seat in seats])
    pieces: list[list[shapely.Geometry]] = [[] for _ in lots]
    drops: list[list[Ints]] = [[] for _ in lots]
    for number, part in enumerate(islands):
        shapely.prepare(part)
        inside = points[shapely.contains_xy(part, sample.at[points])]
        own = np.flatnonzero(home == number)
        own = own if len(own) else np.array([int(np.argmin(shapely.distance(seats, part)))])
        _divide(part, inside, [lots[n] for n in own], sample, on_cut)
        for n in own:
            pieces[n].append(lots[n].shape)
            drops[n].append(lots[n].points)
    for lot, piece, drop in zip(lots, pieces, drops, strict=True):
        lot.shape, lot.points = joined(piece), np.concatenate(drop)


@dataclass
class _Half:
    shape: shapely.Geometry
    points: Ints
    lots: list[Lot]
    axis: int
    at: float


@dataclass
class _Plan:
    """A cut that may be made: which lots go left, and between which bounds it may lie."""

    axis: int
    left: list[Lot]
    right: list[Lot]
    share: float
    low: float
    high: float
    cost: float


def _plans(shape: shapely.Geometry, points: Ints, lots: list[Lot], sample: Sample) -> list[_Plan]:
    """Ways to cut in two, the best first: even, neither side a strip, and every seat on its own side.

    Asked for thousands of times with a handful of numbers each: plain floats, as calls of numpy are what would cost.
    """
    plans: list[_Plan] = []
    seated = not np.isnan(lots[0].seat).any()
    bounds: list[float] = shapely.bounds(shape).tolist()
    for axis in (0, 1):
        ordered = sorted(lots, key=lambda lot: lot.seat[axis]) if seated else lots
        *weights, whole = accumulate(lot.weight for lot in ordered)
        shares = [weight / whole for weight in weights]
        half = min(range(len(shares)), key=lambda k: abs(shares[k] - 0.5))
        chosen = range(len(shares)) if seated else sorted({half, half // 2, half + (len(shares) - half) // 2})
        ends, total = _along(bounds, points, axis, sample)
        slides = [min(shares[k], 1 - shares[k]) * SLIDE for k in chosen]
        lows = np.interp([shares[k] - slide for k, slide in zip(chosen, slides, strict=True)], total, ends).tolist()
        highs = np.interp([shares[k] + slide for k, slide in zip(chosen, slides, strict=True)], total, ends).tolist()
        for k, *slid in zip(chosen, lows, highs, strict=True):
            gap = (ordered[k].seat[axis], ordered[k + 1].seat[axis]) if seated else slid
            low, high, off = _between(*slid, *gap)
            cost = (
                _strips(bounds, axis, (low + high) / 2)
                + abs(shares[k] - 0.5)
                + off / (bounds[axis + 2] - bounds[axis]) * 3
            )
            cost += 0.4 / (1 + (gap[1] - gap[0]) / 400) if seated else 0.0
            plans.append(_Plan(axis, ordered[: k + 1], ordered[k + 1 :], shares[k], low, high, cost))
    return sorted(plans, key=lambda plan: plan.cost)


def _along(bounds: list[float], points: Ints, axis: int, sample: Sample) -> tuple[Floats, Floats]:
    """Places along an axis, and what share of the weight lies before each."""
    if len(points) < 6:
        return np.array([bounds[axis], bounds[axis + 2]]), np.array([0.0, 1.0])
    at, weight = sample.at[points, axis], sample.weight[points]
    order = np.argsort(at, kind="stable")
    total = np.cumsum(weight[order])
    return at[order], (total - weight[order] / 2) / total[-1]


def _between(low: float, high: float, before: float, after: float) -> tuple[float, float, float]:
    """The bounds moved between two seats, and how far they had to move."""
    margin = 0.2 * (after - before)
    least, most = _within(low, before + margin, after - margin), _within(high, before + margin, after - margin)
    return least, most, abs(least + most - low - high) / 2


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _strips(bounds: list[float], axis: int, at: float) -> float:
    """How much one of the halves would be a strip: 0 up to two and a half times as long as wide."""
    across = bounds[3 - axis] - bounds[1 - axis]
    widths = max(at - bounds[axis], 1e-3), max(bounds[axis + 2] - at, 1e-3)
    return max(0.0, *(max(width / across, across / width) - 2.5 for width in widths)) * 0.25


def _try(
    shape: shapely.Geometry, points: Ints, plan: _Plan, sample: Sample, whole: float
) -> tuple[_Half, _Half, float]:
    bounds = shapely.bounds(shape)
    margin = (bounds[plan.axis + 2] - bounds[plan.axis]) * 0.04
    if whole == 0:
        bounds = shapely.bounds(max(parts(shape), key=lambda part: part.area))
        margin = (bounds[plan.axis + 2] - bounds[plan.axis]) * 0.3
    ends = bounds[plan.axis] + margin, bounds[plan.axis + 2] - margin
    at = clear(shape, plan.axis, roundest(float(_within(plan.low, *ends)), float(_within(plan.high, *ends))))
    left, right, mixed = cut(shape, plan.axis, at, whole)
    on_left = sample.at[points, plan.axis] < at
    if mixed:
        shapely.prepare(left)
        on_left = shapely.contains_xy(left, sample.at[points])
    miss = _miss(left, right, points, on_left, plan.share, sample)
    return (
        _Half(left, points[on_left], plan.left, plan.axis, at),
        _Half(right, points[~on_left], plan.right, plan.axis, at),
        miss,
    )


def _miss(
    left: shapely.Geometry,
    right: shapely.Geometry,
    points: Ints,
    on_left: npt.NDArray[np.bool_],
    share: float,
    sample: Sample,
) -> float:
    """How wrong a cut is: 0 as wanted, 1 useless."""
    if shapely.is_empty(left) or shapely.is_empty(right):
        return EMPTY
    weight = sample.weight[points]
    got = float(weight[on_left].sum() / weight.sum()) if len(points) else share
    return abs(got - share) / min(share, 1 - share)
