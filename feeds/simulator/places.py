"""Places: where events happen: anywhere people live, and at a few hot places that move about the city."""

from __future__ import annotations

import numpy as np

from feeds.city import City
from feeds.simulator.paths import Paths

__all__ = ["Places"]

#: Share of events at hot places, how many there are, and how long one stays.
HOT, SPOTS, STAY = 0.42, 5, 7200.0
#: Rows to both sides of a hot grid that are warm; neighbours mostly have neighbouring rows.
AROUND = 2
#: Metres beside the path.
BESIDE = 3.0


class Places:
    """Draws a grid and a point in it."""

    def __init__(self, city: City, paths: Paths, rng: np.random.Generator) -> None:
        self.city, self.paths = city, paths
        self.people = np.cumsum(np.maximum(city.grids.households, 1).astype(float))
        self.spots = np.searchsorted(self.people, rng.random((SPOTS, 64)) * self.people[-1], "right")
        self.order = np.argsort(city.workers.grid, kind="stable")
        self.sorted_grid = city.workers.grid[self.order]

    def hot(self, at: float) -> list[int]:
        """The grids that are hot at a time; each spot moves at its own moment."""
        turns = [int(at / STAY + spot / SPOTS) % self.spots.shape[1] for spot in range(SPOTS)]
        return [min(int(self.spots[spot, turn]), len(self.people) - 1) for spot, turn in enumerate(turns)]

    def draw(self, at: float, grid: int | None, rng: np.random.Generator) -> tuple[int, float, float]:
        """Grid row, longitude and latitude of something that happens now (in a given grid, or anywhere)."""
        row = self._grid(at, rng) if grid is None else grid
        s = rng.random() * self.paths.length[row]
        x, y = self.paths.at(np.array([row]), np.array([s]))
        lon, lat = self.paths.plane.degrees(x + rng.normal(0, BESIDE), y + rng.normal(0, BESIDE))
        return row, float(lon[0]), float(lat[0])

    def worker(self, grid: int, rng: np.random.Generator) -> str:
        """One of those whose grid it is, or nobody."""
        first, last = np.searchsorted(self.sorted_grid, (grid, grid + 1))
        if first == last:
            return ""
        return str(self.city.workers.worker_id[self.order[rng.integers(first, last)]])

    def _grid(self, at: float, rng: np.random.Generator) -> int:
        if rng.random() >= HOT:
            return min(int(np.searchsorted(self.people, rng.random() * self.people[-1], "right")), len(self.people) - 1)
        spots = self.hot(at)
        # The first spots are the hottest.
        centre = spots[min(int(rng.exponential(1.5)), len(spots) - 1)]
        near = centre + int(rng.integers(-AROUND, AROUND + 1))
        area = self.city.grids.area
        return near if 0 <= near < len(area) and area[near] == area[centre] else centre
