"""Backlog: the open events, folded from what the ledger (by version) or a source (by time) says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.live.closed import Closed, Mark, Stamp
from dashboard.live.counters import Counters
from dashboard.live.flow import RETURNED, Flow
from dashboard.live.frame import NOTHING, NOWHERE, TABLES
from dashboard.live.heat import Heat
from dashboard.live.locate import Locator
from dashboard.live.times import BACK, CAME, Times
from feeds.city import City
from feeds.record import LEVELS, NONE, STEPS, EventReport

__all__ = ["ARCHIVED", "PAGES", "Backlog", "Event"]

ARCHIVED = STEPS.index("archived")
#: Open events are saved in this many parts, and only those parts that changed.
PAGES = 64

Rows = npt.NDArray[np.int64]

_STEP = {step: index for index, step in enumerate(STEPS)}
_LEVEL = {level: index for index, level in enumerate(LEVELS)}
_COLUMNS = tuple(name for name, _ in TABLES["events"].columns)


class Event(msgspec.Struct):
    """An open event as it stands. entered: when it came into its step; grid: NONE where it has none."""

    key: int
    report: EventReport
    updated: int
    entered: int
    step: int
    level: int
    class_row: int = 0
    grid: int = NONE
    area: int = 0
    lon: int = NOWHERE
    lat: int = NOWHERE

    @property
    def stamp(self) -> Stamp:
        return self.updated, self.step

    @property
    def mark(self) -> Mark:
        return self.updated, self.step, self.report.version

    @property
    def open(self) -> bool:
        return self.step < ARCHIVED

    def row(self) -> tuple[int, ...]:
        """As a frame has it."""
        due = int(self.report.due_at) if self.report.due_at is not None else 0
        reported = max(int(self.report.reported_at), 0)
        place = (self.key, self.lon, self.lat, reported, max(due, 0), self.grid, self.area)
        return (*place, self.class_row, self.step, self.level, self.report.parked, min(self.report.returns, 255))


_decoder = msgspec.msgpack.Decoder(list[Event])


class Backlog:
    """A word on an event counts once, by event_id and version (or updated_at); an older one never moves the present."""

    def __init__(self, city: City, district: int, locator: Locator, heat: Heat) -> None:
        self.city, self.district, self.locator, self.heat = city, district, locator, heat
        self.events: dict[str, Event] = {}
        self.closed = Closed()
        self.flow, self.times = Flow(np.flatnonzero(city.district_of_area == district)), Times()
        self.next_key = 1
        self._changed: dict[int, Event] = {}
        self._told: dict[int, bytes | None] = {}
        self._dirty: set[int] = set()

    def fold(self, reports: Sequence[EventReport], counters: Counters) -> None:
        grids = self._grids(reports)
        for report, grid in zip(reports, grids, strict=True):
            counters.add(self._take(report, grid, counters))

    def _take(self, report: EventReport, grid: int, counters: Counters) -> str:
        stamp = int(report.updated_at), _STEP[report.step]
        known = self.events.get(report.event_id)
        before = known.mark if known else self.closed.get(report.event_id)
        if before is None:
            self._first(report, grid, stamp, counters)
            return "events"
        if again := _again(report, stamp, before):
            return again
        if known:
            self._next(known, report, grid, counters)
        else:
            self._reopened(report, grid, stamp, before, counters)
        return "events"

    def _first(self, report: EventReport, grid: int, stamp: Stamp, counters: Counters) -> None:
        event = self._placed(report, grid, stamp, counters)
        reported = int(report.reported_at)
        counters.add("events_new")
        self.flow.entered(reported, event.area, 0)
        if event.lon == NOWHERE:
            counters.add("without_position")
        else:
            self.heat.add(event.lon * 1e-7, event.lat * 1e-7, reported)
        self.flow.opened(reported, event.area, event.level, 1)
        if event.step:
            self._stepped(event, 0, reported)
        if not event.open:
            # Some are closed before they were reported: clocks. They were open for no time.
            self.flow.opened(max(event.updated, reported), event.area, event.level, -1)
        self._keep(event, counters)

    def _next(self, event: Event, report: EventReport, grid: int, counters: Counters) -> None:
        # The ledger says everything each time, also what is no longer so.
        merged = report if report.version else _merged(event.report, report)
        if not report.version and report.lon is None and not report.grid_id:
            grid = event.grid if event.grid != NONE else -1
        stamp = int(report.updated_at), _STEP[report.step]
        now = self._placed(merged, grid, stamp, counters, event.key)
        now.entered = event.entered if now.step == event.step else now.updated
        if now.step != event.step:
            self._stepped(now, event.step, event.entered)
        here, there = (event.area, event.level), (now.area, now.level)
        if here != there or not now.open:
            self.flow.opened(now.updated, *here, -1)
            if now.open:
                self.flow.opened(now.updated, *there, 1)
        self._keep(now, counters)

    def _reopened(self, report: EventReport, grid: int, stamp: Stamp, before: Mark, counters: Counters) -> None:
        """A later word on a closed event: it is appraised, or opened again."""
        event = self._placed(report, grid, stamp, counters)
        if event.step != before[1]:
            onwards = event.step > before[1]
            self.flow.entered(event.updated, event.area, event.step if onwards else RETURNED)
            if onwards:
                self.times.left(event.updated, event.updated - before[0], event.area, CAME + event.step)
        if event.open:
            self.closed.drop(report.event_id)
            self.flow.opened(event.updated, event.area, event.level, 1)
        self._keep(event, counters)

    def _stepped(self, event: Event, before: int, since: int) -> None:
        """It left a step in which it stood since then; to be archived takes the whole way from the report."""
        at, onwards = max(event.updated, since), event.step > before
        self.flow.entered(at, event.area, event.step if onwards else RETURNED)
        self.times.left(at, at - since, event.area, before if onwards else before + BACK)
        if onwards and not event.open:
            self.times.left(at, at - int(event.report.reported_at), event.area, CAME + event.step)

    def _keep(self, event: Event, counters: Counters) -> None:
        event_id = event.report.event_id
        was = self.events.pop(event_id, None)
        if event.open:
            self.events[event_id] = event
            self._told[event.key] = msgspec.msgpack.encode(event.report)
        else:
            self.closed.put(event_id, event.mark)
            counters.add("events_archived", int(event.step == ARCHIVED))
            if was:
                self._told[event.key] = None
        if event.open or was:
            self._changed[event.key] = event
            self._dirty.add(event.key % PAGES)

    def _placed(self, report: EventReport, grid: int, stamp: Stamp, counters: Counters, key: int = 0) -> Event:
        row = self.city.class_row.get(report.class_code)
        if row is None:
            counters.add("unknown_class")
        if not key:
            key, self.next_key = self.next_key, self.next_key + 1
        event = Event(key, report, *_spread(stamp), level=_LEVEL[report.level], class_row=row or 0)
        if grid >= 0 and self.city.district_of_grid[grid] != self.district:
            grid = -1  # the door had a better reason to send it here than where its point lies
        named = self.city.area_row.get(report.area_id, self.district)
        if self.city.district_of_area[named] != self.district:
            named = self.district
        event.area = int(self.city.grids.area[grid]) if grid >= 0 else named
        event.grid = grid if grid >= 0 else NONE
        if report.lon is not None and report.lat is not None:
            event.lon, event.lat = round(report.lon * 1e7), round(report.lat * 1e7)
        return event

    def _grids(self, reports: Sequence[EventReport]) -> list[int]:
        """Grid row by the code that the report names, else by its position; -1 for none."""
        rows = [self.city.grid_row.get(report.grid_id, -1) for report in reports]
        search = [
            i for i, (row, report) in enumerate(zip(rows, reports, strict=True)) if row < 0 and report.lon is not None
        ]
        if search:
            # Rounded first: what is kept is what is looked up, now and after a restart.
            degrees = [
                np.round(np.array([getattr(reports[i], name) for i in search], float), 7) for name in ("lon", "lat")
            ]
            for i, row in zip(search, self.locator.grid(*degrees).tolist(), strict=True):
                rows[i] = row
        return rows

    def table(self, whole: bool) -> dict[str, npt.NDArray[Any]]:
        if not (whole or self._changed):
            return NOTHING["events"]
        events: Iterable[Event] = self.events.values() if whole else self._changed.values()
        block = np.array([event.row() for event in events], np.int64).reshape(-1, len(_COLUMNS))
        self._changed = {}
        return {name: block[:, index] for index, name in enumerate(_COLUMNS)}

    def told(self) -> dict[int, bytes | None]:
        """What changed in the words of open events, by key, as packed EventReport; None: the event is closed."""
        told, self._told = self._told, {}
        return told

    def fields(self, everything: bool) -> dict[str, bytes]:
        fields = self.closed.ring.fields(everything) | self.times.ring.fields(everything)
        fields |= self.flow.fields(everything)
        pages: dict[int, list[Event]] = {page: [] for page in (range(PAGES) if everything else self._dirty)}
        for event in self.events.values():
            if event.key % PAGES in pages:
                pages[event.key % PAGES].append(event)
        self._dirty.clear()
        return fields | {f"open:{page:02d}": msgspec.msgpack.encode(events) for page, events in pages.items()}

    @property
    def next(self) -> list[int]:
        """The key, and the places in the rings, that are next to be given away."""
        return [self.next_key, self.closed.ring.next, self.times.ring.next]

    def load(self, fields: Mapping[str, bytes], next_: list[int], areas: Rows, moved: bool) -> None:
        """next_: as `next` said; areas: row of each area now, by its row when this was saved.

        moved: the rows are those of another city version and must be looked up again.
        """
        self.next_key, next_closed, next_time = next_
        self.closed.load(fields, next_closed)
        self.times.load(fields, next_time, areas)
        self.flow.load(fields, areas)
        for page in range(PAGES):
            events = _decoder.decode(fields.get(f"open:{page:02d}", b"\x90"))
            for event in self._moved(events) if moved else events:
                self.events[event.report.event_id] = event
        self.events = dict(sorted(self.events.items(), key=lambda item: item[1].key))
        if moved:
            newest = max((event.updated for event in self.events.values()), default=0)
            self.flow.settle(Counter((event.area, event.level) for event in self.events.values()), newest)

    def _moved(self, events: list[Event]) -> Iterable[Event]:
        for event, grid in zip(events, self._grids([event.report for event in events]), strict=True):
            fresh = self._placed(event.report, grid, event.stamp, Counters(), event.key)
            fresh.entered = event.entered
            yield fresh


def _again(report: EventReport, stamp: Stamp, before: Mark) -> str:
    """What a word that is not news counts as; empty for news. A source's own word is older than any of the ledger's."""
    if report.version or before[2]:
        news, same = report.version > before[2], report.version == before[2]
    else:
        news, same = stamp > before[:2], stamp[0] == before[0]
    return "" if news else "events_duplicate" if same else "events_late"


def _spread(stamp: Stamp) -> tuple[int, int, int]:
    """updated, entered, step of an event that has just come into its step."""
    return stamp[0], stamp[0], stamp[1]


def _merged(old: EventReport, new: EventReport) -> EventReport:
    """A later word need not say everything again; when it was reported is said once."""
    kept: dict[str, Any] = {
        name: getattr(old, name)
        for name in ("area_id", "grid_id", "worker_id", "source", "text", "address")
        if not getattr(new, name)
    }
    if new.lon is None:
        kept |= {"lon": old.lon, "lat": old.lat}
    elif not new.grid_id:
        kept.pop("grid_id")
    if new.due_at is None:
        kept["due_at"] = old.due_at
    return msgspec.structs.replace(new, reported_at=old.reported_at, **kept)
