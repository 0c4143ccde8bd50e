"""Day: all that a city sends from a start on. Same city, seed and start: same day, however it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from feeds.city import City
from feeds.record import EventReport
from feeds.simulator.cameras import Cameras
from feeds.simulator.events import HISTORY, Events
from feeds.simulator.gps import Phones, Table
from feeds.simulator.paths import paths_of
from feeds.simulator.shifts import Shifts
from feeds.simulator.storm import Storm
from feeds.simulator.walk import Walkers

__all__ = ["Batch", "Day"]

#: The workers are dealt to this many slots; one slot reports each tick, all within one interval.
SLOTS = 20
#: Most records in one batch.
MOST = 5000
#: Seconds after the start at which a storm begins.
STORM_AFTER = 20.0
#: Before the start: walked in coarse steps for the patrol minutes, then in fine ones for the tracks.
COARSE, FINE, TRACK = 480.0, (20.0, 60.0, 120.0, 240.0), 3600.0


@dataclass(frozen=True)
class Batch:
    """kind: fixes, events or cameras; at: when it is sent; body: columns (fixes) or records."""

    kind: str
    at: float
    rows: int
    body: dict[str, list[object]] | Sequence[msgspec.Struct]


class Day:
    """until(t) gives what is sent up to t, and goes on from there the next time.

    interval: seconds between two fixes of a phone; warm_rows: how many fixes may be sent of the time before the start.
    told_until: what becomes of events after that moment is not told by the day: an office works on them.
    A day that was begun at `start` and is taken up again at `now` (after a crash) knows its events again.
    """

    def __init__(
        self, city: City, seed: int, start: float, *, now: float | None = None, interval: float = 5.0,
        storm: bool = False, everyone: bool = False, warm_rows: int = 150_000, events_a_day: float = 0.0,
        told_until: float = float("inf"),
    ) -> None:  # fmt: skip
        walk, gps, shifts, events, cameras = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5))
        self.city, self.start, self.interval = city, start, interval
        self.begun = start if now is None else max(now, start)
        self.zone, self.warm_rows = ZoneInfo(city.zone), warm_rows
        band = Storm(city, start + STORM_AFTER) if storm else None
        self.paths = paths_of(city)
        self.shifts = Shifts(city, shifts, everyone)
        self.walkers = Walkers(city, self.paths, walk)
        self.phones = Phones(city, self.walkers, gps)
        self.events = Events(city, self.paths, start, self.second_of_day, events, band, events_a_day, told_until)
        self.cameras = Cameras(city, self.begun, cameras, band)
        self.names = np.array([str(name) for name in city.workers.worker_id], object)
        slot = walk.permutation(len(self.names)) % SLOTS
        self.slots = [np.flatnonzero(slot == number) for number in range(SLOTS)]
        self.tick = 0
        self.duty, self.duty_minute = np.zeros(len(self.names), bool), -1

    def second_of_day(self, at: float) -> float:
        minute = int(at // 900)
        if minute != getattr(self, "_quarter", None):  # the offset may change only with a quarter hour
            local = datetime.fromtimestamp(minute * 900, UTC).astimezone(self.zone)
            offset = local.utcoffset()
            self._quarter, self._offset = minute, offset.total_seconds() if offset else 0.0
        return (at + self._offset) % 86400.0

    def until(self, at: float) -> Iterator[Batch]:
        if self.tick == 0 and at >= self.begun:
            yield from self.warm_up()
            self.tick = 1
        step = self.interval / SLOTS
        while self.tick and self.begun + self.tick * step <= at:
            yield from self._tick(self.tick * step)
            self.tick += 1

    def _tick(self, clock: float) -> Iterator[Batch]:
        now = self.begun + clock
        rows = self.slots[self.tick % SLOTS]
        rows = rows[self._on_duty(now)[rows]]
        if len(rows):
            yield from self._fixes(now, self.phones.take(rows, self.begun, clock, self.interval))
        yield from self._reports(now, list(self.events.until(now)))
        yield from self._looks(now)

    def warm_up(self) -> Iterator[Batch]:
        """The picture at the start: cameras, how everybody on duty came to where they are, and the open backlog."""
        on_duty = np.flatnonzero(self._on_duty(self.begun))
        yield from self._looks(self.begun)
        for clock, seconds in self._steps_before(on_duty):
            rows = on_duty[self.shifts.since(self.second_of_day(self.begun))[on_duty] >= -clock]
            yield from self._fixes(self.begun, self.phones.take(rows, self.begun, clock, seconds, loss=False))
        yield from self._reports(self.begun, _worth_telling(self.events.until(self.begun), self.begun))

    def _steps_before(self, on_duty: npt.NDArray[np.int64]) -> list[tuple[float, float]]:
        """(seconds since the start, seconds since the step before), ending at the start, within warm_rows."""
        workers = max(len(on_duty), 1)
        budget = self.warm_rows / workers
        fine = next((step for step in FINE if TRACK / step <= 0.5 * budget), 0.0)
        times = [-number * fine for number in range(int(TRACK / fine))] if fine else [0.0]
        shift = (
            float(np.max(self.shifts.since(self.second_of_day(self.begun))[on_duty], initial=0.0)) if workers else 0.0
        )
        while times[-1] - COARSE > -min(shift, 14 * 3600) and len(times) < budget:
            times.append(times[-1] - COARSE)
        times.reverse()
        return [(time, time - before) for before, time in zip([times[0] - 1.0, *times], times, strict=False)]

    def _on_duty(self, at: float) -> npt.NDArray[np.bool_]:
        if int(at // 60) != self.duty_minute:
            self.duty, self.duty_minute = self.shifts.on_duty(self.second_of_day(at)), int(at // 60)
        return self.duty

    def _fixes(self, at: float, fixes: Table) -> Iterator[Batch]:
        for first in range(0, len(fixes), MOST):
            part = fixes[first : first + MOST]
            lon, lat = self.paths.plane.degrees(part["x"], part["y"])
            body: dict[str, list[object]] = {
                "worker_id": self.names[part["worker"]].tolist(),
                "at": part["at"].tolist(),
                "lon": np.round(lon, 7).tolist(),
                "lat": np.round(lat, 7).tolist(),
            }
            body |= {name: part[name].tolist() for name in ("accuracy", "speed", "battery", "mock", "indoor")}
            yield Batch("fixes", at, len(part), body)

    def _reports(self, at: float, events: list[EventReport]) -> Iterator[Batch]:
        for first in range(0, len(events), MOST // 5):
            part = events[first : first + MOST // 5]
            yield Batch("events", at, len(part), part)

    def _looks(self, at: float) -> Iterator[Batch]:
        for when, states in self.cameras.until(at):
            for first in range(0, len(states), MOST):
                yield Batch("cameras", when, len(states[first : first + MOST]), states[first : first + MOST])


def _worth_telling(events: Iterator[EventReport], now: float) -> list[EventReport]:
    """All of the last day, and of older ones the last word when they are still open."""
    told = list(events)
    last = {event.event_id: number for number, event in enumerate(told)}
    closed = ("archived", "appraised")
    return [
        event
        for number, event in enumerate(told)
        if event.updated_at >= now - HISTORY or (last[event.event_id] == number and event.step not in closed)
    ]
