"""Paths: the round that is walked in each grid: just inside its edge, with lanes across; all grids as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from feeds.city import City

__all__ = ["Paths", "Plane", "paths_of"]

Metres = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

#: Lanes: from and to, as parts of the round. One that would leave the grid is left out.
LANES = ((0.08, 0.58), (0.33, 0.83), (0.2, 0.45), (0.7, 0.95))


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
    place = [total - total[starts][grid]]
    xy, rows = [points], [grid]
    length = shapely.length(rings)
    shapely.prepare(inner)
    for begin, end in LANES:
        a, b = (shapely.line_interpolate_point(rings, part, normalized=True) for part in (begin, end))
        ends = np.stack([shapely.get_coordinates(a), shapely.get_coordinates(b)], axis=1)
        kept = np.flatnonzero(shapely.contains(inner, shapely.linestrings(ends)))
        for order, side in enumerate((0, 1, 0)):
            xy.append(ends[kept, side])
            rows.append(kept)
            place.append(length[kept] * begin + order * 1e-6)
    grids, places, corners = np.concatenate(rows), np.concatenate(place), np.concatenate(xy)
    sort = np.lexsort((places, grids))
    return corners[sort, 0], corners[sort, 1], grids[sort]
