"""Similar: what may be the same event or the same complaint is found by class, place and time; on both databases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.cases.case import Actor, Case
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Near, Rules
from dashboard.cases.similar import METRES_A_DEGREE, similar
from dashboard.cases.store.schema import CASES
from dashboard.cases.told import Told
from dashboard.sql.engine import reading, writing
from feeds.record import EventReport

NOW = 1_795_140_000.0
HOUR, DAY = 3600.0, 86400.0
RULES = Rules.load(None)
LON, LAT = 130.3, 46.8


def east(metres: float) -> float:
    return LON + metres / (METRES_A_DEGREE * math.cos(math.radians(LAT)))


def north(metres: float) -> float:
    return LAT + metres / METRES_A_DEGREE


def told(event_id: str, **changes: Any) -> Told:
    said: dict[str, Any] = {"class_code": "UP02", "reported_at": NOW, "lon": LON, "lat": LAT} | changes
    said = {"updated_at": said["reported_at"]} | said
    return Told(report=EventReport(event_id=event_id, **said), origin="hotline", district="d1")


@pytest.fixture
def ledger(engine: Engine) -> Iterator[Ledger]:
    yield Ledger(engine, RULES, lambda: NOW + 60)


def like(ledger: Ledger, case: Told | Case | None = None, at: float = NOW) -> list[tuple[str, str]]:
    return [(one.case_id, one.kind) for one in similar(ledger.engine, case or told("new"), RULES, at)]


def test_an_open_case_of_the_same_class_close_by_and_not_long_ago_is_suggested(ledger: Ledger) -> None:
    ledger.report([told("e1", lon=east(40), reported_at=NOW - HOUR)])
    (one,) = similar(ledger.engine, told("new"), RULES, NOW)
    assert (one.case_id, one.kind, one.seconds) == ("e1", "near", HOUR)
    assert one.metres == pytest.approx(40, abs=0.01)


@pytest.mark.parametrize(
    "other",
    [
        {"class_code": "UP03"},
        {"lon": east(61)},
        {"lat": north(-61)},
        {"lon": east(50), "lat": north(50)},  # in the corner of the box, not in the circle
        {"lon": None, "lat": None},
        {"reported_at": NOW - 40 * DAY},
    ],
)
def test_another_class_too_far_too_long_ago_or_nowhere_is_not(ledger: Ledger, other: dict[str, Any]) -> None:
    ledger.report([told("e1", **other)])
    assert like(ledger) == []


def test_how_near_and_how_soon_is_the_classs_own(ledger: Ledger) -> None:
    fire = [told(f"f{n}", class_code="SS06", lon=east(250), reported_at=NOW - n * HOUR) for n in (1, 3)]
    ledger.report(fire)
    assert like(ledger, told("new", class_code="SS06")) == [("f1", "near")]


def test_what_was_closed_is_the_same_complaint_again(ledger: Ledger) -> None:
    ledger.report([told("e1", reported_at=NOW - DAY), told("e2", reported_at=NOW - 3 * DAY, lat=north(10))])
    ledger.report([told("e1", reported_at=NOW - DAY, updated_at=NOW - HOUR, step="archived")])
    # e2 is open, but too old to be the same event; it is still the same complaint.
    assert like(ledger) == [("e1", "repeat"), ("e2", "repeat")]
    assert like(ledger, told("new", lon=east(100))) == []


def test_a_case_is_not_like_itself_and_not_a_repeat_of_what_came_after_it(ledger: Ledger) -> None:
    ledger.report([told("e1"), told("e2", reported_at=NOW + 30), told("e3", reported_at=NOW - 2 * DAY)])
    assert like(ledger, ledger.case("e1")) == [("e2", "near"), ("e3", "repeat")]
    assert like(ledger, ledger.case("e3"), NOW - 2 * DAY) == []


def test_what_was_void_or_merged_is_suggested_to_nobody(ledger: Ledger, engine: Engine) -> None:
    ledger.report([told("e1", reported_at=NOW - 2 * DAY), told("e2", reported_at=NOW - 2 * DAY), told("e3")])
    with writing(engine) as connection:
        for case_id, outcome in (("e1", "void"), ("e2", "merged")):
            connection.execute(
                sa.update(CASES).where(CASES.c.case_id == case_id).values(outcome=outcome, step="archived")
            )
    assert like(ledger) == [("e3", "near")]


def test_a_report_without_a_position_is_like_nothing(ledger: Ledger) -> None:
    ledger.report([told("e1")])
    assert like(ledger, told("new", lon=None, lat=None)) == []


places = st.tuples(st.floats(-90, 90), st.floats(-90, 90), st.floats(0, 30 * HOUR))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(places, max_size=12))
def test_exactly_those_within_the_circle_and_the_hours_are_found(ledger: Ledger, found: list[Any]) -> None:
    with writing(ledger.engine) as connection:
        for table in ("cases", "case_entries"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
    reports = [
        told(f"e{n}", lon=east(x), lat=north(y), reported_at=NOW - before) for n, (x, y, before) in enumerate(found)
    ]
    Ledger(ledger.engine, RULES, lambda: NOW + 60).report(reports)  # one that remembers nothing of what was deleted
    near = RULES.near("UP02")
    expected = {f"e{n}" for n, (x, y, before) in enumerate(found) if math.hypot(x, y) <= near.metres - 0.1}
    allowed = {f"e{n}" for n, (x, y, before) in enumerate(found) if math.hypot(x, y) <= near.metres + 0.1}
    got = dict(like(ledger))
    assert expected <= got.keys() <= allowed
    for name, kind in got.items():
        assert kind == ("near" if found[int(name[1:])][2] <= near.hours * HOUR else "repeat")


def test_the_database_goes_to_the_place_and_does_not_read_all_cases(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL decides by its statistics, and reads an empty table as a whole")
    said: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    similar(engine, told("new"), RULES, NOW)
    asked = [text for text in said if "FROM cases" in text]
    assert len(asked) == 2
    with reading(engine) as connection:
        for text in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("x",) * text.count("?")).all()
            assert "ix_cases_class_code_lat_lon" in str(plan)


# repeat complaints, whoever writes them down


def complained(ledger: Ledger, *said: Told) -> list[str]:
    """repeat_of of the cases of these words, in their order."""
    cases = {case.case_id: case for case in ledger.cases(one.case_id for one in ledger.report(said))}
    return [cases[one.report.event_id].repeat_of for one in said]


def test_a_citizens_report_of_a_system_is_linked_to_the_last_case_that_it_repeats(ledger: Ledger) -> None:
    ledger.report([told(f"e{days}", reported_at=NOW - days * DAY, source="hotline") for days in (3, 9, 40)])
    ledger.report([told("open", reported_at=NOW - HOUR), told("far", lon=east(70), reported_at=NOW - 2 * DAY)])
    again = [told("n1", source="hotline"), told("n2", source="mailbox", lat=north(59)), told("n3", source="worker")]
    again += [told("n4", source="hotline", class_code="UP03"), told("n5", source="hotline", lon=None, lat=None)]
    assert complained(ledger, *again) == ["e3", "e3", "", "", ""], "a near-duplicate stays a suggestion"
    entry, _ = ledger.trail("n1")[0]
    assert entry.set["repeat_of"] == "e3"
    assert complained(ledger, told("n1", source="hotline", updated_at=NOW + 30)) == ["e3"], "a later word links nothing"


@pytest.mark.parametrize(("source", "first"), [("hotline", "e3"), ("worker", ""), ("video", "")])
def test_what_our_people_write_down_is_linked_by_the_same_rule(ledger: Ledger, source: str, first: str) -> None:
    ledger.report([told("e3", reported_at=NOW - 3 * DAY, source="hotline")])
    said = msgspec.structs.replace(
        told("", source=source), actor=Actor(name="li", role="dispatcher"), request_key="once"
    )
    case = ledger.open(said)
    assert case.repeat_of == first
    assert ledger.open(said).repeat_of == first, "the same again is the same case"


def test_where_no_distance_is_set_nothing_is_asked_and_a_batch_asks_once(ledger: Ledger, engine: Engine) -> None:
    ledger.report([told("e3", reported_at=NOW - 3 * DAY)])
    said: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    def asked() -> int:
        return sum("k.settled" in text for text in said)

    assert complained(ledger, *(told(f"n{n}", source="hotline") for n in range(50))) == ["e3"] * 50
    assert asked() == 1
    ledger.report([told(f"w{n}", source="sensor") for n in range(50)])
    assert asked() == 1, "nobody complained"
    off = {"*": Near(metres=0, hours=720)}
    ledger.rules = replace(RULES, table=msgspec.structs.replace(RULES.table, repeat=off))
    assert complained(ledger, told("off", source="hotline")) == [""] and asked() == 1


def test_the_one_query_of_a_batch_goes_to_the_places_too(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL decides by its statistics, and reads an empty table as a whole")
    said: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    Ledger(engine, RULES, lambda: NOW).report([told("n", source="hotline")])
    (text,) = [text for text in said if "k.settled" in text]
    with reading(engine) as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",)).all())
    assert "ix_cases_class_code_lat_lon (class_code=? AND lat>? AND lat<?" in plan
