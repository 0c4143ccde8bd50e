"""Muster: the workers of some districts side by side, so that a tick's fixes are folded at once, whoever sent them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.arrivals import Arrivals, arrivals
from dashboard.live.counters import Tally
from dashboard.live.crowd import Crowd
from dashboard.live.cuts import Cuts
from dashboard.live.ground import Ground
from dashboard.live.heat import Visits
from dashboard.live.patrol import Patrol, local_minutes
from dashboard.live.seen import Seen
from dashboard.live.tracks import Tracks
from dashboard.settings import Settings
from feeds.record import FIX

__all__ = ["Muster"]

Columns = dict[str, npt.NDArray[Any]]
Rows = npt.NDArray[np.int64]

#: Districts are folded together up to so many fixes: beyond that it is not the number of calls that counts,
#: but that the columns stay in the processor's cache.
TOGETHER = 16_384


class Muster:
    """What a fix says of a worker, for the workers of `districts`. Nothing of one district depends on another.

    Memory that no worker of a held district has touched is not taken up, so a muster may be of a whole city.
    """

    def __init__(self, ground: Ground, settings: Settings, districts: Sequence[int]) -> None:
        city = ground.city
        self.ground, self.settings = ground, settings
        self.place = {int(row): place for place, row in enumerate(districts)}
        own = [np.flatnonzero(city.district_of_worker == row) for row in self.place]
        sizes = [len(rows) for rows in own]
        ends = np.cumsum(sizes).tolist()
        self.here = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.workers = np.concatenate(own)
        self.home = np.repeat(np.arange(len(own)), sizes)
        # The last place stands for every row that is not in the roster yet.
        self.local = np.full(len(city.workers.grid) + 1, -1, np.int64)
        self.local[self.workers] = np.arange(len(self.workers))
        self.tally = Tally(len(own))
        self.seen = Seen(self.home, len(own))
        self.crowd = Crowd(city, self.workers, settings)
        self.patrol = Patrol(settings.patrol_gap_minutes, self.home, len(own))
        self.tracks = Tracks(settings.track_seconds, self.workers, self.home, len(own))
        self.visits = Visits(ground.cells, len(own))
        self.patrolled = np.zeros(len(self.workers), np.bool_)
        self.moved = Cuts(self.crowd.dirty, self.here, self.present)
        self.known = Cuts(self.patrolled, self.here, self.patrols)
        self._used: set[int] = set()

    def begin(self, place: int) -> None:
        """A district is about to be loaded or folded; whatever was known of it is known no more."""
        if place not in self._used:
            self._used.add(place)
            return
        self.tally.values[place] = 0
        self.patrolled[self.here[place]] = False
        for state in (self.seen, self.crowd, self.patrol, self.tracks, self.visits):
            state.part(self.here[place], place).clear()
        for cuts in (self.moved, self.known):
            cuts.drop(place)

    def present(self, who: Rows) -> Columns:
        """Where these workers (rows here) are, as a frame has it."""
        crowd = self.crowd
        return {
            "slot": self.workers.take(who).astype(np.uint32), "lon": crowd.lon.take(who), "lat": crowd.lat.take(who),
            "at": crowd.second.take(who).astype(np.uint32), "mark": crowd.mark.take(who),
        }  # fmt: skip

    def patrols(self, who: Rows) -> Columns:
        """Their patrol, as facts have it."""
        crowd, patrol = self.crowd, self.patrol
        return {
            "slot": self.workers.take(who).astype(np.uint32), "grid": crowd.grid.take(who),
            "minutes": patrol.minutes.take(who), "day": patrol.day.take(who),
            "strayed": crowd.strayed.take(who).astype(np.uint32),
        }  # fmt: skip

    def fold(self, packed: Iterable[tuple[int, bytes]]) -> None:
        """(place, packed FIX): each district's in the order in which they came."""
        waiting: list[tuple[int, bytes]] = []
        size = 0
        for place, body in packed:
            if waiting and size + len(body) > TOGETHER * FIX.itemsize:
                self._fold(waiting)
                waiting, size = [], 0
            waiting.append((place, body))
            size += len(body)
        self._fold(waiting)

    def _fold(self, packed: Sequence[tuple[int, bytes]]) -> None:
        fixes = np.frombuffer(b"".join([body for _, body in packed]), FIX)
        place = np.repeat([place for place, _ in packed], [len(body) // FIX.itemsize for _, body in packed])
        self.fold_rows(fixes, place)

    def fold_rows(self, fixes: npt.NDArray[Any], place: Rows) -> None:
        """place: of the district to whose stream each fix came."""
        worker = self.local.take(fixes["worker"], mode="clip")
        if len(self.place) > 1 and (strangers := self.home.take(worker) != place).any():
            worker[strangers] = -1
        new = arrivals(fixes, worker, place, self.crowd.second, self.seen, self.settings.late_seconds, self.tally)
        if len(new):
            self._take(new)

    def _take(self, new: Arrivals) -> None:
        crowd = self.crowd
        grid = self.ground.locator.grid(new.fix["lon"] * 1e-7, new.fix["lat"] * 1e-7)
        inside = grid == crowd.own.take(new.worker)
        self.patrolled[crowd.fold(new, grid, inside, self.home, self.tally)] = True
        worker, minutes = new.worker.compress(inside), local_minutes(new.second, self.ground.city.zone)
        self.patrolled[self.patrol.fold(worker, minutes.compress(inside))] = True
        points = self.tracks.fold(new)
        fix, worker = new.fix.take(points), new.worker.take(points)
        self.visits.fold(fix["lon"], fix["lat"], new.second.take(points), self.home.take(worker))
