"""Words on events at the door: in the ledger before they are answered, once, in their place; nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.hall import Hall
from dashboard.bus.rejected import Rejected
from dashboard.bus.streams import accepted
from dashboard.cases.store.reading import personal_of, trail_of
from dashboard.cases.store.schema import CASES, ENTRIES
from dashboard.ingest.filing import Filing, Unfiled
from dashboard.ingest.process import server
from dashboard.ingest.roster import Place, Roster
from dashboard.settings import load
from dashboard.sql.engine import FILE
from feeds.lattice import lattice
from feeds.record import EventReport

CITY = lattice("town", (120.0, 30.0, 120.1, 30.1), districts=("west", "east"), worker_ids=["w0", "w1"])


@contextmanager
def door(redis_url: str, port: int, data: Path, database_url: str = "", **given: Any) -> Iterator[httpx.Client]:
    where = {"redis_url": redis_url, "ingest_port": port, "data": str(data), "database_url": database_url}
    runner = server(load({}, **where, **given), redis_url)
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        assert soon(lambda: runner.started and client.get("/healthz").status_code == 200, 20)
        yield client
    runner.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def post(redis: Redis, redis_url: str, free_port: int, tmp_path: Path, database_url: str) -> Iterator[httpx.Client]:
    Hall(redis).put_city(CITY)
    with door(redis_url, free_port, tmp_path, database_url) as client:
        yield client


def soon(condition: Any, seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def event(**changed: Any) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "class_code": "litter",
        "reported_at": time.time(),
        "lon": 120.09,
        "lat": 30.055,
    } | changed


def send(client: httpx.Client, *events: dict[str, Any], source: str = "phones") -> httpx.Response:
    return client.post("/ingest/v1/events", json=list(events), headers={"X-Source": source})


def cases(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        return {row.case_id: row for row in connection.execute(sa.select(CASES))}


def test_what_is_answered_is_a_case_in_its_place(post: httpx.Client, engine: Engine) -> None:
    assert send(post, event()).json() == {"accepted": 1, "rejected": []}
    (case,) = cases(engine).values()
    assert (case.case_id, case.origin, case.district, case.step) == ("e1", "phones", "east", "reported")
    assert (case.street, case.community, case.area_id) == ("east-street", "east-community", "east-community")
    assert case.grid_id == "town-004-007"


def test_a_word_that_comes_again_is_accepted_and_written_once(post: httpx.Client, engine: Engine) -> None:
    said = event()
    for _ in range(3):
        assert send(post, said, said).json()["accepted"] == 2
    assert send(post, said | {"step": "dispatched", "updated_at": time.time()}).json()["accepted"] == 1
    assert [entry.move for entry, _ in trail_of(engine, "e1")] == ["report", "tell"]


def test_two_sources_may_call_their_events_alike(post: httpx.Client, engine: Engine) -> None:
    send(post, event(), source="phones")
    send(post, event(), source="hotline")
    assert set(cases(engine)) == {"e1", "hotline:e1"}


def test_who_reported_is_kept_apart_and_in_no_list_of_what_was_refused(
    post: httpx.Client, engine: Engine, redis: Redis
) -> None:
    who = {"reporter_name": "王小明", "reporter_phone": "13900001234"}
    send(post, event(**who), event(event_id="e2", status="lost", **who))
    assert personal_of(engine, "e1") == who
    with engine.connect() as connection:
        bodies = " ".join(connection.execute(sa.select(ENTRIES.c.body)).scalars())
    assert "13900001234" not in bodies and "王小明" not in bodies
    post.post("/ingest/v1/events", content=b'[{"reporter_phone": "13900001234"')
    assert soon(lambda: sum(Rejected(redis).counts().values()) == 2)
    assert not any("13900001234" in refusal.body for refusal in Rejected(redis).recent(9))


def test_redis_away_keeps_nobody_from_being_filed_and_the_wall_hears_of_it_later(
    own_server: Embedded, free_port: int, tmp_path: Path
) -> None:
    Hall(connect(own_server.url)).put_city(CITY)
    with door(own_server.url, free_port, tmp_path) as post:
        assert own_server.pid
        os.kill(own_server.pid, signal.SIGKILL)
        assert send(post, event()).json()["accepted"] == 1
        own_server.ensure()
        redis = connect(own_server.url)
        assert soon(lambda: accepted(redis, ["east"])["east"].get("events") == 1)


def test_a_database_that_is_locked_too_long_is_told_to_the_sender_and_takes_it_the_next_time(
    redis: Redis, redis_url: str, free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.sql.engine.PATIENCE", 0.3)
    Hall(redis).put_city(CITY)
    with door(redis_url, free_port, tmp_path) as post:
        send(post, event(event_id="e0"))
        stranger = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        said = event()
        away = send(post, said)
        assert (away.status_code, away.headers["retry-after"], away.json()["reason"]) == (503, "1", "ledger_away")
        stranger.execute("ROLLBACK")
        assert send(post, said).json()["accepted"] == 1
        assert stranger.execute("SELECT count(*) FROM cases").fetchone() == (2,)
        stranger.close()


def test_what_comes_during_a_commit_goes_together_with_the_next_one(
    post: httpx.Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    report = Filing._report

    def slow(filing: Filing, told: Any) -> list[int]:
        sizes.append(len(told))
        time.sleep(0.2)
        return report(filing, told)

    monkeypatch.setattr(Filing, "_report", slow)
    threads = [threading.Thread(target=send, args=(post, event(event_id=f"e{n}"))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sizes) == 20 == len(cases(engine))
    assert len(sizes) < 8


def test_who_comes_when_the_ledger_is_closed_is_told_that_nothing_was_filed() -> None:
    class Slow:
        def report(self, told: Any) -> None:
            time.sleep(0.2)

    async def come() -> list[Any]:
        filing = Filing(Slow(), 100)  # type: ignore[arg-type]
        callers = [asyncio.create_task(filing.file(["a word"]))]  # type: ignore[list-item]
        await asyncio.sleep(0.05)
        callers += [asyncio.create_task(filing.file(["one more"])) for _ in range(2)]  # type: ignore[list-item]
        await asyncio.sleep(0.05)
        await asyncio.to_thread(filing.close)
        callers.append(asyncio.create_task(filing.file(["the last"])))  # type: ignore[list-item]
        return await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 5)

    first, *others = asyncio.run(come())
    assert first == []
    assert [type(one) for one in others] == [Unfiled] * 3


def test_one_word_that_the_ledger_cannot_take_holds_back_no_other(
    post: httpx.Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.cases.ledger import Ledger

    report = Ledger.report

    def picky(ledger: Ledger, told: Any) -> Any:
        if any(one.report.event_id == "bad" for one in told):
            raise ValueError("no")
        return report(ledger, told)

    monkeypatch.setattr(Ledger, "report", picky)
    answer = send(post, event(), event(event_id="bad"), event(event_id="e3")).json()
    assert (answer["accepted"], [(bad["index"], bad["reason"]) for bad in answer["rejected"]]) == (2, [(1, "unfit")])
    assert set(cases(engine)) == {"e1", "e3"}


ROSTER = Roster(CITY)
#: Of a place in a grid of the west, after its district.
WEST = ("west-street", "west-community", "west-community")


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"lon": 120.001, "lat": 30.001}, Place("west", *WEST, "town-000-000", "urban")),
        ({"grid_id": "town-007-000"}, Place("west", *WEST, "town-007-000", "urban")),
        ({"area_id": "east-street"}, Place("east", "east-street", "", "east-street")),
        ({"area_id": "east"}, Place("east", "", "", "east")),
        ({"worker_id": "w0"}, Place("west", "", "", "west")),
        ({}, Place("west", "", "", "west")),
        ({"area_id": "east-street", "lon": 120.001, "lat": 30.001}, Place("east", "east-street", "", "east-street")),
    ],
)  # fmt: skip
def test_an_event_lies_in_its_grid_else_in_the_area_it_names_else_in_its_district(
    said: dict[str, Any], place: Place
) -> None:
    assert ROSTER.place(EventReport("e", "litter", 0.0, 0.0, **said)) == place
