"""The steward does each duty in its time, once however many stewards there are, and one failing duty stops no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from serving import riverside, until
from sqlalchemy import Engine
from trails import ADMIN, DESK, START, WORKER, Bench

from dashboard import checks
from dashboard import steward as room
from dashboard.bus.connect import Redis
from dashboard.bus.hall import Hall
from dashboard.cases import applied
from dashboard.cases.duties import HELD, Duties
from dashboard.cases.overdue import come_back, recompute, unpark
from dashboard.cases.store.reading import heads
from dashboard.cases.store.schema import ENTRIES
from dashboard.cases.trail.verify import verified
from dashboard.cases.trail.watch import CHECKS, DUTIES
from dashboard.settings import load
from dashboard.sql.engine import connect as connect_sql
from dashboard.sql.engine import writing
from dashboard.sql.migrate import upgrade
from dashboard.steward import Duty, House, Steward

ROOT = Path(__file__).resolve().parent.parent


class Wall:
    """The machine's clock, in the test's hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def wall() -> Wall:
    return Wall()


# --- who does what ---


def test_a_duty_is_one_stewards_until_it_is_done_and_due_again(engine: Engine, wall: Wall):
    one, two = Duties(engine, "one", wall), Duties(engine, "two", wall)
    assert one.take("verify") and not two.take("verify")
    one.done("verify", 10.0)
    assert not two.take("verify") and not one.take("verify")
    wall.at += 10
    assert two.take("verify") and not one.take("verify")


def test_a_duty_whose_steward_died_is_taken_over_after_a_minute(engine: Engine, wall: Wall):
    one, two = Duties(engine, "one", wall), Duties(engine, "two", wall)
    assert one.take("verify")
    wall.at += HELD - 1
    assert not two.take("verify")
    wall.at += 1
    assert two.take("verify") and not one.take("verify")
    one.done("verify", 10.0)
    assert two.all()["verify"].holder == "two"


def test_how_a_duty_goes_is_written_down(engine: Engine, wall: Wall):
    duties = Duties(engine, "one", wall)
    assert duties.take("verify")
    duties.done("verify", 10.0, "the disk is full")
    assert duties.all()["verify"].trouble == "the disk is full"
    wall.at += 10
    assert duties.take("verify")
    duties.done("verify", 10.0)
    found = duties.all()["verify"]
    assert (found.runs, found.failures, found.trouble) == (2, 1, "")
    assert (found.done_at, found.failed_at) == (START + 10, START)


@pytest.fixture
def house(redis_url: str, redis: Redis, tmp_path: Path, wall: Wall) -> Iterator[House]:
    Hall(redis).put_city(riverside())
    made = House(load({}, data=str(tmp_path / "data"), redis_url=redis_url), wall)
    made.look()
    yield made
    made.engine.dispose()


def test_one_failing_duty_is_counted_and_stops_no_other(house: House, wall: Wall, caplog: pytest.LogCaptureFixture):
    did: list[str] = []

    def fails(_house: House) -> None:
        raise RuntimeError("nobody is at home")

    duties = (
        Duty("before", 1.0, lambda _: did.append("before"), shared=True),
        Duty("fails", 1.0, fails),
        Duty("after", 1.0, lambda _: did.append("after")),
    )
    steward = Steward(house, duties)
    for second in range(3):
        wall.at += 20
        steward.round(second * 20.0)
    assert did == ["before", "after"] * 3
    assert steward.failures == {"fails": 3}
    assert house_duty(house, "fails").trouble == "nobody is at home"
    assert "fails failed" in caplog.text


def house_duty(house: House, name: str) -> Any:
    return Duties(house.engine, "", house.now).all()[name]


def test_two_stewards_do_a_duty_once(house: House, wall: Wall):
    did: list[int] = []
    duties = (Duty("sign", 300.0, lambda _: did.append(1)),)
    one, two = Steward(house, duties, "one"), Steward(house, duties, "two")
    for minute in range(10):
        wall.at = START + minute * 60
        one.round(minute * 60.0)
        two.round(minute * 60.0)
    assert len(did) == 2


# --- the duties themselves ---


def bench_of(house: House) -> Bench:
    bench = Bench(house.engine)
    bench.ledger.rules = house.ledger.rules
    return bench


def test_what_nobody_told_is_told_the_trail_is_verified_and_its_heads_are_signed(house: House, redis: Redis):
    bench_of(house).lived()
    Steward(house).round(0.0)
    assert redis.xlen("ev:{east}") and redis.xlen("ev:{west}")
    ends = {district: position for district, (_, position, _) in heads(house.engine).items()}
    assert {name: said.position for name, said in verified(house.engine).items() if said.ok} == ends
    assert ends["east"] > 14, "orders that nobody accepted in two months came back first"
    (file,) = (house.data / "heads").glob("*.json")
    assert file.stem == "2026-09-21"
    assert not [duty for duty in Duties(house.engine, "").all().values() if duty.trouble]


def test_a_broken_trail_is_cried_out_and_stays_in_the_book(house: House, caplog: pytest.LogCaptureFixture):
    bench_of(house).lived()
    with writing(house.engine) as connection:
        connection.execute(sa.update(ENTRIES).where(ENTRIES.c.version == 2).values(move="void"))
    steward = Steward(house)
    steward.round(0.0)
    assert "the trail is broken: District" in caplog.text
    assert "column move" in house_duty(house, "verify").trouble
    assert house_duty(house, "heads").trouble == "", "the others went on"


def test_an_order_that_nobody_accepts_comes_back_to_the_desk(engine: Engine):
    bench = Bench(engine)
    case_id = bench.report("E1", grid_kind="urban")
    bench.move(case_id, "dispatch", handler="W001", department="municipal")
    assert come_back(bench.ledger) == 0
    bench.at += 16 * 60
    assert come_back(bench.ledger) == 1 and come_back(bench.ledger) == 0
    case = bench.ledger.case(case_id)
    assert (case.step, case.order) == ("reported", "")
    entry = bench.ledger.trail(case_id)[-1][0]
    assert (entry.move, entry.actor, entry.role) == ("come_back", "steward", "system")


def test_an_accepted_order_stays(engine: Engine):
    bench = Bench(engine)
    case_id = bench.report("E1")
    bench.move(case_id, "dispatch", handler="W001", department="municipal")
    bench.move(case_id, "accept", WORKER)
    bench.at += 7 * 86400
    assert come_back(bench.ledger) == 0


def test_a_parking_that_is_over_ends(engine: Engine):
    bench = Bench(engine)
    case_id = bench.report("E1")
    bench.move(case_id, "park", note="等汛期过后", until=bench.at + 86_400)
    bench.move(case_id, "approve_park", ADMIN)
    assert unpark(bench.ledger) == 0
    bench.at += 86_400
    assert unpark(bench.ledger) == 1
    assert not bench.ledger.case(case_id).parked


def test_due_times_follow_changed_rules_and_the_old_ones_stay_in_the_trail(house: House, wall: Wall):
    bench = bench_of(house)
    house.ledger.now = bench.now
    case_id = bench.report("E1", "west", data={"response": "red"})
    before = house.ledger.case(case_id)
    steward = Steward(house)
    steward.round(0.0)
    assert house.ledger.case(case_id) == before, "the rules have not changed"
    (house.data / "rules").mkdir()
    limits = (ROOT / "feeds" / "rules" / "limits.toml").read_text("utf-8")
    (house.data / "rules" / "limits.toml").write_text(limits.replace("red = 2\n", "red = 5\n"), "utf-8")
    house.look()
    wall.at += 60
    steward.round(60.0)
    after = house.ledger.case(case_id)
    assert before.due_at and after.due_at == before.due_at + 3 * 3600
    entry = house.ledger.trail(case_id)[-1][0]
    assert (entry.move, entry.actor, entry.more["due_at"]) == ("recompute", "steward", before.due_at)
    wall.at += 60
    steward.round(120.0)
    assert house.ledger.case(case_id) == after, "what is computed stays"


def red_is(house: House, hours: int) -> None:
    """The operator's own hours for a red case."""
    (house.data / "rules").mkdir(exist_ok=True)
    limits = (ROOT / "feeds" / "rules" / "limits.toml").read_text("utf-8")
    text = limits.replace("red = 2\n", f"red = {hours}\n") + f"# {hours}, {time.monotonic_ns()}\n"
    (house.data / "rules" / "limits.toml").write_text(text, "utf-8")
    house.look()


def test_rules_that_are_taken_back_are_gone_by_again(house: House, wall: Wall):
    house.ledger.now = bench_of(house).now
    shipped = (ROOT / "feeds" / "rules" / "limits.toml").read_text("utf-8")
    (house.data / "rules").mkdir()
    (house.data / "rules" / "limits.toml").write_text(shipped, "utf-8")
    house.look()
    first = house.ledger.rules.version
    bench = bench_of(house)
    case_id = bench.report("E1", "west", data={"response": "red"})
    steward, at = Steward(house), 0.0

    def later() -> float | None:
        nonlocal at
        at, wall.at = at + 60, wall.at + 60
        steward.round(at)
        return house.ledger.case(case_id).due_at

    before = later()
    red_is(house, 5)
    assert before and later() == before + 3 * 3600
    (house.data / "rules" / "limits.toml").write_text(shipped, "utf-8")
    house.look()
    assert house.ledger.rules.version == first and later() == before


def test_a_case_that_was_opened_by_the_old_rules_after_the_change_follows_too(house: House, wall: Wall):
    old = bench_of(house)
    house.ledger.now = old.now
    Steward(house).round(0.0)
    red_is(house, 5)
    wall.at += 60
    steward = Steward(house)
    steward.round(60.0)
    case_id = old.report("E1", "west", data={"response": "red"})
    before = house.ledger.case(case_id).due_at
    wall.at += applied.LATER
    steward.round(60.0 + applied.LATER)
    assert before and house.ledger.case(case_id).due_at == before + 3 * 3600


def test_recompute_moves_only_what_changes(engine: Engine):
    bench = Bench(engine)
    case_id = bench.report("E1")
    assert recompute(bench.ledger) == 0
    assert bench.ledger.case(case_id).version == 1


def test_closed_cases_are_forgotten_after_so_many_days_if_the_city_wants_it(house: House):
    bench = bench_of(house)
    case_id = bench.report("E1", personal={"reporter_phone": "13800001111"})
    open_one = bench.report("E2", personal={"reporter_phone": "13800002222"})
    bench.move(case_id, "void", DESK, note="误报", answer="经核实为误报，感谢反映。")
    room._personal(house)
    assert bench.ledger.personal(case_id)
    house.settings = replace(house.settings, personal_days=30)
    house.ledger.now = lambda: bench.at + 31 * 86_400
    room._personal(house)
    assert bench.ledger.personal(case_id) == {}
    assert bench.ledger.personal(open_one), "who still waits for an answer must be reached"
    assert bench.ledger.trail(case_id)[-1][0].note == "older than 30 days"


def test_check_says_how_the_steward_and_the_trail_are(house: House, wall: Wall):
    def codes() -> dict[str, str]:
        settings = replace(house.settings, guest="admin", lang="en")
        return {trouble.code: trouble.what for trouble in checks._ledger(settings)}

    wall.at = time.time()
    bench_of(house).lived()
    steward = Steward(house)
    steward.round(0.0)
    assert codes() == {}
    with writing(house.engine) as connection:
        connection.execute(sa.update(ENTRIES).where(ENTRIES.c.version == 2).values(move="void"))
        connection.execute(sa.update(CHECKS).values(position=0, hash=bytes(32)))
    wall.at = time.time() - 1000
    with writing(house.engine) as connection:
        connection.execute(sa.update(DUTIES).values(due_at=0.0, held_until=0.0, done_at=0.0))
    steward.round(60.0)
    found = codes()
    assert found.keys() == {"W115", "W116", "W117"}
    assert "duty" in found["W115"] and "no steward" in found["W116"] and "column move" in found["W117"]


# --- the process ---


def test_sigterm_ends_it_at_once_and_a_lost_redis_does_not(redis_url: str, tmp_path: Path, redis: Redis):
    Hall(redis).put_city(riverside())
    data = tmp_path / "data"
    environment = os.environ | {"GRIDHALL_REDIS_URL": redis_url, "GRIDHALL_DATA": str(data)}
    with (tmp_path / "log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard.cli", "steward"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        engine = connect_sql("", str(data))
        upgrade(engine)
        assert until(lambda: "heads" in Duties(engine, "").all() or process.poll() is not None, 60)
        assert process.poll() is None, (tmp_path / "log").read_text()
        Bench(engine).lived(3)
        assert until(lambda: redis.xlen("ev:{east}"), 20), "what nobody told is told within two seconds"
    finally:
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(10) == 0, (tmp_path / "log").read_text()
    assert time.monotonic() - began < 5
