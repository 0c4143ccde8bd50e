"""The bus on a Redis Cluster: the same code, another URL."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.bus import keys
from dashboard.bus.checkpoint import Checkpoint, Lease
from dashboard.bus.connect import AWAY, connect, connect_async
from dashboard.bus.feeds import Beat, Feeds
from dashboard.bus.hall import Hall
from dashboard.bus.outbox import Outbox, Step
from dashboard.bus.publish import JOINED, Publisher, Subscriber
from dashboard.bus.rejected import Refusal, Rejected
from dashboard.bus.streams import AsyncInlet, Inlet, Outlet, accepted
from feeds.lattice import lattice


def port_for_cluster() -> int:
    """The bus of a cluster listens 10,000 above."""
    for port in range(21000, 22000):
        with socket.socket() as one, socket.socket() as two:
            if one.connect_ex(("127.0.0.1", port)) and two.connect_ex(("127.0.0.1", port + 10000)):
                return port
    raise AssertionError("no free port")


@pytest.fixture(scope="module")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    binary = shutil.which("redis-server")
    if not binary:
        pytest.skip("there is no redis-server on this machine")
    port, folder = port_for_cluster(), tmp_path_factory.mktemp("cluster")
    options = {"port": str(port), "bind": "127.0.0.1", "cluster-enabled": "yes", "save": "", "dir": str(folder)}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    process = subprocess.Popen([binary, *words], stdout=subprocess.DEVNULL, cwd=Path(folder))
    try:
        plain = connect(f"redis://127.0.0.1:{port}")
        plain.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while b"cluster_state:ok" not in bytes(str(plain.execute_command("CLUSTER", "INFO")), "utf-8").replace(
            b"'cluster_state': 'ok'", b"cluster_state:ok"
        ):
            time.sleep(0.05)
        yield f"redis+cluster://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


async def write(url: str) -> None:
    inlet = AsyncInlet(connect_async(url))
    await inlet.write([("fixes", "a", b"3", 1), ("events", "b", b"4", 1)])
    await inlet.close()


def test_streams_leases_and_checkpoints_of_many_districts(cluster_url: str) -> None:
    redis = connect(cluster_url)
    Inlet(redis).write([("fixes", "a", b"1", 1), ("events", "a", b"x", 1), ("fixes", "b", b"2", 1)])
    asyncio.run(write(cluster_url))
    outlet = Outlet(redis, ["a", "b"])
    batches = outlet.read({})
    assert [(b.district, b.payload) for b in batches] == [
        ("a", b"1"), ("a", b"3"), ("a", b"x"), ("b", b"2"), ("b", b"4"),
    ]  # fmt: skip
    assert outlet.lag({}, time.time() * 1000)["a"] >= 0
    assert accepted(redis, ["a"]) == {"a": {"fixes": 2, "events": 1}}
    lease, checkpoint = Lease(redis, "a", "me", 30), Checkpoint(redis, "a")
    epoch = lease.acquire()
    assert epoch and lease.renew()
    assert checkpoint.save({"state": b"1"}, ["old"], epoch, {"fixes": batches[1].id}, trim=True)
    assert [b.payload for b in Outlet(redis, ["a"]).read({})] == [b"x"]
    redis.incr(keys.ask("b"))
    left, asked = outlet.look({"b": {"fixes": batches[3].id}})
    assert ([b.payload for b in left], asked) == ([b"x", b"4"], {"a": None, "b": b"1"})
    lease.release()


def test_what_the_ledger_tells_and_how_far_it_has_told_lie_in_one_slot(cluster_url: str) -> None:
    redis = connect(cluster_url)
    outbox = Outbox(redis)
    assert outbox.tell("west", "", "3", b"abc", 3, 5000.0)
    assert not outbox.tell("west", "", "3", b"abc", 3), "the other who read the same cursor"
    assert outbox.tell("west", "3", "4", b"d", 1)
    both = [Step("west", "3", "9", b"no", 1), Step("east", "", "1", b"e", 1)]
    assert outbox.tell_all(both) == [False, True]
    assert outbox.tell("east", "1", "")
    assert outbox.cursors(["west", "east"]) == {"west": "4", "east": ""}
    assert [(b.payload, b.rows) for b in Outlet(redis, ["west"]).read({})] == [(b"abc", 3), (b"d", 1)]
    assert accepted(redis, ["west"]) == {"west": {"events": 4}}


def test_what_the_whole_hall_shares(cluster_url: str) -> None:
    redis = connect(cluster_url)
    Hall(redis).put_city(lattice("town", (120.0, 30.0, 120.1, 30.1)))
    assert Hall(redis).city().city_id == "town"
    Feeds(redis).beat([Beat("fixes", "s", 1.0)])
    assert len(Feeds(redis).all()) == 1
    Rejected(redis).add([Refusal("fixes", "s", "nan", "no number", "{}", 1.0)])
    assert (Rejected(redis).counts(), len(Rejected(redis).recent(5))) == ({"fixes:nan": 1}, 1)


def test_frames(cluster_url: str) -> None:
    heard = Subscriber(connect(cluster_url), ["frames"]).listen()
    assert next(heard) == JOINED
    Publisher(connect(cluster_url)).publish("frames", b"1")
    assert next(heard) == ("frames", b"1")
    bundles = [("frames", b"2"), ("frames", b"3")]
    Publisher(connect(cluster_url)).tell({"a": {1: b"hole", 2: None}, "b": {7: b"tree"}}, bundles, {"fold": b"{}"})
    assert [next(heard), next(heard)] == bundles
    redis = connect(cluster_url)
    assert redis.hgetall(keys.words("a")) == {b"1": b"hole"}
    assert redis.hgetall(keys.words("b")) == {b"7": b"tree"}
    assert redis.hget(keys.FOLDS, "fold") == b"{}"
    heard.close()


def test_a_cluster_that_is_not_there_is_away() -> None:
    with pytest.raises(AWAY):
        connect("redis+cluster://127.0.0.1:1", patience=0)
