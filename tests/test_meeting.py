"""Joint meetings: each owner has a deadline that follows the calendar, and an order that waits breaks none off."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import Engine
from test_clocks import holiday
from test_decide import A1, DAY, HALL, HOUR, LI, RULES, TUESDAY, WANG, Book, person

from dashboard.cases.case import Actor, Ask
from dashboard.cases.ledger import Ledger
from dashboard.cases.overdue import come_back, recompute, unpark
from dashboard.cases.rules.rules import Rules
from dashboard.cases.told import Told
from dashboard.cases.trail.verify import verify
from dashboard.cases.workflow.decide import due_again
from dashboard.cases.workflow.meeting import deadlines
from feeds.record import EventReport

CLASS = "PB05"  # 40 working hours
#: Two working days and a half, and one.
OWNERS = [{"department": "A", "hours": 20}, {"department": "B", "hours": 8}]
A2, B1 = person("a2", "department", "D", "A"), person("b1", "department", "D", "B")


def called(rules: Rules = RULES) -> Book:
    book = Book(class_code=CLASS, rules=rules)
    book.do("joint", WANG, 60, "a hard one", owners=OWNERS)
    return book


def parked(book: Book) -> Book:
    """From Tuesday evening on, for three days at most."""
    book.do("accept", A1, 60)
    book.do("park", A1, note="waits for parts", until=book.at + 3 * DAY)
    book.do("approve_park", WANG, 12 * HOUR)
    return book


def of(book: Book) -> dict[str, float]:
    return deadlines(book.case.pending)


def test_a_holiday_moves_the_deadline_of_whoever_has_not_answered_and_the_trail_keeps_the_old_one() -> None:
    book, knew = called(), called(holiday())
    old = of(book)
    change = due_again(book.case, holiday(), book.at)
    assert change and change.more["owners"] == {"A": old["A"]}, "B is to answer before that day"
    book.case = msgspec.structs.replace(book.case, **change.set)
    assert of(book) == of(knew) == {"A": old["A"] + DAY, "B": old["B"]}
    assert due_again(book.case, holiday(), book.at + HOUR) is None, "and once only"


def test_what_was_answered_stays_as_it_was_answered() -> None:
    book = called()
    book.do("joint_answer", A2, HOUR, "we lay it")
    change = due_again(book.case, holiday(), book.at)
    assert change and "owners" not in change.more and "pending" not in change.set


def test_a_holiday_that_is_taken_back_makes_no_owner_late() -> None:
    book = called(holiday())
    at = of(book)["A"] - HOUR
    change = due_again(book.case, RULES, at)
    assert change and deadlines(change.set["pending"])["A"] == at


def test_while_a_case_is_parked_its_owners_have_time_and_what_was_left_is_left_afterwards() -> None:
    book = parked(called())
    old, stopped = of(book), book.at
    change = book.do("unpark", LI, DAY)
    assert change.more["owners"] == old
    for name in old:
        left = RULES.elapsed(stopped, old[name], "working")
        assert of(book)[name] == RULES.due(book.at, left, "working") > old[name]
    assert due_again(book.case, RULES, book.at + HOUR) is None, "under rules that stayed nothing moves"


def test_who_answers_while_the_clock_stands_still_is_not_late() -> None:
    book = parked(called())
    book.at = of(book)["B"] + HOUR
    assert not book.do("joint_answer", B1, note="we pay").more["late"]
    late = called()
    late.at = of(late)["B"] + HOUR
    assert late.do("joint_answer", B1, note="we pay").more["late"]


def test_an_owner_who_was_late_before_the_parking_is_late_after_it() -> None:
    book = called()
    book.do("accept", A1, 60)
    book.at = of(book)["B"] + HOUR
    over = of(book)["B"]
    book.do("park", A1, note="waits", until=book.at + 3 * DAY)
    book.do("approve_park", WANG, 60)
    book.do("unpark", LI, DAY)
    assert of(book)["B"] == over


def test_a_meeting_of_an_older_ledger_keeps_its_dates() -> None:
    book = called()
    joint = book.case.pending["joint"]
    owners = {name: {"due_at": one["due_at"], "answered_at": None, "by": ""} for name, one in joint["owners"].items()}
    old = {"joint": {name: joint[name] for name in ("by", "at", "lead")} | {"owners": owners}}
    book.case = msgspec.structs.replace(book.case, pending=old)
    before = of(book)
    change = due_again(book.case, holiday(), book.at)
    assert change and "pending" not in change.set and of(book) == before
    parked(book).do("unpark", LI, DAY)
    assert of(book) == before


def test_a_meeting_is_not_broken_off_because_its_lead_has_not_taken_the_order_yet() -> None:
    book = called()
    book.at = (book.case.step_due_at or 0) + HOUR
    assert book.refused("come_back", HALL) == "joint_pending"
    book.do("joint_close", WANG, 60, "enough")
    assert book.case.step_due_at == book.at + 900, "from now on the lead has the whole time to accept"
    assert book.refused("come_back", HALL) == "not_unread"
    book.do("come_back", HALL, 901)
    assert book.case.step == "reported"


def test_an_order_is_not_given_to_another_while_a_meeting_waits() -> None:
    book = called()
    assert book.refused("redispatch", LI, note="closer by", department="A") == "joint_pending"
    book.do("joint_close", WANG, 60, "enough")
    book.do("redispatch", WANG, 60, "closer by", department="A")


@pytest.mark.parametrize(("name", "who"), [("reject", A1), ("escalate", LI)])
def test_a_meeting_that_ends_because_its_case_goes_elsewhere_names_who_had_not_answered(name: str, who: Actor) -> None:
    book = called()
    book.do("joint_answer", B1, 60, "we dig")
    change = book.do(name, who, 60, "not here")
    assert change.more["unanswered"] == ["A"] and "joint" not in book.case.pending


@pytest.mark.parametrize("last", ["joint_answer", "joint_close"])
def test_a_meeting_that_ends_while_the_case_is_parked_leaves_the_parking_as_it_is(last: str) -> None:
    book = called()
    book.do("joint_answer", A2, 60, "we lay it")
    parked(book)
    until = book.case.step_due_at
    book.do(last, B1 if last == "joint_answer" else WANG, 60, "enough")
    assert (book.case.step_due_at, book.case.parked, book.case.pending) == (until, True, {})


def test_the_hall_counts_meetings_again_ends_their_parking_and_leaves_their_orders(engine: Engine) -> None:
    now = [TUESDAY]
    ledger = Ledger(engine, RULES, lambda: now[0])
    reports = [EventReport(name, CLASS, TUESDAY, TUESDAY, source="hotline") for name in ("E1", "E2")]
    ledger.report([Told(report=one, origin="city", district="D", street="S") for one in reports])
    mine = Actor(name="a1", role="department", scope="D", department="A")
    for name in ("E1", "E2"):
        ledger.move(Ask(case_id=name, move="joint", note="hard", data={"owners": OWNERS}), WANG)
    ledger.move(Ask(case_id="E2", move="accept"), mine)
    ledger.move(Ask(case_id="E2", move="park", note="parts", data={"until": TUESDAY + 2 * DAY}), mine)
    ledger.move(Ask(case_id="E2", move="approve_park"), WANG)
    now[0] += HOUR
    assert come_back(ledger) == 0 and ledger.case("E1").order == "sent"
    old = deadlines(ledger.case("E1").pending)
    ledger.rules = holiday()
    assert recompute(ledger) == 2 and recompute(ledger) == 0
    case, entry = ledger.case("E1"), ledger.trail("E1")[-1][0]
    assert deadlines(case.pending) == {"A": old["A"] + DAY, "B": old["B"]}
    assert (entry.move, entry.role, entry.more["owners"]) == ("recompute", "system", {"A": old["A"]})
    now[0] += 2 * DAY
    assert unpark(ledger) == 1
    assert deadlines(ledger.case("E2").pending)["B"] > old["B"] and recompute(ledger) == 0
    assert verify(engine).ok
