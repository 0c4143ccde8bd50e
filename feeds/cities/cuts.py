"""Cuts: where a straight line may cut a piece of land, and both sides of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

__all__ = ["clear", "cut", "joined", "parts", "roundest"]

FAR = 1e7
#: A cut keeps this far (metres) from corners that it does not meet.
HAIR = 6.0


def roundest(low: float, high: float) -> float:
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


def clear(shape: shapely.Geometry, axis: int, at: float) -> float:
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


def cut(shape: shapely.Geometry, axis: int, at: float, whole: float) -> tuple[shapely.Geometry, shapely.Geometry, bool]:
    """Both sides of a cut. What would hang on a side only as a scrap goes to the other; `mixed` says so."""
    boxes = (
        ((-FAR, -FAR, at, FAR), (at, -FAR, FAR, FAR)) if axis == 0 else ((-FAR, -FAR, FAR, at), (-FAR, at, FAR, FAR))
    )
    left: list[shapely.Geometry] = []
    right: list[shapely.Geometry] = []
    mixed = False
    size = float(shapely.area(shape))
    for part in parts(shape):
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
    return joined(left), joined(right), mixed


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
    return joined(a), joined(b), True


def parts(shape: shapely.Geometry) -> list[Any]:
    """As shapely says, but of a plain polygon without asking it."""
    return [shape] if type(shape) is shapely.Polygon else shapely.get_parts(shape).tolist()


def _polygons(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in parts(shape) if type(part) is shapely.Polygon]


def joined(shapes: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """Polygons as one shape."""
    flat = [piece for shape in shapes for piece in parts(shape)]
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)
