"""Simulate: the process that lets a simulated city speak to the door, at the pace of the hall clock."""

from __future__ import annotations

import signal
import threading
import time

from dashboard.bus.connect import connect
from dashboard.bus.hall import Hall
from dashboard.office import keys_of, work
from dashboard.settings import Settings
from feeds.sender import Door, Sender, heartbeat, parcel
from feeds.simulator import Day

__all__ = ["door_of", "interval_of", "run"]

SOURCE = "simulator"
PAUSE = 0.1
#: A source that has nothing to tell sends a heartbeat this often, so that quiet and dead are told apart.
BEAT_SECONDS = 10.0
KINDS: tuple[str, ...] = ("fixes", "events", "cameras")
#: Phones send every 5 s; when the hall clock runs faster more rarely, but often enough to stay fresh, …
INTERVAL, STILL_FRESH = 5.0, 45.0
#: … as long as that makes no more fixes a real second than this.
BEARABLE = 30_000.0


def door_of(settings: Settings, source: str) -> Door:
    return Door(f"http://{settings.ingest_host}:{settings.ingest_port}", source)


def run(settings: Settings, *, seed: int = 1, storm: bool = False, stop: threading.Event | None = None) -> None:
    """Simulate the city in force until told to stop. The day begins where the hall clock was set.

    What was before the start is told as an old system would; from then on, where people were hired for it, they work on
    the cases through the API.
    """
    stop = stop or _until_told()
    hall = Hall(connect(settings.redis_url))
    clock, city = hall.clock(), hall.city()
    now = clock.at(time.time() * 1000) / 1000
    start = clock.hall_ms / 1000 or now
    interval = interval_of(clock.speed, len(city.workers.worker_id))
    keys = keys_of(settings)
    told_until = start if keys else float("inf")
    day = Day(city, seed, start, now=now, interval=interval, storm=storm, told_until=told_until)
    if keys:
        hall_now = lambda: clock.at(time.time() * 1000) / 1000  # noqa: E731
        work(settings, keys, seed, day.second_of_day, hall_now, clock.speed, stop)
    beats = dict.fromkeys(KINDS, 0.0)
    with Sender(door_of(settings, SOURCE)) as sender:
        while not stop.is_set():
            # What waits at a door that is away is sent later; the day goes on.
            for batch in day.until(clock.at(time.time() * 1000) / 1000):
                sender.put(parcel(batch.kind, batch.body, batch.rows))
                beats[batch.kind] = time.monotonic()
            _beat(sender, beats)
            stop.wait(PAUSE)


def interval_of(speed: float, workers: int) -> float:
    """Seconds of the hall clock between two fixes of a phone."""
    return max(min(INTERVAL * max(speed, 1.0), STILL_FRESH), workers * speed / BEARABLE)


def _beat(sender: Sender, beats: dict[str, float]) -> None:
    for kind in KINDS:
        if time.monotonic() - beats[kind] > BEAT_SECONDS:
            sender.put(heartbeat(kind))
            beats[kind] = time.monotonic()


def _until_told() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
