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
#: A cut keeps this far (metres) from corners that it does not meet.
HAIR = 6.0
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
    parts = shapely.get_parts(shape)
    seats = shapely.points([lot.seat for lot in lots])
    home = np.array([int(np.argmin(shapely.distance(parts, seat))) for seat in seats])
    pieces: list[list[shapely.Geometry]] = [[] for _ in lots]
    drops: list[list[Ints]] = [[] for _ in lots]
    for number, part in enumerate(parts):
        shapely.prepare(part)
        inside = points[shapely.contains_xy(part, sample.at[points])]
        own = np.flatnonzero(home == number)
        own = own if len(own) else np.array([int(np.argmin(shapely.distance(seats, part)))])
        _divide(part, inside, [lots[n] for n in own], sample, on_cut)
        for n in own:
            pieces[n].append(lots[n].shape)
            drops[n].append(lots[n].points)
    for lot, piece, drop in zip(lots, pieces, drops, strict=True):
        lot.shape, lot.points = _joined(piece), np.concatenate(drop)


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
    """Ways to cut in two, the best first: even, neither side a strip, and every seat on its own side."""
    plans: list[_Plan] = []
    seated = not np.isnan(lots[0].seat).any()
    bounds = shapely.bounds(shape)
    for axis in (0, 1):
        ordered = sorted(lots, key=lambda lot: lot.seat[axis]) if seated else lots
        weights = np.cumsum([lot.weight for lot in ordered])
        shares = weights[:-1] / weights[-1]
        half = int(np.argmin(np.abs(shares - 0.5)))
        ends, total = _along(bounds, points, axis, sample)
        for k in range(len(shares)) if seated else sorted({half, half // 2, half + (len(shares) - half) // 2}):
            slide = min(shares[k], 1 - shares[k]) * SLIDE
            low, high = np.interp([shares[k] - slide, shares[k] + slide], total, ends)
            gap = (ordered[k].seat[axis], ordered[k + 1].seat[axis]) if seated else (low, high)
            low, high, off = _between(low, high, *gap)
            cost = (
                _strips(bounds, axis, (low + high) / 2)
                + abs(shares[k] - 0.5)
                + off / (bounds[axis + 2] - bounds[axis]) * 3
            )
            cost += 0.4 / (1 + (gap[1] - gap[0]) / 400) if seated else 0.0
            plans.append(_Plan(axis, ordered[: k + 1], ordered[k + 1 :], float(shares[k]), low, high, float(cost)))
    return sorted(plans, key=lambda plan: plan.cost)


def _along(bounds: Floats, points: Ints, axis: int, sample: Sample) -> tuple[Floats, Floats]:
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
    inner = np.clip([low, high], before + margin, after - margin)
    return float(inner[0]), float(inner[1]), abs(float(inner.sum() - low - high)) / 2


def _strips(bounds: Floats, axis: int, at: float) -> float:
    """How much one of the halves would be a strip: 0 up to two and a half times as long as wide."""
    across = bounds[3 - axis] - bounds[1 - axis]
    widths = np.maximum([at - bounds[axis], bounds[axis + 2] - at], 1e-3)
    return float(np.maximum(np.maximum(widths / across, across / widths) - 2.5, 0).max()) * 0.25


def _try(
    shape: shapely.Geometry, points: Ints, plan: _Plan, sample: Sample, whole: float
) -> tuple[_Half, _Half, float]:
    bounds = shapely.bounds(shape)
    margin = (bounds[plan.axis + 2] - bounds[plan.axis]) * 0.04
    if whole == 0:
        bounds = shapely.bounds(max(shapely.get_parts(shape), key=lambda part: part.area))
        margin = (bounds[plan.axis + 2] - bounds[plan.axis]) * 0.3
    low, high = np.clip([plan.low, plan.high], bounds[plan.axis] + margin, bounds[plan.axis + 2] - margin)
    at = _clear(shape, plan.axis, _roundest(float(low), float(high)))
    left, right, mixed = _cut(shape, plan.axis, at, whole)
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


def _clear(shape: shapely.Geometry, axis: int, at: float) -> float:
    """Moved aside where it would pass a corner by a hair: lines that bend apart later must not cross."""
    off = shapely.get_coordinates(shape)[:, axis] - at
    off = np.sort(off[(np.abs(off) > 0.002) & (np.abs(off) < HAIR * 16)])
    if not np.any(np.abs(off) < HAIR):
        return at
    for step in range(1, 15):
        for move in (step * HAIR, -step * HAIR):
            if not np.any(np.abs(off - move) < HAIR):
                return at + move
    return at


def _cut(
    shape: shapely.Geometry, axis: int, at: float, whole: float
) -> tuple[shapely.Geometry, shapely.Geometry, bool]:
    """Both sides of a cut. What would hang on a side only as a scrap goes to the other; `mixed` says so."""
    boxes = (
        ((-FAR, -FAR, at, FAR), (at, -FAR, FAR, FAR)) if axis == 0 else ((-FAR, -FAR, FAR, at), (-FAR, at, FAR, FAR))
    )
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
        elif part.area < whole * size:
            mixed = True
            (left if shapely.get_coordinates(part.centroid)[0, axis] < at else right).append(part)
        else:
            a, b, swapped = _sides(part, shapely.box(*boxes[0]), shapely.box(*boxes[1]))
            mixed |= swapped
            left.append(a)
            right.append(b)
    return _joined(left), _joined(right), mixed


def _sides(
    part: shapely.Geometry, west: shapely.Geometry, east: shapely.Geometry
) -> tuple[shapely.Geometry, shapely.Geometry, bool]:
    a, b = _polygons(shapely.intersection(part, west)), _polygons(shapely.intersection(part, east))
    if len(a) == 1 and len(b) == 1:
        return a[0], b[0], False
    for _ in range(4):
        if not a or not b:
            break
        a.sort(key=lambda piece: -shapely.area(piece))
        b.sort(key=lambda piece: -shapely.area(piece))
        a, b = _polygons(shapely.union_all([a[0], *b[1:]])), _polygons(shapely.union_all([b[0], *a[1:]]))
        if len(a) == 1 and len(b) == 1:
            break
    return _joined(a), _joined(b), True


def _polygons(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]


def _joined(parts: list[shapely.Geometry]) -> shapely.Geometry:
    flat = [piece for part in parts for piece in shapely.get_parts(part)]
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)
