"""Carve: cuts land into pieces of given weight, again and again, along streets that neighbours share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["Lot", "Sample", "carve"]

FAR = 1e7
#: How far from the wanted share a cut may slide to fall on a rounder number, so that streets go on across blocks.
SLIDE = 0.22

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
    shape: shapely.Geometry | None = None
    points: Ints = field(default_factory=lambda: np.empty(0, np.int64))


def carve(lot: Lot, sample: Sample, on_cut: OnCut) -> None:
    """Give every lot below this one its shape and its sample points."""
    if lot.parts:
        _divide(lot.shape, lot.points, lot.parts, sample, on_cut)
        for part in lot.parts:
            carve(part, sample, on_cut)


def _divide(shape: shapely.Geometry | None, points: Ints, lots: list[Lot], sample: Sample, on_cut: OnCut) -> None:
    if len(lots) == 1:
        lots[0].shape, lots[0].points = shape, points
        return
    best: tuple[float, _Half, _Half] | None = None
    for axis in _axes(shape, points, lots, sample):
        left, right, miss = _try(shape, points, lots, axis, sample)
        if best is None or miss < best[0]:
            best = (miss, left, right)
        if miss < 0.5:
            break
    assert best is not None
    _, left, right = best
    on_cut(shape, left.axis, left.at, lots[0].level)
    _divide(left.shape, left.points, left.lots, sample, on_cut)
    _divide(right.shape, right.points, right.lots, sample, on_cut)


@dataclass
class _Half:
    shape: shapely.Geometry
    points: Ints
    lots: list[Lot]
    axis: int
    at: float


def _axes(shape: shapely.Geometry | None, points: Ints, lots: list[Lot], sample: Sample) -> tuple[int, int]:
    """The better direction first: across the longer side, or across where the seats lie apart."""
    west, south, east, north = shapely.bounds(shape)
    wide, high = east - west, north - south
    if len(points) > 8:
        spread = sample.at[points].std(axis=0)
        wide, high = wide + 3 * spread[0], high + 3 * spread[1]
    seats = np.array([lot.seat for lot in lots])
    if not np.isnan(seats).any():
        apart = np.ptp(seats, axis=0)
        wide, high = wide + 4 * apart[0], high + 4 * apart[1]
    return (0, 1) if wide >= high else (1, 0)


def _try(shape: shapely.Geometry | None, points: Ints, lots: list[Lot], axis: int, sample: Sample) -> tuple[_Half, _Half, float]:
    ordered = sorted(lots, key=lambda lot: lot.seat[axis]) if not np.isnan([lot.seat[axis] for lot in lots]).any() else lots
    weights = np.cumsum([lot.weight for lot in ordered])
    k = int(np.argmin(np.abs(weights[:-1] - weights[-1] / 2))) + 1
    share = float(weights[k - 1] / weights[-1])
    at = _place(shape, points, axis, share, sample)
    left, right, mixed = _cut(shape, axis, at)
    on_left = sample.at[points, axis] < at
    if mixed:
        shapely.prepare(left)
        on_left = shapely.contains_xy(left, sample.at[points])
    miss = _miss(left, right, points, on_left, share, sample)
    halves = (left, points[on_left], ordered[:k]), (right, points[~on_left], ordered[k:])
    return _Half(*halves[0], axis, at), _Half(*halves[1], axis, at), miss


def _miss(left: shapely.Geometry, right: shapely.Geometry, points: Ints, on_left: npt.NDArray[np.bool_], share: float, sample: Sample) -> float:
    """How wrong a cut is: 0 as wanted, 1 useless."""
    if left.is_empty or right.is_empty:
        return 9.0
    weight = sample.weight[points]
    got = float(weight[on_left].sum() / weight.sum()) if len(points) else share
    return abs(got - share) / min(share, 1 - share)


def _place(shape: shapely.Geometry | None, points: Ints, axis: int, share: float, sample: Sample) -> float:
    """Where to cut: the roundest number near the wanted share."""
    bounds = shapely.bounds(shape)
    slide = min(share, 1 - share) * SLIDE
    if len(points) < 6:
        low, width = bounds[axis], bounds[axis + 2] - bounds[axis]
        return _roundest(low + width * (share - slide / 2), low + width * (share + slide / 2))
    at, weight = sample.at[points, axis], sample.weight[points]
    order = np.argsort(at, kind="stable")
    at, total = at[order], np.cumsum(weight[order])
    wanted = np.array([share - slide, share + slide]) * total[-1]
    low, high = at[np.clip(np.searchsorted(total, wanted), 0, len(at) - 1)]
    margin = (bounds[axis + 2] - bounds[axis]) * 0.04
    low, high = np.clip([low, high], bounds[axis] + margin, bounds[axis + 2] - margin)
    return _roundest(float(low), float(high))


def _roundest(low: float, high: float) -> float:
    """The multiple of the largest power of two between low and high."""
    if high - low < 0.5:
        return round((low + high) / 2, 2)
    if low <= 0 <= high:
        return 0.0
    step = 2.0 ** np.floor(np.log2(high - low))
    while np.floor(high / (2 * step)) * 2 * step >= low:
        step *= 2
    middle = round((low + high) / 2 / step) * step
    return float(middle if low <= middle <= high else np.floor(high / step) * step)


def _cut(shape: shapely.Geometry | None, axis: int, at: float) -> tuple[shapely.Geometry, shapely.Geometry, bool]:
    """Both sides of a cut. What would hang on a side only as a scrap goes to the other; `mixed` says so."""
    boxes = ((-FAR, -FAR, at, FAR), (at, -FAR, FAR, FAR)) if axis == 0 else ((-FAR, -FAR, FAR, at), (-FAR, at, FAR, FAR))
    left: list[shapely.Geometry] = []
    right: list[shapely.Geometry] = []
    mixed = False
    size = float(shapely.area(shape))
    for part in shapely.get_parts(shape):
        bounds = shapely.bounds(part)
        if bounds[axis + 2] <= at:
            left.append(part)
        elif bounds[axis] >= at:
            right.append(part)
        elif part.area < 0.2 * size:
            mixed = True
            (left if shapely.get_coordinates(part.centroid)[0, axis] < at else right).append(part)
        else:
            a, b, swapped = _sides(part, shapely.box(*boxes[0]), shapely.box(*boxes[1]))
            mixed |= swapped
            left.append(a)
            right.append(b)
    return _joined(left), _joined(right), mixed


def _sides(part: shapely.Geometry, west: shapely.Geometry, east: shapely.Geometry) -> tuple[shapely.Geometry, shapely.Geometry, bool]:
    a, b = _polygons(shapely.intersection(part, west)), _polygons(shapely.intersection(part, east))
    if len(a) == 1 and len(b) == 1:
        return a[0], b[0], False
    for _ in range(4):
        if not a or not b:
            break
        a.sort(key=lambda piece: -piece.area)
        b.sort(key=lambda piece: -piece.area)
        a, b = _polygons(shapely.union_all([a[0], *b[1:]])), _polygons(shapely.union_all([b[0], *a[1:]]))
        if len(a) == 1 and len(b) == 1:
            break
    return _joined(a), _joined(b), True


def _polygons(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]


def _joined(parts: list[shapely.Geometry]) -> shapely.Geometry:
    flat = [piece for part in parts for piece in shapely.get_parts(part)]
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)
