"""Paths: the round that is walked in each grid: just inside its edge, with lanes across; all grids as columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from feeds.city import City

__all__ = ["Paths", "Plane", "paths_of"]

Metres = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

#: Lanes run along the longest side of a grid and across it, about this many metres apart, at most so many each way.
APART, MOST_LANES = 170.0, 3


@dataclass(frozen=True)
class Plane:
    """Metres east and north of the middle of the city; good enough to walk in."""

    lon: float
    lat: float

    @property
    def scale(self) -> tuple[float, float]:
        return 111_320.0 * float(np.cos(np.radians(self.lat))), 110_574.0

    def metres(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Metres, Metres]:
        east, north = self.scale
        return (np.asarray(lon) - self.lon) * east, (np.asarray(lat) - self.lat) * north

    def degrees(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Metres, Metres]:
        east, north = self.scale
        return np.asarray(x) / east + self.lon, np.asarray(y) / north + self.lat


@dataclass(frozen=True)
class Paths:
    """x, y: corners of all rounds; along: metres from the first corner of the first round; begin, length: per grid."""

    plane: Plane
    x: Metres
    y: Metres
    along: Metres
    begin: Metres
    length: Metres
    size: Metres  # square root of the grid's area

    def at(self, grid: Rows, s: Metres) -> tuple[Metres, Metres]:
        """Where one stands after s metres of the round of a grid."""
        place = self.begin[grid] + s % self.length[grid]
        corner = np.searchsorted(self.along, place, "right") - 1
        corner = np.minimum(corner, len(self.along) - 2)
        step = self.along[corner + 1] - self.along[corner]
        part = (place - self.along[corner]) / np.where(step > 0, step, 1.0)
        x, y = self.x[corner], self.y[corner]
        return x + part * (self.x[corner + 1] - x), y + part * (self.y[corner + 1] - y)


def paths_of(city: City) -> Paths:
    west, south, east, north = city.bounds
    plane = Plane((west + east) / 2, (south + north) / 2)
    shapes = shapely.transform(city.grids.shape, lambda p: np.column_stack(plane.metres(p[:, 0], p[:, 1])))
    size = np.sqrt(np.maximum(shapely.area(shapes), 100.0))
    inner = _inner(shapes, size)
    x, y, grid = _corners(inner)
    step = np.hypot(np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0]))
    step[np.flatnonzero(np.diff(grid, prepend=-1))] = 0.0
    along = np.cumsum(step)
    begin = along[np.searchsorted(grid, np.arange(len(shapes)))]
    end = along[np.searchsorted(grid, np.arange(len(shapes)), "right") - 1]
    return Paths(plane, x, y, along, begin, np.maximum(end - begin, 0.01), size)


def _inner(shapes: npt.NDArray[np.object_], size: Metres) -> npt.NDArray[np.object_]:
    """The largest piece of each grid, drawn in a little, simple enough to walk round."""
    whole = shapely.simplify(_largest(shapes), 0.01 * size)
    inset = _largest(shapely.buffer(whole, -np.minimum(30.0, 0.12 * size), quad_segs=1, join_style="mitre"))
    thin = shapely.is_empty(inset) | (shapely.area(inset) < 0.05 * size**2)
    if thin.any():
        middle = shapely.point_on_surface(whole[thin])
        reach = shapely.distance(middle, shapely.boundary(whole[thin]))
        inset[thin] = shapely.buffer(middle, np.maximum(reach * 0.7, 2.0), quad_segs=2)
    return inset


def _largest(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    first = np.flatnonzero(np.diff(owner[order], prepend=-1))
    found = np.full(len(shapes), shapely.Polygon(), object)
    found[owner[order][first]] = parts[order][first]
    return found


def _corners(inner: npt.NDArray[np.object_]) -> tuple[Metres, Metres, Rows]:
    """The corners of the rings with the lanes spliced in: each is walked there and back from its place on the ring."""
    rings = shapely.get_exterior_ring(inner)
    points, grid = shapely.get_coordinates(rings, return_index=True)
    step = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    starts = np.flatnonzero(np.diff(grid, prepend=-1))
    step[starts] = 0.0
    total = np.cumsum(step)
    place, xy, rows = [total - total[starts][grid]], [points], [grid]
    for lanes, owner in _lanes(inner, points, grid, step, starts):
        begin = shapely.line_locate_point(rings[owner], shapely.get_point(lanes, 0))
        for order, end in enumerate((0, -1, 0)):
            xy.append(shapely.get_coordinates(shapely.get_point(lanes, end)))
            rows.append(owner)
            place.append(begin + order * 1e-6)
    grids, places, corners = np.concatenate(rows), np.concatenate(place), np.concatenate(xy)
    sort = np.lexsort((places, grids))
    return corners[sort, 0], corners[sort, 1], grids[sort]


def _lanes(
    inner: npt.NDArray[np.object_], points: Metres, grid: Rows, step: Metres, starts: Rows
) -> Iterator[tuple[npt.NDArray[np.object_], Rows]]:
    """Straight lines from side to side, and whose grids they are."""
    longest = np.lexsort((-step, grid))[starts]
    way = points[longest] - points[np.maximum(longest - 1, 0)]
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    for along in (way, np.column_stack([-way[:, 1], way[:, 0]])):
        across = np.column_stack([-along[:, 1], along[:, 0]])
        near, far = (_reach(points, along[grid], starts, end) for end in (np.minimum, np.maximum))
        low, high = (_reach(points, across[grid], starts, end) for end in (np.minimum, np.maximum))
        count = np.clip(np.round((high - low) / APART) - 1, 0, MOST_LANES)
        for number in range(1, MOST_LANES + 1):
            owner = np.flatnonzero(count >= number)
            side = (low + (high - low) * number / (count + 1))[owner, None] * across[owner]
            ends = np.stack([side + near[owner, None] * along[owner], side + far[owner, None] * along[owner]], axis=1)
            crossed = shapely.intersection(inner[owner], shapely.linestrings(ends))
            lines, first = _longest(crossed)
            yield lines, owner[first]


def _reach(points: Metres, way: Metres, starts: Rows, end: np.ufunc) -> Metres:
    return end.reduceat((points * way).sum(axis=1), starts)


def _longest(shapes: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], Rows]:
    """The longest line of each that has one, and which those are."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    lines = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    parts, owner = parts[lines], owner[lines]
    order = np.lexsort((-shapely.length(parts), owner))
    first = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
    return parts[first], owner[first]
