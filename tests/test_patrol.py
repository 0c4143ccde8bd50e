"""Patrol: minutes inside the own grid, by the clock on the wall."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live.patrol import DAY, Patrol, local_minutes

MORNING = 20_400 * DAY + 9 * 60  # nine o'clock of some local day


def walk(patrol: Patrol, *minutes: int, worker: int = 0) -> int:
    minutes = tuple(sorted(minutes))
    patrol.fold(np.full(len(minutes), worker), np.array(minutes, np.int64))
    return int(patrol.minutes[worker])


@pytest.fixture
def patrol() -> Patrol:
    return Patrol(10, np.zeros(3, np.int64))


def test_a_minute_counts_once_however_many_fixes_are_in_it(patrol):
    assert walk(patrol, MORNING, MORNING, MORNING + 1) == 2
    assert walk(patrol, MORNING + 1) == 2


def test_a_gap_of_ten_minutes_is_filled_and_one_of_eleven_is_not(patrol):
    assert walk(patrol, MORNING, MORNING + 11) == 12
    assert walk(patrol, MORNING, MORNING + 12, worker=1) == 2


def test_a_late_minute_fills_what_it_joins(patrol):
    assert walk(patrol, MORNING, MORNING + 16) == 2
    assert walk(patrol, MORNING + 8) == 17


def test_midnight_begins_a_new_day_and_yesterday_stays_out_of_it(patrol):
    midnight = 20_401 * DAY
    assert walk(patrol, midnight - 2, midnight - 1) == 2
    assert walk(patrol, midnight) == 1
    assert walk(patrol, midnight - 5) == 1
    assert patrol.day[0] == 20_401


def test_the_same_hour_of_the_next_day_starts_from_nothing(patrol):
    walk(patrol, MORNING, MORNING + 1)
    assert walk(patrol, MORNING + DAY) == 1
    assert walk(patrol, MORNING + DAY + 1) == 2


def test_the_wall_clock_follows_the_zone_over_a_change_to_winter_time():
    before, after = 1_762_061_400, 1_762_066_800  # 2025-11-02 01:30 EDT and 02:00 EST in New York
    minutes = local_minutes(np.array([before, after]), "America/New_York")
    assert (minutes % DAY).tolist() == [90, 120]
    assert local_minutes(np.array([0]), "Asia/Shanghai").tolist() == [480]
    assert local_minutes(np.array([1_763_700_000]), "Asia/Kathmandu").tolist() == [1_763_700_000 // 60 + 345]


def by_hand(minutes: set[int], gap: int) -> int:
    day = max(minutes) // DAY
    own = sorted(minute for minute in minutes if minute // DAY == day)
    return len(own) + sum(b - a - 1 for a, b in pairwise(own) if b - a - 1 <= gap)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2 * DAY - 1), min_size=1, max_size=12), min_size=1, max_size=8))
def test_however_the_minutes_come_the_count_is_that_of_the_newest_day(batches):
    patrol = Patrol(10, np.zeros(3, np.int64))
    for batch in batches:
        walk(patrol, *(MORNING + minute for minute in batch), worker=1)
    everything = {MORNING + minute for batch in batches for minute in batch}
    newest = max(everything) // DAY
    # What is a day behind may have lost its place to the newer day: only that day's count is promised.
    assert int(patrol.minutes[1]) == by_hand({m for m in everything if m // DAY == newest}, 10)
    assert patrol.minutes[[0, 2]].tolist() == [0, 0]
