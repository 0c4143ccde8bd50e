"""Calendar: a clock that runs in working time gives back what was put in, in any zone, in any year."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.cases.rules.calendar import Calendar, Hours
from dashboard.cases.rules.rules import Rules

SHANGHAI, YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
SHIPPED = Rules.load(None).calendar
PLAIN = Calendar()
SUMMER = Calendar("America/New_York", {}, Hours(((0, 6 * 60), (8 * 60, 24 * 60)), frozenset(range(7))))
CLOCKS = {"shipped": SHIPPED, "plain": PLAIN, "summer": SUMMER, "york": Calendar("America/New_York")}
calendars = st.sampled_from(sorted(CLOCKS)).map(CLOCKS.__getitem__)
moments = st.floats(0, 4e9) | st.integers(0, 4_000_000_000).map(float)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_four_working_hours_filed_on_friday_at_five_end_on_a_make_up_sunday_at_eleven() -> None:
    assert SHIPPED.works(date(2026, 9, 20))  # made up for the National Day
    assert SHIPPED.due(at("2026-09-18 17:00"), 4) == at("2026-09-20 11:00")


def test_they_end_on_monday_at_eleven_when_the_calendar_has_no_such_sunday() -> None:
    assert SHIPPED.due(at("2026-09-11 17:00"), 4) == at("2026-09-14 11:00")
    assert PLAIN.due(at("2026-09-18 17:00"), 4) == at("2026-09-21 11:00")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20 14:00", 4, "2026-11-20 18:00"),  # to the last minute, not to the next morning
        ("2026-11-20 14:00", 4.25, "2026-11-23 08:15"),
        ("2026-11-20 12:30", 1, "2026-11-20 15:00"),  # filed at lunch
        ("2026-11-21 03:00", 8, "2026-11-23 18:00"),  # filed at night, on a Saturday
        ("2026-09-30 17:00", 2, "2026-10-08 09:00"),  # over the National Day
        ("2026-02-13 17:00", 16, "2026-02-24 17:00"),  # Spring Festival, with a make-up Saturday before it
        ("2026-11-20 14:00", 0, "2026-11-20 14:00"),
        ("2026-11-23 09:00", -2, "2026-11-20 17:00"),  # what was two hours late before it was parked, is so afterwards
    ],
)
def test_working_hours_end_when_a_clerk_would_say(start: str, hours: float, end: str) -> None:
    assert SHIPPED.due(at(start), hours) == at(end)


@settings(max_examples=200, deadline=None)
@given(calendars, moments, st.floats(-2000, 5000) | st.integers(-500, 500))
def test_as_many_hours_pass_until_something_is_due_as_it_was_given(clock: Calendar, start: float, hours: float) -> None:
    due = clock.due(start, hours)
    assert clock.elapsed(start, due) == pytest.approx(hours, abs=1e-9)
    assert (due >= start) if hours >= 0 else (due <= start)


@settings(max_examples=200, deadline=None)
@given(calendars, moments, st.floats(0, 3e7))
def test_what_has_passed_is_due_now_or_when_the_last_work_ended(clock: Calendar, start: float, length: float) -> None:
    end = start + length
    due = clock.due(start, clock.elapsed(start, end))
    assert due <= end + 1e-5
    assert clock.elapsed(due, end) == pytest.approx(0, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(calendars, st.lists(moments, min_size=3, max_size=3))
def test_hours_add_up_and_never_run_backwards(clock: Calendar, three: list[float]) -> None:
    first, second, third = sorted(three)
    parts = clock.elapsed(first, second), clock.elapsed(second, third)
    assert min(parts) >= 0
    assert clock.elapsed(first, third) == pytest.approx(sum(parts), abs=1e-8)
    assert clock.elapsed(third, first) == -clock.elapsed(first, third)
    assert clock.elapsed(first, third) <= (third - first) / 3600 + 1e-9


@settings(max_examples=100, deadline=None)
@given(calendars, st.lists(moments | st.just(float("nan")), min_size=1, max_size=20))
def test_a_column_of_moments_is_worked_out_as_each_of_them(clock: Calendar, column: list[float]) -> None:
    worked = clock.worked(np.array([0.0, *column]))
    for one, moment in zip((worked - worked[0])[1:], column, strict=True):
        assert np.isnan(one) if np.isnan(moment) else one == pytest.approx(clock.elapsed(0.0, moment), abs=1e-7)


def test_an_hour_of_summer_time_is_no_longer_or_shorter_for_those_who_work_by_day() -> None:
    clock = Calendar("America/New_York")
    assert clock.due(at("2013-11-01 17:00", YORK), 4) == at("2013-11-04 11:00", YORK)  # the clock went back on Sunday
    assert clock.due(at("2013-03-08 17:00", YORK), 4) == at("2013-03-11 11:00", YORK)
    assert clock.elapsed(at("2013-10-28 08:00", YORK), at("2013-11-05 08:00", YORK)) == 48


def test_who_works_at_night_works_an_hour_less_when_summer_time_begins_and_one_more_when_it_ends() -> None:
    night = Calendar("America/New_York", {}, Hours(((0, 4 * 60),), frozenset(range(7))))
    assert night.elapsed(at("2013-03-10 00:00", YORK), at("2013-03-10 12:00", YORK)) == 3
    assert night.elapsed(at("2013-11-03 00:00", YORK), at("2013-11-03 12:00", YORK)) == 5
    gone = Calendar("America/New_York", {}, Hours(((130, 170), (4 * 60, 5 * 60)), frozenset(range(7))))
    assert gone.elapsed(at("2013-03-10 00:00", YORK), at("2013-03-10 12:00", YORK)) == 1


def test_a_year_that_the_file_does_not_know_has_free_weekends_and_is_named() -> None:
    assert SHIPPED.lacks(2004, 2026) == []
    assert SHIPPED.lacks(2026, 2028) == [2027, 2028]
    assert SHIPPED.due(at("2031-10-03 17:00"), 2) == at("2031-10-06 09:00")


@pytest.mark.parametrize("year", [1901, 1969, 1999, 2000, 2039, 2041, 2200])
def test_no_year_is_too_early_or_too_late(year: int) -> None:
    clock = Calendar()
    start = at(f"{year}-12-29 10:00")
    assert clock.elapsed(start, clock.due(start, 100)) == pytest.approx(100, abs=1e-6)
    assert datetime.fromtimestamp(clock.due(start, 100), UTC).year == year + 1


def test_every_day_of_23_years_is_free_or_worked_as_the_state_council_said() -> None:
    calendar = pytest.importorskip("chinese_calendar")
    first, last = date(2004, 1, 1).toordinal(), date(2026, 12, 31).toordinal()
    days = [date.fromordinal(day) for day in range(first, last + 1)]
    assert [day for day in days if SHIPPED.works(day) != calendar.is_workday(day)] == []


def test_a_due_time_takes_microseconds() -> None:
    starts = np.random.default_rng(1).uniform(1.6e9, 1.8e9, 20_000).tolist()
    begun = time.perf_counter()
    for start in starts:
        SHIPPED.elapsed(start, SHIPPED.due(start, 40))
    each = (time.perf_counter() - begun) / len(starts)
    assert each < 1e-4, f"{each * 1e6:.1f} µs"
