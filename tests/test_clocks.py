"""Clocks: what a new holiday, other limits and the kind of grid do to the due times of cases that are open already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine
from test_decide import A1, DAY, HALL, HOUR, LI, RULES, TUESDAY, VERA, WANG, WU, ZHOU, Book

from dashboard.cases.case import Actor, Ask, apply
from dashboard.cases.ledger import Ledger
from dashboard.cases.overdue import recompute
from dashboard.cases.rules.calendar import Calendar
from dashboard.cases.rules.rules import Rules
from dashboard.cases.told import Told
from dashboard.cases.workflow.decide import due_again, first
from feeds.record import EventReport

CLASS = "PB05"  # 40 working hours: five days
#: Two days after the case came; that day nobody works after all.
FAR = date(2025, 6, 5)


def holiday(day: date = FAR) -> Rules:
    days = {**RULES.calendar.days, day: False}
    return replace(RULES, version="holiday", calendar=Calendar(RULES.zone, days, RULES.calendar.hours))


def hotline(**report: Any) -> Book:
    return Book(class_code=CLASS, source="hotline", **report)


def straight(book: Book) -> None:
    book.do("dispatch", LI, 60, department="A")


def returned(book: Book) -> None:
    book.ordered().do("return", A1, HOUR, "not ours")


def on_its_way_again(book: Book) -> None:
    returned(book)
    book.do("dispatch", LI, 5 * HOUR, department="A")


def parked(book: Book) -> None:
    book.accepted().do("park", A1, note="waits for parts", until=book.at + 3 * DAY)
    book.do("approve_park", WANG, 60)


def unparked(book: Book) -> None:
    parked(book)
    book.do("unpark", LI, HOUR)


def extended(book: Book) -> None:
    book.accepted().do("extend", A1, 60, "deeper than it looked", hours=8)
    book.do("approve_extend", LI, 60)
    book.do("approve_extend", ZHOU, 60)


def reopened(book: Book) -> None:
    book.accepted().do("handle", A1, HOUR, "mended", answer="done")
    book.do("verify", VERA, 60)
    book.do("archive", LI, 60)
    book.do("reopen", LI, HOUR, "it leaks again")


def escalated(book: Book) -> None:
    book.accepted().do("escalate", A1, HOUR, "too big for us")


def merged_and_out_again(book: Book) -> None:
    other = hotline(event_id="E2").case
    book.others = {"E2": other, "E1": book.case}
    book.do("merge", LI, HOUR, "the same", into="E2")
    book.do("unmerge", LI, HOUR, "it is not")


PASTS: list[Callable[[Book], None]] = [
    straight, returned, on_its_way_again, parked, unparked, extended, reopened, escalated, merged_and_out_again,
]  # fmt: skip


@pytest.mark.parametrize("past", PASTS)
def test_a_holiday_that_is_added_moves_every_open_case_as_if_it_had_always_been_one(
    past: Callable[[Book], None],
) -> None:
    book, knew = hotline(), hotline(due_at=None)
    knew.rules = holiday()
    knew.case = Book(class_code=CLASS, source="hotline", rules=knew.rules).case
    past(book)
    past(knew)
    change = due_again(book.case, knew.rules, book.at)
    assert change and change.more["due_at"] == book.case.due_at and change.more["rules"] == "holiday"
    after = msgspec.structs.replace(book.case, **change.set)
    for name in ("due_at", "reply_due_at", "step_due_at"):
        assert getattr(after, name) == pytest.approx(getattr(knew.case, name), abs=1e-3), name
    assert after.due_at == pytest.approx((book.case.due_at or 0) + DAY, abs=1e-3)
    assert due_again(after, knew.rules, book.at + HOUR) is None, "and once only"


@pytest.mark.parametrize("past", PASTS)
def test_rules_that_stayed_move_nothing_whatever_a_case_went_through(past: Callable[[Book], None]) -> None:
    book = hotline()
    past(book)
    assert due_again(book.case, RULES, book.at + HOUR) is None


def test_a_holiday_that_is_added_while_a_case_stands_still_counts_when_it_goes_on() -> None:
    book, knew = hotline(), Book(class_code=CLASS, source="hotline", rules=holiday())
    for one in (book, knew):
        returned(one)
        one.rules = holiday()  # nobody has counted the first one again
        one.do("dispatch", LI, HOUR, department="A")
    assert book.case.due_at == pytest.approx(knew.case.due_at, abs=1e-3)


def test_a_holiday_that_is_taken_back_makes_nobody_late() -> None:
    book = Book(class_code=CLASS, source="hotline", rules=holiday())
    due = book.case.due_at or 0
    change = due_again(book.case, RULES, due - HOUR)
    assert change and change.set["due_at"] == due - HOUR
    after = msgspec.structs.replace(book.case, **change.set)
    assert due_again(after, RULES, due + DAY) is None, "nor does it when it is looked at again"


def test_an_extension_after_a_limit_was_cut_is_counted_from_the_due_time_that_was_said() -> None:
    book = Book(class_code="UP01").accepted()
    book.do("extend", A1, 60, "more", hours=2)
    book.case = msgspec.structs.replace(book.case, clock_from=TUESDAY, clock_hours=1.0, due_at=TUESDAY + 5 * HOUR)
    book.do("approve_extend", LI, 6 * HOUR)
    book.do("approve_extend", ZHOU, 60)
    assert (book.case.due_at, book.case.step_due_at) == (TUESDAY + 7 * HOUR, TUESDAY + 7 * HOUR)


def test_a_case_of_an_older_ledger_is_counted_from_its_beginning_or_keeps_its_time() -> None:
    old = msgspec.structs.replace(hotline().case, clock_from=None, clock_hours=None, reply_from=None)
    change = due_again(old, holiday(), TUESDAY)
    assert change and change.set["due_at"] == pytest.approx((old.due_at or 0) + DAY)
    paused = msgspec.structs.replace(old, paused_seconds=60.0)
    change = due_again(paused, holiday(), TUESDAY)
    assert change is None or "due_at" not in change.set


def test_in_the_country_there_is_longer_to_verify_at_every_step_and_every_time() -> None:
    report = EventReport("E1", "UP01", TUESDAY, TUESDAY, source="worker")
    told = Told(report=report, origin="city", district="D", street="S", community="C", area_id="C", grid_kind="rural")
    book = Book()
    book.case = msgspec.structs.replace(book.case, **first(told, TUESDAY, RULES))
    book.handled()
    assert book.case.grid_kind == "rural" and book.case.step_due_at == book.at + 2 * HOUR
    book.do("rework", VERA, 60, "not done")
    book.do("accept", A1, 60)
    book.do("handle", A1, HOUR, "done now")
    assert book.case.step_due_at == book.at + 2 * HOUR
    urban = Book().handled()
    assert urban.case.step_due_at == urban.at + HOUR


def test_the_hall_counts_all_open_cases_again_and_the_trail_keeps_what_was(engine: Engine) -> None:
    now = [TUESDAY]
    ledger = Ledger(engine, RULES, lambda: now[0])
    names = [f"E{number}" for number in range(6)]
    reports = [EventReport(name, CLASS, TUESDAY, TUESDAY, source="hotline", lon=116.0, lat=40.0) for name in names]
    ledger.report([Told(report=one, origin="city", district="D", street="S", grid_kind="rural") for one in reports])

    def do(name: str, move: str, actor: Actor, note: str = "", **data: Any) -> None:
        now[0] += 60
        ledger.move(Ask(case_id=name, move=move, note=note, data=data), actor)

    for name in names[1:]:
        do(name, "dispatch", LI, department="sanitation")
    mine = Actor(name="a1", role="department", scope="D", department="sanitation")
    do("E2", "return", mine, "not ours")
    do("E3", "accept", mine)
    do("E3", "extend", mine, "deep", hours=8)
    do("E3", "approve_extend", LI)
    do("E3", "approve_extend", ZHOU)
    do("E4", "void", WU, "nothing there", answer="we looked")
    before = {case.case_id: case for case in ledger.cases(names)}
    ledger.rules = holiday()
    assert recompute(ledger) == 5 and recompute(ledger) == 0
    for case in ledger.cases(names):
        trail, old = ledger.trail(case.case_id), before[case.case_id]
        folded = None
        for entry, _ in trail:
            folded = apply(folded, entry, case.seq)
        assert folded == case and case.grid_kind == "rural"
        if case.case_id == "E4":
            assert case == old
            continue
        assert case.due_at == pytest.approx(old.due_at + DAY, abs=1e-3), case.case_id
        assert trail[-1][0].move == "recompute" and trail[-1][0].more["due_at"] == old.due_at
        assert case.step_due_at == (case.due_at if case.case_id == "E3" else old.step_due_at)
    assert HALL.role == trail[-1][0].role == "system"
