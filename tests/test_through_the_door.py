"""A simulated and a recorded city through the real door: all is accepted, also when the door was away for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboard import simulate
from dashboard.bus.connect import Redis
from dashboard.bus.feeds import Feeds
from dashboard.bus.hall import Hall
from dashboard.bus.rejected import Rejected
from dashboard.clock import HallClock
from dashboard.ingest.process import server
from dashboard.replay import Player, prepare
from dashboard.settings import Settings, load
from feeds.lattice import lattice
from feeds.sender import Door, Sender

CITY = lattice(
    "town", (120.0, 30.0, 120.1, 30.1), districts=("west", "east"), worker_ids=[f"w{n}" for n in range(200)], cameras=32
)
WINDOW = Path(__file__).parent.parent.parent / "shared" / "data" / "nyc311_sample_c_2013.csv"


@pytest.fixture
def settings(redis_url: str, free_port: int, tmp_path: Path) -> Settings:
    return load({}, redis_url=redis_url, ingest_port=free_port, data=str(tmp_path))


@contextmanager
def door(settings: Settings) -> Iterator[None]:
    runner = server(settings, settings.redis_url)
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        runner.should_exit = True
        thread.join(15)


@contextmanager
def simulator(settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=simulate.run, args=(settings,), kwargs={"stop": stop}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(15)


def soon(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not condition():
        time.sleep(0.1)
    return condition()


def accepted(redis: Redis) -> dict[str, int]:
    return {feed.kind: feed.accepted for feed in Feeds(redis).all()}


def test_a_simulated_city_is_accepted_to_the_last_record_also_after_the_door_was_away(
    redis: Redis, settings: Settings
) -> None:
    Hall(redis).put_city(CITY)
    with simulator(settings):
        time.sleep(1.0)
        with door(settings):
            assert soon(lambda: accepted(redis).keys() == {"fixes", "events", "cameras"})
            assert soon(lambda: accepted(redis)["cameras"] >= 32 and accepted(redis)["events"] > 1000)
        before = accepted(redis)["fixes"]
        time.sleep(1.0)
        with door(settings):
            assert soon(lambda: accepted(redis)["fixes"] > before + 30)
    assert Rejected(redis).counts() == {}


@pytest.mark.skipif(not WINDOW.exists(), reason="the recorded data is not on this machine")
def test_a_recorded_window_comes_through_whole_with_the_hall_clock_at_its_time(
    redis: Redis, settings: Settings
) -> None:
    prepared = prepare([WINDOW], "nyc311", speed=600)
    hall = Hall(redis)
    hall.put_city(prepared.city)
    # The lead is for the other processes of a hall; here only the door has to learn the time.
    hall.set_clock(HallClock(prepared.clock.hall_ms, time.time() * 1000 - 4000, 1800))
    url = f"http://{settings.ingest_host}:{settings.ingest_port}"
    with door(settings), Sender(Door(url, "replay")) as sender:
        Player(hall, sender, prepared.recording.played).play(threading.Event())
        assert soon(lambda: accepted(redis).get("events") == len(prepared.recording.played))
    assert sender.counts["rejected"] == 0
    assert hall.clock().speed == 1.0
    assert hall.clock().at(time.time() * 1000) / 1000 >= prepared.recording.played[-1].at
