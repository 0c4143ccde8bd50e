"""Permit: every address, page and subscription, tried by everybody there is; what is expected comes from the tables."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import shapely
from flask import Flask
from serving import ROOT, Hand, Viewer, columns, put_city, riverside, serving, until
from socketio.exceptions import ConnectionError as NotConnected

from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.bus.embedded import Embedded
from dashboard.live.frame import NOWHERE, Frame, decode, encode
from dashboard.people.people import People
from dashboard.people.roles import ACCOUNTS, ALL, CAPABILITIES
from dashboard.settings import load
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from dashboard.web.narrow import Part
from dashboard.web.people.needs import ANYBODY, CITYWIDE, KNOWN, NEEDS, PAGES, page_needs
from dashboard.web.people.permit import Permit, Unguarded
from layouts.words import words

GOOD = "Birch-Kettle-42"
#: Prints every address of the web process, what it needs, and the pages.
LIST = """
from gevent import monkey; monkey.patch_all()
import json, sys
from dashboard.bus.connect import connect
from dashboard.settings import load
from dashboard.web import pages
from dashboard.web.app import create
web = create(load(data=sys.argv[1]), connect("redis://127.0.0.1:1"))
rules = [
    [r.rule, sorted(r.methods - {"OPTIONS", "HEAD"}), r.endpoint, web.permit.needs[r.endpoint]]
    for r in web.server.url_map.iter_rules()
]
print(json.dumps([rules, list(pages.PAGES)]), flush=True)
import os; os._exit(0)
"""
#: What stands in an address in the place of a name.
NAMES = {"area_id": "west", "worker_id": "W000", "version": "0", "path": "nowhere"}


@dataclass
class Caller:
    """Somebody who asks: what they send, and what they may, as the tables have it."""

    name: str
    role: str = ""
    scope: str = ""
    header: str = ""
    cookie: str = ""

    @property
    def headers(self) -> dict[str, str]:
        shown = {"Authorization": self.header, "Cookie": self.cookie}
        return {name: value for name, value in shown.items() if value} | {"Sec-Fetch-Site": "same-origin"}

    def may(self, need: str, what: str) -> int:
        """200: it is answered; 401, 403."""
        if need == ANYBODY:
            return 200
        if not self.role:
            return 401
        if need != KNOWN and need not in CAPABILITIES[self.role]:
            return 403
        return 403 if self.scope and what in CITYWIDE else 200


@dataclass
class House:
    url: str
    people: People
    hand: Hand
    callers: dict[str, Caller]
    rules: list[tuple[str, list[str], str, str]]
    pages: list[str]
    line: httpx.Client

    def ask(self, caller: Caller, method: str, path: str, **more: Any) -> httpx.Response:
        """What they are answered; no cookie is kept, so that one answer does not change the next."""
        self.line.cookies.clear()
        return self.line.request(method, path, headers=caller.headers | more.pop("headers", {}), **more)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("permit")
    engine = connect("", str(folder / "data"))
    upgrade(engine)
    people = People(engine)
    listed = subprocess.run(
        [sys.executable, "-c", LIST, str(folder / "data")], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rules, pages = json.loads(listed.stdout.splitlines()[-1])
    with Embedded(folder / "hall") as server:
        city, redis = riverside(), Redis.from_url(f"unix://{server.url.removeprefix('unix://')}")
        put_city(redis, city)
        with serving(
            server.url, folder / "serve.log", data=folder / "data", guest="", trusted_proxy="127.0.0.9"
        ) as url:
            callers = {caller.name: caller for caller in everybody(people, url)}
            hand = Hand(redis, city)
            assert until(lambda: httpx.get(f"{url}/healthz").status_code in (200, 503))
            hand.begin()
            with httpx.Client(base_url=url, timeout=20) as line:
                yield House(url, people, hand, callers, rules, pages, line)
    engine.dispose()


def everybody(people: People, url: str) -> Iterator[Caller]:
    """Each role, in the whole city and in a part of it; walls; and all kinds of nobody."""
    yield Caller("nobody")
    for role in ACCOUNTS:
        for scope in ("", "west"):
            name = f"{role}-{scope or 'city'}"
            people.add(name, role, scope=scope, department="roads")
            yield Caller(name, role, scope, header=f"Bearer {people.tokens.add('account', name)}")
    yield Caller("source", "source", header=f"Bearer {people.tokens.add('source', 'buses')}")
    yield Caller("wall", "wall", cookie=hung(url, people.tokens.add("wall", "lobby")))
    yield Caller("wall-west", "wall", "west", cookie=hung(url, people.tokens.add("wall", "gate", "west")))
    people.add("signed", "leader", password=GOOD)
    yield Caller("session", "leader", cookie=f"gridhall_session={people.sign_in('signed', GOOD, 'test')}")
    ended = people.sign_in("signed", GOOD, "test")
    people.sessions.end(ended)
    yield Caller("ended session", cookie=f"gridhall_session={ended}")
    revoked = people.tokens.add("account", "signed")
    people.tokens.revoke("account", "signed")
    yield Caller("revoked token", header=f"Bearer {revoked}")
    yield Caller("made-up key", header="Bearer gh_x")
    yield Caller("other scheme", header="Basic YWRtaW46YWRtaW4=")
    taken = hung(url, people.tokens.add("wall", "old"))
    people.tokens.revoke("wall", "old")
    yield Caller("revoked wall", cookie=taken)


def hung(url: str, key: str) -> str:
    given = httpx.get(f"{url}/walls/{key}")
    assert given.status_code == 303
    return next(line for line in given.headers.get_list("set-cookie") if line.startswith("gridhall_wall=")).split(";")[
        0
    ]


def filled(rule: str) -> str:
    return re.sub(r"<(?:[^:>]*:)?([^>]*)>", lambda found: NAMES.get(found[1], "x"), rule)


def verdict(answer: httpx.Response) -> int:
    """What permission said: a page to sign in at and a sentence are one thing."""
    if answer.status_code == 303 and urlsplit(answer.headers["location"]).path == "/sign-in":
        return 401
    refused = answer.status_code in (401, 403) and (
        answer.headers["content-type"].startswith("application/json") or 'id="notice"' in answer.text
    )
    return answer.status_code if refused else 200


def refused(layout: str) -> bool:
    """Whether a layout is a page that says no more than that one may not see it."""
    flat = json.dumps(json.loads(layout), ensure_ascii=False, separators=(",", ":"))
    leads = re.findall(r'"children":"([^"]*)","className":"(?:lead|none)"', flat)
    zh = words("zh")
    beginnings = (zh["people.unknown"], zh["people.out_of_scope"], zh["people.not_yours"].partition("{")[0])
    return any(lead.startswith(beginnings) for lead in leads)


# --- the matrix


def test_every_address_is_answered_to_whom_the_table_says_and_to_nobody_else(house: House) -> None:
    wrong: list[tuple[Any, ...]] = []
    tried = 0
    # Those at which one signs in or out change who one is: they are tried one by one below.
    for rule, methods, endpoint, need in house.rules:
        if endpoint in (PAGES, "sign_out", "hang", "signing_in"):
            continue
        for method in methods:
            for caller in house.callers.values():
                said = verdict(house.ask(caller, method, filled(rule), follow_redirects=False))
                expected = caller.may(need, endpoint)
                # A key that is not good is never taken for nobody, even where everybody may go: but there none is read.
                tried += 1
                if said != expected:
                    wrong.append((method, rule, caller.name, expected, said))
    assert not wrong
    assert tried > 500


def test_every_page_is_shown_to_whom_the_table_says_and_to_nobody_else(house: House) -> None:
    wrong: list[tuple[Any, ...]] = []
    for page in house.pages:
        need = page_needs(page) or ""
        for caller in house.callers.values():
            answer = house.ask(caller, "GET", page, follow_redirects=False)
            said, expected = verdict(answer), caller.may(need, page)
            if caller.name == "revoked wall":
                expected = 403
                assert "<form" not in answer.text
            if said != expected:
                wrong.append((page, caller.name, expected, said))
    assert not wrong


def test_what_stands_in_a_page_is_given_to_whom_the_table_says_and_to_nobody_else(house: House) -> None:
    admin = house.callers["admin-city"]
    callback = next(
        one for one in house.ask(admin, "GET", "/_dash-dependencies").json() if "_pages_content" in one["output"]
    )
    wrong: list[tuple[Any, ...]] = []
    for page in house.pages:
        values = {"pathname": page, "search": ""}
        body = {
            "output": callback["output"],
            "outputs": [
                {"id": part.rpartition(".")[0], "property": part.rpartition(".")[2]}
                for part in callback["output"].strip(".").split("...")
            ],
            "inputs": [one | {"value": values.get(one["property"])} for one in callback["inputs"]],
            "changedPropIds": [f"{one['id']}.{one['property']}" for one in callback["inputs"]],
            "state": [one | {"value": None} for one in callback["state"]],
        }
        for caller in house.callers.values():
            answer = house.ask(caller, "POST", "/_dash-update-component", json=body)
            expected = caller.may(page_needs(page) or "", page)
            shown = answer.status_code == 200 and not refused(answer.text)
            if shown != (expected == 200):
                wrong.append((page, caller.name, expected, answer.status_code, answer.text[:300]))
    assert not wrong


def test_every_subscription_is_given_to_whom_the_table_says_and_only_what_lies_in_their_scope(house: House) -> None:
    west, east = (house.hand.city.area_row[name] for name in ("west", "east"))
    wrong: list[tuple[Any, ...]] = []
    for caller in house.callers.values():
        expected = caller.may("wall", "watch")
        try:
            with Viewer(house.url, headers=caller.headers) as viewer:
                for area in ("", "west", "east", "west-community"):
                    outside = caller.scope == "west" and area == "east"
                    answer = viewer.watch(area=area)
                    if answer["ok"] == outside:
                        wrong.append((caller.name, area, answer))
                    elif not answer["ok"]:
                        assert answer["why"] in (words("zh")["people.out_of_scope"], words("en")["people.out_of_scope"])
                    elif caller.scope == "west" and answer["districts"] != [west]:
                        wrong.append((caller.name, area, answer))
                viewer.watch(area="")
                house.hand.say(keys.FRAMES)
                assert until(lambda viewer=viewer: viewer.frames), caller.name
                heard = {frame.district for _, frames in viewer.frames for frame in frames}
                if caller.scope == "west" and east in heard:
                    wrong.append((caller.name, "heard of", heard))
            said = 200
        except NotConnected:
            said = 401 if not caller.role else 403
        if said != expected:
            wrong.append((caller.name, expected, said))
    assert not wrong


def test_a_part_of_a_district_holds_no_worker_event_camera_or_heat_of_another_part() -> None:
    city = riverside()
    west = city.area_row["west"]
    community = city.area_row["west-community"]
    # A second community in the west: half of its grids.
    areas = replace(city.areas, **{
        column: _longer(getattr(city.areas, column), value) for column, value in {
            "area_id": "west-other", "name": "other", "level": 3, "parent": int(city.areas.parent[community]),
            "lon": 0.0, "lat": 0.0, "shape": shapely.box(0, 0, 0.001, 0.001),
        }.items()
    })  # fmt: skip
    grids = city.grids.area.copy()
    half = np.flatnonzero(grids == community)[::2]
    grids[half] = other = len(city.areas.level)
    city = replace(city, areas=areas, grids=replace(city.grids, area=grids))
    workers, cameras = (
        np.flatnonzero(city.district_of_grid[table.grid] == west) for table in (city.workers, city.cameras)
    )
    heat = columns("heat", q=[0, 10**6], weight=[1, 1])
    tables = {
        "workers": columns("workers", slot=workers), "cameras": columns("cameras", slot=cameras), "heat": heat,
        "events": columns("events", key=[1, 2, 3], area=[community, other, 0xFFFFFFFF], lon=[7, 8, 9], step=[1, 1, 1]),
    }  # fmt: skip
    for kind in (0, 1):
        part = Part(city, community).of([encode(Frame(kind, 5, 6, west, 7.0, 8, tables))])
        frame = decode(part[0])
        assert (frame.kind, frame.seq, frame.epoch, frame.district) == (kind, 5, 6, west)
        slots = frame.tables["workers"]["slot"]
        assert 0 < len(slots) < len(workers)
        assert set(city.grids.area[city.workers.grid[slots]]) == {community}
        assert set(city.grids.area[city.cameras.grid[frame.tables["cameras"]["slot"]]]) == {community}
        assert 10**6 not in frame.tables.get("heat", {"q": []})["q"]
        events = frame.tables["events"]
        told = list(zip(*(events[name].tolist() for name in ("key", "lon", "step", "area")), strict=True))
        # In a whole picture it is not there; in a change it is to be forgotten, and nothing is said of it.
        gone = [(key, NOWHERE, 4, 0xFFFFFFFF) for key in (2, 3)] if kind else []
        assert told == [(1, 7, 1, community), *gone]


def _longer(column: Any, value: Any) -> Any:
    return np.append(column, np.array([value], dtype=column.dtype))


# --- scope


@pytest.mark.parametrize(
    "path",
    ["/api/v1/areas/east/summary", "/api/v1/areas/east/unvisited", "/api/v1/events?area=east",
     "/api/v1/cameras?area=east", "/list?area=east", "/wall?area=east"],
)  # fmt: skip
def test_another_area_is_out_of_scope(house: House, path: str) -> None:
    scoped, everywhere = house.callers["dispatcher-west"], house.callers["dispatcher-city"]
    assert verdict(house.ask(everywhere, "GET", path)) == 200
    if path.startswith("/api/"):
        answer = house.ask(scoped, "GET", path)
        assert (answer.status_code, answer.json()["error"]) == (403, words("zh")["people.out_of_scope"])


def test_a_worker_of_another_area_is_out_of_scope(house: House) -> None:
    city = house.hand.city
    west = city.area_row["west"]
    for row, worker in enumerate(city.workers.worker_id[:40]):
        inside = city.district_of_worker[row] == west
        answer = house.ask(house.callers["dispatcher-west"], "GET", f"/api/v1/workers/{worker}")
        assert answer.status_code == (200 if inside else 403)


def test_without_an_area_one_is_told_of_ones_own(house: House) -> None:
    scoped, everywhere = house.callers["dispatcher-west"], house.callers["dispatcher-city"]
    own = house.ask(everywhere, "GET", "/api/v1/cameras?area=west").json()["total"]
    every = house.ask(everywhere, "GET", "/api/v1/cameras").json()["total"]
    assert house.ask(scoped, "GET", "/api/v1/cameras").json()["total"] == own < every


# --- default deny


def test_an_address_that_does_not_say_what_it_needs_is_refused_at_start() -> None:
    server, permit = Flask("house", static_folder=None), _bare()
    permit.seal(server, ["/wall"])
    server.add_url_rule("/secret", "secret", lambda: "secret")
    with pytest.raises(Unguarded, match="/secret"):
        permit.seal(server, ["/wall"])
    permit.require({"secret": "audit"})
    permit.seal(server, ["/wall"])


def test_a_page_that_does_not_say_what_it_needs_is_refused_at_start() -> None:
    with pytest.raises(Unguarded, match="/treasury"):
        _bare().seal(Flask("house", static_folder=None), ["/wall", "/treasury"])


@pytest.mark.parametrize("what", ["", "everything", "Wall"])
def test_a_capability_that_there_is_not_opens_nothing(what: str) -> None:
    with pytest.raises(Unguarded):
        _bare().require({"x": what})


def test_the_table_names_only_capabilities_that_there_are() -> None:
    assert set(NEEDS.values()) <= {*ALL, ANYBODY, KNOWN}


def _bare() -> Permit:
    permit = Permit.__new__(Permit)
    permit.needs = dict(NEEDS)
    return permit


# --- sessions of browsers


@pytest.fixture
def browser(house: House) -> Iterator[httpx.Client]:
    """One that has signed in; what it sends says that it is our page."""
    with httpx.Client(base_url=house.url, headers={"Origin": house.url}) as client:
        yield client


def enter(house: House, browser: httpx.Client, name: str, password: str = GOOD, goal: str = "/wall") -> httpx.Response:
    if name not in [account.name for account in house.people.accounts()]:
        house.people.add(name, "leader", password=GOOD)
    return browser.post("/sign-in", params={"next": goal}, data={"name": name, "password": password})


def test_one_signs_in_is_led_to_where_one_wanted_to_go_and_out_again(house: House, browser: httpx.Client) -> None:
    turned = browser.get("/wall?view=events&area=west")
    assert turned.status_code == 303
    goal = httpx.URL(turned.headers["location"]).params["next"]
    assert goal == "/wall?view=events&area=west"
    entered = enter(house, browser, "wang", goal=goal)
    assert (entered.status_code, entered.headers["location"]) == (303, goal)
    assert browser.get(goal).status_code == 200
    me = browser.get("/api/v1/me").json()
    assert (me["name"], me["role"], me["kind"]) == ("wang", "leader", "account")
    assert "people" not in me["may"]
    kept = dict(browser.cookies)
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert browser.get("/api/v1/me").status_code == 401
    # The cookie that somebody may have copied opens nothing either.
    assert httpx.get(f"{house.url}/api/v1/me", cookies=kept).status_code == 401


def test_cookies_cannot_be_read_by_scripts_nor_sent_by_other_sites_nor_over_plain_lines_behind_https(
    house: House, browser: httpx.Client
) -> None:
    plain = enter(house, browser, "cookie").headers["set-cookie"]
    assert all(word in plain for word in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Secure" not in plain
    wall = httpx.get(f"{house.url}/walls/{house.people.tokens.add('wall', 'cookie wall')}").headers.get_list(
        "set-cookie"
    )[-1]
    assert all(word in wall for word in ("gridhall_wall=", "HttpOnly", "SameSite=Lax", "Max-Age="))
    # 127.0.0.9 is the proxy that this hall trusts; who else claims to speak https is not believed.
    https = {"X-Forwarded-Proto": "https", "Origin": house.url.replace("http:", "https:")}
    through = httpx.HTTPTransport(local_address="127.0.0.9")
    form: dict[str, Any] = {"data": {"name": "cookie", "password": GOOD}, "headers": https}
    with httpx.Client(transport=through) as proxy:
        safe = proxy.post(f"{house.url}/sign-in", **form).headers
        assert "Secure" in safe["set-cookie"] and safe["strict-transport-security"].startswith("max-age=")
        # Where the hall is reached by https, a page of the same name that came by http is none of ours.
        http = form | {"headers": https | {"Origin": house.url}}
        assert proxy.post(f"{house.url}/sign-in", **http).status_code == 403
    bare = httpx.post(f"{house.url}/sign-in", **form).headers
    assert "Secure" not in bare["set-cookie"] and "strict-transport-security" not in bare


@pytest.mark.parametrize(
    "goal",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
     "javascript:alert(1)", "/%0d%0aSet-Cookie: x=1\r\n", "wall", "", "/sign-in?next=/wall", "/walls/x",
     "http:evil.example", "///evil.example", "//["],
)  # fmt: skip
def test_one_is_never_led_elsewhere(house: House, browser: httpx.Client, goal: str) -> None:
    assert enter(house, browser, "goal", goal=goal).headers["location"] == "/wall"


def test_wrong_passwords_are_told_and_counted_and_then_one_waits_in_ones_language(house: House) -> None:
    house.people.add("patience", "leader", password=GOOD)
    tries = int(load({}).sign_in_tries)
    with httpx.Client(base_url=house.url, headers={"Origin": house.url}) as client:
        for _ in range(tries):
            answer = client.post("/sign-in?lang=en", data={"name": "patience", "password": "Wrong-Kettle-42"})
            assert (answer.status_code, words("en")["people.wrong"] in answer.text) == (401, True)
        waits = client.post("/sign-in?lang=zh", data={"name": "patience", "password": GOOD})
    assert waits.status_code == 429
    assert 0 < int(waits.headers["retry-after"]) <= 900
    assert "请在 15 分钟后再试" in waits.text


def test_a_browser_in_which_one_signed_in_is_not_held_up_by_who_guesses_beside_it(house: House) -> None:
    origin = {"Origin": house.url}
    given: dict[str, Any] = {"base_url": house.url, "headers": origin, "timeout": 60.0}  # each try is weighed
    with httpx.Client(**given) as mine, httpx.Client(**given) as theirs:
        known = enter(house, mine, "guessed").headers.get_list("set-cookie")[-1]
        assert all(
            word in known for word in ("gridhall_device=", "HttpOnly", "SameSite=Lax", "Path=/sign-in", "Max-Age=")
        )
        assert mine.post("/sign-out").status_code == 303
        form = {"name": "guessed", "password": "Wrong-Kettle-42"}
        told = [theirs.post("/sign-in", data=form).status_code for _ in range(7)]
        assert told == [401] * 5 + [429] * 2
        assert enter(house, mine, "guessed").status_code == 303
        assert mine.get("/api/v1/me").json()["name"] == "guessed"


def test_what_is_typed_into_the_form_stays_text(house: House) -> None:
    nasty = '"><script>alert(1)</script>'
    answer = httpx.post(
        f"{house.url}/sign-in",
        data={"name": nasty, "password": "x"},
        params={"next": f"/{nasty}", "lang": nasty, "theme": nasty},
    )
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_the_page_needs_nothing_but_itself_and_its_style(house: House) -> None:
    page = httpx.get(f"{house.url}/sign-in")
    policy = page.headers["content-security-policy"]
    assert "form-action 'self'" in policy and "unsafe-inline" not in policy.split("style-src")[0]
    assert "<script" not in page.text
    assert all(
        link.startswith("/assets/css/") for link in re.findall(r'(?:href|src)="([^"]+\.(?:css|js)[^"]*)"', page.text)
    )
    for link in re.findall(r'href="(/assets/[^"]+)"', page.text):
        assert httpx.get(house.url + link).status_code == 200


def test_every_page_shows_the_sign_of_the_house_to_whoever_asks(house: House) -> None:
    house.people.add("looker", "leader", seat="desk")
    known = {"Authorization": f"Bearer {house.people.tokens.add('account', 'looker')}"}
    for path in ("/sign-in", "/wall", "/cases"):
        links = re.findall(r'<link rel="icon"[^>]* href="([^"]+)"', httpx.get(house.url + path, headers=known).text)
        assert len(links) == 1 and links[0].startswith("/assets/img/"), path
    for address in (*links, "/favicon.ico", "/_favicon.ico"):
        answer = httpx.get(house.url + address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8"), address
        assert answer.text.startswith("<svg")


def test_a_page_that_there_is_not_is_told_as_a_page_to_a_browser_and_as_data_to_a_program(house: House) -> None:
    known = {"Authorization": f"Bearer {house.people.tokens.add('account', 'looker')}"}
    browser = known | {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    seen = httpx.get(f"{house.url}/nowhere?lang=en", headers=browser)
    assert (seen.status_code, seen.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "there is no page /nowhere" in seen.text and 'href="/"' in seen.text
    assert httpx.get(f"{house.url}/nowhere", headers=known).json()["error"]
    hostile = httpx.get(f"{house.url}/%3Cscript%3E?lang=en", headers=browser)
    assert "&lt;script&gt;" in hostile.text and "<script>" not in hostile.text


# --- other sites


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403), ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303), ({"Origin": "SELF"}, 303),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
    ],
)  # fmt: skip
def test_another_site_changes_nothing_with_somebodys_cookie(house: House, headers: dict[str, str], status: int) -> None:
    if "csrf" not in [account.name for account in house.people.accounts()]:
        house.people.add("csrf", "leader", password=GOOD)
    secret = house.people.sign_in("csrf", GOOD, "test")
    sent = {name: house.url if value == "SELF" else value for name, value in headers.items()}
    answer = httpx.post(f"{house.url}/sign-out", headers=sent | {"Cookie": f"gridhall_session={secret}"})
    assert answer.status_code == status
    assert bool(house.people.sessions.who(secret)) is (status == 403)


def test_another_sites_page_opens_no_socket(house: House) -> None:
    headers = house.callers["admin-city"].headers
    with (
        pytest.raises((NotConnected, ValueError)),
        Viewer(house.url, headers=headers | {"Origin": "https://evil.example"}),
    ):
        pass


# --- what ends, ends everywhere


def ends(viewer: Viewer) -> float:
    begin = time.monotonic()
    assert until(lambda: not viewer.io.connected, 10)
    return time.monotonic() - begin


@pytest.mark.parametrize("how", ["sign out", "disable", "role", "revoke"])
def test_a_socket_whose_session_ends_is_closed_within_seconds(house: House, how: str) -> None:
    name = f"socket-{how.replace(' ', '')}"
    house.people.add(name, "leader", password=GOOD)
    if how == "revoke":
        shown = {"Authorization": f"Bearer {house.people.tokens.add('account', name)}"}
    else:
        secret = house.people.sign_in(name, GOOD, "test")
        shown = {"Cookie": f"gridhall_session={secret}"}
    with Viewer(house.url, headers=shown) as viewer:
        assert viewer.watch(area="")["ok"]
        {
            "sign out": lambda: house.people.sessions.end(secret), "disable": lambda: house.people.disable(name),
            "role": lambda: house.people.assign(name, role="worker"),
            "revoke": lambda: house.people.tokens.revoke("account", name),
        }[how]()  # fmt: skip
        assert ends(viewer) < 6
    with pytest.raises(NotConnected), Viewer(house.url, headers=shown):
        pass


def test_a_wall_shows_its_area_renews_itself_and_is_told_when_its_pass_is_taken_back(house: House) -> None:
    key = house.people.tokens.add("wall", "stairs", "west")
    with httpx.Client(base_url=house.url) as display:
        led = display.get(f"/walls/{key}?view=events")
        assert (led.status_code, led.headers["location"]) == (303, "/wall?view=events")
        assert key not in str(display.get("/wall").headers)
        for path in ("/wall", "/api/v1/me"):
            assert "gridhall_wall=" in display.get(path).headers["set-cookie"], path
        assert display.get("/api/v1/me").json()["scope"] == "west"
        cookie = "; ".join(f"{name}={value}" for name, value in display.cookies.items())
        with Viewer(house.url, headers={"Cookie": cookie}) as viewer:
            assert viewer.watch(area="")["ok"] and not viewer.watch(area="east")["ok"]
            house.people.tokens.revoke("wall", "stairs")
            assert ends(viewer) < 6
        ended = display.get("/wall?lang=en")
        assert (ended.status_code, "has been taken back" in ended.text) == (403, True)
        assert "<form" not in ended.text
        assert display.get("/api/v1/city").status_code == 401
        assert display.get(f"/walls/{key}").status_code == 403


def test_a_wall_of_whose_pass_nothing_is_kept_any_more_shows_no_form_either(house: House) -> None:
    answer = httpx.get(f"{house.url}/wall?lang=en", headers={"Cookie": "gridhall_wall=long-gone"}, timeout=60)
    assert (answer.status_code, "has been taken back" in answer.text, "<form" in answer.text) == (403, True, False)
    both = {"Cookie": "gridhall_wall=long-gone; gridhall_session=ended"}
    assert httpx.get(f"{house.url}/wall", headers=both, timeout=60).status_code == 303, "a person is asked who they are"


# --- guests


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("guests")
    with Embedded(folder / "hall") as server, serving(server.url, folder / "serve.log", guest="leader") as url:
        yield url


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200), ({"X-Forwarded-For": "10.0.0.1"}, 401), ({"Forwarded": "for=10.0.0.1"}, 401),
        ({"Via": "1.1 x"}, 401),
        ({"X-Real-IP": "127.0.0.1"}, 401), ({"Host": "evil.example"}, 401), ({"Host": "127.0.0.1.evil.example"}, 401),
        ({"Sec-Fetch-Site": "cross-site"}, 401), ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Authorization": "Bearer wrong"}, 401), ({"Host": "localhost"}, 200),
    ],
)  # fmt: skip
def test_a_guest_sits_at_this_very_machine(open_house: str, headers: dict[str, str], status: int) -> None:
    assert httpx.get(f"{open_house}/api/v1/me", headers=headers).status_code == status


def test_a_guest_may_what_their_role_may_and_no_more(open_house: str) -> None:
    assert httpx.get(f"{open_house}/api/v1/me").json()["role"] == "leader"
    assert httpx.get(f"{open_house}/api/v1/looks").status_code == 403
    assert httpx.get(f"{open_house}/wall").status_code == 200


def test_a_hall_with_a_guest_of_a_role_that_there_is_not_does_not_start(tmp_path: Path) -> None:
    run = "from dashboard.serve import run; from dashboard.settings import load; run(load(guest='king', data='.', redis_url='redis://127.0.0.1:1'))"
    ended = subprocess.run(
        [sys.executable, "-c", run], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode != 0
    assert "there is no role 'king'" in ended.stderr
