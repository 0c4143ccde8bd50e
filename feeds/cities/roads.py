"""Roads: the lines of a city's dark map: highways between towns, streets between communities, lanes in town."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from feeds.cities.land import Cut
from feeds.cities.terrain import Terrain

__all__ = ["roads"]

#: A lane is drawn when the lot it cuts is no larger than this (square metres).
TOWN_LOT = 900_000.0
FAR = 1e6

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


def roads(
    cuts: list[Cut], seats: dict[str, tuple[float, float]], outlines: dict[str, shapely.Geometry], terrain: Terrain
) -> tuple[Shapes, npt.NDArray[np.uint8]]:
    lines = [highways(np.array(list(seats.values())), outlines)]
    lines += [
        _lines([cut for cut in cuts if cut[3] == level and (level < 3 or shapely.area(cut[0]) < TOWN_LOT)])
        for level in (1, 2, 3)
    ]
    merged = [_merged(shapes) for shapes in (lines[0], np.concatenate(lines[1:3]), lines[3])]
    flat = np.concatenate(merged)
    rank = np.repeat(np.arange(3, dtype=np.uint8), [len(shapes) for shapes in merged])
    return _bent(flat, terrain), rank


def highways(seats: Floats, outlines: dict[str, shapely.Geometry]) -> Shapes:
    """The shortest net between all towns, each road with a gentle bow, and nothing on water."""
    count = len(seats)
    gap = np.hypot(*(seats[:, None] - seats[None]).transpose(2, 0, 1))
    joined, best, of = np.zeros(count, bool), gap[0].copy(), np.zeros(count, np.int64)
    joined[0] = True
    pairs: list[tuple[int, int]] = []
    for _ in range(count - 1):
        nearest = int(np.argmin(np.where(joined, np.inf, best)))
        joined[nearest] = True
        pairs.append((int(of[nearest]), nearest))
        closer = gap[nearest] < best
        best, of = np.minimum(best, gap[nearest]), np.where(closer, nearest, of)
    land = shapely.union_all(list(outlines.values()))
    return shapely.intersection(np.array([_bow(seats[a], seats[b]) for a, b in pairs], object), land)


def _bow(a: Floats, b: Floats) -> shapely.Geometry:
    t = np.linspace(0, 1, max(3, int(np.hypot(*(b - a)) / 250)))[:, None]
    side = np.array([a[1] - b[1], b[0] - a[0]])
    return shapely.LineString(a + (b - a) * t + side * 0.06 * np.sin(np.pi * t) + side * 0.03 * np.sin(3 * np.pi * t))


def _lines(cuts: list[Cut]) -> Shapes:
    if not cuts:
        return np.empty(0, object)
    ends = [((at, -FAR), (at, FAR)) if axis == 0 else ((-FAR, at), (FAR, at)) for _, axis, at, _ in cuts]
    return shapely.intersection(shapely.linestrings(ends), np.array([cut[0] for cut in cuts], object))


def _merged(shapes: Shapes) -> Shapes:
    parts = shapely.get_parts(shapes)
    parts = parts[shapely.get_type_id(parts) == 1]
    return (
        shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapely.get_parts(parts))))
        if len(parts)
        else parts
    )


def _bent(lines: Shapes, terrain: Terrain) -> Shapes:
    fine = shapely.segmentize(lines, 150.0)
    metres = shapely.simplify(shapely.transform(fine, terrain.bent), 6.0)
    return shapely.transform(metres, lambda points: terrain.degrees(points).round(6))
