"""People: the part of a situation that is about workers: how fresh, where, and how long on patrol."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.live import crowd
from dashboard.live.mirror import Mirror
from dashboard.live.places import Places, places
from dashboard.live.trends import local_day
from dashboard.settings import Settings
from feeds.city import GRID_KINDS, City
from feeds.record import NONE

__all__ = ["CONTAINMENT", "FRESHNESS", "People"]

Column = npt.NDArray[Any]

FRESHNESS = ("fresh", "ageing", "old", "lost", "never")
FRESH, AGEING, OLD, LOST, NEVER = range(5)
CONTAINMENT = ("unknown", "inside", "doubtful", "outside")


class People:
    """The workers of one area at one moment; each table is worked out when it is first asked for."""

    def __init__(self, mirror: Mirror, city: City, settings: Settings, now: float, area: int) -> None:
        self.mirror, self.city, self.settings, self.now, self.area = mirror, city, settings, now, area

    @cached_property
    def places(self) -> Places:
        return places(self.mirror, self.area)

    @cached_property
    def _freshness(self) -> Column:
        """Index of FRESHNESS for each worker of the area."""
        at = self.mirror.workers["at"][self.places.workers]
        s = self.settings
        age = self.now - at.astype(float)
        grade = np.searchsorted([s.fresh_seconds, s.ageing_seconds, s.old_seconds], age, side="right")
        return np.where(at == 0, NEVER, grade)

    @cached_property
    def freshness(self) -> dict[str, int]:
        return dict(zip(FRESHNESS, np.bincount(self._freshness, minlength=5).tolist(), strict=True))

    @cached_property
    def containment(self) -> dict[str, int]:
        here = self.places.workers[self._freshness < LOST]
        counts = np.bincount(self.mirror.workers["mark"][here] & 3, minlength=4)
        return dict(zip(CONTAINMENT, counts.tolist(), strict=True))

    @cached_property
    def outside(self) -> dict[str, Column]:
        """Who is heard now and is outside the own grid, the longest first. since: outside since then."""
        w = self.mirror.workers
        who = self.places.workers[self._freshness <= AGEING]
        who = who[w["mark"][who] & 3 == crowd.OUTSIDE]
        since = np.where(w["strayed"][who] > 0, w["strayed"][who], w["at"][who])
        order = np.argsort(since, kind="stable")
        who = who[order]
        return {"worker": who, "own_grid": self.city.workers.grid[who], "since": since[order].astype(float)}

    @cached_property
    def out_of_grid(self) -> pd.DataFrame:
        """The same, with where they are and when they were heard."""
        w, who = self.mirror.workers, self.outside["worker"]
        grid = w["grid"][who]
        return pd.DataFrame(self.outside | {
            "grid": np.where(grid == NONE, -1, grid.astype(np.int64)),
            "lon": w["lon"][who] * 1e-7, "lat": w["lat"][who] * 1e-7, "at": w["at"][who].astype(float),
        })  # fmt: skip

    @cached_property
    def _targets(self) -> Column:
        """Patrol minutes a day wanted in each kind of grid."""
        return np.array([int(getattr(self.settings, f"patrol_target_{kind}")) for kind in GRID_KINDS])

    @cached_property
    def _minutes(self) -> Column:
        """Patrol minutes of today, for each worker of the area."""
        w, who = self.mirror.workers, self.places.workers
        today, _ = local_day(self.now, self.city.zone)
        return np.where(w["day"][who] == today, w["minutes"][who], 0).astype(np.int64)

    @cached_property
    def duty(self) -> dict[str, Column]:
        """Each worker of the area, the own grid, minutes of patrol today and how many are wanted."""
        who = self.places.workers
        grid = self.city.workers.grid[who]
        target = self._targets[self.city.grids.kind[grid]]
        return {"worker": who, "grid": grid, "minutes": self._minutes, "target": target}

    @cached_property
    def patrol(self) -> pd.DataFrame:
        return pd.DataFrame(self.duty)

    @cached_property
    def patrol_rate(self) -> tuple[int, int]:
        """Workers who have reached the target of their grid, of all who have one."""
        minutes, target = self.duty["minutes"], self.duty["target"]
        return int(np.count_nonzero((minutes >= target) & (target > 0))), int(np.count_nonzero(target > 0))

    @cached_property
    def staff(self) -> pd.DataFrame:
        """Every worker of the area, with the indexes of freshness and containment; at: 0 for never."""
        w, who = self.mirror.workers, self.places.workers
        return self.patrol.assign(
            freshness=self._freshness, containment=w["mark"][who] & 3, at=w["at"][who].astype(float)
        )

    @cached_property
    def _everyone_here(self) -> Column:
        """Workers of the whole city who are not lost: a grid may be looked after by one of another area."""
        at = self.mirror.workers["at"]
        return np.flatnonzero((at > 0) & (self.now - at.astype(float) < self.settings.old_seconds))
