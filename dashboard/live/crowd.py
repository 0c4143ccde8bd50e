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
Mask = npt.NDArray[np.bool_]

#: Mark: bits 0-1 containment (0 not known), then doubts and what the phone said.
INSIDE, DOUBTFUL, OUTSIDE = 1, 2, 3
MOCKED, TELEPORT, FROZEN, CALLS, INDOORS = 4, 8, 16, 32, 64

#: By the flags of a fix: what the phone said.
SAID = np.array(
    [
        sum(mark for flag, mark in ((MOCK, MOCKED), (SOS, CALLS), (INDOOR, INDOORS)) if flags & flag)
        for flags in range(256)
    ],
    np.uint8,
)

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

    def fold(self, new: Arrivals, grid: npt.NDArray[np.int32], inside: Mask, home: Rows, tally: Tally) -> Rows:
        """Answers the workers who came into another grid, or left or found their own.

        grid: where each of the new fixes lies, -1 outside; inside: whether that is its worker's own; home: place of
        each worker's district.
        """
        assert self.whole
        if new.late.any():
            live = ~new.late
            new, grid, inside = new.pick(live), grid.compress(live), inside.compress(live)
            if not len(new):
                return new.worker
        first, last = _ends(new)
        gap, east, north = self._moves(new)
        leap = self._leaps(gap, east, north, new.fix["lat"])
        tally.add("teleports", home.take(new.worker.take(leap)))
        tally.add("splits", home.take(new.worker.compress(gap > self.settings.split_seconds)))
        still = self._still(new, first, last, (east | north) == 0)
        row, second, found = new.worker[last], new.second[last], grid[last].astype(np.uint32)
        end = new.fix if new.alone else new.fix.take(last)
        mark = self._posts.containment(row, inside[last], end) | SAID.take(end["flags"])
        if len(leap):
            doubt = np.zeros(len(new), np.uint8)
            doubt[leap] = TELEPORT
            mark |= doubt[last]
        mark[second - still >= self.settings.frozen_minutes * 60] |= FROZEN
        strayed, before = self._strayed(row, second, mark)
        moved = (self.grid.take(row) != found) | (before != strayed)
        self.second[row], self.lon[row], self.lat[row] = second, end["lon"], end["lat"]
        self.grid[row], self.strayed[row] = found, strayed
        self.mark[row], self.still[row], self.dirty[row] = mark, still, True
        return row.compress(moved)

    def _moves(self, new: Arrivals) -> tuple[Rows, Rows, Rows]:
        """Seconds (0: the very first fix) and 1e-7 degrees since the fix before."""
        worker, second, lon, lat = new.worker, new.second, new.fix["lon"], new.fix["lat"]
        before, east, north = self.second.take(worker), self.lon.take(worker), self.lat.take(worker)
        if not new.alone:
            more = np.flatnonzero(~new.head)
            before[more], east[more], north[more] = second[more - 1], lon[more - 1], lat[more - 1]
        gap = np.where(before > 0, second - before, 0)
        return gap, np.subtract(lon, east, dtype=np.int64), np.subtract(lat, north, dtype=np.int64)

    def _leaps(self, gap: Rows, east: Rows, north: Rows, lat: Any) -> Rows:
        """Index of moves that nobody makes in that time."""
        speed = self.settings.teleport_speed
        maybe = np.flatnonzero(np.abs(east) + np.abs(north) > gap * (speed * 0.99 / METRES_A_UNIT))
        if len(maybe):
            maybe = maybe.compress(gap.take(maybe) > 0)
            maybe = maybe[_metres(east[maybe], north[maybe], lat[maybe]) > gap[maybe] * speed]
        return maybe

    def _still(self, new: Arrivals, first: Any, last: Any, same: Mask) -> Rows:
        """For the last fix of each worker: since when it stands there."""
        since = self.still.take(new.worker[last])
        if new.alone:
            return np.where(same, since, new.second)
        latest = np.maximum.reduceat(np.where(same, -1, np.arange(len(new))), first)
        return np.where(latest >= 0, new.second[latest], since)

    def _strayed(self, row: Rows, second: Rows, mark: Marks) -> tuple[Rows, Rows]:
        """Since when each is outside its own grid, now and before."""
        before, now = self.strayed.take(row), np.zeros(len(row), np.int64)
        out = np.flatnonzero(mark & 3 == OUTSIDE)
        now[out] = np.where(self.mark[row[out]] & 3 == OUTSIDE, before[out], second[out])
        return now, before


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

    def containment(self, worker: Rows, inside: Mask, fix: npt.NDArray[Any]) -> Marks:
        """Inside by the point itself; doubtful when the fix's accuracy reaches the own grid; else outside."""
        mark = np.full(len(worker), INSIDE, np.uint8)
        away = np.flatnonzero(~inside)
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


def _ends(new: Arrivals) -> tuple[Any, Any]:
    """Index of the first and of the last fix of each worker."""
    if new.alone:
        return slice(None), slice(None)
    first = np.flatnonzero(new.head)
    return first, np.append(first[1:], len(new)) - 1


def _metres(east: Rows, north: Rows, lat: npt.NDArray[np.int32]) -> Floats:
    """Great-circle length of moves that end at `lat` (haversine)."""
    b = np.radians(lat * 1e-7)
    a, turn, rise = np.radians((lat - north) * 1e-7), np.radians(east * 1e-7), np.radians(north * 1e-7)
    half = np.sin(rise / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
    return 2 * EARTH * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
