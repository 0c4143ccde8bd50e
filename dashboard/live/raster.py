"""Raster: a city's grids painted on a mesh. A cell names the grid that covers it, or says that a border is near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["Mesh", "mesh", "paint"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: A mesh of the largest city (34 million cells) is 68 MB on disk, of which only the visited pages are in memory.
CELLS = 36_000_000
CELLS_A_GRID = 4096
STRIP = 256
#: An edge also marks the cells that it all but touches, so that rounding can never hide a border.
TOUCH = 1e-6


@dataclass(frozen=True)
class Mesh:
    """Where the cells lie: one more on each side than the city needs, so that all beyond falls on the rim."""

    west: float
    south: float
    per_lon: float
    per_lat: float
    columns: int
    rows: int

    def index(self, lon: Floats, lat: Floats) -> Ints:
        """Flat index of each point's cell; a point that is nowhere (NaN) falls on the rim too."""
        column = np.fmin(np.fmax((lon - self.west) * self.per_lon + 1.0, 0.0), self.columns - 1.0)
        row = np.fmin(np.fmax((lat - self.south) * self.per_lat + 1.0, 0.0), self.rows - 1.0)
        return row.astype(np.int64) * self.columns + column.astype(np.int64)


def mesh(bounds: tuple[float, float, float, float], grids: int) -> Mesh:
    """Cells as square as the latitude allows, and as many as the number of grids is worth."""
    west, south, east, north = bounds
    squash = float(np.cos(np.radians((south + north) / 2)))
    width, height = max((east - west) * squash, 1e-6), max(north - south, 1e-6)
    side = float(np.sqrt(width * height / min(CELLS, CELLS_A_GRID * max(grids, 1))))
    columns, rows = int(np.ceil(width / side)) + 1, int(np.ceil(height / side)) + 1
    return Mesh(west, south, squash / side, 1 / side, columns + 2, rows + 2)


def paint(shapes: npt.NDArray[Any], on: Mesh) -> npt.NDArray[Any]:
    """Flat cells. v ≥ 0: all of it lies in grid v - 1 (0: in none). v < 0: a border is near, the guess is -v - 2."""
    kind = np.int16 if len(shapes) < 32766 else np.int32
    out = np.zeros(on.rows * on.columns, kind)
    edges = _edges(shapes, on)
    fills, borders = _fills(edges, on), _borders(edges, on)
    for first in range(0, on.rows, STRIP):
        last = min(first + STRIP, on.rows)
        lo, hi = first * on.columns, last * on.columns
        total = _cut(fills, lo, hi, 1)
        covers = _cut(fills, lo, hi, 2)
        near = (_cut(borders, lo, hi, 1) > 0) | (covers > 1)
        grid = np.where(covers == 1, total, 0)
        out[lo:hi] = np.where(near, -1 - grid, grid)
    return out


@dataclass(frozen=True)
class _Edges:
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    grid: Ints


def _edges(shapes: npt.NDArray[Any], on: Mesh) -> _Edges:
    """All sides of all rings in cell units; outer rings run anticlockwise, holes clockwise."""
    polygons, grid = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, part = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x = (points[:, 0] - on.west) * on.per_lon + 1.0
    y = (points[:, 1] - on.south) * on.per_lat + 1.0
    same = ring[1:] == ring[:-1]
    return _Edges(x[:-1][same], y[:-1][same], x[1:][same], y[1:][same], grid[part[ring[:-1][same]]].astype(np.int64))


def _fills(edges: _Edges, on: Mesh) -> tuple[Ints, Ints, Ints]:
    """(cell, +-(grid + 1), +-1) where a line through the middle of a row of cells enters or leaves a grid."""
    low, high = np.minimum(edges.y0, edges.y1), np.maximum(edges.y0, edges.y1)
    start, stop = np.ceil(low - 0.5).astype(np.int64), np.ceil(high - 0.5).astype(np.int64)
    edge, row = _expand(start, stop)
    rise = edges.y1[edge] - edges.y0[edge]
    x = edges.x0[edge] + (row + 0.5 - edges.y0[edge]) * (edges.x1[edge] - edges.x0[edge]) / rise
    column = np.ceil(x - 0.5).astype(np.int64)
    sign = np.where(rise < 0, 1, -1)
    return _sorted(row * on.columns + column, sign * (edges.grid[edge] + 1), sign)


def _borders(edges: _Edges, on: Mesh) -> tuple[Ints, Ints, Ints]:
    """(cell, +-1, 0) where in each row the cells begin and end that an edge runs through."""
    low, high = np.minimum(edges.y0, edges.y1), np.maximum(edges.y0, edges.y1)
    edge, row = _expand(np.floor(low - TOUCH).astype(np.int64), np.floor(high + TOUCH).astype(np.int64) + 1)
    rise = edges.y1[edge] - edges.y0[edge]
    slope = np.divide(edges.x1[edge] - edges.x0[edge], rise, out=np.zeros_like(rise), where=rise != 0)
    enter = np.clip(row - TOUCH, low[edge], high[edge])
    leave = np.clip(row + 1 + TOUCH, low[edge], high[edge])
    level = rise == 0
    a = np.where(level, edges.x0[edge], edges.x0[edge] + (enter - edges.y0[edge]) * slope)
    b = np.where(level, edges.x1[edge], edges.x0[edge] + (leave - edges.y0[edge]) * slope)
    first = np.floor(np.minimum(a, b) - TOUCH).astype(np.int64)
    last = np.floor(np.maximum(a, b) + TOUCH).astype(np.int64)
    one = np.ones(len(row), np.int64)
    cell = np.concatenate([row * on.columns + first, row * on.columns + last + 1])
    return _sorted(cell, np.concatenate([one, -one]), np.zeros(2 * len(row), np.int64))


def _expand(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """For every edge each row from start to stop: (edge, row)."""
    count = np.maximum(stop - start, 0)
    edge = np.repeat(np.arange(len(start)), count)
    return edge, np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + start[edge]


def _sorted(cell: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints, Ints]:
    order = np.argsort(cell, kind="stable")
    return cell[order], first[order], second[order]


def _cut(marks: tuple[Ints, Ints, Ints], lo: int, hi: int, column: int) -> npt.NDArray[np.int32]:
    """Running sum of the marks over one strip of rows; in every row they add up to nothing."""
    a, b = np.searchsorted(marks[0], (lo, hi))
    steps = np.zeros(hi - lo, np.int32)
    np.add.at(steps, marks[0][a:b] - lo, marks[column][a:b].astype(np.int32))
    return np.cumsum(steps, dtype=np.int32)
