"""KPI compare: calendar periods; rates differ by points, counts by percent; nothing is rounded up to all."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from casebook import NOW, lay
from hypothesis import given
from hypothesis import strategies as st

from dashboard.cases.case import Case
from dashboard.kpi import telling
from dashboard.kpi.compare import change, compare
from dashboard.kpi.definitions import INDICATORS
from dashboard.kpi.periods import NAMES, Period, between, parts, period, previous, so_far, year_ago
from dashboard.kpi.register import Register
from dashboard.kpi.results import Measure
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from layouts.words import say

ZONE = "Asia/Shanghai"


def at(said: str, zone: str = ZONE) -> float:
    return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(zone)).timestamp()


def said(found: Period) -> tuple[str, str]:
    zone = ZoneInfo(found.zone)
    first, last = (datetime.fromtimestamp(moment, zone).replace(tzinfo=None) for moment in (found.start, found.end))
    return first.isoformat(" ", "minutes"), last.isoformat(" ", "minutes")


def days(first: str, last: str) -> tuple[str, str]:
    return f"{first} 00:00", f"{last} 00:00"


def rate(above: float, below: float, name: str = "loop_rate") -> Measure:
    return _measure(name, 100 * above / below if below else None, above, below, "percent")


def count(value: float, name: str = "received") -> Measure:
    return _measure(name, value, value, None, "cases")


def _measure(name: str, value: float | None, above: float, below: float | None, unit: str) -> Measure:
    return Measure(
        name=name, value=value, numerator=above, denominator=below, unit=unit, period=(0, 1), at=1, formula={},
        exclusions={},
    )  # fmt: skip


# --- the wrong figures of the source texts ---


def test_10980_of_10984_is_99_96_percent_and_not_99_6() -> None:
    assert telling.percent(10_980, 10_984) == "99.96 %"
    assert telling.whole(say("zh"), rate(10_980, 10_984), "percent") == "99.96 % · 10,980 / 10,984"


def test_from_92_57_to_93_35_is_0_78_points_and_not_percent() -> None:
    made = change(rate(9335, 10_000), rate(9257, 10_000))
    assert (made.kind, made.value, made.better) == ("points", pytest.approx(0.78), True)
    assert telling.change(say("zh"), made) == "▲ 0.78 个百分点"
    assert telling.change(say("en"), made) == "▲ 0.78 points"
    assert "%" not in telling.change(say("zh"), made) + telling.change(say("en"), made)


# --- points and percent ---


def test_two_counts_differ_by_percent() -> None:
    made = change(count(120), count(100))
    assert (made.kind, made.value, made.better) == ("percent", pytest.approx(20), None)
    assert telling.change(say("zh"), made) == "▲ 20.0 %"
    assert telling.change(say("zh"), change(count(100), count(120))) == "▼ 16.7 %"
    assert telling.change(say("zh"), change(count(7), count(7))) == "= 0.0 %"


def test_there_is_no_percent_of_nothing() -> None:
    assert change(count(5), count(0)).value is None
    assert change(rate(1, 2), rate(0, 0)).value is None
    assert change(rate(0, 0), rate(1, 2)).value is None
    assert telling.change(say("zh"), change(count(5), count(0))) == "—"
    assert change(rate(1, 2), rate(0, 2)).value == 50


@pytest.mark.parametrize("name", INDICATORS)
def test_a_rate_never_differs_by_percent_nor_a_count_by_points(name: str) -> None:
    unit = INDICATORS[name].unit
    a, b = (_measure(name, value, value, 100, unit) for value in (50.0, 40.0))
    made = change(a, b)
    assert made.kind == ("points" if unit == "percent" else "percent")
    assert made.value == pytest.approx(10 if unit == "percent" else 25)
    assert made.better == {"more": True, "less": False, "": None}[INDICATORS[name].better]


def test_a_change_too_small_to_show_is_not_shown_as_none() -> None:
    assert telling.change(say("en"), change(rate(100_001, 10**7), rate(100_000, 10**7))) == "▲ < 0.01 points"
    assert telling.change(say("en"), change(rate(1, 3), rate(1, 3))) == "= 0.00 points"


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_rate_is_100_percent_only_of_all_and_0_only_of_none(above: int, below: int) -> None:
    above = min(above, below)
    shown = telling.percent(above, below)
    assert (shown == "100 %") == (above == below)
    assert (shown == "0 %") == (above == 0)
    assert not shown.startswith(("100.00", "0.00 "))
    if 0 < above < below:
        assert abs(float(shown.removesuffix(" %")) - 100 * above / below) <= 0.0101


def test_of_nothing_there_is_a_dash() -> None:
    assert telling.percent(0, 0) == telling.percent(0, None) == telling.hours(None) == "—"


@pytest.mark.parametrize(
    ("hours", "shown"), [(0.25, "15 min"), (0.9999, "60 min"), (1, "1.0 h"), (47.9, "47.9 h"), (60, "2.5 d")]
)
def test_hours_are_said_in_the_unit_of_their_size(hours: float, shown: str) -> None:
    assert telling.hours(hours) == shown


# --- periods ---


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("today", days("2026-03-15", "2026-03-16")),
        ("yesterday", days("2026-03-14", "2026-03-15")),
        ("week", days("2026-03-09", "2026-03-16")),  # Monday; the 15th is a Sunday
        ("last_week", days("2026-03-02", "2026-03-09")),
        ("month", days("2026-03-01", "2026-04-01")),
        ("last_month", days("2026-02-01", "2026-03-01")),
        ("quarter", days("2026-01-01", "2026-04-01")),
        ("last_quarter", days("2025-10-01", "2026-01-01")),
        ("year", days("2026-01-01", "2027-01-01")),
        ("last_year", days("2025-01-01", "2026-01-01")),
    ],
)
def test_a_named_period_is_a_calendar_one(name: str, expected: tuple[str, str]) -> None:
    assert said(period(name, NOW)) == expected


def test_every_name_was_tried_and_others_are_refused() -> None:
    assert len(NAMES) == 10
    with pytest.raises(KeyError):
        period("fortnight", NOW)


def test_a_day_begins_where_the_hall_is() -> None:
    late = at("2026-03-15 23:30")
    assert said(period("today", late)) == days("2026-03-15", "2026-03-16")
    assert said(period("today", late, "UTC")) == days("2026-03-15", "2026-03-16")
    assert said(period("today", at("2026-03-15 03:00"), "UTC")) == days("2026-03-14", "2026-03-15")


@pytest.mark.parametrize(
    ("this", "last", "year"),
    [
        (("2026-03-01", "2026-04-01"), ("2026-02-01", "2026-03-01"), ("2025-03-01", "2025-04-01")),
        (("2026-01-01", "2026-02-01"), ("2025-12-01", "2026-01-01"), ("2025-01-01", "2025-02-01")),
        (("2024-02-01", "2024-03-01"), ("2024-01-01", "2024-02-01"), ("2023-02-01", "2023-03-01")),
        (("2026-03-09", "2026-03-16"), ("2026-03-02", "2026-03-09"), ("2025-03-10", "2025-03-17")),
        (("2026-01-01", "2026-04-01"), ("2025-10-01", "2026-01-01"), ("2025-01-01", "2025-04-01")),
        (("2026-01-01", "2027-01-01"), ("2025-01-01", "2026-01-01"), ("2025-01-01", "2026-01-01")),
        (("2026-03-15", "2026-03-16"), ("2026-03-14", "2026-03-15"), ("2025-03-15", "2025-03-16")),
        (("2024-02-29", "2024-03-01"), ("2024-02-28", "2024-02-29"), ("2023-02-28", "2023-03-01")),
        # ten days are no calendar unit: the ten before, and the same dates
        (("2026-03-01", "2026-03-11"), ("2026-02-19", "2026-03-01"), ("2025-03-01", "2025-03-11")),
    ],
)
def test_what_a_period_is_compared_with(this: tuple[str, str], last: tuple[str, str], year: tuple[str, str]) -> None:
    found = between(at(this[0]), at(this[1]))
    assert said(previous(found)) == days(*last)
    assert said(year_ago(found)) == days(*year)


def test_a_week_of_last_year_begins_on_a_monday_too() -> None:
    first, _ = said(year_ago(period("week", NOW)))
    assert datetime.fromisoformat(first).weekday() == 0


def test_half_a_month_is_compared_with_half_a_month() -> None:
    now = at("2026-03-31 18:00")
    march, february = period("month", now), period("last_month", now)
    assert said(so_far(march, february, at("2026-03-15 12:00"))) == ("2026-02-01 00:00", "2026-02-15 12:00")
    assert said(so_far(march, february, now)) == days("2026-02-01", "2026-03-01")  # it has no 31st: all of it
    assert so_far(march, february, at("2026-04-02 00:00")) == february


def test_summer_time_makes_a_day_of_23_hours() -> None:
    berlin = "Europe/Berlin"
    day = period("today", at("2026-03-29 12:00", berlin), berlin)
    assert day.end - day.start == 23 * 3600
    assert said(previous(day)) == days("2026-03-28", "2026-03-29")
    hours = parts(period("month", day.start, berlin), "day", day.end + 1)
    assert [round((one.end - one.start) / 3600) for one in hours][-2:] == [23, 24]


def test_a_period_is_split_into_days_that_have_begun() -> None:
    month = period("month", NOW)
    found = parts(month, "day", NOW)
    assert [said(found[0]), said(found[-1])] == [days("2026-03-01", "2026-03-02"), days("2026-03-15", "2026-03-16")]
    assert len(found) == 15
    year = between(at("2025-11-10"), at("2026-02-03"))
    assert [said(one) for one in parts(year, "month", NOW)] == [
        days("2025-11-10", "2025-12-01"), days("2025-12-01", "2026-01-01"), days("2026-01-01", "2026-02-01"),
        days("2026-02-01", "2026-02-03"),
    ]  # fmt: skip


# --- together ---


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Register:
    """Received on the 10th: 3 in March 2026, 2 in February, 4 in March 2025; on the 20th of the latter two 7 more."""
    engine = connect("", str(tmp_path_factory.mktemp("compare")))
    upgrade(engine)
    plan = {
        "2026-03-10 09:00": 3,
        "2026-02-10 09:00": 2,
        "2025-03-10 09:00": 4,
        "2026-02-20 09:00": 7,
        "2025-03-20 09:00": 7,
    }
    lay(engine, *(_case(day, n) for day, many in plan.items() for n in range(many)))
    register = Register(engine)
    register.refresh()
    return register


def _case(day: str, n: int) -> Case:
    """The first of each day is closed on the same day, the others are open."""
    when = at(day)
    closed: dict[str, Any] = {"step": "archived", "outcome": "closed", "archived_at": when + 3600} if n == 0 else {}
    return Case(case_id=f"{day} {n}", district="east", received_at=when, reported_at=when, updated_at=when, **closed)


def test_this_month_stands_beside_as_much_of_the_last_and_of_a_year_ago(hall: Register) -> None:
    found = compare(hall, "received", period("month", NOW), now=NOW)
    assert [one.value for one in (found.this, found.last, found.year)] == [3, 2, 4]
    assert (found.on_last.kind, found.on_last.value) == ("percent", pytest.approx(50))
    assert (found.on_year.kind, found.on_year.value) == ("percent", pytest.approx(-25))
    assert found.so_far
    assert (found.last.period, found.year.period) == (
        (at("2026-02-01"), at("2026-02-15 12:00")), (at("2025-03-01"), at("2025-03-15 12:00")),
    )  # fmt: skip


def test_a_month_that_is_over_stands_beside_whole_months(hall: Register) -> None:
    found = compare(hall, "closed_rate", period("last_month", NOW), now=NOW, by="district")
    assert (found.this.numerator, found.this.denominator) == (2, 9)
    assert (found.last.value, found.year.value, found.on_last.value, found.so_far) == (None, None, None, False)
    assert [one.keys for one in found.this.groups] == [("east",)]
    march = compare(hall, "closed_rate", between(at("2026-03-01"), at("2026-04-01")), now=at("2026-05-01"))
    assert march.on_last.value == pytest.approx(100 / 3 - 200 / 9)
    assert march.on_year.value == pytest.approx(100 / 3 - 200 / 11)


def test_both_comparisons_have_their_label() -> None:
    assert say("zh")("kpi.last") == "环比"
    assert say("zh")("kpi.year") == "同比"
    assert say("zh")("kpi.points") == "个百分点"
