"""Shifts: who is on duty at which hour of the local day. Somebody always is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from feeds.city import City

__all__ = ["HOURS", "Shifts"]

#: For each role: share, first hour, last hour (past 24: into the next day).
HOURS = {
    "full_time": ((0.56, 8.0, 18.0), (0.26, 14.0, 22.5), (0.18, 22.0, 32.0)),
    "part_time": ((0.30, 6.5, 12.0), (0.25, 12.0, 18.0), (0.30, 16.5, 22.5), (0.15, 21.5, 31.0)),
}
_DAY = 86400.0


class Shifts:
    """begin, end: seconds of the local day, each worker a little before or after the others."""

    def __init__(self, city: City, rng: np.random.Generator, everyone: bool = False) -> None:
        count = len(city.workers.role)
        self.everyone = everyone
        self.sends = city.workers.sends
        self.begin, self.end = np.zeros(count), np.zeros(count)
        for code, rows in enumerate(HOURS.values()):
            mine = np.flatnonzero(city.workers.role == code)
            shares = np.array([row[0] for row in rows])
            kind = rng.choice(len(rows), len(mine), p=shares / shares.sum())
            self.begin[mine] = np.array([row[1] for row in rows])[kind] * 3600 + rng.normal(0, 900, len(mine))
            self.end[mine] = np.array([row[2] for row in rows])[kind] * 3600 + rng.normal(0, 900, len(mine))

    def on_duty(self, second_of_day: float) -> npt.NDArray[np.bool_]:
        if self.everyone:
            return self.sends
        return self.sends & ((second_of_day - self.begin) % _DAY < self.end - self.begin)

    def since(self, second_of_day: float) -> npt.NDArray[np.float64]:
        """Seconds since each began the shift they are in (or would be)."""
        return (second_of_day - self.begin) % _DAY
