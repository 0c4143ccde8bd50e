"""Feeding: the frames of a real fold, published as fast as a page draws them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from dashboard.bench.crowd import Crowd
from dashboard.bench.happenings import Events
from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.bus.publish import Publisher
from dashboard.live.desk import Desk
from dashboard.live.district import District, Ground
from dashboard.live.frame import bundle
from dashboard.settings import load
from feeds.city import City
from feeds.record import FIX, EventReport

__all__ = ["HALF_LIFE", "Feeder"]

#: Seconds in which heat halves here: so all is forgotten after six minutes, and what a page keeps has found its size
#: in the first tenth of a long run, as it has in a hall after half a day. What still grows then is a leak.
HALF_LIFE = 60
#: What is in a frame of the largest city: 7,000 fixes and 50 words on events a second, four frames a second.
FIXES, EVENTS, TICK = 1750, 50.0, 0.25


class Feeder:
    """Folds made-up records into a whole city and publishes what a fold would."""

    def __init__(self, city: City, redis: Redis, folder: Path) -> None:
        ground, settings = Ground(city, folder), load({}, heat_half_life=HALF_LIFE)
        self.city, self.redis, self.publisher = city, redis, Publisher(redis)
        self.desks = {int(row): Desk(District(ground, int(row), settings), 1) for row in city.districts}
        self.names = [keys.ask(str(city.areas.area_id[row])) for row in self.desks]
        self.crowd, self.turn, self.now = Crowd(city), 0, float(int(time.time()))
        self.events = Events(city, self.now, EVENTS, "feed")
        self.asked: list[bytes | None] = []
        self._everybody()

    def _everybody(self) -> None:
        """All workers are somewhere from the first frame on."""
        for first in range(0, len(self.crowd), 5000):
            self._fold(self.crowd.order[first : first + 5000])

    def publish(self) -> None:
        """The next quarter of a second."""
        self.now += TICK
        turn = np.arange(self.turn, self.turn + FIXES) % len(self.crowd)
        self.turn += FIXES
        self._fold(self.crowd.order[turn])
        for row, reports in self._reports():
            self.desks[row].fold("events", [msgspec.msgpack.encode(reports)])
        frames = [frame for desk in self.desks.values() if (frame := desk.frame(self.now * 1000, beat=True))]
        self.publisher.publish(keys.FRAMES, bundle(frames))

    def listen(self) -> None:
        """Whoever has asked is shown everything next."""
        asked = self.redis.mget(self.names)
        if asked != self.asked:
            self.asked = asked  # type: ignore[assignment]
            for desk in self.desks.values():
                desk.show_all()
            facts = [frame for desk in self.desks.values() if (frame := desk.facts(self.now * 1000))]
            self.publisher.publish(keys.FACTS, bundle(facts))

    def feed(self, frames: int, taken: Callable[[], int], patience: float = 30.0) -> Iterator[int]:
        """So many frames, each once the page took in the one before; tells how many have gone."""
        for number in range(frames):
            before, until = taken(), time.monotonic() + patience
            self.publish()
            asked = time.monotonic()
            while taken() <= before and time.monotonic() < until:
                if time.monotonic() - asked > 0.25:
                    # It may be waiting for a whole picture instead.
                    asked = time.monotonic()
                    self.listen()
                    self.publish()
            yield number + 1

    def _fold(self, workers: np.ndarray) -> None:
        made = self.crowd.fixes(workers, np.full(len(workers), int(self.now * 1000), np.int64))
        fixes = np.zeros(len(workers), FIX)
        for name in ("worker", "at", "lon", "lat"):
            fixes[name] = made[name]
        fixes["acc"] = 8
        owner = self.city.district_of_worker[workers]
        for row, desk in self.desks.items():
            desk.fold("fixes", [fixes[owner == row].tobytes()])

    def _reports(self) -> Iterator[tuple[int, list[EventReport]]]:
        told = msgspec.convert(self.events.until(self.now), list[EventReport])
        rows = list(self.desks)
        # An event stays with its district; which one does not matter to a page that shows them all.
        for place, row in enumerate(rows):
            if own := [event for event in told if int(event.event_id[-7:]) % len(rows) == place]:
                yield row, own
