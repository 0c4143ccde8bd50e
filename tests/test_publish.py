"""From the ledger to the screens: each entry once, in order, whoever publishes, dies or loses what it knew."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.bus import keys
from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.streams import Outlet, accepted
from dashboard.cases.case import Actor, Ask
from dashboard.cases.ledger import Ledger
from dashboard.cases.publish import Publisher
from dashboard.cases.rules.rules import Rules
from dashboard.cases.store.lines import News
from dashboard.cases.store.schema import CASES, ENTRIES
from dashboard.cases.teller import Teller
from dashboard.cases.told import Told
from dashboard.live.desk import Desk
from dashboard.live.district import District, Ground
from dashboard.live.frame import decode
from dashboard.live.mirror import Mirror
from dashboard.live.situation import Situation
from dashboard.settings import load
from feeds.lattice import lattice
from feeds.record import LEVELS, STEPS, EventReport

ROOT = Path(__file__).resolve().parent.parent
T = 1_763_700_300.0
CITY = lattice("t", (116.0, 39.0, 116.08, 39.08), districts=("east", "west"))
GROUND = Ground(CITY)
RULES = Rules.load(None)
DESK = Actor(name="desk", role="dispatcher")
HAND = Actor(name="hand", role="department", department="law")
CHECK = Actor(name="check", role="verifier")


class Clock:
    """Hall time that is ours."""

    def __init__(self) -> None:
        self.at = T

    def now(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(engine: Engine, clock: Clock) -> Ledger:
    return Ledger(engine, RULES, clock.now)


def word(event_id: str = "E1", step: str = "reported", after: float = 0.0, district: str = "east") -> Told:
    lon = 116.005 if district == "east" else 116.075
    report = EventReport(event_id, "litter", T, T + after, step=step, lon=lon, lat=39.005, source="worker")  # type: ignore[arg-type]
    return Told(report=report, origin="phones", district=district, area_id=f"{district}-community")


def heard(redis: Redis, *districts: str) -> list[EventReport]:
    """All that stands in the streams, in order."""
    batches = Outlet(redis, districts or ("east", "west")).read({}, 100_000)
    return [
        report
        for batch in batches
        if batch.kind == "events"
        for report in msgspec.msgpack.decode(batch.payload, type=list[EventReport])
    ]


def versions(reports: list[EventReport]) -> Counter[tuple[str, int]]:
    return Counter((report.event_id, report.version) for report in reports)


def written(engine: Engine) -> Counter[tuple[str, int]]:
    with engine.connect() as connection:
        return Counter((row.case_id, row.version) for row in connection.execute(sa.select(ENTRIES)))


def move(ledger: Ledger, name: str, actor: Actor, case_id: str = "E1", **data: object) -> None:
    ledger.move(Ask(case_id=case_id, move=name, note="because", data=data), actor)


def walk(ledger: Ledger, clock: Clock, *moves: tuple[str, Actor]) -> None:
    for name, actor in moves:
        clock.at += 60
        move(ledger, name, actor, **({"department": "law"} if name == "dispatch" else {}))


def test_each_entry_becomes_one_report_as_the_case_stood_after_it(
    ledger: Ledger, engine: Engine, redis: Redis, clock: Clock
) -> None:
    publisher = Publisher(engine, redis)
    ledger.report([word()])
    assert publisher.publish() == 1
    walk(ledger, clock, ("dispatch", DESK), ("accept", HAND), ("return", HAND), ("dispatch", DESK))
    assert publisher.publish({"east"}) == 4
    assert publisher.publish() == 0
    reports = heard(redis)
    assert [(r.version, r.step) for r in reports] == [
        (1, "reported"), (2, "dispatched"), (3, "dispatched"), (4, "reported"), (5, "dispatched"),
    ]  # fmt: skip
    assert [r.returns for r in reports] == [0, 0, 0, 1, 1]
    assert [r.updated_at - T for r in reports] == [0, 60, 120, 180, 240]
    assert (reports[-1].department, reports[-1].lon) == ("law", 116.005)
    assert accepted(redis, ["east"])["east"]["events"] == 5
    assert redis.get(keys.outbox("east")) == b"5"


def test_an_old_systems_history_keeps_its_own_times(ledger: Ledger, engine: Engine, redis: Redis) -> None:
    steps = ("dispatched", "handled", "verified", "archived")
    ledger.report([word(), *(word(step=step, after=-4000 + 900 * n) for n, step in enumerate(steps, 1))])
    Publisher(engine, redis).publish()
    reports = heard(redis)
    assert [r.step for r in reports][:1] == ["reported"]
    assert all(r.updated_at <= T for r in reports)


def test_two_publishers_that_race_tell_everything_once_and_in_order(
    ledger: Ledger, engine: Engine, redis: Redis, redis_url: str
) -> None:
    stop = threading.Event()
    broken: list[Exception] = []

    def publish() -> None:
        publisher = Publisher(engine, connect(redis_url))
        try:
            while not stop.is_set():
                publisher.publish()
        except Exception as error:  # noqa: BLE001 - told to the test
            broken.append(error)

    racers = [threading.Thread(target=publish) for _ in range(3)]
    for racer in racers:
        racer.start()
    for number in range(40):
        ledger.report([word(f"E{number}-{n}", district=("east", "west")[n % 2]) for n in range(6)])
        ledger.report([word(f"E{number}-{n}", "dispatched", 9, ("east", "west")[n % 2]) for n in range(6)])
    stop.set()
    for racer in racers:
        racer.join()
    Publisher(engine, redis).publish()
    assert not broken
    assert versions(heard(redis)) == written(engine)
    assert max(versions(heard(redis)).values()) == 1
    last: dict[str, int] = {}
    for report in heard(redis):
        assert report.version == last.get(report.event_id, 0) + 1
        last[report.event_id] = report.version


def collected(ledger: Ledger) -> dict[str, list[News]]:
    """What it commits from now on."""
    kept: dict[str, list[News]] = {}

    def hear(news: Mapping[str, Sequence[News]]) -> None:
        for district, some in news.items():
            kept.setdefault(district, []).extend(some)

    ledger.news.append(hear)
    return kept


def test_what_is_handed_over_is_told_as_if_it_had_been_read(
    ledger: Ledger, engine: Engine, redis: Redis, clock: Clock
) -> None:
    news, publisher = collected(ledger), Publisher(engine, redis)
    for district in ("east", "west"):
        redis.set(keys.outbox(district), b"0")
    ledger.report([word(), word("E2", district="west"), word("E2", "dispatched", 9, "west")])
    walk(ledger, clock, ("dispatch", DESK), ("accept", HAND), ("return", HAND))
    assert publisher.hand_over(news) == 6
    assert publisher.hand_over(news) == publisher.publish() == 0, "it was told already"
    handed = heard(redis)
    redis.flushall()
    for district in ("east", "west"):
        redis.set(keys.outbox(district), b"0")
    assert publisher.publish() == 6
    assert heard(redis) == handed


def test_what_another_has_written_in_between_is_told_in_its_place(
    ledger: Ledger, engine: Engine, redis: Redis, clock: Clock
) -> None:
    other, news = Ledger(engine, RULES, clock.now), collected(ledger)
    publisher = Publisher(engine, redis)
    ledger.report([word("E1"), word("W1", district="west")])
    other.report([word("E2")])
    ledger.report([word("E3")])
    assert publisher.hand_over(news) == 4, "there was no cursor yet, and E2 lies between"
    assert [report.event_id for report in heard(redis, "east")] == ["E1", "E2", "E3"]
    news.clear()
    other.report([word("E4")])
    ledger.report([word("E5"), word("W2", district="west")])
    assert publisher.hand_over(news) == 3, "E4 was written and not told"
    assert [report.event_id for report in heard(redis, "east")] == ["E1", "E2", "E3", "E4", "E5"]
    assert max(versions(heard(redis)).values()) == 1


DIES = """
import os, signal, sys
sys.path.insert(0, "tests")
from test_publish import *
from dashboard.sql.engine import connect as sql
ledger = Ledger(sql(sys.argv[1], sys.argv[2]), RULES, lambda: T)
ledger.report([word("E1"), word("E2")])
print("committed", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_committed_by_one_who_died_is_swept_up_once(
    engine: Engine, database_url: str, tmp_path: Path, redis: Redis
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DIES, database_url, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"committed\n"), done.stderr.decode()
    assert heard(redis) == []
    sweeps = [Publisher(engine, redis) for _ in range(2)]
    assert sum(sweep.publish() for sweep in sweeps) == 2
    assert versions(heard(redis)) == {("E1", 1): 1, ("E2", 1): 1}


PUBLISHES = """
import sys
sys.path.insert(0, "tests")
from test_publish import *
from dashboard.sql.engine import connect as sql
publisher = Publisher(sql(sys.argv[1], sys.argv[2]), connect(sys.argv[3]))
print("ready", flush=True)
while True:
    publisher.publish()
"""


def test_publishers_killed_in_the_middle_lose_nothing_and_tell_nothing_twice(
    ledger: Ledger, engine: Engine, database_url: str, tmp_path: Path, redis: Redis, redis_url: str
) -> None:
    command = [sys.executable, "-c", PUBLISHES, database_url, str(tmp_path), redis_url]
    chance = random.Random(5)
    for turn in range(4):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout and process.stdout.readline() == b"ready\n"
        until = time.monotonic() + chance.uniform(0.1, 0.4)
        number = 0
        while time.monotonic() < until:
            number += 1
            ledger.report([word(f"E{turn}-{number}-{n}") for n in range(20)])
        process.kill()
        process.wait()
    Publisher(engine, redis).publish()
    assert versions(heard(redis)) == written(engine)
    assert max(versions(heard(redis)).values()) == 1


def test_a_server_that_is_killed_while_it_is_told_hears_the_rest_when_it_is_back(
    ledger: Ledger, engine: Engine, own_server: Embedded
) -> None:
    redis = connect(own_server.url, patience=0.3)
    teller = Teller(Publisher(engine, redis))
    ledger.news.append(teller.hear)
    for number in range(30):
        ledger.report([word(f"E{number}")])
        if number == 15:
            assert own_server.pid
            os.kill(own_server.pid, signal.SIGKILL)
    assert ledger.case("E29").version == 1, "the commit stands, whether Redis is there or not"
    own_server.ensure()
    assert teller.flush(20)
    teller.close()
    assert versions(heard(redis)) == written(engine)
    assert max(versions(heard(redis)).values()) == 1
    redis.close()


def busy_hall(ledger: Ledger, clock: Clock) -> None:
    """Old cases that are open and closed, and a few that moved of late."""
    for number in range(30):
        ledger.report([word(f"O{number}", STEPS[number % 6], number, ("east", "west")[number % 2])])
    clock.at += 5 * 86400
    for number in range(0, 30, 6):
        move(ledger, "dispatch", DESK, f"O{number}", department="law")
    ledger.report([word(f"N{number}") for number in range(9)])
    clock.at += 60
    move(ledger, "dispatch", DESK, "N0", department="law")
    move(ledger, "void", DESK, "N1")


def screen(redis: Redis, now: float) -> Situation:
    """What a wall shows of what stands in the streams."""
    mirror = Mirror(CITY)
    for row in CITY.districts:
        desk = Desk(District(GROUND, int(row), load({})), 1)
        desk.state.fold_events(heard(redis, str(CITY.areas.area_id[row])))
        for frame in (desk.frame(now * 1000, beat=True), desk.facts(now * 1000)):
            assert frame is None or mirror.apply(decode(frame))
    return Situation(mirror, CITY, load({}), now, 0, [])


def agree(engine: Engine, situation: Situation) -> None:
    """By step and level as many are open as SQL says."""
    is_open = CASES.c.step.not_in(("archived", "appraised"))
    for name, words in (("step", STEPS), ("level", LEVELS)):
        column = CASES.c[name]
        with engine.connect() as connection:
            rows = connection.execute(sa.select(column, sa.func.count()).where(is_open).group_by(column))
            counts = {key: count for key, count in rows}  # noqa: C416 - rows are no pairs to pyright
        assert situation.backlog(name)["open"].tolist() == [counts.get(key, 0) for key in words]


@pytest.mark.parametrize("far", [200_000, 6])
def test_a_server_that_lost_everything_is_told_how_all_open_cases_stand(
    ledger: Ledger, engine: Engine, redis: Redis, clock: Clock, far: int
) -> None:
    busy_hall(ledger, clock)
    publisher = Publisher(engine, redis, far=far)
    publisher.publish()
    agree(engine, screen(redis, clock.at))
    redis.flushall()
    told = publisher.publish()
    situation = screen(redis, clock.at)
    agree(engine, situation)
    assert set(versions(heard(redis)).values()) <= {1}
    assert told == len(heard(redis)) < sum(written(engine).values())
    assert publisher.publish() == 0


def test_a_rebuilding_that_is_broken_off_is_taken_up_where_it_stood(
    ledger: Ledger, engine: Engine, redis: Redis, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy_hall(ledger, clock)
    monkeypatch.setattr("dashboard.cases.publish.BATCH", 3)
    publisher = Publisher(engine, redis)
    outbox, calls = publisher._outbox, [0]
    tell = outbox.tell

    def dies(*given: object) -> bool:
        calls[0] += 1
        if calls[0] == 4:
            raise ConnectionError("killed")
        return tell(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "tell", dies)
    with pytest.raises(ConnectionError):
        publisher.publish()
    Publisher(engine, redis).publish()
    agree(engine, screen(redis, clock.at))
    assert set(versions(heard(redis)).values()) == {1}


def test_a_database_restored_to_an_earlier_day_is_told_again(
    ledger: Ledger, engine: Engine, redis: Redis, clock: Clock
) -> None:
    ledger.report([word()])
    redis.set(keys.outbox("east"), b"99")
    assert Publisher(engine, redis).publish() == 1


@pytest.fixture
def teller(engine: Engine, redis: Redis) -> Iterator[Teller]:
    made = Teller(Publisher(engine, redis))
    yield made
    made.close()


def test_whoever_commits_does_not_wait_for_redis(ledger: Ledger, teller: Teller, redis: Redis) -> None:
    ledger.committed.append(teller.tell)
    redis.execute_command("CLIENT", "PAUSE", "600", "WRITE")
    began = time.monotonic()
    ledger.report([word()])
    assert time.monotonic() - began < 0.4
    assert teller.flush(5)
    assert versions(heard(redis)) == {("E1", 1): 1}
