"""Invented: frames of a made-up day: workers that walk, events that come, cameras that fail. Same seed, same day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from dashboard.live.frame import NOWHERE, Frame, bundle, encode
from feeds.city import City
from feeds.hexes import cell_size, cells

__all__ = ["Invented"]

SHIFTS = (0.86, 0.05, 0.03)  # fresh, ageing, old; the rest is lost


@dataclass
class Invented:
    """state of everybody, one row a worker; `tick` moves it on and gives the bundle of what changed"""

    city: City
    now: float
    seed: int = 1
    seq: int = 0
    epoch: int = 1
    events: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        self.dice = np.random.default_rng(self.seed)
        centre = shapely.get_coordinates(shapely.point_on_surface(self.city.grids.shape))
        self.centre = centre
        own = self.city.workers.grid
        count = len(own)
        west, south, east, north = shapely.bounds(self.city.grids.shape).T
        self.reach = np.minimum(np.sqrt((east - west) * (north - south)), 0.03)
        self.place = centre[own] + self.dice.normal(size=(count, 2)) * self.reach[own, None] * 0.25
        self.heading = self.dice.uniform(0, 2 * np.pi, count)
        kind = self.dice.choice(4, count, p=[*SHIFTS, 1 - sum(SHIFTS)])
        self.on = kind == 0
        self.at = self.now - np.choose(kind, [self.dice.uniform(0, 5, count), 150, 400, 4000])
        self.mark = np.where(self.dice.random(count) < 0.004, 3, 1).astype(np.uint8)
        self.size = cell_size(self.city)
        self.heat: dict[tuple[int, int], float] = {}
        self.events = self._events(min(4000, 40 + count // 12))
        self.warm(self.events)
        self.camera_state = self.dice.choice(
            [1, 2, 3, 0], len(self.city.cameras.lon), p=[0.93, 0.04, 0.02, 0.01]
        ).astype(np.uint8)

    def _events(self, count: int) -> dict[str, np.ndarray]:
        grids = len(self.centre)
        spots = self.dice.choice(grids, 12)
        near = self.dice.random(count) < 0.55
        chosen = np.where(near, spots[self.dice.integers(0, 12, count)], self.dice.integers(0, grids, count))
        grid = chosen.astype(np.uint32)
        place = (
            self.centre[grid] + self.dice.normal(size=(count, 2)) * np.maximum(self.reach[grid], 0.004)[:, None] * 0.4
        )
        reported = self.now - self.dice.exponential(5400, count)
        due = np.where(
            self.dice.random(count) < 0.9,
            reported + self.dice.choice([7200, 86400, 604800], count, p=[0.3, 0.6, 0.1]),
            0,
        )
        placed = self.dice.random(count) > 0.01
        self.keys = getattr(self, "keys", 0) + count
        return {
            "key": np.arange(self.keys - count, self.keys, dtype=np.uint32),
            "lon": np.where(placed, place[:, 0] * 1e7, NOWHERE).astype(np.int32),
            "lat": np.where(placed, place[:, 1] * 1e7, NOWHERE).astype(np.int32),
            "reported": reported.astype(np.uint32),
            "due": due.astype(np.uint32),
            "grid": grid,
            "area": self.city.grids.area[grid].astype(np.uint32),
            "class_row": self.dice.integers(0, len(self.city.classes.name), count).astype(np.uint16),
            "step": self.dice.integers(0, 4, count).astype(np.uint8),
            "level": self.dice.integers(0, 3, count).astype(np.uint8),
            "parked": (self.dice.random(count) < 0.02).astype(np.uint8),
            "returns": (self.dice.random(count) < 0.06).astype(np.uint8),
        }

    def warm(self, events: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        placed = events["lon"] != NOWHERE
        q, r = cells(events["lon"][placed] / 1e7, events["lat"][placed] / 1e7, self.size)
        changed = set(zip(q.tolist(), r.tolist(), strict=True))
        for key in zip(q.tolist(), r.tolist(), strict=True):
            self.heat[key] = self.heat.get(key, 0.0) + 1.0
        return self._heat(sorted(changed))

    def _heat(self, keys: list[tuple[int, int]]) -> dict[str, np.ndarray]:
        places = np.array(keys, np.int32).reshape(-1, 2)
        weight = np.array([self.heat[key] for key in keys], np.float32)
        return {"q": places[:, 0], "r": places[:, 1], "weight": weight, "at": np.full(len(keys), self.now, np.uint32)}

    def _workers(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        place = np.rint(self.place[rows] * 1e7).astype(np.int32)
        at = self.at[rows].astype(np.uint32)
        return {
            "slot": rows.astype(np.uint32),
            "lon": place[:, 0],
            "lat": place[:, 1],
            "at": at,
            "mark": self.mark[rows],
        }

    def _cameras(self) -> dict[str, np.ndarray]:
        rows = np.arange(len(self.camera_state), dtype=np.uint32)
        since = np.full(len(rows), self.now - 600, np.uint32)
        at = np.full(len(rows), self.now, np.uint32)
        return {
            "slot": rows,
            "since": since,
            "at": at,
            "state": self.camera_state,
            "before": np.ones(len(rows), np.uint8),
        }

    def whole(self) -> bytes:
        tables: dict[str, Any] = {
            "workers": self._workers(np.arange(len(self.at))),
            "events": self.events,
            "cameras": self._cameras(),
            "heat": self._heat(sorted(self.heat)),
        }
        return self._bundle(0, tables)

    def tick(self, seconds: float, share: float = 0.05, new: int = 0) -> bytes:
        """`share` of those on duty have moved, `new` events have come."""
        self.now += seconds
        self.seq += 1
        rows = np.flatnonzero(self.on & (self.dice.random(len(self.on)) < share))
        self.heading[rows] += self.dice.normal(size=len(rows)) * 0.5
        home = self.centre[self.city.workers.grid[rows]] - self.place[rows]
        far = np.hypot(*home.T) > self.reach[self.city.workers.grid[rows]] * 0.6
        self.heading[rows] = np.where(far, np.arctan2(home[:, 1], home[:, 0]), self.heading[rows])
        step = 1.3 * seconds / max(share, 1e-6) / 111_195
        self.place[rows] += np.column_stack([np.cos(self.heading[rows]), np.sin(self.heading[rows])]) * step
        self.at[rows] = self.now
        tables: dict[str, Any] = {"workers": self._workers(rows)}
        if new:
            fresh = self._events(new) | {"reported": np.full(new, self.now, np.uint32)}
            self.events = {name: np.concatenate([self.events[name], fresh[name]]) for name in fresh}
            tables |= {"events": fresh, "heat": self.warm(fresh)}
        return self._bundle(1, tables)

    def _bundle(self, kind: int, tables: dict[str, Any]) -> bytes:
        district = int(self.city.districts[0])
        version = int(self.city.version[:8], 16)
        return bundle([encode(Frame(kind, self.seq, self.epoch, district, self.now * 1000, version, tables))])
