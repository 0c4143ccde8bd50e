"""GPS: what a phone makes of where its owner is: an error, its accuracy, jumps, and silence made up for later."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from feeds.city import GRID_KINDS, City
from feeds.simulator.walk import FROZEN, INDOOR, Walkers

__all__ = ["FIXES", "Phones"]

Rows = npt.NDArray[np.int64]
Table = npt.NDArray[Any]

#: Fixes on their way out of the phone: metres instead of degrees, all else as it is sent.
FIXES = np.dtype(
    [("worker", "i8"), ("at", "i8"), ("x", "f8"), ("y", "f8"), ("accuracy", "f4"), ("speed", "f4"),
     ("battery", "u1"), ("mock", "?"), ("indoor", "?")]
)  # fmt: skip

#: Metres of error by kind of grid, and indoors.
ERROR = {"urban": 6.0, "rural": 3.5, "scenic": 4.0, "dedicated": 6.0}
ERROR_INDOOR = 24.0
#: Seconds after which an error is forgotten.
MEMORY = 60.0
#: How often an hour a phone loses its signal, and for how many seconds.
LOSS, LOSS_SECONDS = 0.15, (45.0, 780.0)
#: How often an hour a fix is far off; share of phones that fake a position; share of flushes out of order.
JUMP, FAKE, SHUFFLED = 0.01, 0.0008, 0.05


class Phones:
    """Columns over all phones, and the pocket: fixes that wait for a signal."""

    def __init__(self, city: City, walkers: Walkers, rng: np.random.Generator) -> None:
        count = len(walkers.grid)
        self.walkers, self.rng = walkers, rng
        self.open_error = np.array([ERROR[kind] for kind in GRID_KINDS])[city.grids.kind[walkers.grid]]
        self.ex, self.ey = rng.normal(0, self.open_error), rng.normal(0, self.open_error)
        self.mute_until = np.zeros(count)
        self.fake = rng.random(count) < FAKE
        self.charge = rng.uniform(35, 100, count)
        self.pocket: Table = np.empty(0, FIXES)

    def take(self, rows: Rows, start: float, clock: float, seconds: float, *, loss: bool = True) -> Table:
        """The fixes that leave the phones of rows now: what waited in the pocket first, then the new ones."""
        new = self._fix(rows, start, clock, seconds)
        if not loss:
            return new
        lost = self.rng.random(len(rows)) < LOSS * seconds / 3600
        if lost.any():
            self.mute_until[rows[lost]] = clock + self.rng.uniform(*LOSS_SECONDS, int(lost.sum()))
        mute = self.mute_until[rows] > clock
        found = self._flush(rows[~mute])
        self.pocket = np.concatenate([self.pocket, new[mute]])
        return np.concatenate([found, new[~mute]])

    def _fix(self, rows: Rows, start: float, clock: float, seconds: float) -> Table:
        x, y, speed = self.walkers.step(rows, clock, seconds)
        mode = self.walkers.mode[rows]
        indoor, frozen = mode == INDOOR, mode == FROZEN
        error = np.where(indoor, ERROR_INDOOR, self.open_error[rows])
        self._drift(rows[~frozen], error[~frozen], seconds)
        jump = np.where(self.rng.random(len(rows)) < JUMP * seconds / 3600, 3000.0, 0.0)
        fixes = np.empty(len(rows), FIXES)
        fixes["worker"] = rows
        fixes["at"] = np.round((start + clock) * 1000 + self.rng.uniform(-200, 0, len(rows)))
        fixes["x"], fixes["y"] = x + self.ex[rows] + jump, y + self.ey[rows] + jump
        fixes["accuracy"] = np.round(error * self.rng.uniform(1.2, 2.2, len(rows)), 1)
        fixes["speed"] = np.round(speed * self.rng.uniform(0.8, 1.2, len(rows)), 2)
        self.charge[rows] = np.where(self.charge[rows] < 8, 100.0, self.charge[rows] - seconds / 420)
        fixes["battery"] = self.charge[rows]
        fixes["mock"], fixes["indoor"] = self.fake[rows], indoor
        return fixes

    def _drift(self, rows: Rows, error: npt.NDArray[np.float64], seconds: float) -> None:
        keep = float(np.exp(-seconds / MEMORY))
        fresh = error * np.sqrt(1 - keep * keep)
        self.ex[rows] = keep * self.ex[rows] + fresh * self.rng.standard_normal(len(rows))
        self.ey[rows] = keep * self.ey[rows] + fresh * self.rng.standard_normal(len(rows))

    def _flush(self, rows: Rows) -> Table:
        """What waited in the pockets of rows, in order, with a few phones that send theirs in no order at all."""
        if not len(self.pocket):
            return self.pocket
        back = np.zeros(len(self.mute_until), bool)
        back[rows] = True
        mine = back[self.pocket["worker"]]
        found, self.pocket = self.pocket[mine], self.pocket[~mine]
        if len(found) > 1 and self.rng.random() < SHUFFLED:
            self.rng.shuffle(found)
        return found
