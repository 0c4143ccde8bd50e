"""Tracks: the last hour of every worker, thinned."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.live import tracks
from dashboard.live.arrivals import Arrivals
from dashboard.live.tracks import Tracks
from feeds.record import FIX

T = 1_763_700_000
ROWS = np.array([4, 9, 12])  # rows of the city


@pytest.fixture
def kept() -> Tracks:
    return Tracks(20, ROWS, np.zeros(3, np.int64))


def walk(kept: Tracks, *points: tuple[int, int]) -> int:
    points = tuple(sorted(points))
    fix = np.zeros(len(points), FIX)
    fix["lon"] = [second - T for _, second in points]
    worker, second = np.array(points).T
    return len(kept.fold(Arrivals(worker, second, fix, np.zeros(len(points), np.bool_))))


def read(
    kept: Tracks, workers: list[int] | None = None, since: int = 0, until: int = T + 9999
) -> list[tuple[int, int]]:
    rows = tracks.read(kept.fields(True), workers, since, until)
    return [(int(row["worker"]), int(row["at"]) - T) for row in rows]


def test_a_track_keeps_the_first_fix_of_each_twenty_seconds(kept):
    assert walk(kept, *((0, T + second) for second in range(0, 60, 5))) == 3
    assert read(kept) == [(4, 0), (4, 20), (4, 40)]


def test_an_earlier_fix_takes_the_place_of_a_later_one_of_the_same_twenty_seconds(kept):
    walk(kept, (0, T + 15))
    walk(kept, (0, T + 5))
    walk(kept, (0, T + 10))
    assert read(kept) == [(4, 5)]


def test_points_are_read_by_worker_and_time(kept):
    walk(kept, (0, T), (1, T), (2, T), (1, T + 60), (1, T + 120))
    assert read(kept, [9], T + 30, T + 60) == [(9, 60)]
    assert read(kept, [9, 12]) == [(9, 0), (9, 60), (9, 120), (12, 0)]
    assert read(kept, []) == []
    assert tracks.read({}, None, 0, T).tolist() == []


def test_after_an_hour_a_minute_makes_room_for_the_next_and_never_the_other_way_round(kept):
    walk(kept, (0, T), (1, T))
    walk(kept, (0, T + 3600))
    walk(kept, (0, T + 3))
    assert read(kept) == [(4, 3600), (9, 0)]


def test_only_minutes_that_changed_are_saved(kept):
    walk(kept, (0, T), (0, T + 60))
    assert len(kept.fields(False)) == 2
    walk(kept, (0, T + 61))
    assert kept.fields(False) == {}
    walk(kept, (0, T + 80))
    assert list(kept.fields(False)) == tracks.names(T + 80, T + 80)


def test_what_was_saved_is_read_back_also_for_a_district_of_other_workers(kept):
    walk(kept, (0, T), (1, T + 20), (2, T + 40))
    other = Tracks(20, np.array([9, 4, 30]), np.zeros(3, np.int64))
    local = np.full(40, -1)
    local[[9, 4, 30]] = [0, 1, 2]
    other.load(kept.fields(True), local)
    assert read(other) == [(4, 0), (9, 20)]


def test_the_names_of_an_hour_are_sixty(kept):
    assert len(tracks.names(T, T + 3600)) == 60
    assert len(tracks.names(T, T + 59)) in (1, 2)
