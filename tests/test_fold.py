"""The fold as a process: leases, positions, asking, failing over, on every make of server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from dashboard.bus import keys
from dashboard.bus.checkpoint import Checkpoint, Lease
from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.hall import Hall
from dashboard.bus.streams import Inlet
from dashboard.fold import Fold, run
from dashboard.live import tracks
from dashboard.live.frame import Frame, decode, unbundle
from dashboard.live.mirror import Mirror
from dashboard.settings import Settings, load
from feeds.lattice import lattice
from feeds.record import FIX, CameraStatus, EventReport

T = 1_763_700_000
CITY = lattice(
    "t",
    (116.0, 39.0, 116.08, 39.08),
    districts=("a", "b", "c", "d"),
    worker_ids=[f"w{i}" for i in range(64)],
    cameras=8,
)


class Ear:
    """Hears what folds publish."""

    def __init__(self, redis: Redis) -> None:
        self.inlet = redis.pubsub(ignore_subscribe_messages=False)
        self.inlet.subscribe(keys.FRAMES, keys.FACTS)
        for _ in range(2):
            self.inlet.get_message(timeout=5)
        self.mirror, self.gaps = Mirror(CITY), 0

    def hear(self) -> list[Frame]:
        frames: list[Frame] = []
        while message := self.inlet.get_message(timeout=0.05):
            frames += [decode(part) for part in unbundle(message["data"])]
        self.gaps += sum(not self.mirror.apply(frame) for frame in frames)
        return frames


@pytest.fixture
def settings_(tmp_path: Path) -> Settings:
    return load({}, data=str(tmp_path), checkpoint_seconds=5.0)


@pytest.fixture
def hall(redis: Redis) -> Redis:
    Hall(redis).put_city(CITY)
    return redis


@pytest.fixture
def ear(hall: Redis) -> Iterator[Ear]:
    ear = Ear(hall)
    yield ear
    ear.inlet.close()


def fixes(first: int, count: int, at: int = T) -> np.ndarray:
    rows = np.zeros(count, FIX)
    rows["worker"], rows["at"] = np.arange(first, first + count) % 64, at * 1000
    rows["lon"], rows["lat"] = 1_160_050_000, 390_050_000
    return rows


def write(redis: Redis, rows: np.ndarray) -> None:
    district = CITY.district_of_worker[rows["worker"]]
    parcels = []
    for row in np.unique(district):
        own = rows[district == row]
        parcels.append(("fixes", str(CITY.areas.area_id[row]), own.tobytes(), len(own)))
    Inlet(redis).write(parcels)


def beat(fold: Fold, *seconds: float) -> None:
    for second in seconds:
        fold.tick(second)


def counted(fold: Fold, name: str = "fixes") -> int:
    return sum(holding.desk.state.counters[name] for holding in fold.held.values())


def test_a_fold_takes_all_districts_and_tells_of_every_record(hall, ear, settings_):
    fold = Fold(hall, settings_, "one:x")
    beat(fold, *range(10, 16))
    assert set(fold.held) == {"a", "b", "c", "d"}
    write(hall, fixes(0, 64))
    event = EventReport("E1", "litter", T, T, lon=116.005, lat=39.005, text="a hole")
    Inlet(hall).write([
        ("events", "a", msgspec.msgpack.encode([event]), 1),
        ("cameras", "a", msgspec.msgpack.encode([CameraStatus("cam-00000", "online", T)]), 1),
    ])  # fmt: skip
    beat(fold, 17, 18)
    ear.hear()
    assert ear.gaps == 0
    assert (ear.mirror.workers["at"] == T).all()
    assert ear.mirror.cameras["state"][0] == 1
    assert ear.mirror.missing == []
    key = int(ear.mirror.events()["key"][0])
    words = msgspec.msgpack.decode(hall.hget(keys.words("a"), str(key)) or b"", type=EventReport)
    assert words == event


def test_a_fold_that_dies_leaves_nothing_lost_and_nothing_counted_twice(hall, settings_):
    first = Fold(hall, settings_, "one:x")
    beat(first, *range(10, 16))
    write(hall, fixes(0, 40))
    beat(first, 22)  # everything is saved
    write(hall, fixes(40, 24))
    write(hall, fixes(0, 40))
    beat(first, 22.25)  # folded, not saved: and now it is gone
    for name in "abcd":
        hall.delete(keys.lease(name))
    second = Fold(hall, settings_, "two:x")
    beat(second, *range(30, 36))
    assert counted(second) == 64
    assert counted(second, "duplicate") == 40


def test_the_first_saves_nothing_more_once_the_second_has_its_districts(hall, settings_):
    first = Fold(hall, settings_, "one:x")
    beat(first, *range(10, 16))
    for name in "abcd":
        hall.delete(keys.lease(name))
    second = Fold(hall, settings_, "two:x")
    beat(second, *range(30, 36))
    epochs = [Checkpoint(hall, name).load().get("epoch") for name in "abcd"]
    first.tick(16.1)
    first.tick(40)
    assert first.held == {}
    assert [Checkpoint(hall, name).load().get("epoch") for name in "abcd"] == epochs


def test_folds_that_start_together_share_the_districts(hall, settings_):
    one, two = Fold(hall, settings_, "one:x"), Fold(hall, settings_, "two:x")
    for second in range(10, 15):
        one.tick(second)
        two.tick(second)
    assert len(one.held) == len(two.held) == 2
    assert not set(one.held) & set(two.held)


def test_a_fold_of_this_machine_that_is_dead_is_not_waited_for(hall, settings_):
    import socket

    Lease(hall, "a", f"{socket.gethostname()}:99999999", 60).acquire()
    Lease(hall, "b", "elsewhere:1", 60).acquire()
    fold = Fold(hall, settings_)
    beat(fold, *range(10, 16))
    assert set(fold.held) == {"a", "c", "d"}


def test_whoever_asks_gets_the_whole_picture(hall, ear, settings_):
    fold = Fold(hall, settings_, "one:x")
    write(hall, fixes(0, 64))
    beat(fold, *range(10, 16))
    ear.hear()
    hall.incr(keys.ask("b"))
    fold.tick(17)
    frames = ear.hear()
    assert {(frame.district, "workers" in frame.tables) for frame in frames if frame.whole} == {(4, True), (4, False)}
    fold.tick(18)
    assert not any(frame.whole for frame in ear.hear())


def test_a_quiet_hall_has_a_heartbeat_once_a_second(hall, ear, settings_):
    fold = Fold(hall, settings_, "one:x")
    beat(fold, *range(10, 16))
    ear.hear()
    beat(fold, 16, 16.25, 16.5, 16.75, 17)
    assert [frame.district for frame in ear.hear()] == [1, 4, 7, 10] * 2


def test_a_batch_that_cannot_be_read_is_counted_and_the_line_goes_on(hall, settings_):
    fold = Fold(hall, settings_, "one:x")
    parcels = [("events", "a", b"\xc1 not msgpack", 1), ("fixes", "a", b"123", 1), ("cameras", "a", b"[]", 1)]
    Inlet(hall).write(parcels)
    write(hall, fixes(0, 64))
    beat(fold, *range(10, 16))
    assert counted(fold, "unreadable") == 3
    assert counted(fold) == 64


def test_what_was_saved_is_trimmed_and_what_was_not_stays(hall, settings_):
    fold = Fold(hall, settings_, "one:x")
    beat(fold, *range(10, 16))
    write(hall, fixes(0, 64))
    fold.tick(16)
    assert hall.xlen(keys.fixes("a")) == 1
    beat(fold, 17, 22)
    assert hall.xlen(keys.fixes("a")) == 0


def test_tracks_can_be_read_from_the_checkpoint(hall, settings_):
    fold = Fold(hall, settings_, "one:x")
    write(hall, fixes(0, 64))
    beat(fold, *range(10, 16))
    beat(fold, 25)
    rows = tracks.read(Checkpoint(hall, "a").load(), None, T, T)
    assert rows["worker"].tolist() == [w for w in range(64) if CITY.district_of_worker[w] == 1]


def test_when_the_city_changes_the_state_is_read_again_by_worker(hall, settings_):
    fold = Fold(hall, settings_, "one:x")
    write(hall, fixes(0, 64))
    beat(fold, *range(10, 16))
    more = lattice(
        "t", (116.0, 39.0, 116.08, 39.08), districts=("a", "b", "c", "d"),
        worker_ids=[f"w{i}" for i in range(80)], cameras=8,
    )  # fmt: skip
    Hall(hall).put_city(more)
    beat(fold, *range(20, 26))
    assert fold.ground is not None
    assert fold.ground.city.version == more.version
    assert counted(fold) == 64
    write(hall, fixes(0, 64))
    beat(fold, 27)
    assert counted(fold, "duplicate") == 64
    beat(fold, 40)
    assert len(tracks.read(Checkpoint(hall, "a").load(), None, T, T)) == 16


def test_a_clean_leave_frees_the_districts_and_saves_everything(hall, settings_):
    stop = threading.Event()
    url = hall.connection_pool.connection_kwargs["path"]
    running = threading.Thread(target=run, args=(load({}, data=settings_.data, redis_url=f"unix://{url}"), stop))
    running.start()
    write(hall, fixes(0, 64))
    until = time.monotonic() + 20
    while not hall.hlen(keys.FOLDS) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(2.5)
    stop.set()
    running.join(20)
    assert [hall.get(keys.lease(name)) for name in "abcd"] == [None] * 4
    again = Fold(hall, settings_, "two:x")
    beat(again, *range(10, 16))
    assert counted(again) == 64
    assert counted(again, "duplicate") == 0


def test_a_server_that_is_killed_and_comes_back_costs_no_record(own_server: Embedded, tmp_path: Path):
    redis = connect(own_server.url)
    Hall(redis).put_city(CITY)
    stop = threading.Event()
    settings = load({}, data=str(tmp_path), redis_url=own_server.url, checkpoint_seconds=0.5)
    running = threading.Thread(target=run, args=(settings, stop))
    running.start()
    total = 0
    for turn in range(6):
        write(redis, fixes(0, 64, T + turn))
        total += 64
        time.sleep(0.7)
        if turn in (1, 3):
            kill(own_server)
    time.sleep(2.5)
    stop.set()
    running.join(30)
    again = Fold(redis, settings, "two:x")
    beat(again, *range(10, 16))
    assert counted(again) == total
    assert counted(again, "duplicate") == 0
    redis.close()


def kill(server: Embedded) -> None:
    import os
    import signal

    client = connect(server.url)
    os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
    client.close()
    time.sleep(0.2)
    server.ensure()
