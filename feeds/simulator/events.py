"""Events: what is seen in the city, at which hour and where, and how it moves from step to step."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np

from feeds.city import City
from feeds.record import EventReport
from feeds.simulator.fate import Fate, draw_fate, draw_old_fate
from feeds.simulator.kinds import kinds_of
from feeds.simulator.paths import Paths
from feeds.simulator.places import Places
from feeds.simulator.storm import Storm

__all__ = ["HISTORY", "Events", "events_a_day"]

#: Jiamusi: 3,300 a day in 8,541 grids. A small city has more for each grid, so that its wall is alive.
A_DAY, A_DAY_GRID = 1500.0, 3300.0 / 8541
#: How much happens at each hour of the local day; the mean is about one.
HOURS = (
    0.70, 0.65, 0.60, 0.60, 0.65, 0.75, 0.90, 1.10, 1.30, 1.40, 1.35, 1.20,
    1.05, 1.10, 1.25, 1.30, 1.30, 1.25, 1.15, 1.15, 1.15, 1.05, 0.90, 0.80,
)  # fmt: skip
SOURCES = (("worker", 0.55), ("citizen", 0.15), ("hotline", 0.15), ("video", 0.11), ("leader", 0.04))
#: Share of reports without a position: somebody called the hotline.
NOWHERE = 0.02
#: Before the start: this much full history, and older events still open, as a share of a day's events.
HISTORY, OLD_SHARE, OLDEST = 86400.0, 0.04, 25 * 86400.0


def events_a_day(city: City) -> float:
    return max(A_DAY, A_DAY_GRID * len(city.grids.area))


@dataclass
class _Open:
    first: EventReport
    fate: Fate
    made: int = 0  # moves already made


@dataclass(order=True)
class _Due:
    at: float
    number: int
    event: _Open = field(compare=False)


class Events:
    """All that is under way. `second_of_day` says which second of the local day a time is."""

    def __init__(
        self, city: City, paths: Paths, start: float, second_of_day: Callable[[float], float],
        rng: np.random.Generator, storm: Storm | None = None, a_day: float = 0.0, told_until: float = float("inf"),
    ) -> None:  # fmt: skip
        self.told_until = told_until  # later moves are not the old system's to tell: people make them
        self.city, self.rng, self.storm, self.second_of_day = city, rng, storm, second_of_day
        self.places, self.kinds = Places(city, paths, rng), kinds_of(city)
        self.start, self.a_day = start, a_day or events_a_day(city)
        self.rate = self.a_day / 86400.0
        self.due: list[_Due] = []
        self.reports = self.plans = 0
        self._leave_open()
        self.arrival = self._next_arrival(start - HISTORY)

    def until(self, at: float) -> Iterator[EventReport]:
        """All words on events up to a time, in order: new reports and the moves of earlier ones."""
        while True:
            moved = self.due[0].at if self.due else float("inf")
            if min(moved, self.arrival) > at:
                return
            yield self._move(heapq.heappop(self.due).event) if moved < self.arrival else self._arrive()

    def _arrive(self) -> EventReport:
        at, self.arrival = self.arrival, self._next_arrival(self.arrival)
        extra = self._extra(at)
        raging = self.storm if extra and self.rng.random() < extra / (extra + self._usual(at)) else None
        kind = self.kinds.draw(self.rng, storm=raging is not None)
        fate = draw_fate(self.rng, at, float(self.kinds.limit[kind]), self.kinds.level[kind])
        event = self._report(at, kind, fate, raging.grid(at, self.rng) if raging else None)
        self._plan(event)
        return event.first

    def _next_arrival(self, at: float) -> float:
        """A Poisson process, thinned by the hour and thickened by a storm."""
        most = max(HOURS) + (self.storm.surge if self.storm and at > self.storm.begin - 600 else 0.0)
        while True:
            at += float(self.rng.exponential(1 / (self.rate * most)))
            if self.rng.random() * most < self._usual(at) + self._extra(at):
                return at

    def _usual(self, at: float) -> float:
        return HOURS[int(self.second_of_day(at) // 3600) % 24]

    def _extra(self, at: float) -> float:
        return self.storm.surplus(at) if self.storm else 0.0

    def _leave_open(self) -> None:
        """Events of the weeks before that are still open at the start."""
        for _ in range(int(self.a_day * OLD_SHARE)):
            age = float(np.exp(self.rng.uniform(np.log(HISTORY), np.log(OLDEST))))
            kind = int(self.rng.choice(np.flatnonzero(self.kinds.limit >= self.kinds.limit.max() / 4)))
            limit, level = float(self.kinds.limit[kind]), self.kinds.level[kind]
            fate = draw_old_fate(self.rng, self.start - age, self.start, limit, level)
            self._plan(self._report(self.start - age, kind, fate, None))

    def _report(self, at: float, kind: int, fate: Fate, in_grid: int | None) -> _Open:
        self.reports += 1
        grid, lon, lat = self.places.draw(at, in_grid, self.rng)
        city, area, row = self.city, int(self.city.grids.area[grid]), int(self.kinds.row[kind])
        somewhere = bool(self.rng.random() >= NOWHERE)
        source = self._source() if somewhere else "hotline"
        first = EventReport(
            event_id=f"S{int(self.start)}-{self.reports:06d}",
            class_code=str(city.classes.class_code[row]),
            reported_at=round(at, 3),
            updated_at=round(at, 3),
            level=fate.level,  # type: ignore[arg-type]
            lon=round(lon, 6) if somewhere else None,
            lat=round(lat, 6) if somewhere else None,
            due_at=round(at + fate.limit),
            area_id=str(city.areas.area_id[area]),
            grid_id=str(city.grids.grid_id[grid]) if somewhere else "",
            worker_id=self.places.worker(grid, self.rng) if source == "worker" else "",
            source=source,
            text=str(city.classes.name[row]),
            address=f"{city.areas.name[area]} {city.grids.name[grid]}" if somewhere else str(city.areas.name[area]),
        )
        return _Open(first, fate)

    def _source(self) -> str:
        return str(self.rng.choice([name for name, _ in SOURCES], p=[share for _, share in SOURCES]))

    def _plan(self, event: _Open) -> None:
        if event.made < len(event.fate.moves) and event.fate.moves[event.made].at <= self.told_until:
            self.plans += 1
            heapq.heappush(self.due, _Due(event.fate.moves[event.made].at, self.plans, event))

    def _move(self, event: _Open) -> EventReport:
        move = event.fate.moves[event.made]
        event.made += 1
        self._plan(event)
        return msgspec.structs.replace(event.first, step=move.step, level=move.level, updated_at=round(move.at, 3))
