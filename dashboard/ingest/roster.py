"""Roster: who and what the city knows, and which district a record belongs to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from feeds.city import City

__all__ = ["Roster"]

#: Degrees around the grids within which a position may still be meant.
MARGIN = 1.0


class Roster:
    """Look-ups of one version of the city, made once."""

    def __init__(self, city: City) -> None:
        self.version = city.version
        self.workers, self.cameras = city.worker_row, city.camera_row
        self._grids, self._areas = city.grid_row, city.area_row
        area_ids = [str(area_id) for area_id in city.areas.area_id]
        self.first = area_ids[int(city.districts[0])]
        self.district_of_worker: npt.NDArray[np.int32] = city.district_of_worker
        self.area_ids = area_ids
        self._of_grid, self._of_area, self._of_camera = (
            city.district_of_grid,
            city.district_of_area,
            city.district_of_camera,
        )
        self._shapes = [(area_ids[int(row)], city.areas.shape[int(row)]) for row in city.districts]
        shapely.prepare([shape for _, shape in self._shapes])
        self._bounds = west, south, east, north = city.bounds
        self.at_null_island = west < MARGIN and east > -MARGIN and south < MARGIN and north > -MARGIN

    def near(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Whether positions lie in or around the city."""
        west, south, east, north = self._bounds
        return (lon > west - MARGIN) & (lon < east + MARGIN) & (lat > south - MARGIN) & (lat < north + MARGIN)

    def of_camera(self, camera: int) -> str:
        return self.area_ids[int(self._of_camera[camera])]

    def of_event(self, grid_id: str, area_id: str, worker_id: str, lon: float | None, lat: float | None) -> str:
        """By grid, area, position, worker; else the first district: an event is never dropped for want of a place."""
        if (grid := self._grids.get(grid_id)) is not None:
            return self.area_ids[int(self._of_grid[grid])]
        if (area := self._areas.get(area_id)) is not None and self._of_area[area] >= 0:
            return self.area_ids[int(self._of_area[area])]
        if lon is not None and lat is not None:
            for district, shape in self._shapes:
                if shapely.contains_xy(shape, lon, lat):
                    return district
        if (worker := self.workers.get(worker_id)) is not None:
            return self.area_ids[int(self.district_of_worker[worker])]
        return self.first
