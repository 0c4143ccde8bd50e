"""Panels: what each makes of a situation, of an empty one, and of one that is broken."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard.settings import load
from feeds.lattice import lattice
from layouts.catalog import PANELS, panel, panels
from layouts.panel import VIEWS, draw
from layouts.panels.backlog_levels import ends
from layouts.theme import BANDS
from layouts.words import LANGS, NOTHING, say

NOW = 1_764_000_000.0
PEOPLE = 40
CITY = dataclasses.replace(
    lattice(
        "town",
        (130.2, 46.7, 130.5, 46.9),
        districts=("east", "west"),
        worker_ids=[f"w{n}" for n in range(PEOPLE)],
        cameras=8,
    ),
    name="佳木斯市",
    name_en="Jiamusi",
)


def situation(count=120, **other):
    """A made-up town at noon; `other` replaces what is to be different."""
    random = np.random.default_rng(1)
    age = random.exponential(3600 * 5, count)
    events = pd.DataFrame(
        {
            "key": np.arange(count),
            "district": 1,
            "class_row": random.integers(0, 3, count),
            "step": random.integers(0, 4, count),
            "level": random.integers(0, 3, count),
            "grid": random.integers(-1, 64, count),
            "area": 3,
            "lon": np.nan,
            "lat": np.nan,
            "reported": NOW - age,
            "due": np.nan,
            "band": random.choice(BANDS, count),
            "age": age,
        }
    )
    quarters = (NOW // 900 - np.arange(95, -1, -1)) * 900
    grids = pd.DataFrame({"open": 1, "overdue": 0, "present": np.arange(64) % 3, "minutes": 0, "target": 120})
    people = pd.DataFrame({"worker": np.arange(PEOPLE), "grid": 0, "minutes": np.arange(PEOPLE) * 5, "target": 120})
    people = people.assign(freshness=0, containment=1, at=NOW - 30)
    facts = {
        "city": CITY,
        "area": 0,
        "now": NOW,
        "settings": load({}),
        "events": events,
        "backlog": lambda by: backlog(events, by),
        "nowhere": 17 if count else 0,
        "open_before": {0: 10, 1: 50, 2: 40},
        "normal": {0: 60, 1: 60, 2: 60},
        "trend": pd.DataFrame({"bucket": quarters.astype(int), "received": 2, "archived": 1, "open": count}),
        "river": river(events),
        "freshness": {"fresh": 30, "ageing": 4, "old": 2, "lost": 3, "never": 1},
        "containment": {"inside": 30, "doubtful": 2, "outside": 4, "unknown": 0},
        "out_of_grid": pd.DataFrame(
            {
                "worker": [3, 4],
                "own_grid": [3, 4],
                "grid": [5, -1],
                "lon": 130.0,
                "lat": 46.0,
                "at": NOW - 30,
                "since": [NOW - 900, NOW - 300],
            }
        ),
        "patrol": pd.DataFrame(
            {"worker": np.arange(PEOPLE), "grid": 0, "minutes": np.arange(PEOPLE) * 5, "target": 120}
        ),
        "patrol_rate": (16, PEOPLE),
        "grids": grids,
        "staff": people,
        "visits": pd.DataFrame({"cells": 3, "unvisited": np.arange(64) % 3}),
        "unvisited": (np.arange(30), np.arange(30)),
        "cells_total": 90,
        "cameras": pd.DataFrame({"camera": np.arange(8)}),
        "online": (6, 8),
        "owners": pd.DataFrame({"owner": ["police", "traffic"], "online": [2, 4], "of": [4, 4]}),
        "outages": [SimpleNamespace(kind="switch", name="switch-0", cameras=2, since=NOW - 400)],
        "feeds": [feed("fixes", "a", 1, "live"), feed("fixes", "b", 400, "dead"), feed("events", "a", 40, "quiet")],
        "hot": [SimpleNamespace(lon=130.3, lat=46.8, weight=4.0, area=3)],
        "counters": {},
    }
    return SimpleNamespace(**_in_columns(facts | other))


def _in_columns(facts):
    """What panels take is columns; what is replaced in a table is replaced in them."""
    events = facts["events"]
    tables = {
        "open": events.assign(band=[BANDS.index(band) for band in events["band"]], placed=events["lon"].notna()),
        "outside": facts["out_of_grid"],
        "duty": facts["patrol"],
        "ground": facts["grids"].rename_axis("grid").reset_index(),
        **{name: facts[name] for name in ("trend", "river", "owners")},
    }
    more = {"cameras_total": len(facts["cameras"]), "banded": lambda by: columns(facts["backlog"](by).reset_index())}
    return facts | {name: columns(table) for name, table in tables.items()} | more


def columns(table):
    return {name: table[name].to_numpy() for name in table}


def empty():
    """The first second of a hall: a city, and not one record yet."""
    none = {"fresh": 0, "ageing": 0, "old": 0, "lost": 0, "never": 0}
    frame = situation(0)
    return situation(
        0,
        freshness=none,
        containment={},
        out_of_grid=frame.out_of_grid.head(0),
        patrol=frame.patrol.head(0),
        patrol_rate=(0, 0),
        grids=frame.grids.head(0),
        unvisited=(np.empty(0), np.empty(0)),
        cells_total=0,
        cameras=frame.cameras.head(0),
        online=(0, 0),
        owners=pd.DataFrame({"owner": [], "online": [], "of": []}),
        outages=[],
        feeds=[],
        hot=[],
        trend=pd.DataFrame(frame.trend).head(0),
        open_before={},
        normal={},
    )


def feed(kind, source, age, grade, accepted=1):
    return SimpleNamespace(kind=kind, source=source, age=age, grade=grade, accepted=accepted, rejected=0)


def backlog(events, by):
    rows = {"level": range(3), "class_row": range(3), "step": range(6)}[by]
    table = pd.crosstab(events[by], events["band"]) if len(events) else pd.DataFrame()
    table = table.reindex(index=pd.Index(rows, name=by), columns=BANDS, fill_value=0)
    return table.assign(open=table.sum(axis=1))


def river(events):
    more = {
        "median_seconds": [60.0, 600, 6000, np.nan, np.nan, np.nan],
        "passed_hour": 3,
        "returned_hour": [0, 2, 0, 0, 0, 0],
        "parked": [0, 4, 0, 0, 0, 0],
        "returned": [1, 7, 0, 0, 0, 0],
    }
    return backlog(events, "step").assign(**more)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("make", [situation, empty], ids=["full", "empty"])
@pytest.mark.parametrize("name", PANELS)
def test_a_panel_draws_a_full_and_an_empty_situation(name, make, lang):
    payload = panel(name).take(make(), say(lang))
    assert json.loads(json.dumps(payload, allow_nan=False)) == payload
    assert ("figure" in payload) == panel(name).graph
    if "figure" in payload:
        for line in payload["figure"]["layout"].get("annotations", []):
            line.pop("href", None)  # what the page does with a line; Plotly never sees it
        go.Figure(payload["figure"])  # refuses what Plotly does not know


def test_a_broken_panel_goes_grey_and_says_its_name():
    payload = draw(panel("cameras"), SimpleNamespace(settings=load({})), say("en"))
    assert payload["broken"] == "cameras"
    assert payload["title"] == "panel out of order: Cameras online"


def test_every_view_has_head_and_river():
    for view in VIEWS:
        names = [found.name for found in panels(view)]
        assert {"head", "beside", "river"} <= set(names)
    assert {"hottest", "chosen"} <= {found.name for found in panels("events")}


def test_a_dead_source_is_not_hidden_behind_a_live_one():
    feeds = {one["kind"]: one for one in panel("head").take(situation(), say("en"))["feeds"]}
    assert (feeds["fixes"]["grade"], feeds["fixes"]["source"]) == ("dead", "b")
    assert (feeds["events"]["grade"], feeds["events"]["source"]) == ("quiet", "")
    assert (feeds["cameras"]["grade"], feeds["cameras"]["age"]) == ("none", None)


@pytest.mark.parametrize(("records", "grade"), [(0, "dead"), (3, "live"), (5000, "dead")])
def test_who_sent_a_record_by_hand_does_not_speak_for_a_platform(records, grade):
    """Who only ever said that it is alive does: it is waited for."""
    feeds = [feed("fixes", "platform", 1, "live", 100_000), feed("fixes", "by-hand", 400, "dead", records)]
    told = panel("head").take(situation(feeds=feeds), say("en"))["feeds"][0]
    assert (told["grade"], told["source"]) == (grade, "by-hand" if grade == "dead" else "platform")


def test_the_head_names_city_and_area_in_the_readers_language():
    assert panel("head").take(situation(area=1), say("zh"))["place"] == "佳木斯市 · east"
    assert panel("head").take(situation(), say("en"))["place"] == "Jiamusi"
    assert panel("head").take(situation(area=1), say("en"))["place"] == "east · Jiamusi"
    assert panel("head").take(situation(), say("en"))["offset"] == 8 * 3600


def test_a_simulated_day_says_so():
    assert not panel("head").take(situation(), say("en"))["simulated"]
    assert panel("head").take(situation(feeds=[feed("fixes", "simulator", 1, "live")]), say("en"))["simulated"]


def test_the_gauge_ends_at_the_limit_somebody_set_and_says_so():
    told = situation(settings=load({}, backlog_limit_street=500))
    assert ends(told, 1, 70, 50) == (500, "backlog.limit.set")
    assert ends(situation(), 1, 70, 50) == (70, "backlog.limit.day")
    assert ends(situation(), 1, 20, 50) == (60, "backlog.limit.day")
    words = [note["text"] for note in panel("backlog_levels").take(told, say("en"))["figure"]["layout"]["annotations"]]
    assert "limit 500" in words


def test_a_gauge_for_each_level_from_the_district_down():
    figure = panel("backlog_levels").take(situation(), say("en"))["figure"]
    gauges = [trace for trace in figure["data"] if trace["type"] == "indicator"]
    assert [gauge["value"] for gauge in gauges] == [
        int(situation().backlog("level").loc[level, "open"]) for level in (2, 1, 0)
    ]


def test_the_overdue_share_of_a_class_shows_both_numbers():
    words = [note["text"] for note in panel("classes").take(situation(), say("en"))["figure"]["layout"]["annotations"]]
    assert any("/" in word and "%" in word for word in words)


def test_newest_come_first_and_oldest_last_and_nobody_is_named():
    newest, oldest = panel("latest").take(situation(), say("en"))["lists"]
    events = situation().events.sort_values("reported")
    assert newest["rows"][0]["key"] == f"{events['district'].iloc[-1]}-{events['key'].iloc[-1]}"
    assert oldest["rows"][0]["key"] == f"{events['district'].iloc[0]}-{events['key'].iloc[0]}"
    assert set(newest["rows"][0]) == {"key", "band", "name", "place", "age"}


def test_two_districts_may_give_their_events_the_same_key():
    """Rows of one name would be one row on the screen."""
    events = situation().events
    both = pd.concat([events, events.assign(district=2, reported=events["reported"] - 1)])
    for listed in panel("latest").take(situation(events=both), say("en"))["lists"]:
        assert len({row["key"] for row in listed["rows"]}) == len(listed["rows"]) == 10


def test_an_event_without_a_position_says_so():
    events = situation().events.assign(grid=-1, area=-1)
    rows = panel("latest").take(situation(events=events), say("en"))["lists"][0]["rows"]
    assert {row["place"] for row in rows} == {"no position"}
    rows = panel("latest").take(situation(events=events.assign(lon=130.0)), say("en"))["lists"][0]["rows"]
    assert {row["place"] for row in rows} == {say("en")("place.no_grid")}
    assert panel("beside").take(situation(), say("zh"))["text"] == "17 件无位置"


def test_a_whole_switch_is_one_line():
    payload = panel("cameras").take(situation(), say("en"))
    assert len(payload["outages"]) == 1
    assert (payload["percent"], payload["share"], payload["below"]) == ("75.00 %", "6 / 8", True)
    assert payload["owners"][0]["name"] == "police"


def test_a_rate_of_nothing_is_a_dash():
    assert panel("cameras").take(situation(online=(0, 0)), say("en"))["percent"] == NOTHING


def test_patrol_is_measured_against_the_target():
    figure = panel("minutes").take(situation(), say("en"))["figure"]
    assert sum(figure["data"][0]["y"]) == PEOPLE
    assert figure["data"][0]["y"][-1] == sum(minutes * 5 >= 120 for minutes in range(PEOPLE))


def test_grids_with_nobody_are_counted_and_the_worst_comes_first():
    grids = situation().grids.assign(overdue=np.arange(64))
    payload = panel("empty_grids").take(situation(grids=grids), say("en"))
    assert (payload["number"], payload["share"]) == ("22", "22 / 64")
    assert payload["rows"][0]["key"] == "63"


def test_grids_with_nobody_show_the_number_that_they_are_sorted_by():
    """More open events further down would look out of order."""
    grids = situation().grids.assign(overdue=np.arange(64) // 60, open=64 - np.arange(64))
    rows = panel("empty_grids").take(situation(grids=grids), say("en"))["rows"]
    assert rows[0]["age"].startswith("1 overdue · ") and rows[2]["age"] == "64 open"


def hot(*areas):
    return [
        SimpleNamespace(lon=130.3, lat=46.8 + row / 100, weight=4.0 - row, area=area) for row, area in enumerate(areas)
    ]


def test_the_number_of_a_hot_place_says_what_it_is():
    payload = panel("hottest").take(situation(), say("en"))
    assert payload["rows"][0]["value"] == "heat 4.0"
    assert payload["note"] == "heat: 1 an event, halved every 60 min"
    assert panel("hottest").take(situation(), say("zh"))["rows"][0]["value"] == "热度 4.0"


def test_hot_places_of_one_name_are_told_apart():
    names = CITY.areas.name.astype(object)
    one, other = (int(row) for row in np.flatnonzero(CITY.areas.level == CITY.areas.level.max())[[0, -1]])
    names[[one, other]] = "插旗峪社区"
    city = dataclasses.replace(CITY, areas=dataclasses.replace(CITY.areas, name=names))
    rows = panel("hottest").take(situation(city=city, hot=hot(one, other)), say("zh"))["rows"]
    assert len({row["name"] for row in rows}) == 2 and all(row["name"].endswith(" 插旗峪社区") for row in rows)
    rows = panel("hottest").take(situation(city=city, hot=hot(one, one)), say("zh"))["rows"]
    assert [row["name"] for row in rows] == ["插旗峪社区 · 南", "插旗峪社区 · 北"]
    rows = panel("hottest").take(situation(city=city, hot=hot(one)), say("zh"))["rows"]
    assert [row["name"] for row in rows] == ["插旗峪社区"]


def test_the_river_has_six_steps_and_shows_what_flows_back():
    steps = panel("river").take(situation(), say("zh"))["steps"]
    assert [step["name"] for step in steps] == ["发现上报", "受理派遣", "处置反馈", "任务核查", "事件归档", "考核评价"]
    assert sum(step["open"] for step in steps) == sum(sum(step["bands"]) for step in steps) == 120
    assert (steps[1]["back"], steps[0]["back"]) == ("回退 2", "")
    assert steps[3]["median"] == f"中位 {NOTHING}"
    assert [step["standing"] for step in steps] == ["曾退回 1", "挂账 4 · 曾退回 7", "", "", "", ""]


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Asia/Shanghai", "00 06 12 18"), ("Asia/Kolkata", "00 06 12 18"), ("America/New_York", "00 06 12 18")],
)
def test_the_axis_of_the_day_marks_full_hours_of_the_city(zone, said):
    axis = panel("trend").take(situation(city=dataclasses.replace(CITY, zone=zone)), say("en"))["figure"]["layout"][
        "xaxis"
    ]
    assert sorted(axis["ticktext"]) == [f"{hour}:00" for hour in said.split()]


def test_a_line_of_the_trend_is_the_hour_that_ends_there():
    received = panel("trend").take(situation(), say("en"))["figure"]["data"][1]["y"]
    assert received[:5] == [2, 4, 6, 8, 8] and received[-1] == 8


def test_a_river_step_leads_to_its_cases_and_what_is_archived_to_none():
    doors = [step["door"] for step in panel("river").take(situation(area=1), say("en"))["steps"]]
    assert doors[1] == "/cases?open=true&area=east&lang=en&step=dispatched"
    assert doors[4:] == ["", ""]


def test_who_is_out_of_grid_is_told_with_the_own_grid_and_for_how_long():
    rows = panel("out_of_grid").take(situation(), say("en"))["rows"]
    assert [row["age"] for row in rows] == ["15 min", "5 min"]
    assert all(row["place"].count(row["place"].split()[0]) == 1 for row in rows)


#: Panels whose numbers do not come from the ledger.
ROSTERED = {"minutes", "unvisited", "empty_grids", "cameras", "out_of_grid", "workers"}


@pytest.mark.parametrize("name", [name for name in PANELS if name not in ("head", "chosen")])
def test_every_panel_with_a_number_has_a_door(name):
    door = panel(name).address("east", say("zh"))
    assert door.startswith("/list?of=" if name in ROSTERED else "/cases?open=true")
    assert door.endswith("area=east&lang=zh")


def test_the_cells_nobody_visited_have_an_address():
    assert panel("unvisited").take(situation(area=1), say("zh"))["cells"] == "/api/v1/areas/east/unvisited"


def test_a_hall_to_which_nobody_sends_says_what_to_do():
    silent = situation(feeds=[], online=(0, 8))
    assert "127.0.0.1:8051/ingest/v1/" in panel("head").take(silent, say("en"))["idle"]
    assert panel("head").take(situation(), say("en"))["idle"] == ""
    assert panel("cameras").take(silent, say("en")) == {"empty": "no camera has been heard of yet"}


def test_nobody_out_of_grid_among_nobody_is_no_good_news():
    nobody = situation(containment={"inside": 0, "doubtful": 0, "outside": 0, "unknown": 4}, outside=empty().outside)
    everybody = situation(containment={"inside": 9, "doubtful": 0, "outside": 0, "unknown": 0}, outside=empty().outside)
    assert panel("out_of_grid").take(nobody, say("en"))["none"] == "no recent positions"
    assert panel("out_of_grid").take(everybody, say("en"))["none"] == say("en")("out.none")
