"""Crowd: workers that walk in their own grids; each fix carries its number in the last digits of its latitude.

So a frame tells which fix it shows, and a table that sender and receiver share tells when that one was sent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from feeds.city import City

__all__ = ["NUMBERS", "Crowd", "sent_table"]

Rows = npt.NDArray[np.int64]

#: Numbers a latitude can carry: 64 units of 1e-7 degrees are 0.7 m.
NUMBERS = 64
#: Metres of a walk there and back, metres a second, and units of 1e-7 degrees in a metre.
ROUND, PACE, UNITS = 240.0, 1.2, 89.93


class Crowd:
    """The workers of a city, dealt in random order: a platform's batch knows no districts."""

    def __init__(self, city: City, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        middle = shapely.point_on_surface(city.grids.shape)
        x, y = shapely.get_x(middle)[city.workers.grid], shapely.get_y(middle)[city.workers.grid]
        count = len(x)
        self.names = np.array([str(name) for name in city.workers.worker_id], object)
        self.order = rng.permutation(count)
        turn, self.phase = rng.uniform(0, 2 * np.pi, count), rng.uniform(0, ROUND, count)
        self._lon, self._lat = np.rint(x * 1e7), np.rint(y * 1e7)
        self._east, self._north = np.cos(turn) * UNITS / np.cos(np.radians(y)), np.sin(turn) * UNITS
        self.number = np.zeros(count, np.int64)
        self.second = np.zeros(count, np.int64)

    def __len__(self) -> int:
        return len(self.order)

    def fixes(self, workers: Rows, at_ms: Rows) -> dict[str, Rows]:
        """One fix of each of these different workers: worker, number, at, and lon and lat in 1e-7 degrees."""
        # A fix is known by its second: never two of one worker in one.
        at = np.maximum(at_ms, (self.second[workers] + 1) * 1000)
        self.second[workers] = at // 1000
        number = self.number[workers] % NUMBERS
        self.number[workers] += 1
        way = np.abs((self.phase[workers] + PACE * (at % 86_400_000) / 1000) % ROUND - ROUND / 2)
        lon = (self._lon[workers] + way * self._east[workers]).astype(np.int64)
        lat = (self._lat[workers] + way * self._north[workers]).astype(np.int64)
        return {"worker": workers, "number": number, "at": at, "lon": lon, "lat": lat // NUMBERS * NUMBERS + number}

    def columns(self, fixes: dict[str, Rows]) -> dict[str, list[Any]]:
        """As they travel."""
        return {
            "worker_id": self.names[fixes["worker"]].tolist(),
            "at": fixes["at"].tolist(),
            "lon": np.round(fixes["lon"] * 1e-7, 7).tolist(),
            "lat": np.round(fixes["lat"] * 1e-7, 7).tolist(),
            "accuracy": [8.0] * len(fixes["at"]),
            "speed": [1.2] * len(fixes["at"]),
            "battery": [80.0] * len(fixes["at"]),
        }


def sent_table(path: Path, workers: int, mode: Any = "r+") -> npt.NDArray[np.float64]:
    """(workers, NUMBERS): when that fix was sent, by the monotonic clock, which all processes share; 0: never."""
    return np.memmap(path, np.float64, mode, shape=(workers, NUMBERS))
