"""Walk: how everybody moves: along the round of the own grid, with pauses, time indoors, and at times astray."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from feeds.city import City
from feeds.simulator.paths import Paths

__all__ = ["FROZEN", "INDOOR", "PAUSE", "STRAY", "WALK", "Walkers"]

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

WALK, PAUSE, INDOOR, STRAY, FROZEN = range(5)

#: What one does next: how often, and for how long at least and at most, seconds.
NEXT = (
    (WALK, 0.580, 240, 1200),
    (PAUSE, 0.260, 20, 180),
    (INDOOR, 0.130, 180, 1200),
    (STRAY, 0.028, 300, 1500),
    (FROZEN, 0.002, 2400, 5400),  # the phone lies on a desk
)
_SHARE = np.cumsum([row[1] for row in NEXT])
_LEAST, _MOST = (np.array([row[i] for row in NEXT], float) for i in (2, 3))

#: Metres of a round that are well walked; on longer ones people ride, up to RIDE times as fast.
ON_FOOT, RIDE, PACE = 9000.0, 4.0, 1.2


class Walkers:
    """Columns over all workers of the city."""

    def __init__(self, city: City, paths: Paths, rng: np.random.Generator) -> None:
        grid = city.workers.grid.astype(np.int64)
        count = len(grid)
        self.paths, self.grid, self.rng = paths, grid, rng
        length = paths.length[grid]
        self.s: Numbers = rng.random(count) * length
        self.way: Numbers = np.where(rng.random(count) < 0.5, 1.0, -1.0)
        self.pace: Numbers = PACE * rng.uniform(0.75, 1.25, count) * np.clip(length / ON_FOOT, 1.0, RIDE)
        self.mode = rng.choice(len(NEXT), count, p=[0.62, 0.06, 0.24, 0.07, 0.01])
        self.until: Numbers = rng.uniform(0.0, _MOST[self.mode])  # from the start on
        self.away: Numbers = np.where(self.mode == STRAY, rng.random(count), 0.0)
        self.dx, self.dy = np.zeros(count), np.zeros(count)
        self.beside = _beside(city, rng)
        self._aim(np.flatnonzero(self.mode == STRAY))

    def step(self, rows: Rows, clock: float, seconds: float) -> tuple[Numbers, Numbers, Numbers]:
        """Let rows live for some seconds, up to `clock` (since the start). Their x and y, and their speed in m/s."""
        ready = rows[self.until[rows] <= clock]
        if len(ready):
            self._choose(ready, clock)
        mode, pace = self.mode[rows], self.pace[rows]
        walking = mode == WALK
        self.s[rows] += np.where(walking, self.way[rows] * pace * seconds, 0.0)
        far = np.hypot(self.dx[rows], self.dy[rows])
        out = np.where(mode == STRAY, 1.0, -1.0) * pace * seconds / np.maximum(far, 1.0)
        away = np.where(mode == FROZEN, self.away[rows], np.clip(self.away[rows] + out, 0.0, 1.0))
        moving = walking | ((away > 0.0) & (away < 1.0) & (mode != FROZEN))
        self.away[rows] = away
        x, y = self.paths.at(self.grid[rows], self.s[rows])
        return x + away * self.dx[rows], y + away * self.dy[rows], np.where(moving, pace, 0.0)

    def _choose(self, rows: Rows, clock: float) -> None:
        mode = np.searchsorted(_SHARE, self.rng.random(len(rows)) * _SHARE[-1], "right").clip(max=len(NEXT) - 1)
        # Whoever was away goes home first.
        mode = np.where((self.mode[rows] == STRAY) & (mode == STRAY), WALK, mode)
        self.mode[rows] = mode
        self.until[rows] = clock + _LEAST[mode] + self.rng.random(len(rows)) * (_MOST[mode] - _LEAST[mode])
        turned = rows[(mode == WALK) & (self.rng.random(len(rows)) < 0.3)]
        self.way[turned] *= -1.0
        self._aim(rows[(mode == STRAY) & (self.away[rows] == 0.0)])

    def _aim(self, rows: Rows) -> None:
        """Straying leads to a grid near by: into the round of the next row of the same area."""
        other = self.beside[self.grid[rows]]
        x, y = self.paths.at(self.grid[rows], self.s[rows])
        to_x, to_y = self.paths.at(other, self.rng.random(len(rows)) * self.paths.length[other])
        dx, dy = to_x - x, to_y - y
        shrink = np.minimum(1.0, 2500.0 / np.maximum(np.hypot(dx, dy), 1.0))
        self.dx[rows], self.dy[rows] = dx * shrink, dy * shrink


def _beside(city: City, rng: np.random.Generator) -> Rows:
    """For each grid, one that hangs under the same area, or itself where it is alone."""
    area, rows = city.grids.area, np.arange(len(city.grids.area))
    after, before = np.roll(rows, -1), np.roll(rows, 1)
    first, second = np.where(rng.random(len(rows)) < 0.5, (after, before), (before, after))
    return np.where(area[first] == area, first, np.where(area[second] == area, second, rows))
