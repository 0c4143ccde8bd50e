"""Situation: all tables of one area at one moment, each worked out when the first panel asks for it.

What is painted each second comes as plain columns; a table of pandas', for lists and answers, is made from the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.bus.feeds import FeedHealth
from dashboard.live import outages, trends
from dashboard.live.frame import NOWHERE
from dashboard.live.heard import Heard, heard
from dashboard.live.hottest import Hot, hottest
from dashboard.live.mirror import Mirror
from dashboard.live.outages import Outage
from dashboard.live.people import FRESHNESS, People
from dashboard.live.trends import local_day
from dashboard.settings import Settings
from feeds.city import AREA_LEVELS, City
from feeds.record import LEVELS, NONE, STEPS

__all__ = ["BANDS", "FRESHNESS", "Hot", "Outage", "Situation"]

Column = npt.NDArray[Any]

#: How an open event stands to its due time; each event is in one of them.
BANDS = ("due", "soon", "overdue", "long_open")
WEEK = 168 * 3600.0


class Situation(People):
    """Read, never write. `now`: hall time in seconds; `area`: a row of the city's areas, 0 for all.

    pace: how many times faster than real time the hall's clock runs.
    """

    def __init__(
        self, mirror: Mirror, city: City, settings: Settings, now: float, area: int, feeds: Sequence[FeedHealth],
        pace: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__(mirror, city, settings, now, area)
        self._feeds, self.pace = feeds, pace if pace > 0 else 1.0

    # --- events ---

    @cached_property
    def _open(self) -> dict[str, Column]:
        """Columns of the open events in the area, district beside them."""
        columns = self.mirror.events()
        if not self.area:
            return {name: column.copy() for name, column in columns.items()}
        keep = self.places.inside[columns["area"]] & np.isin(columns["district"], self.places.districts)
        return {name: column[keep] for name, column in columns.items()}

    @cached_property
    def _band(self) -> Column:
        """Index of BANDS for each open event."""
        reported, due = self._open["reported"].astype(np.int64), self._open["due"].astype(np.int64)
        behind = np.where(due > 0, self.now - due, -np.inf)
        long = self.settings.long_open_hours * 3600.0
        late = np.where(due > 0, behind > long, self.now - reported > WEEK + long)
        band = np.where(behind > -self.settings.soon_minutes * 60.0, 1, 0)
        band = np.where(behind > 0, 2, band)
        # The clock of a parked case stands.
        return np.where(self._open["parked"] > 0, 0, np.where(late, 3, band)).astype(np.int64)

    @cached_property
    def open(self) -> dict[str, Column]:
        """Columns of the open events as frames hold them, with district, band (index of BANDS) and whether placed."""
        return self._open | {"band": self._band, "placed": self._open["lon"] != NOWHERE}

    @cached_property
    def events(self) -> pd.DataFrame:
        c = self._open
        nowhere = c["lon"] == NOWHERE
        due = c["due"].astype(float)
        return pd.DataFrame({
            "key": c["key"], "district": c["district"], "class_row": c["class_row"].astype(np.int64), "step": c["step"],
            "level": c["level"], "grid": np.where(c["grid"] == NONE, -1, c["grid"].astype(np.int64)),
            "area": c["area"].astype(np.int64),
            "lon": np.where(nowhere, np.nan, c["lon"] * 1e-7), "lat": np.where(nowhere, np.nan, c["lat"] * 1e-7),
            "reported": c["reported"].astype(float), "due": np.where(due > 0, due, np.nan),
            "band": pd.Categorical.from_codes(self._band, BANDS), "age": self.now - c["reported"].astype(float),
            "parked": c["parked"] > 0, "returns": c["returns"].astype(np.int64),
        })  # fmt: skip

    def backlog(self, by: str) -> pd.DataFrame:
        """Open events by "level", "class_row" (of the top), "step", "child" or "grid", and by band."""
        columns = self.banded(by)
        return pd.DataFrame(columns, columns=[*BANDS, "open"], index=pd.Index(columns[by], name=by))

    def banded(self, by: str) -> dict[str, Column]:
        """The same in columns: under its own name the key of each row, how many in each band, and all that are open."""
        keys, rows = self._keys(by)
        known = keys >= 0
        size = int(max(keys.max(initial=-1), rows.max(initial=-1))) + 1
        table = np.bincount(keys[known] * 4 + self._band[known], minlength=size * 4).reshape(size, 4)
        if by == "grid":
            rows = np.flatnonzero(table.any(axis=1))
        return {by: rows, **dict(zip(BANDS, table[rows].T, strict=True)), "open": table[rows].sum(axis=1)}

    def _keys(self, by: str) -> tuple[Column, Column]:
        """A key for each open event, and the rows that the table has in any case."""
        c = self._open
        if by == "level":
            return c["level"].astype(np.int64), np.arange(len(LEVELS))
        if by == "step":
            return c["step"].astype(np.int64), np.arange(len(STEPS))
        if by == "class_row":
            parent = self.city.classes.parent
            return _tops(parent)[c["class_row"]], np.flatnonzero(parent < 0)
        if by == "child":
            return self.places.child[c["area"]].astype(np.int64), self.places.children
        if by == "grid":
            return np.where(c["grid"] == NONE, -1, c["grid"].astype(np.int64)), np.zeros(0, np.int64)
        raise KeyError(f"a backlog is by level, class_row, step, child or grid, not by {by}")

    @cached_property
    def nowhere(self) -> int:
        return int(np.count_nonzero(self._open["lon"] == NOWHERE))

    @cached_property
    def _trend(self) -> trends.Trend:
        return trends.trend(self.mirror, self.places.inside, self.now)

    @cached_property
    def open_before(self) -> dict[int, int]:
        """By level, an hour ago."""
        return {level: int(self._trend.open[level, -1 - 4]) for level in range(len(LEVELS))}

    @cached_property
    def normal(self) -> dict[int, int]:
        """By level, the most of the last 24 hours."""
        return {level: int(self._trend.open[level].max()) for level in range(len(LEVELS))}

    @cached_property
    def trend(self) -> dict[str, Column]:
        t = self._trend
        return {"bucket": t.bucket * 900, "received": t.received, "archived": t.archived, "open": t.open.sum(axis=0)}

    @cached_property
    def standing(self) -> dict[str, Column]:
        """By step, of the open events: how many are parked, and how many were returned at least once."""
        c, size = self._open, len(STEPS)
        marked = {"parked": c["parked"] > 0, "returned": c["returns"] > 0}
        return {name: np.bincount(c["step"][mask], minlength=size) for name, mask in marked.items()}

    @cached_property
    def river(self) -> dict[str, Column]:
        """By step, as `banded`, and what goes through it, or back, and what stands."""
        passed = trends.passages(self.mirror, self.places.districts.tolist(), self.places.inside, self.now)
        return self.banded("step") | passed | self.standing

    # --- grids and cells ---

    @cached_property
    def ground(self) -> dict[str, Column]:
        """By grid (row) of the area: open events, and overdue ones; workers present, patrol minutes of its own."""
        count, rows, w = len(self.city.grids.area), self.places.grids, self.mirror.workers
        late = self._open["grid"] != NONE
        grid, overdue = self._open["grid"][late].astype(np.int64), self._band[late] >= 2
        there = w["grid"][self._everyone_here]
        there = there[there != NONE].astype(np.int64)
        own = self.city.workers.grid[self.places.workers]
        return {
            "grid": rows,
            "open": np.bincount(grid, minlength=count)[rows],
            "overdue": np.bincount(grid[overdue], minlength=count)[rows],
            "present": np.bincount(there, minlength=count)[rows],
            "minutes": np.bincount(own, self._minutes, count)[rows].astype(np.int64),
            "target": self._targets[self.city.grids.kind[rows]],
        }

    @cached_property
    def grids(self) -> pd.DataFrame:
        return pd.DataFrame(self.ground).set_index("grid")

    @cached_property
    def unvisited(self) -> tuple[Column, Column]:
        """Cells (q, r) of the area's grids in which nobody has been today."""
        _, midnight = local_day(self.now, self.city.zone)
        cells = self.places.cells
        return self.mirror.cells.axial(cells[self.mirror.visited[cells] < midnight])

    @cached_property
    def cells_total(self) -> int:
        return len(self.places.cells)

    @cached_property
    def visits(self) -> pd.DataFrame:
        """By grid row of the area: its cells, and how many of them nobody has been in today."""
        _, midnight = local_day(self.now, self.city.zone)
        cells, count = self.places.cells, len(self.city.grids.area)
        grid = self.mirror.cell_grid[cells]
        alone = grid[self.mirror.visited[cells] < midnight]
        table = {"cells": np.bincount(grid, minlength=count), "unvisited": np.bincount(alone, minlength=count)}
        rows = self.places.grids
        return pd.DataFrame({name: column[rows] for name, column in table.items()}, index=pd.Index(rows, name="grid"))

    # --- cameras, feeds, heat ---

    @cached_property
    def _cameras(self) -> outages.Seen:
        return outages.look(self.mirror, self.settings, self.now)

    @cached_property
    def cameras(self) -> pd.DataFrame:
        """State: index of CAMERA_STATES, as it counts now."""
        rows, c = self.places.cameras, self.city.cameras
        return pd.DataFrame({
            "camera": rows, "state": self._cameras.state[rows], "since": self._cameras.since[rows],
            "owner": c.owner[rows], "platform": c.platform[rows], "switch": c.switch[rows],
        })  # fmt: skip

    @cached_property
    def cameras_total(self) -> int:
        return len(self.places.cameras)

    @cached_property
    def online(self) -> tuple[int, int]:
        rows = self.places.cameras
        return self._cameras.online(rows), self._cameras.counted(rows)

    @cached_property
    def owners(self) -> dict[str, Column]:
        names, code = self.mirror.owners
        return outages.owners(self._cameras, self.places.cameras, names, code)

    @cached_property
    def outages(self) -> list[Outage]:
        return outages.outages(self.mirror, self._cameras, self.places.cameras)

    @cached_property
    def feeds(self) -> list[Heard]:
        return [heard(feed, self.settings, self.now, self.pace) for feed in self._feeds]

    @cached_property
    def hot(self) -> list[Hot]:
        return hottest(self.mirror, self.places.cells, self.now, self.settings.heat_half_life)

    @cached_property
    def counters(self) -> dict[str, int]:
        return self.mirror.counters(self.places.districts.tolist())


def _tops(parent: Column) -> Column:
    """For each class the one at the top of its branch."""
    top = np.arange(len(parent))
    for _ in range(len(AREA_LEVELS)):
        top = np.where(parent[top] >= 0, parent[top], top)
    return top
