"""Situation: the numbers of a wall, with the time in our hands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.bus.feeds import FeedHealth
from dashboard.live.desk import Desk
from dashboard.live.district import District, Ground
from dashboard.live.frame import Frame, decode, encode
from dashboard.live.mirror import Mirror
from dashboard.live.situation import Situation
from dashboard.live.trends import trend
from dashboard.settings import load
from feeds.lattice import lattice
from feeds.record import FIX, STEPS, EventReport

T = 1_763_700_000  # 12:40 on the wall
HOUR = 3600
CITY = lattice("t", (116.0, 39.0, 116.08, 39.08), districts=("a", "b"), worker_ids=[f"w{i}" for i in range(64)])
GROUND = Ground(CITY)
SETTINGS = load({})


class Hall:
    """Both districts and a mirror."""

    def __init__(self) -> None:
        self.desks = {int(row): Desk(District(GROUND, int(row), SETTINGS), 1) for row in CITY.districts}
        self.mirror = Mirror(CITY)
        self.number = 0

    def fix(self, worker: int, at: float, lon: float | None = None, lat: float | None = None) -> None:
        row = np.zeros(1, FIX)
        column, line = worker % 8, worker // 8
        row["worker"], row["at"], row["acc"] = worker, at * 1000, 5
        row["lon"] = round((lon or 116.005 + column / 100) * 1e7)
        row["lat"] = round((lat or 39.005 + line / 100) * 1e7)
        self.desks[int(CITY.district_of_worker[worker])].state.fold_fixes(row)

    def report(self, at: float, due: float | None = None, lon: float | None = 116.005, **more: object) -> EventReport:
        self.number += 1
        event = EventReport(f"E{self.number}", "noise", at, at, lon=lon, lat=lon and 39.005, due_at=due, **more)
        self.tell(event)
        return event

    def tell(self, event: EventReport) -> None:
        east = (event.lon or 0) > 116.04
        self.desks[int(CITY.districts[int(east)])].state.fold_events([event])

    def move(self, event: EventReport, step: str, at: float) -> None:
        said = {name: getattr(event, name) for name in event.__struct_fields__} | {"step": step, "updated_at": at}
        self.tell(EventReport(**said))

    def at(self, now: float, area: str = "", feeds: tuple[FeedHealth, ...] = (), pace: float = 1.0) -> Situation:
        for desk in self.desks.values():
            for body in (desk.frame(now * 1000, True), desk.facts(now * 1000)):
                assert body is None or self.mirror.apply(decode(body))
        return Situation(self.mirror, CITY, SETTINGS, now, CITY.area_row[area] if area else 0, feeds, pace)


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_bands_follow_the_due_time(hall):
    for due in (T + 2 * HOUR, T + HOUR - 1, T - 1, T - 25 * HOUR):
        hall.report(T - 30 * HOUR, due)
    hall.report(T - 300 * HOUR)
    assert hall.at(T).events["band"].tolist() == ["due", "soon", "overdue", "long_open", "long_open"]
    table = hall.at(T).backlog("level")
    assert table.to_numpy().tolist() == [[1, 1, 1, 2, 5], [0] * 5, [0] * 5]


def test_events_of_another_area_are_not_ours(hall):
    hall.report(T)
    hall.report(T, lon=116.075, level="district")
    assert [len(hall.at(T, area).events) for area in ("", "a", "b", "b-community")] == [2, 1, 1, 1]
    assert hall.at(T, "b").backlog("level")["open"].tolist() == [0, 0, 1]
    children = hall.at(T).backlog("child")
    assert children["open"].to_dict() == {1: 1, 4: 1}


def test_each_table_has_a_line_for_what_is_zero(hall):
    situation = hall.at(T)
    assert len(situation.backlog("step")) == len(situation.river["open"]) == len(STEPS)
    assert situation.backlog("class_row").index.tolist() == [0, 1, 2]
    assert situation.backlog("grid").empty
    assert len(situation.events) == 0


def test_events_without_a_position_are_counted_beside_the_map(hall):
    hall.report(T, lon=None)
    hall.report(T)
    situation = hall.at(T)
    assert (situation.nowhere, len(situation.events)) == (1, 2)
    assert np.isnan(situation.events["lon"]).sum() == 1


def test_a_worker_who_says_nothing_ages_without_anyone_saying_so(hall):
    hall.fix(0, T)
    named = [(59, "fresh"), (60, "ageing"), (299, "ageing"), (300, "old"), (599, "old"), (600, "lost")]
    for later, grade in named:
        counts = hall.at(T + later).freshness
        assert (counts[grade], counts["never"]) == (1, 63)


def test_who_is_out_of_the_own_grid_is_told_the_longest_first(hall):
    for worker, since in ((0, 0), (1, 30), (2, 60)):
        hall.fix(worker, T + since, lon=116.075, lat=39.075)
    hall.fix(0, T + 70, lon=116.075, lat=39.0751)
    hall.fix(3, T + 70)
    situation = hall.at(T + 80)
    assert situation.out_of_grid["worker"].tolist() == [0, 1, 2]
    assert situation.out_of_grid["since"].tolist() == [T, T + 30, T + 60]
    assert situation.out_of_grid["grid"].tolist() == [63, 63, 63]
    assert situation.containment == {"unknown": 0, "inside": 1, "doubtful": 0, "outside": 3}
    assert len(hall.at(T + 500).out_of_grid) == 0


def test_patrol_is_counted_against_the_target_of_the_grid_and_begins_anew_at_midnight(hall):
    for minute in range(120):
        hall.fix(0, T + 60 * minute)
    hall.fix(1, T)
    situation = hall.at(T + 7200)
    assert situation.patrol["minutes"].tolist()[:3] == [120, 1, 0]
    assert situation.patrol_rate == (1, 64)
    assert situation.grids.loc[0, ["minutes", "target", "present"]].tolist() == [120, 120, 1]
    assert situation.grids.loc[1, "present"] == 0
    assert hall.at(T + 12 * HOUR).patrol["minutes"].sum() == 0


def test_a_cell_that_somebody_walked_through_today_is_visited(hall):
    before = hall.at(T)
    assert len(before.unvisited[0]) == before.cells_total > 1000
    hall.fix(0, T)
    assert len(hall.at(T).unvisited[0]) == before.cells_total - 1
    assert len(hall.at(T + 12 * HOUR).unvisited[0]) == before.cells_total


def test_the_trend_knows_what_came_what_went_and_what_stood_open(hall):
    events = [hall.report(T + 900 * n) for n in range(4)]
    hall.move(events[0], "archived", T + 3 * 900)
    trend = pd.DataFrame(hall.at(T + 5 * 900).trend).tail(6)
    assert trend["received"].tolist() == [1, 1, 1, 1, 0, 0]
    assert trend["archived"].tolist() == [0, 0, 0, 1, 0, 0]
    assert trend["open"].tolist() == [1, 2, 3, 3, 3, 3]
    situation = hall.at(T + 5 * 900)
    assert situation.open_before == {0: 2, 1: 0, 2: 0}
    assert situation.normal == {0: 3, 1: 0, 2: 0}


def test_what_stood_open_two_days_ago_still_stands_today(hall):
    hall.report(T)
    for hours in (20, 40, 60):
        hall.report(T + hours * HOUR, lon=116.075)
        hall.at(T + hours * HOUR)
    assert hall.at(T + 61 * HOUR, "a").trend["open"].tolist()[-1] == 1
    assert hall.at(T + 61 * HOUR, "b").trend["open"].tolist()[-1] == 3


def test_the_river_tells_how_long_a_step_takes_and_what_passed_in_the_last_hour(hall):
    first, second = hall.report(T), hall.report(T)
    hall.move(first, "dispatched", T + 60)
    hall.move(second, "dispatched", T + 180)
    hall.move(second, "reported", T + 240)
    river = hall.at(T + 300).river
    assert river["median_seconds"].tolist()[0] == 120
    assert river["passed_hour"].tolist()[:2] == [2, 0]
    assert river["returned_hour"].tolist()[:2] == [0, 1]
    assert river["open"].tolist()[:2] == [1, 1]
    assert hall.at(T + 2 * HOUR).river["passed_hour"].sum() == 0


def test_what_was_archived_and_appraised_in_the_last_hour_is_told_with_the_whole_way(hall):
    first, second = hall.report(T), hall.report(T)
    for step, at in (("dispatched", 60), ("handled", 600), ("archived", 900), ("appraised", 1000)):
        hall.move(first, step, T + at)
    hall.move(second, "archived", T + 1100)
    river = hall.at(T + 1200).river
    assert river["passed_hour"].tolist() == [2, 1, 1, 0, 2, 1]
    assert river["median_seconds"].tolist()[-2:] == [1000, 100]
    later = hall.at(T + 1150 + HOUR).river
    assert later["passed_hour"].tolist() == [0] * 6
    assert later["median_seconds"].tolist()[-2:] == [1000, 100]


def test_the_hottest_places_are_told_apart_and_cool(hall):
    for _ in range(3):
        hall.report(T)
    hall.report(T, lon=116.065)
    hot = hall.at(T).hot
    assert [round(place.weight, 3) for place in hot] == [3, 1]
    assert hot[0].area == CITY.area_row["a-community"]
    assert [round(place.weight, 2) for place in hall.at(T + HOUR).hot] == [1.5, 0.5]
    assert hall.at(T + 24 * HOUR).hot == []


def test_a_feed_that_is_quiet_and_one_that_is_dead_look_different(hall):
    def feed(record: float, beat: float) -> FeedHealth:
        return FeedHealth("fixes", "phones", (T - record) * 1000, (T - beat) * 1000, 5, 4, 1)

    grades = [(0, 0, "live"), (100, 2, "quiet"), (100, 40, "late"), (100, 90, "dead"), (2, 1000, "live")]
    feeds = tuple(feed(record, beat) for record, beat, _ in grades)
    assert [feed.grade for feed in hall.at(T, feeds=feeds).feeds] == [grade for _, _, grade in grades]


def test_how_fast_a_replay_runs_says_nothing_of_its_feed(hall):
    feed = FeedHealth("fixes", "phones", (T - 1200) * 1000, (T - 1200) * 1000, 5, 4, 1)
    live, late = (hall.at(T, feeds=(feed,), pace=pace).feeds[0] for pace in (600.0, 30.0))
    assert (live.age, live.grade) == (2.0, "live")
    assert (late.age, late.grade) == (40.0, "late")


def test_counters_are_those_of_the_districts_of_the_area(hall):
    hall.fix(0, T)
    hall.fix(7, T)
    hall.fix(6, T)
    assert [hall.at(T, area).counters["fixes"] for area in ("", "a", "b")] == [3, 1, 2]


def test_a_trend_that_is_kept_up_is_the_one_that_is_worked_out_anew() -> None:
    """Only areas that moved are worked out again; the answer must be as if all had been."""
    city = CITY
    mirror, other, random = Mirror(city), Mirror(city), np.random.default_rng(7)
    inside, first = np.ones(len(city.areas.level), np.bool_), 1_784_000_000 // 900
    for seq in range(1, 160):
        rows = int(random.integers(1, 6))
        flow = {
            "bucket": np.full(rows, first + seq) - random.integers(0, 3, rows),
            "area": random.integers(0, len(inside), rows),
            "step": random.choice([0, 4, 16, 17, 18], rows),
            "count": random.integers(0, 50, rows),
        }
        body = encode(Frame(0 if seq in (1, 90) else 1, seq, 1, int(city.districts[0]), 0.0, 0, {"flow": flow}))
        assert mirror.apply(decode(body)) and other.apply(decode(body))
        other.standing = None
        now = (first + seq) * 900.0
        kept, anew = trend(mirror, inside, now), trend(other, inside, now)
        assert (kept.open == anew.open).all() and (kept.received == anew.received).all()
    assert kept.open.any() and kept.received.any()
