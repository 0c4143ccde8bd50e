"""Serve: the process itself: its headers, its pages, and how it lives through the loss of Redis, folds and cities."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Hand, Viewer, columns, get, put_city, riverside, serving, until

from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.live.frame import Frame
from dashboard.web.order import Order
from feeds.city import City
from layouts.rosters import ROSTERS

WEST = 1


@pytest.fixture(scope="module")
def city() -> City:
    return riverside()


@pytest.fixture(scope="module")
def url(redis_server: Embedded, city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    redis_server.start()
    with connect(redis_server.url) as redis, serving(redis_server.url, tmp_path_factory.mktemp("serve") / "log") as url:
        redis.flushall()
        put_city(redis, city)
        assert until(lambda: get(f"{url}/healthz").status == 200)
        yield url


@pytest.mark.parametrize("path", ["/wall", "/healthz", "/metrics", "/api/v1/nothing", "/api/v1/city", "/_dash-layout"])
def test_every_answer_says_what_a_browser_may_do(url: str, path: str) -> None:
    headers = get(f"{url}{path}").headers
    policy = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'" and policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'" and policy["object-src"] == "'none'"
    assert "unsafe" not in policy["script-src"] and "http" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"


def test_every_inline_script_of_a_page_is_one_that_the_policy_names(url: str) -> None:
    import base64
    import hashlib

    page = get(f"{url}/wall")
    inline = re.findall(rb"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", page.body, re.S)
    assert inline
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]


def test_a_page_names_nothing_outside(url: str) -> None:
    body = get(f"{url}/wall").body.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', body)


def test_the_front_door_leads_to_the_wall(url: str) -> None:
    page = get(f"{url}/")
    assert page.status == 200 and b"_dash-config" in page.body
    assert get(f"{url}/nowhere").status == 404


@pytest.mark.parametrize("path", ["/wall", "/list", "/rejected"])
@pytest.mark.parametrize(
    "search",
    [
        "",
        "?lang=en",
        "?area=west&theme=light",
        "?area=<script>&scale=1e9&screen=9/1&x=1&x=2",
        "?status=%00",
        "?by=class&area=west",
        "?class_code=none",
        "?of=nothing",
        *(f"?of={name}&area=west&lang=en" for name in ROSTERS),
    ],
)
def test_a_page_is_made_whatever_stands_in_its_address(url: str, path: str, search: str) -> None:
    from urllib.request import Request, urlopen

    outputs = "..".join(("_pages_content.children", "_pages_store.data"))
    question = {
        "output": f"..{outputs.replace('..', '...')}..",
        "outputs": [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}],
        "inputs": [{"id": "_pages_location", "property": "pathname", "value": path},
                   {"id": "_pages_location", "property": "search", "value": search}],
        "changedPropIds": ["_pages_location.pathname"],
    }  # fmt: skip
    request = Request(
        f"{url}/_dash-update-component", json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    said = json.loads(urlopen(request, timeout=10).read())
    assert said["response"]["_pages_content"]["children"]["props"]["id"] in (path[1:], "sorry")


@pytest.mark.parametrize("name", ["css/tokens.css", "css/wall.css"])
def test_style_sheets_are_packed_and_named_by_the_build(url: str, name: str) -> None:
    address = next(iter(re.findall(rf'href="(/assets/{name}\?\w+)"', get(f"{url}/wall").body.decode())))
    page = get(f"{url}{address}", **{"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip" and "immutable" in page.headers["Cache-Control"]
    plain = get(f"{url}/assets/{name}")
    assert plain.headers["Cache-Control"] == "no-cache", "an address without the build's name may not be kept"


@pytest.mark.parametrize(
    "name", ["package.json", "js/main.js", "css/../package.json", "../pyproject.toml", "node_modules/x"]
)
def test_what_builders_need_is_not_served(url: str, name: str) -> None:
    assert get(f"{url}/assets/{name}").status == 404


def test_redis_may_be_killed_and_the_page_keeps_its_socket(own_server: Embedded, city: City, tmp_path: Path) -> None:
    own_server.start()
    redis = connect(own_server.url)
    put_city(redis, city)
    with serving(own_server.url, tmp_path / "log") as url:
        assert until(lambda: get(f"{url}/healthz").status == 200)
        hand = Hand(redis, city).begin()
        with Viewer(url) as viewer:
            viewer.watch()
            assert until(lambda: viewer.frames and viewer.parts)
            os.kill(_pid(redis), signal.SIGKILL)
            assert until(lambda: json.loads(get(f"{url}/healthz").body)["status"] == "degraded", 10)
            assert get(f"{url}/wall").status == 200 and viewer.io.connected
            heard = len(viewer.parts)
            assert until(lambda: len(viewer.parts) > heard), "panels go on telling how old everything is"
            own_server.ensure()
            assert until(lambda: json.loads(get(f"{url}/healthz").body)["redis"], 10)
            time.sleep(0.5)
            hand.begin()
            hand.say(workers=columns("workers", slot=[1], at=[int(time.time())]))
            assert until(lambda: viewer.seqs(WEST)[-1][0] == "delta")
            assert viewer.io.connected


def _pid(redis: Redis) -> int:
    return int(redis.info("server")["process_id"])  # type: ignore[index]


def test_a_new_version_of_the_city_is_shown_without_a_restart(own_server: Embedded, city: City, tmp_path: Path) -> None:
    from dataclasses import replace

    own_server.start()
    redis = connect(own_server.url)
    with serving(own_server.url, tmp_path / "log") as url:
        assert get(f"{url}/healthz").status == 503 and get(f"{url}/wall").status == 200
        with Viewer(url) as viewer:
            assert viewer.watch()["ok"] is False
            put_city(redis, city)
            assert until(lambda: viewer.watch()["ok"])
            Hand(redis, city).begin()
            assert until(lambda: viewer.seqs(WEST))
            newer = replace(city, name="Riverside anew")
            put_city(redis, newer)
            assert until(lambda: json.loads(get(f"{url}/api/v1/city").body)["name"] == "Riverside anew")
            hand = Hand(redis, newer).begin()
            told = until(lambda: [f for _, frames in viewer.frames for f in frames if f.epoch == hand.epoch])
            assert {frame.city for frame in told} == {int(newer.version[:8], 16)}


def test_two_serve_processes_show_the_same(redis: Redis, redis_url: str, city: City, tmp_path: Path) -> None:
    put_city(redis, city)
    with serving(redis_url, tmp_path / "one") as one, serving(redis_url, tmp_path / "other") as other:
        assert until(lambda: get(f"{one}/healthz").status == get(f"{other}/healthz").status == 200)
        hand = Hand(redis, city).begin()
        with Viewer(one) as here, Viewer(other) as there:
            here.watch(), there.watch()
            assert until(lambda: here.frames and there.frames)
            hand.say(workers=columns("workers", slot=[1], at=[int(time.time())]))
            assert until(lambda: here.seqs(WEST)[-1:] == there.seqs(WEST)[-1:] == [("delta", 2)])


def frame(seq: int, epoch: int = 5, whole: bool = False) -> Frame:
    return Frame(0 if whole else 1, seq, epoch, WEST, 0.0, 0)


def test_frames_fit_only_in_their_order() -> None:
    order = Order(patience=6.0)
    assert order.take(frame(3), 0.0) == "gap"
    assert order.take(frame(4, whole=True), 0.0) == "fits"
    assert order.take(frame(5), 0.1) == "fits"
    assert order.take(frame(5), 0.2) == "old"
    assert order.take(frame(7), 0.3) == "gap"
    assert order.take(frame(8), 0.4) == "gap" and order.lost([WEST, 9]) == [WEST, 9]
    assert order.take(frame(9, whole=True), 0.5) == "fits" and order.lost([WEST]) == []


def test_a_heir_is_believed_at_once_and_the_deposed_never_unless_the_hall_began_anew() -> None:
    order = Order(patience=6.0)
    order.take(frame(90, whole=True), 0.0)
    assert order.take(frame(2, epoch=6), 0.1) == "gap"
    assert order.take(frame(3, epoch=6, whole=True), 0.2) == "fits"
    assert order.take(frame(91), 0.3) == "old" and order.take(frame(92, whole=True), 6.1) == "old"
    assert order.take(frame(1, epoch=1, whole=True), 6.3) == "anew"


def test_after_a_cut_line_everything_starts_with_a_whole_frame() -> None:
    order = Order(patience=6.0)
    order.take(frame(4, whole=True), 0.0)
    order.forget()
    assert order.take(frame(5), 0.1) == "gap" and order.take(frame(6, whole=True), 0.2) == "fits"
