"""Locate: from a point to its grid, exactly. The raster first, the polygon near a border, the tree only for misses."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.live import raster
from feeds.city import City

__all__ = ["OUTSIDE", "Locator"]

#: Row of a point that lies in no grid.
OUTSIDE = -1

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]

log = logging.getLogger(__name__)


class Locator:
    """The grids of one city version. `folder`: where the raster is kept, shared by all processes of this machine."""

    def __init__(self, city: City, folder: Path | None = None) -> None:
        self.city = city
        self.shapes = city.grids.shape
        shapely.prepare(self.shapes)
        self.mesh = raster.mesh(city.bounds, len(self.shapes))
        # A plain array over the mapped file: numpy asks more of a memmap at every look.
        self.cells = np.asarray(_cells(city, self.mesh, folder))
        self._tree = shapely.STRtree(self.shapes)
        self._district_tree = shapely.STRtree(city.areas.shape[city.districts])

    def grid(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Rows:
        """Grid row of each point (degrees), OUTSIDE where there is none; on a shared border the lowest row."""
        x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        found = self.cells.take(self.mesh.index(x, y)).astype(np.int32)
        near = np.flatnonzero(found < 0)
        found -= 1
        if len(near):
            found[near] = self._exact(x[near], y[near], -1 - found[near] - 2)
        return found

    def district(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Rows:
        """Area row of the district of each point, OUTSIDE where there is none."""
        x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        grid = self.grid(x, y)
        district = np.where(grid >= 0, self.city.district_of_grid[grid], OUTSIDE).astype(np.int32)
        missing = np.flatnonzero(grid < 0)
        if len(missing):
            row = _lowest(self._district_tree, x[missing], y[missing])
            district[missing] = np.where(row >= 0, self.city.districts[row], OUTSIDE)
        return district

    def _exact(self, x: Floats, y: Floats, guess: Rows) -> Rows:
        hit = (guess >= 0) & shapely.contains_xy(self.shapes[guess], x, y)
        missed = np.flatnonzero(~hit)
        if len(missed):
            guess[missed] = _lowest(self._tree, x[missed], y[missed])
        return guess


def _lowest(tree: shapely.STRtree, x: Floats, y: Floats) -> Rows:
    """The lowest row whose shape covers or touches each point."""
    rows = np.full(len(x), np.iinfo(np.int32).max, np.int32)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    point, shape = tree.query(shapely.points(x[known], y[known]), predicate="intersects")
    np.minimum.at(rows, known[point], shape.astype(np.int32))
    return np.where(rows == np.iinfo(np.int32).max, OUTSIDE, rows).astype(np.int32)


def _cells(city: City, mesh: raster.Mesh, folder: Path | None) -> npt.NDArray[Any]:
    """From the cache if it fits, else painted and kept; a cache that cannot be used costs time only."""
    path = folder / f"raster-{city.version}.npy" if folder else None
    if path and path.exists():
        try:
            cells = np.load(path, mmap_mode="r")
            if cells.shape == (mesh.rows * mesh.columns,):
                return cells
        except (OSError, ValueError) as error:
            log.warning("the raster in %s cannot be used and is painted again: %s", path, error)
    cells = raster.paint(city.grids.shape, mesh)
    if path is None:
        return cells
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.stem}-{np.random.default_rng().integers(1 << 62)}.npy")
        np.save(draft, cells)
        draft.replace(path)
        return np.load(path, mmap_mode="r")
    except OSError as error:
        log.warning("the raster cannot be kept in %s: %s", folder, error)
        return cells
