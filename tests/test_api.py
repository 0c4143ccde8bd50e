"""API: every route is documented, every answer has the shape that is documented, every bad question gets a sentence."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving import Hand, Page, columns, get, put_city, riverside, serving, until

from dashboard.bus import keys
from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.feeds import Beat, Feeds
from dashboard.bus.rejected import Refusal, Rejected
from dashboard.clock import Clock, HallClock
from dashboard.live.frame import NOWHERE
from dashboard.live.tracks import TRACK
from dashboard.settings import load
from dashboard.web.api import FROZEN, _health
from dashboard.web.replies import Collection, Health
from dashboard.web.routes import PREFIX, READING, ROUTES
from feeds.city import City
from feeds.record import NONE, EventReport

WEST, EAST = 1, 4
HOSTILE = "\"><script>alert(1)</script>\u2028=cmd|' /C calc'!A0\x00"
NOW = int(time.time())

#: NOW is when the tests were collected, which may be some minutes ago.
PATIENT = {"fresh_seconds": 3000, "ageing_seconds": 3100, "old_seconds": 3200}

#: An address for each route, with something in it that is there.
ADDRESSES = {
    "/city": "/city",
    "/areas/{area_id}/summary": "/areas/west/summary",
    "/areas/{area_id}/unvisited": "/areas/west/unvisited",
    "/workers/{worker_id}": "/workers/W001",
    "/workers/{worker_id}/track": "/workers/W001/track",
    "/tracks": "/tracks?slot=1&slot=2",
    "/events": "/events",
    "/cameras": "/cameras?state=online",
    "/feeds": "/feeds",
    "/rejected": "/rejected",
}


@pytest.fixture(scope="module")
def city() -> City:
    return riverside()


@pytest.fixture(scope="module")
def url(redis_server: Embedded, city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hall in which something has happened."""
    redis_server.start()
    with (
        connect(redis_server.url) as redis,
        serving(redis_server.url, tmp_path_factory.mktemp("serve") / "log", **PATIENT) as url,
    ):
        redis.flushall()
        put_city(redis, city)
        assert until(lambda: get(f"{url}/healthz").status == 200)
        happen(redis, city)
        assert until(lambda: read(f"{url}{PREFIX}/areas/riverside/summary")["workers"]["fresh"] == 2)
        yield url


def happen(redis: Redis, city: City) -> None:
    """Two workers, three events (one without a position), one camera out of two switches off, one feed, one refusal."""
    hand = Hand(redis, city)
    events = columns(
        "events", key=[1, 2, 3], lon=[1_160_100_000, 1_160_200_000, NOWHERE], lat=[400_100_000, 400_200_000, NOWHERE],
        reported=[NOW - 600, NOW - 300, NOW - 300], due=[NOW - 60, NOW + 86_400, 0], grid=[0, 9, NONE], area=[3, 3, 1],
        class_row=[1, 2, 0], step=[0, 1, 2], level=[0, 1, 2],
    )  # fmt: skip
    workers = columns(
        "workers",
        slot=[1, 2],
        lon=[1_160_300_000, 1_160_310_000],
        lat=[400_100_000] * 2,
        at=[NOW - 5] * 2,
        mark=[1, 2 + 8],
    )
    cameras = columns(
        "cameras", slot=[0, 1], since=[NOW - 3600] * 2, at=[NOW] * 2, state=[1, 2], before=[1, 1],
    )  # fmt: skip
    hand.say(whole=True, districts=[WEST], events=events, workers=workers, cameras=cameras)
    hand.say(whole=True, districts=[EAST])
    hand.say(keys.FACTS, whole=True, counters=columns("counters", counter=[0], low=[7]))
    redis.hset(keys.words("west"), "1", msgspec.msgpack.encode(EventReport("E-1", "litter", 1.0, 1.0, text=HOSTILE)))
    walked = ((2400, 1_160_000_000, 400_000_000), (2380, 1_160_001_000, 400_000_000),
              (900, 1_160_100_000, 400_100_000), (880, 1_160_200_000, 400_100_000))  # fmt: skip
    points = np.array([(1, NOW - ago, lon, lat) for ago, lon, lat in walked], TRACK)
    for minute in np.unique(points["at"] // 60):
        body = points[points["at"] // 60 == minute].tobytes()
        redis.hset(keys.checkpoint("west"), f"track:{int(minute) % 60:02d}", body)
    Feeds(redis).beat([Beat("fixes", "phones", time.time() * 1000, time.time() * 1000, 10, 9, 1)])
    Rejected(redis).add([Refusal("fixes", "phones", "no_worker", HOSTILE, HOSTILE, time.time() * 1000)])


def read(url: str) -> Any:
    page = get(url)
    assert page.status == 200, page.body
    return json.loads(page.body)


def refused(page: Page, status: int) -> str:
    assert page.status == status, page.body
    sentence = json.loads(page.body)["error"]
    assert len(sentence) > 10
    return sentence


@pytest.mark.parametrize("route", READING, ids=lambda route: route.path)
def test_an_answer_has_the_shape_that_is_documented(url: str, route: Any) -> None:
    page = get(f"{url}{PREFIX}{ADDRESSES[route.path]}")
    assert page.status == 200, page.body
    assert page.headers["Content-Type"] == route.mime and page.headers["Cache-Control"] == "no-store"
    said = msgspec.json.decode(page.body, type=route.reply)
    assert abs(said.now - time.time()) < 10


@pytest.mark.parametrize("route", READING, ids=lambda route: route.path)
def test_a_parameter_that_nobody_knows_is_refused(url: str, route: Any) -> None:
    address = ADDRESSES[route.path]
    page = get(f"{url}{PREFIX}{address}{'&' if '?' in address else '?'}colour=red")
    assert "colour" in refused(page, 400)


def test_every_route_stands_in_the_document(url: str) -> None:
    said = read(f"{url}{PREFIX}/openapi.json")
    assert said["openapi"].startswith("3.1")
    assert said["paths"].keys() == {PREFIX + route.path for route in ROUTES} | {"/healthz"}
    for path, item in said["paths"].items():
        for operation in item.values():
            assert {p["name"] for p in operation["parameters"] if p["in"] == "path"} == set(_names(path))
            assert {"200", "400", "401", "403", "404", "503"} <= operation["responses"].keys() or path == "/healthz"
    assert {(route.method, PREFIX + route.path) for route in ROUTES} | {("GET", "/healthz")} == {
        (method.upper(), path) for path, item in said["paths"].items() for method in item
    }
    assert said["security"] == [{"token": []}, {"session": []}]
    for reference in _references(said):
        assert reference.removeprefix("#/components/schemas/") in said["components"]["schemas"], reference


def _names(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _references(said: Any) -> Iterator[str]:
    for name, value in said.items() if isinstance(said, dict) else enumerate(said):
        if name == "$ref":
            yield value
        elif isinstance(value, (dict, list)):
            yield from _references(value)


def test_an_area_is_summed_up_with_every_rate_in_full(url: str) -> None:
    said = read(f"{url}{PREFIX}/areas/west/summary")
    assert said["overdue"] == {"count": 1, "of": 3, "percent": 33.33}
    assert said["without_position"] == 1
    assert [row["name"] for row in said["backlog"]] == ["community", "street", "district"]
    assert [row["open"] for row in said["backlog"]] == [1, 1, 1]
    assert said["cameras_online"]["of"] == 16 and 0 <= said["age"] < 60
    assert read(f"{url}{PREFIX}/areas/east/summary")["overdue"] == {"count": 0, "of": 0, "percent": None}


def test_a_worker_is_a_number_and_a_place_and_never_a_name(url: str) -> None:
    said = read(f"{url}{PREFIX}/workers/W002")
    assert said["position"]["containment"] == "doubtful" and said["position"]["doubts"] == ["teleport"]
    assert said["position"]["freshness"] == "fresh" and said["slot"] == 2 and "name" not in said
    assert read(f"{url}{PREFIX}/workers/W009")["position"] is None
    assert "W999" in refused(get(f"{url}{PREFIX}/workers/W999"), 404)


def test_a_track_breaks_at_a_gap_and_ends_where_the_worker_stands(url: str) -> None:
    features = read(f"{url}{PREFIX}/workers/W001/track")["features"]
    assert [feature["properties"]["times"] for feature in features] == [
        [NOW - 2400, NOW - 2380], [NOW - 900, NOW - 880], [NOW - 5],
    ]  # fmt: skip
    assert [feature["geometry"]["type"] for feature in features] == ["LineString", "LineString", "Point"]
    assert features[0]["geometry"]["coordinates"][0] == [116.0, 40.0]


def test_a_track_may_be_asked_for_from_and_to(url: str) -> None:
    said = read(f"{url}{PREFIX}/workers/W001/track?from={NOW - 1000}&to={NOW - 890}")
    assert [feature["properties"]["times"] for feature in said["features"]] == [[NOW - 900]]
    stamp = quote(time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(NOW - 890)))
    assert read(f"{url}{PREFIX}/workers/W001/track?from={NOW - 1000}&to={stamp}")["features"] == said["features"]


def test_tracks_near_a_place_come_whole_the_nearest_first(url: str) -> None:
    near = read(f"{url}{PREFIX}/tracks?near=116.001,40.0&metres=200")
    assert [(walk["worker_id"], len(walk["at"])) for walk in near["workers"]] == [("W001", 5)]
    assert read(f"{url}{PREFIX}/tracks?near=117,41")["workers"] == []
    both = read(f"{url}{PREFIX}/tracks?slot=1,2")
    assert [walk["slot"] for walk in both["workers"]] == [1, 2]


def test_who_is_asked_for_by_slot_is_told_also_without_a_track(url: str) -> None:
    said = read(f"{url}{PREFIX}/tracks?slot=1&from={NOW - 7000}&to={NOW - 6990}")
    assert [(walk["slot"], walk["at"]) for walk in said["workers"]] == [(1, [])] and said["total"] == 1


@pytest.mark.parametrize(
    ("query", "keys_"),
    [("", {2, 3, 1}), ("status=open", {2, 3, 1}), ("status=assigned", {2}), ("status=handled", {3}),
     ("area=east", set()), ("nowhere=1", {3}),
     ("bbox=116,40,116.015,40.015", {1}), ("area=west-community&bbox=116,40,117,41", {1, 2})],
)  # fmt: skip
def test_events_are_found_by_status_area_and_box(url: str, query: str, keys_: set[int]) -> None:
    said = read(f"{url}{PREFIX}/events?{query}")
    assert {feature["properties"]["key"] for feature in said["features"]} == keys_ and said["total"] == len(keys_)


def test_pages_of_events_join_without_gap_or_overlap(url: str) -> None:
    found, cursor = [], ""
    for _ in range(4):
        page = msgspec.json.decode(get(f"{url}{PREFIX}/events?limit=1&cursor={cursor}").body, type=Collection)
        found += [feature.properties["key"] for feature in page.features]
        if page.next is None:
            break
        cursor = page.next
    assert found == [2, 3, 1]


def test_an_event_without_a_position_is_there_without_geometry(url: str) -> None:
    said = read(f"{url}{PREFIX}/events?status=pending")["features"][0]
    assert said["geometry"] is None and said["properties"]["area_id"] == "west"


def test_what_people_wrote_stays_text(url: str) -> None:
    page = get(f"{url}{PREFIX}/events?status=reported")
    assert json.loads(page.body)["features"][0]["properties"]["text"] == HOSTILE
    assert (
        page.headers["X-Content-Type-Options"] == "nosniff" and page.headers["Content-Type"] == "application/geo+json"
    )
    said = read(f"{url}{PREFIX}/rejected")
    assert said["recent"][0]["body"] == HOSTILE and said["counts"] == {"fixes:no_worker": 1}


def test_cameras_are_paged_and_counted(url: str) -> None:
    said = read(f"{url}{PREFIX}/cameras?limit=20")
    assert len(said["features"]) == 20 and said["total"] == 32
    rest = read(f"{url}{PREFIX}/cameras?limit=20&cursor={said['next']}")
    assert len(rest["features"]) == 12 and rest["next"] is None
    offline = read(f"{url}{PREFIX}/cameras?state=offline")
    assert [f["properties"]["camera_id"] for f in offline["features"]] == ["cam-00001"]
    assert offline["features"][0]["properties"]["age"] > 3000


def test_one_camera_is_asked_for_by_its_row(url: str) -> None:
    said = read(f"{url}{PREFIX}/cameras?slot=1")
    (camera,) = said["features"]
    assert (camera["id"], camera["properties"]["camera_id"], said["total"], said["next"]) == (1, "cam-00001", 1, None)
    assert read(f"{url}{PREFIX}/cameras?slot=9999")["features"] == []
    elsewhere = {read(f"{url}{PREFIX}/cameras?slot=1&area={area}")["total"] for area in ("east", "west")}
    assert elsewhere == {0, 1}, "an area holds its own cameras, whatever is asked for"


def test_a_feed_tells_its_age(url: str) -> None:
    (feed,) = until(lambda: read(f"{url}{PREFIX}/feeds")["feeds"])
    assert (feed["kind"], feed["source"], feed["accepted"], feed["rejected"]) == ("fixes", "phones", 9, 1)
    assert 0 <= feed["age"] < 300


def test_health_is_told(url: str) -> None:
    said = msgspec.json.decode(get(f"{url}/healthz").body, type=Health)
    assert said.redis and said.frame_age is not None and said.frame_age >= 0
    assert said.status == ("ok" if said.frame_age < FROZEN else "degraded")
    assert said.feeds.keys() == {"fixes"}


def test_a_hall_whose_folds_stand_still_is_not_well(city: City) -> None:
    """A frame comes every second, whatever happens; and a hall that runs at another pace is as old as it is outside."""
    scene: Any = SimpleNamespace(
        ready=True, reachable=True, city=city, feeds=[], settings=load({}), clock=Clock(HallClock(0, 0, 60.0))
    )
    for seconds, status in ((2, "ok"), (FROZEN + 1, "degraded"), (-30, "ok")):
        scene.as_of = lambda _, behind=seconds: scene.clock.now() - behind * 60
        said = _health(scene, SimpleNamespace(clients=()))  # type: ignore[arg-type]
        assert (said.status, round(said.frame_age or 0)) == (status, max(seconds, 0))


def test_metrics_are_told_in_the_words_of_prometheus(url: str) -> None:
    page = until(lambda: (page := get(f"{url}/metrics")) and b"no_worker" in page.body and page)
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    said = dict(line.rsplit(" ", 1) for line in page.body.decode().splitlines() if not line.startswith("#"))
    assert float(said['gridhall_rejected_total{reason="fixes:no_worker"}']) == 1
    assert float(said['gridhall_accepted_total{feed="fixes:phones"}']) == 9
    assert float(said["gridhall_events_open"]) == 3 and float(said["gridhall_events_overdue"]) == 1
    assert float(said['gridhall_workers{freshness="fresh"}']) == 2
    assert float(said['gridhall_cameras{state="offline"}']) == 1
    assert float(said['gridhall_folded_total{counter="fixes"}']) == 14, "seven in each district"
    wanted = ("frames_sent_total", "clients", "frames_skipped_total", "frame_lag_seconds")
    assert {f"gridhall_{name}" for name in wanted} <= said.keys()


def test_events_that_are_closed_are_refused_with_the_place_where_they_are(url: str) -> None:
    assert "/api/v1/cases?step=archived" in refused(get(f"{url}{PREFIX}/events?status=closed"), 400)


def test_events_are_found_by_class_and_by_what_is_below_it(url: str) -> None:
    found = [read(f"{url}{PREFIX}/events?class_code={one['class_code']}")["features"] for one in
             (feature["properties"] for feature in read(f"{url}{PREFIX}/events")["features"])]  # fmt: skip
    assert all(found)
    assert refused(get(f"{url}{PREFIX}/events?class_code=none"), 404).endswith("there is no class none)")


def test_cells_nobody_visited_are_told_as_axial_columns(url: str) -> None:
    said = read(f"{url}{PREFIX}/areas/west/unvisited")
    assert len(said["q"]) == len(said["r"]) == said["total"] > 0


@pytest.mark.parametrize("address", [
    "/events?bbox=1,2,3", "/events?bbox=a,b,c,d", "/events?bbox=nan,0,1,1", "/events?bbox=10,10,0,0", "/events?limit=0",
    "/events?limit=9999999999", "/events?status=closed", "/events?cursor=x", "/events?cursor=1-2-" + "9" * 40,
    "/cameras?state=sleepy", "/cameras?cursor=-1", "/cameras?slot=-1", "/cameras?slot=x",
    "/tracks", "/tracks?slot=1&near=1,1", "/tracks?slot=-1",
    "/tracks?slot=99999",
    "/tracks?near=200,0", "/tracks?near=1,1&metres=nan", "/tracks?near=1,1&metres=1e9", "/tracks?slot=1&from=yesterday",
    "/tracks?slot=1&from=2026-01-01T00:00:00", "/workers/W001/track?from=2e3", "/workers/W001/track?from=20&to=10",
    "/rejected?limit=x", "/workers/W001/track?from=20&to=30",
])  # fmt: skip
def test_a_bad_question_gets_a_sentence(url: str, address: str) -> None:
    refused(get(f"{url}{PREFIX}{address}"), 400)


def test_who_asks_with_a_word_that_there_is_not_is_told_those_there_are(url: str) -> None:
    said = refused(get(f"{url}{PREFIX}/cameras?state=sleepy"), 400)
    assert "state: the words are defect, disabled, offline, online, unknown, video_lost, not 'sleepy'" in said
    assert said.startswith("“state”有误：'sleepy' 不在可选值之中，可选 defect,")


def test_who_asks_for_a_track_of_long_ago_is_told_how_far_back_tracks_reach(url: str) -> None:
    said = refused(get(f"{url}{PREFIX}/workers/W001/track?from={NOW - 90000}&to={NOW - 80000}"), 400)
    assert said.startswith("“to”有误：时间过早，轨迹只保留最近一小时")


def test_who_asks_of_a_grid_as_of_an_area_is_told_its_area(url: str, city: City) -> None:
    grid, area = city.grids.grid_id[0], city.areas.area_id[city.grids.area[0]]
    said = refused(get(f"{url}{PREFIX}/areas/{grid}/summary"), 404)
    assert said.startswith(f"{grid} 是网格，请查询其所属区域 {area}") and f"{grid} is a grid" in said


@pytest.mark.parametrize(
    "address", ["/areas/atlantis/summary", "/workers/x/track", "/events?area=atlantis", "/nothing"]
)
def test_what_nobody_has_gets_a_sentence(url: str, address: str) -> None:
    refused(get(f"{url}{PREFIX}{address}"), 404)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["status", "area", "bbox", "limit", "cursor"]), st.text(max_size=40))
def test_whatever_is_asked_is_answered_or_refused_and_never_breaks(url: str, name: str, value: str) -> None:
    page = get(f"{url}{PREFIX}/events?{name}={quote(value.encode('utf-8', 'surrogatepass'))}")
    assert page.status in (200, 400, 404), page.body
    json.loads(page.body)


def test_readings_cannot_be_written(url: str) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    for address in ("/events", "/city"):
        with pytest.raises(HTTPError) as refusal:
            urlopen(Request(f"{url}{PREFIX}{address}", data=b"{}", method="POST"), timeout=5)
        assert refusal.value.code == 405
