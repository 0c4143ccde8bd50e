"""Roster: who and what the city knows, and which district, street, community and grid a record belongs to."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.ingest.names import Names
from feeds.city import GRID_KINDS, City
from feeds.record import EventReport

__all__ = ["Place", "Roster"]

#: Degrees around the grids within which a position may still be meant.
MARGIN = 1.0
#: How many places of events are remembered.
PLACES = 4096


class Place(NamedTuple):
    """Ids of the areas in which an event lies, empty where not known. area_id: the lowest; grid_kind: its grid's."""

    district: str
    street: str = ""
    community: str = ""
    area_id: str = ""
    grid_id: str = ""
    grid_kind: str = ""


class Roster:
    """Look-ups of one version of the city, made once."""

    def __init__(self, city: City) -> None:
        self.version = city.version
        self.workers, self.cameras = city.worker_row, city.camera_row
        #: The rows of workers once more, for many at a time.
        self.names = Names(city.worker_row)
        self.grids, self.areas = city.grid_row, city.area_row
        area_ids = [str(area_id) for area_id in city.areas.area_id]
        self.first = area_ids[int(city.districts[0])]
        self.district_of_worker: npt.NDArray[np.int32] = city.district_of_worker
        self.area_ids = area_ids
        self.districts = [area_ids[int(row)] for row in city.districts]
        #: Worker → the place of its district among `districts`: small numbers, by which a batch is sorted quickest.
        self.place_of_worker = np.searchsorted(city.districts, city.district_of_worker).astype(np.uint16)
        self._of_grid, self._of_area, self._of_camera = (
            city.district_of_grid,
            city.district_of_area,
            city.district_of_camera,
        )
        self._shapes = city.areas.shape[city.districts]
        shapely.prepare(self._shapes)
        self._path, self._area_of_grid, self._kinds = city.path, city.grids.area, city.grids.kind
        self._grid_ids = city.grids.grid_id
        self._tree = shapely.STRtree(city.grids.shape)
        west, south, east, north = city.bounds
        # Each later word on an event says again where it is.
        self._placed = lru_cache(PLACES)(self._place)
        #: West, south, east and north end of where a fix may be.
        self.around = west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN
        self.at_null_island = west < MARGIN and east > -MARGIN and south < MARGIN and north > -MARGIN

    def near(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Whether positions lie in or around the city."""
        west, south, east, north = self.around
        return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)

    def meant(self, lon: float, lat: float) -> bool:
        """The same of one position."""
        west, south, east, north = self.around
        return west <= lon <= east and south <= lat <= north

    def of_camera(self, camera: int) -> str:
        return self.area_ids[int(self._of_camera[camera])]

    def of_event(self, grid_id: str, area_id: str, worker_id: str, lon: float | None, lat: float | None) -> str:
        """By grid, area, position, worker; else the first district: an event is never dropped for want of a place."""
        if (grid := self.grids.get(grid_id)) is not None:
            return self.area_ids[int(self._of_grid[grid])]
        if (area := self.areas.get(area_id)) is not None and self._of_area[area] >= 0:
            return self.area_ids[int(self._of_area[area])]
        if lon is not None and lat is not None:
            inside = shapely.contains_xy(self._shapes, lon, lat)
            if inside.any():
                return self.districts[int(inside.argmax())]
        if (worker := self.workers.get(worker_id)) is not None:
            return self.area_ids[int(self.district_of_worker[worker])]
        return self.first

    def place(self, event: EventReport) -> Place:
        """Where it lies: by its grid, else the grid under its position, else the area it names, within its district."""
        return self._placed(event.grid_id, event.area_id, event.worker_id, event.lon, event.lat)

    def _place(self, grid_id: str, area_id: str, worker_id: str, lon: float | None, lat: float | None) -> Place:
        district = self.of_event(grid_id, area_id, worker_id, lon, lat)
        grid = self.grids.get(grid_id, -1)
        if grid < 0 and lon is not None and lat is not None:
            # On a shared border the lowest row, as the fold has it.
            rows = self._tree.query(shapely.points((round(lon, 7), round(lat, 7))), predicate="intersects")
            grid = int(rows.min(initial=len(self._grid_ids))) if len(rows) else -1
        if grid >= 0 and self.area_ids[int(self._of_grid[grid])] != district:
            grid = -1
        home = self.areas[district]
        named = self.areas.get(area_id, home)
        area = int(self._area_of_grid[grid]) if grid >= 0 else named if self._of_area[named] == home else home
        street, community = (self.area_ids[row] if row >= 0 else "" for row in self._path[area, 2:4].tolist())
        found = (str(self._grid_ids[grid]), GRID_KINDS[int(self._kinds[grid])]) if grid >= 0 else ("", "")
        return Place(district, street, community, self.area_ids[area], *found)
