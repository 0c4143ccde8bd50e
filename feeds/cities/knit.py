"""Knit: makes neighbours share every corner, so that grids are a partition, and bends them back to degrees."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from feeds.cities.terrain import Terrain

__all__ = ["knit"]

#: Corners this near (metres) are one corner.
NEAR = 0.002
#: Long cuts bend with the land: at most this many metres without a corner.
STRIDE = 400.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def knit(shapes: Sequence[shapely.Geometry], terrain: Terrain) -> npt.NDArray[np.object_]:
    parts, owner = shapely.get_parts(np.array(shapes, object), return_index=True)
    rings, part = shapely.get_rings(shapely.normalize(parts), return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points, ring = _thick(_merged(points), ring)
    points, ring = _noded(points, ring)
    points, ring = _strided(points, ring)
    degrees = terrain.degrees(terrain.bent(points)).round(7)
    return _built(degrees, ring, part, owner, len(shapes))


def _merged(points: Floats) -> Floats:
    """Rounded to millimetres; points that rounding tore apart are one again."""
    cells = np.round(points * 1000).astype(np.int64)
    base = cells.min(axis=0)
    key = ((cells - base)[:, 0] << 32) + (cells - base)[:, 1]
    unique, back = np.unique(key, return_inverse=True)
    to = np.arange(len(unique))
    for dx, dy in ((0, 1), (1, -1), (1, 0), (1, 1)):
        at = np.searchsorted(unique, unique + (dx << 32) + dy).clip(max=len(unique) - 1)
        near = unique[at] == unique + (dx << 32) + dy
        to[at[near]] = np.minimum(to[at[near]], to[np.flatnonzero(near)])
    kept = unique[to[back]]
    return (np.stack([kept >> 32, kept & 0xFFFFFFFF], axis=1) + base) / 1000.0


def _thick(points: Floats, ring: Ints) -> tuple[Floats, Ints]:
    """Without edges of no length."""
    same = np.zeros(len(points), bool)
    same[1:] = (ring[1:] == ring[:-1]) & (points[1:] == points[:-1]).all(axis=1)
    return points[~same], ring[~same]


def _noded(points: Floats, ring: Ints) -> tuple[Floats, Ints]:
    """Every corner that lies on an edge of somebody else becomes a corner of that edge too."""
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    lines = np.asarray(shapely.linestrings(np.stack([points[edge], points[edge + 1]], axis=1)), object)
    corners = np.unique(points, axis=0)
    corner, line = shapely.STRtree(lines).query(shapely.points(corners), predicate="dwithin", distance=NEAR)
    a, b, p = points[edge[line]], points[edge[line] + 1], corners[corner]
    along = ((p - a) * (b - a)).sum(axis=1) / ((b - a) ** 2).sum(axis=1)
    inner = (p != a).any(axis=1) & (p != b).any(axis=1) & (along > 0) & (along < 1)
    return _inserted(points, ring, edge[line][inner], along[inner], p[inner])


def _inserted(points: Floats, ring: Ints, after: Ints, along: Floats, new: Floats) -> tuple[Floats, Ints]:
    order = np.lexsort(
        (np.concatenate([np.zeros(len(points)), along]), np.concatenate([np.arange(len(points)), after]))
    )
    return np.concatenate([points, new])[order], np.concatenate([ring, ring[after]])[order]


def _strided(points: Floats, ring: Ints) -> tuple[Floats, Ints]:
    """More corners on long cuts, the same ones from both sides."""
    edge = np.flatnonzero((ring[1:] == ring[:-1]) & (points[1:] == points[:-1]).any(axis=1))
    a, b = points[edge], points[edge + 1]
    count = np.ceil(np.abs(b - a).sum(axis=1) / STRIDE).astype(np.int64) - 1
    a, b = np.repeat(a, count, axis=0), np.repeat(b, count, axis=0)
    edge, total = np.repeat(edge, count), np.repeat(count + 1, count)
    step = np.concatenate([np.arange(1, n + 1) for n in count]) if len(count) else np.empty(0, np.int64)
    back = (a > b).any(axis=1)
    low, high = np.minimum(a, b), np.maximum(a, b)
    nth = np.where(back, total - step, step)
    return _inserted(points, ring, edge, step / total, low + (high - low) * (nth / total)[:, None])


def _built(degrees: Floats, ring: Ints, part: Ints, owner: Ints, count: int) -> npt.NDArray[np.object_]:
    degrees, ring = _thick(degrees, ring)
    rings = np.asarray(shapely.linearrings(degrees, indices=ring), object)
    starts = np.searchsorted(part, np.arange(len(owner) + 1))
    solids = [shapely.Polygon(rings[i], list(rings[i + 1 : j])) for i, j in pairwise(starts)]
    built = np.empty(count, object)
    for n, (i, j) in enumerate(pairwise(np.searchsorted(owner, np.arange(count + 1)))):
        built[n] = solids[i] if j - i == 1 else shapely.MultiPolygon(solids[i:j])
    return shapely.normalize(built)
