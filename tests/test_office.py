"""The office of a simulated city: the same work for the same cases, by day and night, and every way a case can go."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from dashboard.cases.answers import Conflict
from dashboard.cases.case import Actor, Ask, Case, NotAllowed
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Rules
from dashboard.cases.told import Told
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from feeds.record import EventReport
from feeds.simulator.office import Office, Order
from feeds.simulator.seen import Seen
from feeds.simulator.staff import account_of

START = 1_780_279_200.0  # ten in the morning in Shanghai
HOUR, DAY = 3600.0, 86_400.0


def second_of_day(at: float) -> float:
    return (at + 8 * HOUR) % DAY


def seen(case: Case) -> Seen:
    return Seen(**{name: getattr(case, name) for name in Seen.__struct_fields__})


class City:
    """A ledger with cases, and the office that works on them: without the wire between."""

    def __init__(self, folder: str, seed: int) -> None:
        engine = connect("", folder)
        upgrade(engine)
        self.now = START
        self.ledger = Ledger(engine, Rules.load(None), lambda: self.now)
        self.office = Office(seed, second_of_day)
        self.moves: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.done: list[tuple[int, str, str]] = []
        self.cases: set[str] = set()

    def report(self, count: int, every: float = 0.0) -> None:
        sources = ("worker", "citizen", "hotline", "video")
        for number in range(count):
            self.live(every, max(every, 1.0))
            said = EventReport(
                f"E{number}", ("CJ01", "MS02", "ZA01")[number % 3], self.now, self.now, lon=110.5, lat=29.2,
                source=sources[number % 4], due_at=self.now + (4, 30, 200)[number % 3] * HOUR,
            )  # fmt: skip
            place = {"district": "d", "street": "s", "community": "c", "area_id": "c"}
            (answer,) = self.ledger.report([Told(report=said, origin="phones", **place)])
            self.cases.add(answer.case_id)
            self.office.see([seen(self.ledger.case(answer.case_id))], self.now)

    def live(self, seconds: float, step: float = 300.0) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += step
            for order in self.office.due(self.now):
                self.make(order)

    def make(self, order: Order) -> None:
        role, _, department = order.who.partition(":")
        actor = Actor(name=account_of(order.who), role=role, department=department)
        ask = Ask(
            case_id=order.case_id, move=order.move, version=order.version, note=order.note, data=order.data,
            request_key=order.key,
        )  # fmt: skip
        try:
            moved = self.ledger.move(ask, actor)
        except NotAllowed as why:
            self.refused[f"{order.move}: {why.code}"] += 1
            self.office.refused(order, self.now)
        except Conflict as conflict:
            self.office.see([seen(conflict.case)], self.now)
        else:
            self.moves[order.move] += 1
            self.done.append((round(self.now), order.case_id, order.move))
            self.office.see([seen(moved.case)], self.now)


@pytest.fixture
def city(tmp_path: object) -> City:
    return City(str(tmp_path), 1)


def test_nearly_every_case_goes_the_whole_way_and_some_go_every_other(city: City) -> None:
    city.report(400, every=60)
    city.live(12 * DAY)
    cases = city.ledger.cases(city.cases)
    steps = Counter(case.step for case in cases)
    assert steps["appraised"] > 300
    ways = {
        "dispatch", "accept", "handle", "verify", "archive", "appraise", "answer", "check", "return", "reject",
        "rework", "extend", "approve_extend", "park", "approve_park", "solve_on_spot", "escalate", "void",
    }  # fmt: skip
    assert ways <= city.moves.keys()
    assert sum(case.late for case in cases) > 0
    assert sum(city.refused.values()) < 0.05 * sum(city.moves.values()), city.refused


def test_after_a_working_day_all_steps_are_filled_some_are_overdue_some_parked_and_some_returned(city: City) -> None:
    city.report(600, every=50)
    cases = city.ledger.cases(city.cases)
    assert {case.step for case in cases} == {
        "reported", "dispatched", "handled", "verified", "archived", "appraised",
    }  # fmt: skip
    still = [case for case in cases if case.open]
    assert sum(case.parked for case in still) > 0
    assert sum(case.returns > 0 for case in cases) > 5
    assert any(case.due_at is not None and case.due_at < city.now for case in still)


def test_the_same_seed_does_the_same_work_and_another_seed_another(tmp_path_factory: pytest.TempPathFactory) -> None:
    work: list[list[tuple[int, str, str]]] = []
    for seed in (1, 1, 2):
        city = City(str(tmp_path_factory.mktemp("city")), seed)
        city.report(60)
        city.live(DAY)
        work.append(city.done)
    assert work[0] == work[1] != work[2]


def test_departments_work_by_day_and_the_desk_by_night_too(city: City) -> None:
    city.report(300, every=90)
    city.live(4 * DAY)
    night = Counter(move for at, _, move in city.done if second_of_day(at) < 6 * HOUR)
    day = Counter(move for at, _, move in city.done if 9 * HOUR < second_of_day(at) < 15 * HOUR)
    assert night["handle"] < 0.6 * day["handle"]
    assert night["appraise"] < day["appraise"]
    assert night["archive"] > 0


def order_of(office: Office, now: float = START) -> Order:
    (order,) = office.due(now + 30 * DAY)
    return order


def test_what_was_planned_for_an_earlier_version_is_not_done() -> None:
    office = Office(1, second_of_day)
    office.see([Seen("E1", 1, reported_at=START, entered_at=START, updated_at=START)], START)
    office.see([Seen("E1", 2, "handled", reported_at=START, entered_at=START, updated_at=START)], START)
    office.see([Seen("E1", 1, reported_at=START, entered_at=START, updated_at=START)], START)
    order = order_of(office)
    assert (order.version, order.move) in {(2, "verify"), (2, "rework")}
    assert office.due(START + 99 * DAY) == []


def test_a_refused_move_is_thought_over_and_at_last_left_alone() -> None:
    office = Office(1, second_of_day)
    office.see([Seen("E1", 1, reported_at=START, entered_at=START, updated_at=START)], START)
    now, tries = START, 0
    while orders := office.due(now + 30 * DAY):
        tries += 1
        now = orders[0].at
        office.refused(orders[0], now)
    assert tries == 5


def test_orders_that_nobody_heard_are_done_later() -> None:
    office = Office(1, second_of_day)
    office.see([Seen("E1", 1, reported_at=START, entered_at=START, updated_at=START)], START)
    order = order_of(office)
    office.put_back([order])
    assert order_of(office) == order


def test_a_hall_that_has_just_begun_shows_some_parked_cases_and_some_that_went_to_and_fro(city: City) -> None:
    for number in range(40):
        at = START - 2 * DAY
        said = EventReport(
            f"H{number}", "CJ01", at, at, lon=110.5, lat=29.2, source="worker", due_at=START + 30 * DAY,
        )  # fmt: skip
        later = msgspec.structs.replace(said, step="dispatched", updated_at=at + HOUR)
        place = {"district": "d", "street": "s", "community": "c", "area_id": "c"}
        for word in (said, later):
            (answer,) = city.ledger.report([Told(report=word, origin="phones", **place)])
        city.cases.add(answer.case_id)
    city.office.see(map(seen, city.ledger.cases(city.cases)), city.now)
    city.live(8 * 60, 1.0)
    cases = city.ledger.cases(city.cases)
    assert sum(case.parked for case in cases) >= 5, city.refused
    assert sum(case.returns >= 2 for case in cases) >= 4, city.refused
