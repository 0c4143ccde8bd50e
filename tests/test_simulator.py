"""The simulated city: plausible at the first frame, alive at every hour, and the same day for the same seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
import shapely

from feeds.city import City
from feeds.lattice import lattice
from feeds.record import EventReport
from feeds.simulator import Batch, Day
from feeds.simulator.events import events_a_day
from feeds.simulator.shifts import Shifts

START = datetime(2026, 6, 1, 2, 0, tzinfo=UTC).timestamp()  # ten in the morning in Shanghai


@pytest.fixture(scope="module")
def city() -> City:
    workers = [f"W{n:04d}" for n in range(400)]
    return lattice("test", (109.4, 29.3, 109.5, 29.4), worker_ids=workers, cameras=96, districts=("east", "west"))


@pytest.fixture(scope="module")
def hour(city: City) -> list[Batch]:
    return list(Day(city, 7, START).until(START + 3600))


def fixes(batches: list[Batch]) -> dict[str, np.ndarray]:
    bodies = [batch.body for batch in batches if batch.kind == "fixes"]
    return {name: np.concatenate([np.array(body[name]) for body in bodies]) for name in bodies[0]}


def events(batches: list[Batch]) -> list[EventReport]:
    return [event for batch in batches if batch.kind == "events" for event in batch.body]


def test_the_same_seed_and_start_give_the_same_day_however_it_is_asked_for(city: City) -> None:
    at_once = list(Day(city, 7, START).until(START + 60))
    day = Day(city, 7, START)
    in_steps = [batch for second in np.arange(0, 60.5, 0.5) for batch in day.until(START + second)]
    assert at_once == in_steps
    assert at_once != list(Day(city, 8, START).until(START + 60))


def test_everybody_on_duty_has_a_position_in_the_first_seconds(city: City) -> None:
    day = Day(city, 1, START)
    seen = set(fixes(list(day.until(START)))["worker_id"])
    assert len(seen) == day.shifts.on_duty(day.second_of_day(START)).sum() > 200


@pytest.mark.parametrize("hour_of_day", range(0, 24, 3))
def test_somebody_is_on_duty_and_something_happens_at_every_hour(city: City, hour_of_day: int) -> None:
    start = START + hour_of_day * 3600
    batches = list(Day(city, 1, start, interval=60).until(start + 1800))
    assert len(set(fixes(batches)["worker_id"])) > 0.12 * 400
    assert sum(event.reported_at > start for event in events(batches)) >= 5


def test_most_walk_inside_their_own_grid_and_a_few_do_not(city: City, hour: list[Batch]) -> None:
    rows = fixes(hour)
    own = city.workers.grid[[city.worker_row[str(worker)] for worker in rows["worker_id"]]]
    inside = shapely.contains_xy(city.grids.shape[own], rows["lon"], rows["lat"])
    assert 0.85 < inside.mean() < 0.99


def test_workers_move_like_people_but_for_a_few_jumps(city: City) -> None:
    rows = fixes([batch for batch in Day(city, 3, START, warm_rows=0).until(START + 600) if batch.at > START])
    order = np.lexsort((rows["at"], rows["worker_id"]))
    worker, at = rows["worker_id"][order], rows["at"][order]
    x, y = rows["lon"][order] * 97_000, rows["lat"][order] * 110_574
    same = worker[1:] == worker[:-1]
    speed = np.hypot(np.diff(x), np.diff(y))[same] / np.maximum(np.diff(at)[same] / 1000, 1)
    assert np.quantile(speed, 0.5) < 4
    assert (speed > 50).mean() < 0.001


def test_gps_is_worse_indoors_and_says_so(hour: list[Batch]) -> None:
    rows = fixes(hour)
    indoor = rows["indoor"].astype(bool)
    assert 0.05 < indoor.mean() < 0.5
    assert np.median(rows["accuracy"][indoor]) > 25 > np.median(rows["accuracy"][~indoor])


def test_a_phone_that_lost_its_signal_sends_what_it_kept_before_anything_newer(hour: list[Batch]) -> None:
    late, newest, flushes = 0, dict[str, int](), 0
    for batch in (batch for batch in hour if batch.kind == "fixes" and batch.at > START):
        for worker, at in zip(batch.body["worker_id"], batch.body["at"], strict=True):
            flushes += batch.at * 1000 - at > 30_000
            late += at < newest.get(worker, 0)
            newest[worker] = max(at, newest.get(worker, 0))
    assert flushes > 100
    assert late < flushes / 3  # only a few phones send in no order


def test_no_fix_is_made_twice(hour: list[Batch]) -> None:
    rows = fixes(hour)
    seconds = Counter(zip(rows["worker_id"].tolist(), (rows["at"] // 1000).tolist(), strict=True))
    assert max(seconds.values()) == 1


def test_a_plausible_backlog_stands_at_the_start(city: City) -> None:
    last = {event.event_id: event for event in events(list(Day(city, 1, START).until(START)))}
    open_now = [event for event in last.values() if event.step not in ("archived", "appraised")]
    overdue = sum(event.due_at < START for event in open_now)
    assert 0.05 * events_a_day(city) < len(open_now) < 0.6 * events_a_day(city)
    assert 0.02 < overdue / len(open_now) < 0.5
    assert {event.step for event in open_now} >= {"reported", "dispatched", "handled"}
    assert {event.level for event in open_now} == {"community", "street", "district"}
    assert max(START - event.reported_at for event in open_now) > 2 * 86400


def test_events_move_through_the_steps_in_time_and_never_into_the_future(hour: list[Batch]) -> None:
    words = events(hour)
    for batch in hour:
        if batch.kind == "events":
            assert all(event.updated_at <= batch.at for event in batch.body)
    by_event: dict[str, list[EventReport]] = {}
    for word in words:
        by_event.setdefault(word.event_id, []).append(word)
    for history in by_event.values():
        assert all(a.updated_at < b.updated_at for a, b in pairwise(history))
    assert {event.step for event in words} == {
        "reported", "dispatched", "handled", "verified", "archived", "appraised",
    }  # fmt: skip
    assert any(a.step == "dispatched" and b.step == "reported" for h in by_event.values() for a, b in pairwise(h))


def test_some_events_have_no_position_and_still_name_their_area(city: City, hour: list[Batch]) -> None:
    nowhere = [event for event in events(hour) if event.lon is None]
    assert 0 < len(nowhere) < 0.1 * len(events(hour))
    assert all(event.area_id in city.area_row for event in nowhere)


def test_events_lie_in_the_grid_they_name(city: City, hour: list[Batch]) -> None:
    placed = [event for event in events(hour) if event.lon is not None]
    shapes = city.grids.shape[[city.grid_row[event.grid_id] for event in placed]]
    inside = shapely.contains_xy(shapes, [event.lon for event in placed], [event.lat for event in placed])
    assert inside.mean() > 0.97


def test_all_cameras_report_at_the_start_and_then_once_a_minute(city: City, hour: list[Batch]) -> None:
    first = next(batch for batch in hour if batch.kind == "cameras")
    assert {status.camera_id for status in first.body} == set(city.camera_row)
    looks = Counter(s.camera_id for batch in hour if batch.kind == "cameras" for s in batch.body)
    assert min(looks.values()) >= 60


def test_a_whole_switch_goes_dark_and_comes_back(city: City) -> None:
    state: dict[str, str] = {}
    dark_then_back = set[str]()
    dark = set[str]()
    members = {
        str(s): city.cameras.camera_id[city.cameras.switch == s].tolist() for s in np.unique(city.cameras.switch)
    }
    day = Day(city, 5, START, interval=60, warm_rows=0)
    for batch in day.until(START + 3 * 3600):
        if batch.kind == "cameras":
            state |= {status.camera_id: status.state for status in batch.body}
            now = {s for s, ids in members.items() if all(state[one] in ("offline", "disabled") for one in ids)}
            dark_then_back |= dark - now
            dark = now
    assert dark_then_back


def test_a_storm_brings_many_times_more_events_under_it_and_takes_cameras(city: City) -> None:
    def after(storm: bool) -> tuple[int, int]:
        batches = list(Day(city, 2, START, storm=storm, interval=60, warm_rows=0).until(START + 2400))
        lost = {s.camera_id for b in batches if b.kind == "cameras" for s in b.body if s.state == "video_lost"}
        return sum(event.reported_at > START for event in events(batches) if event.step == "reported"), len(lost)

    calm, stormy = after(False), after(True)
    assert stormy[0] > 2 * calm[0]
    assert stormy[1] > calm[1] + 10


def test_a_day_taken_up_again_knows_its_events(city: City) -> None:
    before = {
        event.event_id: event
        for event in events(list(Day(city, 1, START, interval=60, warm_rows=0).until(START + 1800)))
    }
    again = Day(city, 1, START, now=START + 1800, interval=60, warm_rows=0)
    after = {event.event_id: event for event in events(list(again.until(START + 1800)))}
    open_before = {i: e for i, e in before.items() if e.step not in ("archived", "appraised")}
    assert open_before.items() <= after.items()


def test_a_worker_without_a_terminal_never_sends() -> None:
    city = lattice("t", (120.0, 30.0, 120.1, 30.1), worker_ids=["a", "b", "c"])
    workers = replace(city.workers, terminal=np.array([True, False, True]))
    shifts = Shifts(replace(city, workers=workers), np.random.default_rng(1), everyone=True)
    assert shifts.on_duty(0.0).tolist() == [True, False, True]
