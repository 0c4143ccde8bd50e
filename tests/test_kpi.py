"""KPI: every indicator on a month that fits on a page, with numbers worked out by hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from casebook import DAY, HOUR, NOW, lay
from sqlalchemy import Engine

from dashboard.cases.case import Case
from dashboard.cases.rules.calendar import Calendar
from dashboard.kpi import telling
from dashboard.kpi.filters import Filter
from dashboard.kpi.grouping import DIMENSIONS, BadGrouping
from dashboard.kpi.indicators import INDICATORS, BadPart, Measure, behind, measure
from dashboard.kpi.ranking import ranking
from dashboard.kpi.register import Register
from dashboard.kpi.tree import Tree
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from layouts.words import say
from layouts.words_kpi import FORMULAS, KPI

START = NOW - 10 * DAY
END = NOW + 5 * DAY  # not over yet


def case(case_id: str, received: float, **more: Any) -> Case:
    """received and every time: hours after START."""
    times = {name: START + value * HOUR for name, value in more.items() if name.endswith("_at")}
    times.setdefault("first_dispatched_at", times.get("dispatched_at"))
    times.setdefault("first_handled_at", times.get("handled_at"))
    at = START + received * HOUR
    given: dict[str, Any] = {"district": "east", "version": 1, "reported_at": at, "received_at": at, "updated_at": NOW}
    return Case(case_id=case_id, **given | more | times)


def whole(case_id: str, received: float, **more: Any) -> Case:
    """Dispatched after 1 h, accepted after 2 h, handled after 4 h, verified after 7 h, archived after 11 h."""
    steps = {"dispatched_at": 1, "accepted_at": 2, "handled_at": 4, "verified_at": 7, "archived_at": 11}
    times = {name: received + hours for name, hours in steps.items()}
    spent = {
        "spent_reported": 3600,
        "spent_dispatched": 3 * 3600,
        "spent_handled": 3 * 3600,
        "spent_verified": 4 * 3600,
    }
    return case(case_id, received, **{"step": "archived", "outcome": "closed"} | times | spent | more)


WORLD = [
    # closed in the period
    whole("in time", 1, due_at=24, level="community", satisfaction=5, class_code="A01", department="roads"),
    whole("late", 2, due_at=8, level="street", satisfaction=2, late=True, returns=2, department="roads"),
    whole("heard", 3, due_at=8, level="street", late=True, exempt=True, reworks=1, extends=1, parks=1),
    whole("undated", 4, level="district", satisfaction=4, needs_answer=True, answered_at=20, source="hotline"),
    whole("silent", 5, due_at=100, needs_answer=True, step="appraised", appraised_at=30),
    # received before the period, closed in it
    whole("old", -20, due_at=10, archived_at=6, street="s1"),
    # closed before it
    whole("long gone", -50, due_at=-20),
    # dropped
    case("void", 6, step="archived", outcome="void", archived_at=7, due_at=1),
    case("merged", 6, step="archived", outcome="merged", archived_at=7, dispatched_at=6.5),
    # open
    case("new", 8, due_at=400, district="west"),
    case("overdue", 9, due_at=20, step="dispatched", dispatched_at=10, district="west", returns=1, class_code="A"),
    case("stopped", 9, due_at=20, step="dispatched", dispatched_at=10, parked=True, paused_at=15, parks=1),
    case("ancient", -500, due_at=-300, step="handled", dispatched_at=-499, handled_at=-490),
    # of a source whose clock is wrong: archived before it was verified, and before it was received
    case("backwards", 12, step="archived", outcome="closed", verified_at=11.5, archived_at=11, due_at=40),
    # after the period
    case("tomorrow", 15 * 24 + 1),
]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Register:
    engine = connect("", str(tmp_path_factory.mktemp("kpi")))
    upgrade(engine)
    lay(engine, *WORLD)
    register = Register(engine, tree=Tree({"A": "", "A01": "A"}))
    register.refresh()
    return register


def of(hall: Register, name: str, **asked: Any) -> Measure:
    return measure(hall, name, **{"start": START, "end": END, "now": NOW} | asked)


def opened(hall: Register, name: str, part: str) -> set[str]:
    return set(behind(hall, name, part, start=START, end=END, now=NOW).case_ids)


CLOSED = {"in time", "late", "heard", "undated", "silent", "old", "backwards"}
RECEIVED = {"in time", "late", "heard", "undated", "silent", "new", "overdue", "stopped", "backwards"}
DISPATCHED = {"in time", "late", "heard", "undated", "silent", "overdue", "stopped"}
STANDING = {"new", "overdue", "stopped", "ancient"}

#: name → cases that count, cases that are counted on (None: a count), exclusions.
EXPECTED: dict[str, tuple[set[str], set[str] | None, dict[str, int]]] = {
    "received": (RECEIVED | {"void", "merged"}, None, {}),
    "valid": (RECEIVED, None, {"void": 1, "merged": 1}),
    "accepted": (DISPATCHED | {"backwards"}, None, {"void": 0, "merged": 1}),
    "dispatched": (DISPATCHED, None, {"void": 0, "merged": 1}),
    "handled": ({"in time", "late", "heard", "undated", "silent"}, None, {"void": 0, "merged": 0}),
    "verified": ({"in time", "late", "heard", "undated", "silent", "backwards"}, None, {"void": 0, "merged": 0}),
    "archived": (CLOSED, None, {"void": 1, "merged": 1}),
    "appraised": ({"silent"}, None, {"void": 0, "merged": 0}),
    "backlog": (STANDING, None, {}),
    "overdue_rate": ({"overdue", "ancient"}, STANDING, {}),
    "closed_rate": (CLOSED - {"old"}, RECEIVED, {"void": 1, "merged": 1}),
    "loop_rate": (CLOSED - {"old"}, DISPATCHED | {"backwards"}, {"void": 0, "merged": 1}),
    "filing_rate": (DISPATCHED | {"backwards"}, RECEIVED | {"void"}, {"merged": 1}),
    "on_time_rate": (
        {"in time", "silent", "old", "backwards"},
        {"in time", "late", "silent", "old", "backwards", "overdue", "ancient"},
        {"void": 1, "merged": 1, "exempt": 1, "no_due": 1},
    ),
    "rework_rate": ({"heard"}, {"in time", "late", "heard", "undated", "silent"}, {"void": 0, "merged": 0}),
    "return_rate": ({"late", "overdue"}, DISPATCHED, {"void": 0, "merged": 1}),
    "dispatch_accuracy": (DISPATCHED - {"late", "overdue"}, DISPATCHED, {"void": 0, "merged": 1}),
    "extension_rate": ({"heard"}, DISPATCHED, {"void": 0, "merged": 1}),
    "parking_rate": ({"heard", "stopped"}, DISPATCHED | {"backwards"}, {"void": 0, "merged": 1}),
    "grid_level_rate": ({"in time", "silent", "old", "backwards"}, CLOSED, {"void": 1, "merged": 1}),
    "satisfaction": (
        {"in time", "undated"}, {"in time", "late", "undated"}, {"void": 1, "merged": 1, "unrated": 4},
    ),
    "answer_rate": ({"undated"}, {"undated", "silent"}, {"void": 1, "merged": 1, "no_citizen": 5}),
    "response_time": (DISPATCHED, DISPATCHED, {"void": 0, "merged": 1, "unmeasured": 0, "backwards": 0}),
    "solve_time": (
        {"in time", "late", "heard", "undated", "silent"}, {"in time", "late", "heard", "undated", "silent"},
        {"void": 0, "merged": 0, "unmeasured": 0, "backwards": 0},
    ),
    "close_time": (
        CLOSED - {"backwards"}, CLOSED - {"backwards"}, {"void": 1, "merged": 1, "unmeasured": 0, "backwards": 1},
    ),
    "feedback_time": ({"undated"}, {"undated"}, {"void": 0, "merged": 0, "unmeasured": 0, "backwards": 0}),
    "step_time": (CLOSED, CLOSED, {"void": 1, "merged": 1, "backwards": 0}),
    "hop_time": (CLOSED - {"backwards"}, CLOSED - {"backwards"}, {"void": 1, "merged": 1, "backwards": 1}),
}  # fmt: skip


def test_every_indicator_is_worked_out_here() -> None:
    assert EXPECTED.keys() == INDICATORS.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_the_cases_behind_a_number_are_these_and_no_others(hall: Register, name: str) -> None:
    above, below, left = EXPECTED[name]
    assert opened(hall, name, "numerator") == above
    assert opened(hall, name, "denominator") == (above if below is None else below)
    for reason, count in left.items():
        assert len(opened(hall, name, reason)) == count


@pytest.mark.parametrize("name", EXPECTED)
def test_a_number_is_made_of_the_cases_behind_it(hall: Register, name: str) -> None:
    above, below, left = EXPECTED[name]
    found = of(hall, name)
    assert found.exclusions == left
    assert found.period == (START, END) and found.at == NOW
    if found.unit == "cases":
        assert (found.value, found.numerator, found.denominator) == (len(above), len(above), None)
    if found.unit == "percent":
        assert below is not None
        assert (found.numerator, found.denominator) == (len(above), len(below))
        assert found.value == pytest.approx(100 * len(above) / len(below))
    if found.unit == "hours":
        assert found.denominator == len(above)


@pytest.mark.parametrize(
    ("name", "median", "p90", "mean"),
    [
        # one hour each; the parked and the overdue case too
        ("response_time", 1, 1, 1),
        ("solve_time", 4, 4, 4),
        # five of 11 h and one of 26 h: (26 - 11) / 2 + 11 at nine tenths of six
        ("close_time", 11, 18.5, (5 * 11 + 26) / 6),
        ("feedback_time", 16, 16, 16),
    ],
)
def test_times_are_medians_with_ninety_percent_and_mean(
    hall: Register, name: str, median: float, p90: float, mean: float
) -> None:
    found = of(hall, name)
    assert (found.value, found.p90, found.mean) == pytest.approx((median, p90, mean))


def test_the_time_of_each_step_is_a_share_of_all(hall: Register) -> None:
    found = of(hall, "step_time")
    # six went all the way (1 + 3 + 3 + 4 h), one never moved
    assert (found.numerator, found.denominator, found.value) == pytest.approx((66, 7, 66 / 7))
    rows = {one.keys: (one.numerator, one.share) for one in found.groups}
    assert rows == {
        ("reported",): (6, pytest.approx(100 / 11)),
        ("dispatched",): (18, pytest.approx(300 / 11)),
        ("handled",): (18, pytest.approx(300 / 11)),
        ("verified",): (24, pytest.approx(400 / 11)),
    }
    assert sum(one.share or 0 for one in found.groups) == pytest.approx(100)


def test_the_time_of_each_handing_over_is_a_mean_of_those_that_had_it(hall: Register) -> None:
    rows = {one.keys[0]: (one.value, one.numerator, one.denominator) for one in of(hall, "hop_time").groups}
    # of the one whose clock was wrong nothing is counted; "old" lay verified for 19 h
    assert rows == {
        "to_dispatch": (1, 6, 6),
        "to_accept": (1, 6, 6),
        "to_handle": (2, 12, 6),
        "to_verify": (3, 18, 6),
        "to_archive": (6.5, 39, 6),
        "to_appraise": (14, 14, 1),
    }


def test_the_backlog_is_told_by_age_band_for_any_split(hall: Register) -> None:
    found = of(hall, "backlog", by="district,step")
    assert found.bands == {"due": 2, "soon": 0, "overdue": 0, "long_open": 2}
    rows = {one.keys: (one.value, one.bands) for one in found.groups}
    assert {keys: value for keys, (value, _) in rows.items()} == {
        ("east", "dispatched"): 1, ("east", "handled"): 1, ("west", "reported"): 1, ("west", "dispatched"): 1,
    }  # fmt: skip
    assert rows["east", "handled"][1] == {"due": 0, "soon": 0, "overdue": 0, "long_open": 1}


def test_what_stood_at_the_end_of_a_past_period_is_counted_then(hall: Register) -> None:
    # 5 h in: "old" is open (archived at 6 h), "late" too; "ancient" is overdue already
    then = of(hall, "backlog", end=START + 5.5 * HOUR)
    assert then.value == 7
    assert then.at == START + 5.5 * HOUR
    assert of(hall, "overdue_rate", end=START + 5.5 * HOUR).numerator == 1


def test_a_month_that_is_over_keeps_its_number(hall: Register) -> None:
    early = {"start": START, "end": START + 10 * HOUR}
    assert of(hall, "closed_rate", **early).numerator == 0  # all were archived after it
    assert of(hall, "closed_rate", **early, now=NOW + 300 * DAY) == of(hall, "closed_rate", **early)


@pytest.mark.parametrize("name", [name for name in INDICATORS if INDICATORS[name].kind != "count"])
def test_of_nothing_there_is_no_number(hall: Register, name: str) -> None:
    found = of(hall, name, area="nowhere")
    if INDICATORS[name].kind == "standing":
        assert found.value == 0
        return
    assert (found.value, found.denominator) == (None, 0)
    assert telling.whole(say("zh"), found, found.unit) == "—"


@pytest.mark.parametrize("by", [*DIMENSIONS, "day"])
@pytest.mark.parametrize("name", [name for name in INDICATORS if not INDICATORS[name].parts])
def test_the_groups_of_a_split_add_up(hall: Register, name: str, by: str) -> None:
    found = of(hall, name, by=by)
    if by == "day" and (name in ("backlog", "overdue_rate", "on_time_rate") or INDICATORS[name].kind == "rate"):
        return  # each day is a period of its own: what stands is counted every evening
    assert sum(one.numerator for one in found.groups) == found.numerator
    if found.denominator is not None:
        assert sum(one.denominator or 0 for one in found.groups) == found.denominator


def test_a_split_names_its_groups(hall: Register) -> None:
    def rows(by: str) -> dict[tuple[str, ...], float | None]:
        return {one.keys: one.value for one in of(hall, "received", by=by).groups}

    assert rows("district") == {("east",): 9, ("west",): 2}
    assert rows("source,level")[("hotline", "district")] == 1
    assert rows("top_class")[("A",)] == 2
    assert rows("class")[("A01",)] == 1
    assert rows("department") == {("",): 9, ("roads",): 2}


def test_days_are_cut_at_midnight_of_the_hall(hall: Register) -> None:
    # START is noon in Shanghai: the first day is half a day, and holds the first twelve hours
    found = of(hall, "received", by="day").groups
    assert found[0].period == (START, START + 12 * HOUR)
    assert [one.value for one in found] == [10, 1] + [0] * 9
    assert found[1].period == (START + 12 * HOUR, START + 36 * HOUR)
    elsewhere = of(hall, "received", by="day", zone="UTC").groups
    assert elsewhere[0].period == (START, START + 20 * HOUR)


def test_what_stands_is_counted_every_evening(hall: Register) -> None:
    rows = of(hall, "backlog", by="day").groups
    assert rows[0].value == 9  # at midnight: five on their way until 16 h, three open ones, and the one of long ago
    assert rows[-1].value == len(STANDING)


def test_a_number_of_an_area_is_of_that_area_alone(hall: Register) -> None:
    assert of(hall, "received", area="west").value == 2
    assert of(hall, "received", area="s1", start=START - 100 * HOUR).value == 1
    assert of(hall, "received", filter=Filter(department="roads")).value == 2
    assert of(hall, "received", filter=Filter(scope="west", area="east")).value == 0
    ids = behind(hall, "received", area="west", start=START, end=END, now=NOW).case_ids
    assert set(ids) == {"new", "overdue"}


def test_working_time_is_measured_where_the_clock_says_so(engine: Engine) -> None:
    # Friday 2026-03-13 17:00 to Monday 10:00 in Shanghai: one working hour, and two
    friday = 1_773_392_400.0
    told = {"district": "east", "received_at": friday, "reported_at": friday, "first_dispatched_at": friday + 65 * HOUR}
    lay(engine, Case(case_id="own", clock="working", **told), Case(case_id="day and night", **told))
    register = Register(engine, calendar=Calendar())
    register.refresh()
    asked: dict[str, Any] = {"start": friday, "end": friday + 90 * HOUR, "now": friday + 90 * HOUR}
    found = measure(register, "response_time", **asked)
    assert (found.mean, found.clock) == (pytest.approx((3 + 65) / 2), "own")
    register.calendar = None
    found = measure(register, "response_time", **asked)
    assert (found.mean, found.clock) == (65, "continuous")


def test_what_cannot_be_asked_gets_a_sentence(hall: Register) -> None:
    for by in ("colour", "day,district", "level,level", "district,street,community,grid,level"):
        with pytest.raises(BadGrouping, match="by: "):
            of(hall, "received", by=by)
    with pytest.raises(BadPart, match="numerator, denominator"):
        behind(hall, "received", "some", start=START, end=END, now=NOW)
    with pytest.raises(KeyError):
        of(hall, "never heard of")


def test_every_indicator_has_a_name_and_a_formula_in_both_languages() -> None:
    assert FORMULAS.keys() == INDICATORS.keys()
    for name in INDICATORS:
        assert f"kpi.{name}" in KPI
        chinese, english = FORMULAS[name]
        assert re.search(r"[\u4e00-\u9fff]", chinese) and not re.search(r"[\u4e00-\u9fff]", english)
    reasons = {reason for _, _, left in EXPECTED.values() for reason in left}
    assert {f"kpi.left.{reason}" for reason in reasons} <= KPI.keys()


# --- rankings ---


@pytest.fixture
def handlers(tmp_path_factory: pytest.TempPathFactory) -> Register:
    """Six posts with 40 cases each, of which 0 to 30 were returned; one with few cases, and those of nobody."""
    engine = connect("", str(tmp_path_factory.mktemp("posts")))
    upgrade(engine)
    posts = {
        "a": (40, 0),
        "b": (40, 4),
        "c": (40, 4),
        "d": (40, 10),
        "e": (40, 20),
        "f": (40, 30),
        "few": (3, 3),
        "": (50, 50),
    }
    lay(engine, *(
        case(f"{post} {n}", 1, dispatched_at=2, step="dispatched", handler=post, returns=int(n < bad))
        for post, (count, bad) in posts.items()
        for n in range(count)
    ))  # fmt: skip
    register = Register(engine)
    register.refresh()
    return register


def test_equals_stand_side_by_side_and_too_few_do_not_run(handlers: Register) -> None:
    found = ranking(of(handlers, "return_rate", by="post"))
    assert [(place.rank, place.tie, place.group.keys) for place in found.best] == [
        (1, False, ("a",)), (2, True, ("b",)), (2, True, ("c",)),
    ]  # fmt: skip
    assert [(place.rank, place.group.keys[0]) for place in found.worst] == [(1, "f"), (2, "e"), (3, "d")]
    assert [one.keys for one in found.few] == [("few",)]


def test_all_who_tie_with_the_last_place_are_shown_and_nobody_twice(handlers: Register) -> None:
    found = ranking(of(handlers, "return_rate", by="post"), count=2)
    assert [place.group.keys[0] for place in found.best] == ["a", "b", "c"]
    everybody = ranking(of(handlers, "return_rate", by="post"), count=20)
    assert len(everybody.best) == 6 and not everybody.worst


def test_more_is_better_where_it_is(handlers: Register) -> None:
    assert ranking(of(handlers, "dispatch_accuracy", by="post")).best[0].group.keys == ("a",)
    with pytest.raises(ValueError, match="neither"):
        ranking(of(handlers, "received", by="post"))
