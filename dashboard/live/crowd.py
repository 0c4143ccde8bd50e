"""Crowd: where each worker was last seen, and what is doubtful about it. A late fix never moves the present."""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.live.arrivals import Arrivals
from dashboard.live.beside import Beside
from dashboard.live.counters import Tally
from dashboard.live.frame import NOWHERE
from dashboard.settings import Settings
from feeds.city import GRID_KINDS, City
from feeds.hexes import METRES
from feeds.record import INDOOR, MOCK, NONE, SOS

__all__ = ["DOUBTFUL", "FROZEN", "INSIDE", "OUTSIDE", "TELEPORT", "Crowd"]

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.uint8]

#: Mark: bits 0-1 containment (0 not known), then doubts and what the phone said.
INSIDE, DOUBTFUL, OUTSIDE = 1, 2, 3
MOCKED, TELEPORT, FROZEN, CALLS, INDOORS = 4, 8, 16, 32, 64

EARTH = 6_371_008.8
#: No move of this many metres is longer than the sum of its two angles (1e-7 degrees) says.
METRES_A_UNIT = EARTH * np.pi / 180 * 1e-7


class Crowd(Beside):
    """The present of workers, by their row here. second 0: never seen."""

    EMPTY: ClassVar = {
        "second": 0, "lon": NOWHERE, "lat": NOWHERE, "grid": NONE, "mark": 0, "still": 0, "strayed": 0, "dirty": False,
    }  # fmt: skip

    def __init__(self, city: City, workers: Rows, settings: Settings) -> None:
        count = len(workers)
        self.settings = settings
        self.second = np.zeros(count, np.int64)
        self.lon = np.full(count, NOWHERE, np.int32)
        self.lat = np.full(count, NOWHERE, np.int32)
        self.grid = np.full(count, NONE, np.uint32)
        self.mark = np.zeros(count, np.uint8)
        self.still = np.zeros(count, np.int64)  # since when it stands at exactly this point
        self.strayed = np.zeros(count, np.int64)  # since when outside the own grid, 0 when not
        self.dirty = np.zeros(count, np.bool_)
        self.own = city.workers.grid[workers].astype(np.int64)
        self._posts = _Posts(city, self.own, settings)

    def fold(self, new: Arrivals, grid: npt.NDArray[np.int32], home: Rows, tally: Tally) -> None:
        """grid: where each of the new fixes lies, -1 outside; home: place of each worker's district."""
        assert self.whole
        live = np.flatnonzero(~new.late)
        if not len(live):
            return
        if len(live) < len(new):
            new = Arrivals(new.worker[live], new.second[live], new.fix.take(live), new.late[live])
            grid = grid[live]
        worker, second, lon, lat = new.worker, new.second, new.fix["lon"], new.fix["lat"]
        first, last = _ends(worker)
        gap, east, north = self._moves(worker, second, lon, lat, first)
        leap = self._leaps(gap, east, north, lat)
        tally.add("teleports", home[worker[leap]])
        tally.add("splits", home[worker[gap > self.settings.split_seconds]])
        still = self._still(worker, second, first, last, (gap > 0) & (east == 0) & (north == 0))
        row, end = worker[last], new.fix.take(last)
        mark = self._posts.containment(row, grid[last], end)
        mark |= _said(end["flags"]) | np.where(leap[last], TELEPORT, 0).astype(np.uint8)
        mark |= np.where(second[last] - still >= self.settings.frozen_minutes * 60, FROZEN, 0).astype(np.uint8)
        out = self.mark[row] & 3 == OUTSIDE
        self.strayed[row] = np.where(mark & 3 != OUTSIDE, 0, np.where(out, self.strayed[row], second[last]))
        self.second[row], self.lon[row], self.lat[row] = second[last], lon[last], lat[last]
        self.grid[row] = grid[last].astype(np.uint32)
        self.mark[row], self.still[row], self.dirty[row] = mark, still, True

    def _moves(self, worker: Rows, second: Rows, lon: Any, lat: Any, first: Any) -> tuple[Rows, Rows, Rows]:
        """Seconds (0: the very first fix) and 1e-7 degrees since the fix before."""
        gap, east, north = np.empty_like(second), np.empty_like(second), np.empty_like(second)
        gap[1:] = second[1:] - second[:-1]
        east[1:], north[1:] = lon[1:], lat[1:]
        east[1:] -= lon[:-1]
        north[1:] -= lat[:-1]
        row = worker[first]
        gap[first] = np.where(self.second[row] > 0, second[first] - self.second[row], 0)
        east[first], north[first] = lon[first], lat[first]
        east[first] -= self.lon[row]
        north[first] -= self.lat[row]
        return gap, east, north

    def _leaps(self, gap: Rows, east: Rows, north: Rows, lat: Any) -> npt.NDArray[np.bool_]:
        speed = self.settings.teleport_speed
        leap = (gap > 0) & ((np.abs(east) + np.abs(north)) * METRES_A_UNIT > gap * (speed * 0.99))
        maybe = np.flatnonzero(leap)
        if len(maybe):
            leap[maybe] = _metres(east[maybe], north[maybe], lat[maybe]) > gap[maybe] * speed
        return leap

    def _still(self, worker: Rows, second: Rows, first: Any, last: Any, same: Any) -> Rows:
        """For the last fix of each worker: since when it stands there."""
        began = np.where(same, -1, np.arange(len(worker)))
        latest = np.maximum.reduceat(began, first)
        return np.where(latest >= 0, second[latest], self.still[worker[last]])


class _Posts:
    """The workers' own grids in metres, to tell doubtful from outside."""

    def __init__(self, city: City, own: Rows, settings: Settings) -> None:
        self.own = own
        self._grids, self._place = np.unique(own, return_inverse=True)
        _, south, _, north = shapely.bounds(city.grids.shape[self._grids]).T if len(own) else np.zeros((4, 0))
        self._scale = METRES * np.cos(np.radians((south + north) / 2))
        self._shape = _flattened(city.grids.shape[self._grids], self._scale)
        dense = np.array([kind in ("urban", "dedicated") for kind in GRID_KINDS])
        assumed = np.where(dense, settings.accuracy_dense, settings.accuracy_open)
        self._assumed = assumed[city.grids.kind[self._grids]]
        self._indoor = settings.accuracy_indoor

    def containment(self, worker: Rows, grid: npt.NDArray[np.int32], fix: npt.NDArray[Any]) -> Marks:
        """Inside by the point itself; doubtful when the fix's accuracy reaches the own grid; else outside."""
        mark = np.full(len(worker), INSIDE, np.uint8)
        away = np.flatnonzero(grid != self.own[worker])
        if len(away):
            place, fix = self._place[worker[away]], fix.take(away)
            points = shapely.points(fix["lon"] * 1e-7 * self._scale[place], fix["lat"] * 1e-7 * METRES)
            near = cast(Any, shapely).dwithin(self._shape[place], points, self._accuracy(place, fix))
            mark[away] = np.where(near, DOUBTFUL, OUTSIDE)
        return mark

    def _accuracy(self, place: Rows, fix: npt.NDArray[Any]) -> Floats:
        assumed = np.where(fix["flags"] & INDOOR, self._indoor, self._assumed[place])
        said = fix["acc"]
        return np.where((said == 0) | (said == UNKNOWN), assumed, said).astype(np.float64)


#: Accuracy of a fix that says none.
UNKNOWN = 0xFFFF


def _flattened(shapes: npt.NDArray[Any], scale: Floats) -> npt.NDArray[Any]:
    shapes = shapes.copy()
    points, shape = shapely.get_coordinates(shapes, return_index=True)
    flat = shapely.set_coordinates(shapes, np.column_stack([points[:, 0] * scale[shape], points[:, 1] * METRES]))
    shapely.prepare(flat)
    return flat


def _said(flags: npt.NDArray[np.uint8]) -> Marks:
    said = np.where(flags & MOCK, MOCKED, 0) | np.where(flags & SOS, CALLS, 0) | np.where(flags & INDOOR, INDOORS, 0)
    return said.astype(np.uint8)


def _ends(worker: Rows) -> tuple[Rows, Rows]:
    """Index of the first and of the last fix of each worker."""
    change = np.flatnonzero(worker[1:] != worker[:-1])
    return np.concatenate([[0], change + 1]), np.concatenate([change, [len(worker) - 1]])


def _metres(east: Rows, north: Rows, lat: npt.NDArray[np.int32]) -> Floats:
    """Great-circle length of moves that end at `lat` (haversine)."""
    b = np.radians(lat * 1e-7)
    a, turn, rise = np.radians((lat - north) * 1e-7), np.radians(east * 1e-7), np.radians(north * 1e-7)
    half = np.sin(rise / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
    return 2 * EARTH * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
