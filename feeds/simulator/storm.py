"""Storm: a band that moves over the city from west to east; in it events surge and cameras lose their picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from feeds.city import City

__all__ = ["Storm"]

#: How long it takes to cross, what part of the width is under it at once, and how many times more happens there.
CROSSING, BAND, SURGE = 2700.0, 0.22, 20.0


class Storm:
    """Begins at `begin` (seconds since 1970)."""

    def __init__(self, city: City, begin: float) -> None:
        self.begin = begin
        west, _, east, _ = city.bounds
        width = max(east - west, 1e-9)
        self.grid_place = (shapely.get_x(shapely.centroid(city.grids.shape)) - west) / width
        self.camera_place = (city.cameras.lon - west) / width

    #: Most that surplus() can answer: the whole city under the band.
    surge = SURGE

    def surplus(self, at: float) -> float:
        """What happens under the band now, in units of what usually happens in the whole city."""
        return SURGE * float(self._under(self.grid_place, at).mean()) if self.rages(at) else 0.0

    def rages(self, at: float) -> bool:
        return self.begin <= at < self.begin + CROSSING

    def grid(self, at: float, rng: np.random.Generator) -> int | None:
        """A grid under the band, if there is one."""
        under = np.flatnonzero(self._under(self.grid_place, at))
        return int(rng.choice(under)) if len(under) else None

    def cameras(self, at: float) -> npt.NDArray[np.bool_]:
        return self._under(self.camera_place, at) & self.rages(at)

    def _under(self, place: npt.NDArray[np.float64], at: float) -> npt.NDArray[np.bool_]:
        head = (at - self.begin) / CROSSING * (1 + BAND)
        return (place <= head) & (place > head - BAND)
