"""The door, over real sockets and both makes of server: what it takes, what it refuses, what it answers."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest

from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.feeds import Feeds
from dashboard.bus.hall import Hall
from dashboard.bus.rejected import Rejected
from dashboard.bus.streams import Outlet, accepted
from dashboard.clock import HallClock
from dashboard.ingest.process import server
from dashboard.people.tokens import Tokens
from dashboard.settings import load
from dashboard.sql.engine import connect as connect_sql
from feeds.lattice import lattice
from feeds.record import FIX, CameraStatus, EventReport

CITY = lattice(
    "town", (120.0, 30.0, 120.1, 30.1), districts=("west", "east"), worker_ids=[f"w{n}" for n in range(64)], cameras=8
)
DISTRICTS = ("west", "east")


@contextmanager
def door(url: str, port: int, data: Path, **given: Any) -> Iterator[httpx.Client]:
    runner = server(load({}, redis_url=url, ingest_port=port, data=str(data), **given), url)
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not runner.started and time.monotonic() < until:
        time.sleep(0.01)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=15) as client:
        yield client
    runner.should_exit = True
    thread.join(15)
    assert not thread.is_alive()


@pytest.fixture
def post(redis: Redis, redis_url: str, free_port: int, tmp_path: Path) -> Iterator[httpx.Client]:
    Hall(redis).put_city(CITY)
    with door(redis_url, free_port, tmp_path) as client:
        yield client


def fix(worker: int = 0, **changed: Any) -> dict[str, Any]:
    return {"worker_id": f"w{worker}", "lon": 120.05, "lat": 30.05, "at": time.time() * 1000} | changed


def event(**changed: Any) -> dict[str, Any]:
    return {"event_id": "e1", "class_code": "litter", "reported_at": time.time(), "lon": 120.09, "lat": 30.05} | changed


def stored(redis: Redis) -> np.ndarray[Any, Any]:
    return np.frombuffer(b"".join(b.payload for b in Outlet(redis, DISTRICTS).read({}) if b.kind == "fixes"), FIX)


def told(redis: Redis) -> dict[str, list[EventReport]]:
    """What the ledger has told of each district: a moment after the answer."""
    decoder = msgspec.msgpack.Decoder(list[EventReport])
    found: dict[str, list[EventReport]] = {}
    for batch in Outlet(redis, DISTRICTS).read({}):
        if batch.kind == "events":
            found.setdefault(batch.district, []).extend(decoder.decode(batch.payload))
    return found


def reasons(answer: httpx.Response) -> list[tuple[int, str]]:
    assert answer.status_code == 200, answer.text
    return [(bad["index"], bad["reason"]) for bad in answer.json()["rejected"]]


def soon(condition: Any, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


# --- fixes


def test_a_fix_is_in_the_stream_of_its_workers_district_when_it_is_answered(post: httpx.Client, redis: Redis) -> None:
    at = time.time()
    sent = fix(4, at=datetime.fromtimestamp(at, UTC).isoformat(), accuracy=7.5, speed=1.234, heading=359.8, battery=80)
    assert post.post("/ingest/v1/fixes", json=sent | {"sos": True, "indoor": True}).json() == {
        "accepted": 1,
        "rejected": [],
    }
    (batch,) = Outlet(redis, DISTRICTS).read({})
    assert (batch.district, batch.rows) == ("east", 1)
    (row,) = stored(redis)
    assert (row["worker"], row["lon"], row["lat"], row["at"]) == (4, 1_200_500_000, 300_500_000, int(at * 1000))
    assert (row["acc"], row["speed"], row["heading"], row["battery"], row["flags"]) == (8, 123, 0, 80, 6)


WRONG: dict[str, dict[str, Any]] = {
    "null_island": {"lon": 0, "lat": -0.0},
    "out_of_range": {"lon": 181.0},
    "swapped": {"lon": 30.05, "lat": 120.05},
    "future": {"at": time.time() + 3600},
    "too_old": {"at": "2000-01-01T00:00:00Z"},
    "no_zone": {"at": "2026-01-01T08:00:00"},
    "malformed": {"at": "yesterday"},
    "unknown_worker": {"worker_id": "nobody"},
}


def test_a_good_fix_among_bad_ones_is_taken_and_each_bad_one_is_told_why(post: httpx.Client, redis: Redis) -> None:
    batch = [fix(**changed) for changed in WRONG.values()] + [fix(1), fix(lon="east"), {"worker_id": "w1"}, 7]
    answer = post.post("/ingest/v1/fixes", json=batch)
    expected = [*enumerate(WRONG), (9, "malformed"), (10, "malformed"), (11, "malformed")]
    assert sorted(reasons(answer)) == expected
    assert all(len(bad["detail"]) > 10 for bad in answer.json()["rejected"])
    assert answer.json()["accepted"] == 1
    assert accepted(redis, DISTRICTS) == {"west": {"fixes": 1}, "east": {}}
    assert soon(lambda: Rejected(redis).counts().get("fixes:malformed") == 4)
    assert Rejected(redis).counts()["fixes:swapped"] == 1
    assert "nobody" in " ".join(refusal.body for refusal in Rejected(redis).recent(20))


def test_nan_is_not_json_but_costs_only_its_own_record(post: httpx.Client) -> None:
    body = msgspec.json.encode([fix(0, lon=1.5), fix(1)]).replace(b"1.5", b"NaN")
    answer = post.post("/ingest/v1/fixes", content=body)
    assert (answer.json()["accepted"], reasons(answer)) == (1, [(0, "nan")])


def test_optional_fields_that_cannot_be_true_are_not_known_and_never_a_refusal(
    post: httpx.Client, redis: Redis
) -> None:
    absurd = {"accuracy": -1, "speed": 9e9, "heading": -1, "battery": 300}
    assert (
        post.post("/ingest/v1/fixes", json=[fix(**absurd), fix(accuracy="good", battery=None)]).json()["accepted"] == 2
    )
    for row in stored(redis):
        assert (row["acc"], row["speed"], row["heading"], row["battery"]) == (65535, 65535, 65535, 255)


def test_fixes_travel_as_msgpack_rows_and_columns_and_gzipped(post: httpx.Client, redis: Redis) -> None:
    packed = {"Content-Type": "application/msgpack"}
    rows = [fix(n) for n in range(5)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    bodies = (
        (msgspec.msgpack.encode(rows), packed),
        (msgspec.msgpack.encode(rows[0]), packed),
        (msgspec.msgpack.encode(columns), packed),
        (gzip.compress(msgspec.json.encode(rows)), {"Content-Encoding": "gzip"}),
        (msgspec.json.encode(columns), {}),
    )
    for body, headers in bodies:
        assert post.post("/ingest/v1/fixes", content=body, headers=headers).status_code == 200
    assert len(stored(redis)) == 21
    uneven = post.post("/ingest/v1/fixes", content=msgspec.msgpack.encode(columns | {"lat": [1.0]}), headers=packed)
    assert (uneven.status_code, "different lengths" in uneven.text) == (400, True)


def test_what_is_sent_together_is_written_together(post: httpx.Client, redis: Redis) -> None:
    async def many() -> None:
        async with httpx.AsyncClient(base_url=post.base_url) as client:
            await asyncio.gather(*(client.post("/ingest/v1/fixes", json=fix(n % 64)) for n in range(200)))

    asyncio.run(many())
    counts = accepted(redis, DISTRICTS)
    assert counts["west"]["fixes"] + counts["east"]["fixes"] == len(stored(redis)) == 200
    assert len(Outlet(redis, DISTRICTS).read({})) < 200


# --- events and cameras


def test_events_come_in_the_words_of_other_systems(post: httpx.Client, redis: Redis) -> None:
    sent = [
        event(status="assigned", updated_at="2026-06-01T08:00:00+08:00", reported_at="2026-06-01T07:00:00+08:00"),
        event(event_id="e2", lon=None, lat=None, class_code="no such class", step="handled"),
        event(event_id="e3", lon=0, lat=0, grid_id="town-000-000"),
        event(event_id="e4", status="gone"),
        event(event_id="", status="open"),
        event(event_id="e6", reported_at="noon"),
    ]
    Hall(redis).set_clock(HallClock(1780275600000.0, time.time() * 1000, 1.0))
    assert soon(lambda: post.post("/ingest/v1/fixes", json=fix()).json()["rejected"])
    for record in sent[1:5]:
        record["reported_at"] = 1780272000
    answer = post.post("/ingest/v1/events", json=sent)
    assert reasons(answer) == [(3, "unknown_status"), (4, "malformed"), (5, "malformed")]
    assert soon(lambda: set(told(redis)) == {"west", "east"})
    batches = told(redis)
    assert [(e.event_id, e.step) for e in batches["east"]] == [("e1", "dispatched")]
    assert [(e.event_id, e.step, e.lon) for e in batches["west"]] == [("e2", "handled", None), ("e3", "reported", None)]
    assert batches["east"][0].updated_at - batches["east"][0].reported_at == 3600


def test_words_have_a_length(post: httpx.Client, redis: Redis) -> None:
    long = {"event_id": 201, "text": 4001, "class_code": 61, "address": 401, "department": 201, "reporter_name": 101}
    sent = [event(**{name: "x" * length}) for name, length in long.items()]
    answer = post.post("/ingest/v1/events", json=[*sent, event(event_id="x" * 200, text="语" * 4000)])
    assert reasons(answer) == [(number, "malformed") for number in range(len(long))]
    assert all("length" in bad["detail"] for bad in answer.json()["rejected"])
    assert soon(lambda: Rejected(redis).counts().get("events:malformed") == len(long))


def test_nothing_of_a_person_is_kept_of_a_refused_event_wherever_it_stands(post: httpx.Client, redis: Redis) -> None:
    phone = "13812345678"
    sent: list[Any] = [event(status="gone", reporter={"phone": phone}, reporterPhone=phone, Reporter_name="Zhang San")]
    sent += [event(status="gone", text={"phone": phone}, address=[phone]), [phone], phone]
    assert len(reasons(post.post("/ingest/v1/events", json=sent))) == 4
    assert soon(lambda: len(Rejected(redis).recent()) == 4)
    kept = " ".join(refusal.body + refusal.detail for refusal in Rejected(redis).recent())
    assert "'e1'" in kept and "gone" in kept and phone not in kept and "Zhang" not in kept


@pytest.mark.parametrize("kind", ["fixes", "cameras"])
def test_of_what_is_refused_only_what_we_know_is_kept_and_not_much_of_it(
    kind: str, post: httpx.Client, redis: Redis
) -> None:
    secret, long = "hunter2", "nobody" + "x" * 5000
    known = {"fixes": fix(worker_id=long), "cameras": {"camera_id": long, "state": "on"}}[kind]
    sent: list[Any] = [known | {"password": secret, "worker": {"name": secret}}, known | {"at": {"is": secret}}]
    sent += [[secret], secret, {secret: secret}]
    assert len(reasons(post.post(f"/ingest/v1/{kind}", json=sent))) == 5
    assert len(reasons(post.post(f"/ingest/v1/{kind}", json=[known | {"password": secret}]))) == 1
    for broken in (f'{{"password": "{secret}"', f'["{secret}" NaN'):
        assert post.post(f"/ingest/v1/{kind}", content=broken.encode()).status_code == 400
    assert soon(lambda: len(Rejected(redis).recent()) == 8)
    kept = [refusal.body + refusal.detail for refusal in Rejected(redis).recent()]
    assert secret not in " ".join(kept) and max(map(len, kept)) < 400
    assert sum("nobodyxxx" in one for one in kept) == 3


def test_of_columns_that_are_refused_little_is_kept(post: httpx.Client, redis: Redis) -> None:
    one = fix(worker_id="nobody" + "x" * 5000, at="2026-01-01T00:00:00" + "x" * 5000)
    body = msgspec.msgpack.encode({name: [value] for name, value in one.items()} | {"password": ["hunter2"]})
    answer = post.post("/ingest/v1/fixes", content=body, headers={"Content-Type": "application/msgpack"})
    assert len(reasons(answer)) == 1
    assert soon(lambda: len(Rejected(redis).recent()) == 1)
    (refusal,) = Rejected(redis).recent()
    assert "nobodyxxx" in refusal.body and "hunter2" not in refusal.body and len(refusal.body) < 400


def test_cameras_are_known_or_refused(post: httpx.Client, redis: Redis) -> None:
    sent = [
        {"camera_id": "cam-00001", "state": "OFF", "at": time.time()},
        {"camera_id": "cam-99999", "state": "online"},
        {"camera_id": "cam-00002", "state": "asleep"},
    ]
    answer = post.post("/ingest/v1/cameras", json=sent)
    assert reasons(answer) == [(1, "unknown_camera"), (2, "unknown_state")]
    (batch,) = Outlet(redis, DISTRICTS).read({})
    assert [s.state for s in msgspec.msgpack.decode(batch.payload, type=list[CameraStatus])] == ["offline"]


def test_a_quiet_feed_says_that_it_lives(post: httpx.Client, redis: Redis) -> None:
    assert (
        post.post("/ingest/v1/heartbeat", json={"kind": "events"}, headers={"X-Source": "hotline"}).status_code == 200
    )
    post.post("/ingest/v1/fixes", json=[fix(), fix(lon=0, lat=0)], headers={"X-Source": "buses"})
    assert soon(lambda: len(Feeds(redis).all()) == 2)
    events, fixes = Feeds(redis).all()
    assert (events.source, events.last_record_ms, events.received) == ("hotline", 0, 0)
    assert (fixes.source, fixes.received, fixes.accepted, fixes.rejected) == ("buses", 2, 1, 1)
    assert abs(time.time() * 1000 - fixes.last_record_ms) < 10_000
    assert post.post("/ingest/v1/heartbeat", json={"kind": "moods"}).status_code == 400


# --- whole requests


def test_a_body_that_is_not_json_gets_a_sentence_and_a_count(post: httpx.Client, redis: Redis) -> None:
    for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000):
        answer = post.post("/ingest/v1/fixes", content=body)
        assert answer.status_code == 400
        assert "this is not JSON" in answer.json()["error"]
    assert soon(lambda: Rejected(redis).counts().get("fixes:broken") == 4)


def test_a_hundred_megabytes_are_refused_and_the_connection_stays_good(post: httpx.Client, redis: Redis) -> None:
    answer = post.post("/ingest/v1/fixes", content=bytes(100_000_000))
    assert (answer.status_code, "smaller batches" in answer.text) == (413, True)
    chunked = post.post("/ingest/v1/fixes", content=(bytes(1_000_000) for _ in range(20)))
    assert chunked.status_code == 413
    assert post.post("/ingest/v1/fixes", json=fix()).json()["accepted"] == 1
    assert soon(lambda: Rejected(redis).counts().get("fixes:too_large") == 2)


def test_a_gzip_bomb_is_not_unpacked(post: httpx.Client) -> None:
    headers = {"Content-Encoding": "gzip"}
    bomb = gzip.compress(bytes(200_000_000), 9)
    assert post.post("/ingest/v1/fixes", content=bomb, headers=headers).status_code == 413
    assert post.post("/ingest/v1/fixes", content=b"no gzip", headers=headers).status_code == 400
    assert post.post("/ingest/v1/fixes", content=gzip.compress(b"[]" * 50)[:-9], headers=headers).status_code == 400
    assert post.post("/ingest/v1/fixes", content=b"[]", headers={"Content-Encoding": "br"}).status_code == 415


def test_no_other_door_is_open(post: httpx.Client) -> None:
    assert post.post("/ingest/v1/moods", json={}).status_code == 404
    assert post.get("/ingest/v1/fixes").status_code == 405
    assert post.get("/healthz").json() == {"ok": True, "trouble": ""}


def test_the_metrics_count_what_came_in(post: httpx.Client) -> None:
    post.post("/ingest/v1/fixes", json=[fix(), fix(lon=0, lat=0)])
    text = post.get("/metrics").text
    assert 'gridhall_ingest_accepted_total{kind="fixes"} 1' in text
    assert 'gridhall_ingest_rejected_total{kind="fixes",reason="null_island"} 1' in text
    assert 'gridhall_ingest_write_seconds_bucket{le="+Inf"} 1' in text
    assert "gridhall_ingest_buffer_records 0" in text


def test_the_metrics_count_the_events_whose_class_nobody_knows(post: httpx.Client) -> None:
    post.post("/ingest/v1/events", json=[event(), event(event_id="e2", class_code="moon-dust")])
    assert "gridhall_ingest_unknown_class_total 1" in post.get("/metrics").text


# --- who may come in


def test_a_key_speaks_for_its_source_and_a_wrong_one_for_nobody(
    post: httpx.Client, redis: Redis, tmp_path: Path
) -> None:
    tokens = Tokens(connect_sql("", str(tmp_path)), time.time)
    key = tokens.add("source", "buses")
    bearer = {"Authorization": f"Bearer {key}", "X-Source": "somebody else"}
    assert soon(lambda: post.post("/ingest/v1/fixes", json=fix(), headers=bearer).status_code == 200)
    assert post.post("/ingest/v1/fixes", json=fix(), headers={"X-API-Key": key}).status_code == 200
    assert post.post("/ingest/v1/fixes", json=fix(), headers={"X-API-Key": key + "x"}).status_code == 403
    assert soon(lambda: [feed.source for feed in Feeds(redis).all()] == ["buses"])
    tokens.revoke("source", "buses")
    assert soon(lambda: post.post("/ingest/v1/fixes", json=fix(), headers=bearer).status_code == 403)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via", "Origin"])
def test_who_comes_through_a_proxy_or_a_web_page_is_not_of_this_machine(post: httpx.Client, header: str) -> None:
    answer = post.post("/ingest/v1/fixes", json=fix(), headers={header: "somewhere"})
    assert (answer.status_code, "API key" in answer.text) == (401, True)


def test_nobody_speaks_without_a_key_for_a_source_that_has_one_or_for_the_hall(
    post: httpx.Client, tmp_path: Path
) -> None:
    """Else a program beside the door, or all that a bare proxy lets through, would write into others' cases."""
    Tokens(connect_sql("", str(tmp_path)), time.time).add("source", "hotline")
    assert soon(lambda: post.post("/ingest/v1/events", json=[], headers={"X-Source": "hotline"}).status_code == 401)
    for name in ("hall", "Hall", "HOTLINE", "\u200bhotline".encode(), "ｈｏｔｌｉｎｅ".encode()):
        answer = post.post("/ingest/v1/events", json=[], headers=[(b"X-Source", name)])  # type: ignore[list-item]
        assert (answer.status_code, "needs an API key" in answer.text) == (401, True), name
    assert post.post("/ingest/v1/events", json=[], headers={"X-Source": "hotlines"}).status_code == 200


def test_a_door_may_be_told_to_hear_nobody_without_a_key(
    redis: Redis, redis_url: str, free_port: int, tmp_path: Path
) -> None:
    Hall(redis).put_city(CITY)
    with door(redis_url, free_port, tmp_path, ingest_guest="false") as post:
        key = Tokens(connect_sql("", str(tmp_path)), time.time).add("source", "buses")
        assert post.post("/ingest/v1/fixes", json=fix()).status_code == 401
        bearer = {"Authorization": f"Bearer {key}"}
        assert soon(lambda: post.post("/ingest/v1/fixes", json=fix(), headers=bearer).status_code == 200)


# --- when Redis is away, when too much waits


def test_no_fix_is_accepted_while_redis_is_away_and_it_goes_on_by_itself(
    own_server: Embedded, free_port: int, tmp_path: Path
) -> None:
    Hall(connect(own_server.url)).put_city(CITY)
    with door(own_server.url, free_port, tmp_path) as post:
        assert post.post("/ingest/v1/fixes", json=fix()).status_code == 200
        assert own_server.pid
        os.kill(own_server.pid, signal.SIGKILL)
        time.sleep(0.1)
        away = post.post("/ingest/v1/fixes", json=fix(1))
        assert (away.status_code, away.headers["retry-after"]) == (503, "1")
        assert 'accepted_total{kind="fixes"} 1' in post.get("/metrics").text
        assert soon(lambda: post.get("/healthz").json() == {"ok": False, "trouble": "Redis is away"})
        while not own_server.ensure():
            time.sleep(0.01)
        assert post.post("/ingest/v1/fixes", json=fix(1)).status_code == 200
        assert len(stored(connect(own_server.url))) == 2


def test_above_its_buffer_it_slows_callers_and_drops_nothing(
    redis: Redis, redis_url: str, free_port: int, tmp_path: Path
) -> None:
    Hall(redis).put_city(CITY)
    with door(redis_url, free_port, tmp_path, ingest_buffer=100) as client:

        async def many() -> list[httpx.Response]:
            async with httpx.AsyncClient(base_url=client.base_url, timeout=20) as sender:
                batch = [fix(n) for n in range(60)]
                return await asyncio.gather(*(sender.post("/ingest/v1/fixes", json=batch) for _ in range(20)))

        redis.execute_command("CLIENT", "PAUSE", "500", "WRITE")
        answers = asyncio.run(many())
        codes = {answer.status_code for answer in answers}
        assert codes == {200, 429}
        assert all(a.headers["retry-after"] == "1" for a in answers if a.status_code == 429)
        assert len(stored(redis)) == sum(a.json()["accepted"] for a in answers if a.status_code == 200)


def test_without_a_city_nothing_can_be_taken(redis_url: str, free_port: int, tmp_path: Path) -> None:
    with door(redis_url, free_port, tmp_path) as post:
        answer = post.post("/ingest/v1/fixes", json=fix())
        assert (answer.status_code, "no city" in answer.text) == (503, True)
        assert post.get("/healthz").status_code == 503
        Hall(connect(redis_url)).put_city(CITY)
        assert soon(lambda: post.post("/ingest/v1/fixes", json=fix()).status_code == 200)
