"""The bus: leases, checkpoints, heartbeats, refusals, keys and frames, on every make of server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dashboard.bus import keys
from dashboard.bus.checkpoint import Checkpoint, Lease
from dashboard.bus.connect import Redis, connect, connect_async
from dashboard.bus.embedded import Embedded
from dashboard.bus.feeds import Beat, Feeds
from dashboard.bus.hall import Hall, NoCity
from dashboard.bus.publish import JOINED, Publisher, Subscriber
from dashboard.bus.rejected import KEPT, Refusal, Rejected
from dashboard.bus.streams import AsyncInlet, Inlet, Outlet, accepted
from dashboard.clock import HallClock
from dashboard.live.heard import heard
from dashboard.settings import load
from feeds.lattice import lattice

ROOT = Path(__file__).resolve().parent.parent
CITY = lattice("town", (120.0, 30.0, 120.1, 30.1), worker_ids=["w1", "w2"])


def fill(redis: Redis, count: int, district: str = "d") -> list[str]:
    for number in range(count):
        Inlet(redis).write([("fixes", district, b"%d" % number, 1)])
    return [batch.id for batch in Outlet(redis, [district]).read({})]


# --- streams


def test_what_goes_in_comes_out_in_order_with_its_numbers(redis: Redis) -> None:
    Inlet(redis, lambda: 5000.0).write(
        [("fixes", "d", b"ab", 2), ("events", "d", b"e", 1), ("fixes", "other", b"c", 7)]
    )
    batches = Outlet(redis, ["d", "other"]).read({})
    assert [(b.kind, b.district, b.payload, b.rows) for b in batches] == [
        ("fixes", "d", b"ab", 2),
        ("events", "d", b"e", 1),
        ("fixes", "other", b"c", 7),
    ]
    assert {b.received_ms for b in batches} == {5000.0}
    assert accepted(redis, ["d", "other"]) == {"d": {"fixes": 2, "events": 1}, "other": {"fixes": 7}}


def test_a_reader_goes_on_from_its_own_place(redis: Redis) -> None:
    ids = fill(redis, 3)
    outlet = Outlet(redis, ["d"])
    assert [b.payload for b in outlet.read({"d": {"fixes": ids[1]}})] == [b"2"]
    assert [b.payload for b in outlet.read({}, count=2)] == [b"0", b"1"]


def test_who_has_asked_is_read_in_the_same_go(redis: Redis) -> None:
    fill(redis, 1)
    redis.incr(keys.ask("d"))
    redis.incr(keys.ask("d"))
    batches, asked = Outlet(redis, ["other", "d"]).look({})
    assert [b.payload for b in batches] == [b"0"]
    assert asked == {"other": None, "d": b"2"}
    assert Outlet(redis, []).look({}) == ([], {})


def test_lag_is_the_age_of_the_oldest_unread_entry(redis: Redis) -> None:
    ids = fill(redis, 2)
    outlet = Outlet(redis, ["d", "empty"])
    now = int(ids[0].split("-")[0]) + 3000
    assert outlet.lag({}, now) == {"d": 3.0, "empty": 0.0}
    assert outlet.lag({"d": {"fixes": ids[1]}}, now)["d"] == 0.0


async def _write_two_districts(url: str) -> None:
    inlet = AsyncInlet(connect_async(url))
    await inlet.write([("fixes", "a", b"1", 1), ("cameras", "b", b"2", 2)])
    await inlet.close()


def test_the_door_writes_the_same_without_waiting_in_a_thread(redis: Redis, redis_url: str) -> None:
    import asyncio

    asyncio.run(_write_two_districts(redis_url))
    assert [(b.kind, b.district, b.rows) for b in Outlet(redis, ["a", "b"]).read({})] == [
        ("fixes", "a", 1),
        ("cameras", "b", 2),
    ]


# --- lease and checkpoint


def test_a_district_has_one_owner(redis: Redis) -> None:
    first, second = Lease(redis, "d", "first", 30), Lease(redis, "d", "second", 30)
    assert first.acquire() == 1
    assert second.acquire() is None
    assert first.renew()
    assert not second.renew()
    first.release()
    assert second.acquire() == 2


def test_the_lease_passes_when_its_owner_falls_silent(redis: Redis) -> None:
    first, second = Lease(redis, "d", "first", 0.3), Lease(redis, "d", "second", 0.3)
    first.acquire()
    begun = time.monotonic()
    while second.acquire() is None:
        time.sleep(0.01)
    assert time.monotonic() - begun < 0.6
    assert not first.renew()
    first.release()
    assert second.renew(), "who was deposed cannot release what is another's"


def test_an_owner_that_slept_while_nobody_came_goes_on(redis: Redis) -> None:
    lease = Lease(redis, "d", "only", 0.05)
    lease.acquire()
    time.sleep(0.1)
    assert lease.renew()


def test_leases_are_renewed_in_the_breath_in_which_a_fold_speaks(redis: Redis) -> None:
    ours, lost = Lease(redis, "a", "one", 30), Lease(redis, "b", "one", 30)
    assert ours.acquire()
    assert lost.acquire()
    redis.delete(keys.lease("b"))
    assert Lease(redis, "b", "two", 30).acquire()
    redis.pexpire(keys.lease("a"), 5000)
    assert Publisher(redis).tell({}, [], {}, [ours, lost]) == [True, False]
    assert int(redis.pttl(keys.lease("a"))) > 20_000  # type: ignore[arg-type]
    assert redis.get(keys.lease("b")) == b"two"


def test_a_deposed_owner_cannot_overwrite(redis: Redis) -> None:
    old, new = Lease(redis, "d", "old", 0.05), Lease(redis, "d", "new", 30)
    first = old.acquire()
    checkpoint = Checkpoint(redis, "d")
    assert first
    assert checkpoint.save({"state": b"old"}, [], first, {"fixes": "1-0"})
    time.sleep(0.1)
    second = new.acquire()
    assert second
    assert not checkpoint.save({"state": b"late"}, ["state"], first, {"fixes": "9-0"}), "even before the new one saved"
    assert checkpoint.load()["state"] == b"old"
    assert checkpoint.save({"state": b"new"}, [], second)
    assert not checkpoint.save({"state": b"late"}, [], first)
    assert checkpoint.load()["state"] == b"new"
    assert json.loads(checkpoint.load()["positions"]) == {"fixes": "1-0"}


def test_a_save_writes_and_forgets_in_one_step(redis: Redis) -> None:
    checkpoint = Checkpoint(redis, "d")
    assert checkpoint.load() == {}
    many = {f"seen:{minute:02d}": bytes([minute]) * 1000 for minute in range(60)}
    assert checkpoint.save(many | {"state": b"\0\xff"}, [], 1, {"fixes": "5-1"})
    assert checkpoint.save({"state": b"2"}, list(many), 1)
    fields = checkpoint.load()
    assert fields.keys() == {"state", "positions", "epoch"}
    assert json.loads(fields["positions"]) == {"fixes": "5-1"}


def test_a_save_trims_what_it_has_folded_and_nothing_else(redis: Redis) -> None:
    ids = fill(redis, 5)
    checkpoint, outlet = Checkpoint(redis, "d"), Outlet(redis, ["d"])
    checkpoint.save({}, [], 2, {"fixes": "0-0"}, trim=True)
    checkpoint.save({}, [], 2, {"fixes": ids[3]})
    assert len(outlet.read({})) == 5, "nobody asked for it"
    assert not checkpoint.save({}, [], 1, {"fixes": ids[4]}, trim=True), "a deposed owner"
    assert len(outlet.read({})) == 5
    assert checkpoint.save({"old": b"1"}, [], 2, {"fixes": ids[2], "events": "7-1"}, trim=True)
    assert [b.id for b in outlet.read({})] == ids[3:]
    assert checkpoint.save({}, ["old"], 2, {"fixes": ids[4]}, trim=True)
    assert outlet.read({}) == []
    assert checkpoint.load().keys() == {"positions", "epoch"}
    assert len(fill(redis, 1)) == 1


def test_everything_of_a_district_lies_in_one_slot() -> None:
    names = (keys.fixes, keys.events, keys.cameras, keys.accepted, keys.checkpoint, keys.lease, keys.epoch, keys.ask)
    assert {name("d").partition("{")[2] for name in names} == {"d}"}


# --- hall


def test_the_city_is_read_once_and_again_when_it_changes(redis: Redis) -> None:
    writer, reader = Hall(redis), Hall(redis)
    assert reader.city_version() is None
    with pytest.raises(NoCity, match="gridhall"):
        reader.city()
    writer.put_city(CITY)
    city = reader.city()
    assert city.version == CITY.version == reader.city_version()
    assert reader.city() is city
    writer.put_city(lattice("town", (120.0, 30.0, 120.1, 30.1)))
    assert reader.city().version != CITY.version


def test_the_hall_clock_is_real_time_until_somebody_sets_it(redis: Redis) -> None:
    assert Hall(redis).clock().real
    Hall(redis).set_clock(HallClock(1e12, 2e12, 60.0))
    assert Hall(redis).clock().at(2e12 + 1000) == 1e12 + 60_000


# --- feeds, refusals, keys


def test_heartbeats_of_several_doors_add_up(redis: Redis) -> None:
    Feeds(redis).beat([Beat("fixes", "sim", 2000, 2000, 10, 9, 1), Beat("events", "311", 500)])
    Feeds(redis).beat([Beat("fixes", "sim", 1000, 1000, 5, 5, 0)])
    events, fixes = Feeds(redis).all()
    assert (events.last_beat_ms, events.last_record_ms, events.received) == (500, 0, 0)
    assert (fixes.last_beat_ms, fixes.received, fixes.accepted, fixes.rejected) == (2000, 15, 14, 1)


@pytest.mark.parametrize("speed", [0.1, 1.0, 600.0])
def test_a_wire_is_silent_in_real_time_however_fast_the_hall_runs(redis: Redis, speed: float) -> None:
    Hall(redis).set_clock(HallClock(1e12, 2e12, speed))
    Feeds(redis).beat([Beat("fixes", "sim", 2e12 + 8000, 2e12 + 7000, 1, 1)])
    (health,) = Feeds(redis).all()
    for later, grade in ((2, "live"), (33, "late"), (92, "dead")):  # read once, looked at later
        now = Hall(redis).clock().at(2e12 + 8000 + later * 1000)
        found = heard(health, load({}), now / 1000, speed)
        assert (round(found.age, 3), found.grade) == (later, grade)


def test_who_is_only_refused_is_no_source_that_anybody_waits_for(redis: Redis) -> None:
    Feeds(redis).beat([Beat("fixes", "stranger", 0, 0, 3, 0, 3)])
    assert Feeds(redis).all() == []
    Feeds(redis).beat([Beat("fixes", "known", 2000, 2000, 1, 1, 0)])
    Feeds(redis).beat([Beat("fixes", "known", 0, 0, 3, 0, 3)])
    (known,) = Feeds(redis).all()
    assert (known.last_beat_ms, known.accepted, known.rejected) == (2000, 1, 3)


def test_refusals_are_counted_for_ever_and_kept_for_a_while(redis: Redis) -> None:
    book = Rejected(redis)
    book.add([Refusal("fixes", "sim", "null_island", "0/0 is no place", "x" * 900, float(n)) for n in range(KEPT + 10)])
    book.add([Refusal("events", "311", "malformed", "no time", "{}", 1e12)], {("events", "malformed"): 5})
    assert book.counts() == {"events:malformed": 5, "fixes:null_island": KEPT + 10}
    newest, before = book.recent(2)
    assert (newest.kind, before.at_ms, len(before.body)) == ("events", float(KEPT + 9), 500)
    assert len(book.recent(5000)) == KEPT


# --- publish


def test_a_subscriber_hears_again_after_a_restart_and_knows_that_it_missed_something(own_server: Embedded) -> None:
    subscriber = Subscriber(connect(own_server.url), ["frames", "facts"])
    heard: list[tuple[str, bytes]] = []
    listener = threading.Thread(target=lambda: heard.extend(subscriber.listen()))
    real = subscriber.listen()
    assert next(real) == JOINED
    publisher = Publisher(connect(own_server.url))
    publisher.publish("frames", b"\x01one")
    assert next(real) == ("frames", b"\x01one")
    assert own_server.pid
    os.kill(own_server.pid, signal.SIGKILL)
    time.sleep(0.05)
    own_server.ensure()
    assert next(real) == JOINED
    publisher.publish("facts", b"two")
    assert next(real) == ("facts", b"two")
    real.close()
    listener.start()
    subscriber.close()
    listener.join(5)
    assert not listener.is_alive()


GREENLETS = """
from gevent import monkey; monkey.patch_all()
import sys, gevent
from dashboard.bus.connect import connect
from dashboard.bus.publish import JOINED, Publisher, Subscriber
heard = []
def hear():
    for message in Subscriber(connect(sys.argv[1]), ["frames"]).listen():
        heard.append(message)
        if len(heard) == 4: return
listener = gevent.spawn(hear)
publisher = Publisher(connect(sys.argv[1]))
ticks = 0
while not heard: gevent.sleep(0.01)
for n in range(3):
    publisher.publish("frames", b"%d" % n)
    gevent.sleep(0.01); ticks += 1
listener.join(5)
assert heard == [JOINED, *(("frames", b"%d" % n) for n in range(3))], heard
print("heard all")
"""


def test_a_subscriber_is_at_home_among_greenlets(redis_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GREENLETS, redis_url], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.stdout.strip() == "heard all", done.stderr
