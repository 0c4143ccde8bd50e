"""The wall, seen in a real browser: alive, offline, and back by itself after every kind of loss."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from conftest import Hall, Seen, run_hall
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

LIVE = """() => { const state = window.gridhall?.state;
    return state && state.ready && state.frames > 3 && state.workers > 20; }"""
SECOND = 1000
DEAD = "() => document.querySelector('#head-feeds').textContent.includes('中断')"


def state(page: Page) -> dict[str, Any]:
    return page.evaluate("() => window.gridhall.state")


def open_wall(page: Page, hall: Hall, query: str = "") -> None:
    page.goto(f"{hall.url}/wall{query}")
    page.wait_for_function(LIVE, timeout=60 * SECOND)


def frames_go_on(page: Page, seconds: float = 10) -> None:
    page.wait_for_function(
        f"() => window.gridhall.state.frames > {state(page)['frames']} + 2", timeout=seconds * SECOND
    )


def test_the_wall_is_alive_and_asks_nothing_of_the_internet(hall: Hall, page: Page, seen: Seen) -> None:
    open_wall(page, hall)
    frames_go_on(page)
    page.wait_for_function(
        "() => document.querySelector('#part-river')?.textContent.includes('发现上报')", timeout=10 * SECOND
    )
    assert seen.outside == []
    assert seen.errors == []
    assert state(page)["broken"] in (0, [], {})


def test_the_page_carries_a_strict_policy(hall: Hall, page: Page) -> None:
    response = page.goto(f"{hall.url}/wall")
    assert response
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    script = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert "unsafe-inline" not in script and "*" not in script


def test_the_words_change_with_the_switch(hall: Hall, page: Page) -> None:
    open_wall(page, hall, "?lang=en")
    page.wait_for_function(
        "() => document.querySelector('#part-river')?.textContent.includes('Reported')", timeout=10 * SECOND
    )
    assert page.evaluate("() => document.documentElement.lang") == "en"


@pytest.mark.parametrize("view", ["overview", "events", "patrol"])
def test_every_view_shows_its_panels_and_none_of_them_is_empty_or_broken(hall: Hall, page: Page, view: str) -> None:
    open_wall(page, hall, f"?view={view}")
    page.wait_for_timeout(3 * SECOND)
    panels = page.evaluate(
        """() => [...document.querySelectorAll('[id^=panel-]')].filter(panel => panel.offsetParent).map(panel => ({
            id: panel.id, text: panel.textContent.trim(),
            broken: panel.classList.contains('broken'), height: panel.offsetHeight}))"""
    )
    assert 3 <= len(panels) <= 8
    assert all(panel["text"] and panel["height"] > 40 and not panel["broken"] for panel in panels), panels


def test_a_panel_that_is_looked_at_less_often_says_that_it_is_older(hall: Hall, page: Page) -> None:
    open_wall(page, hall, "?view=patrol")
    ages = """() => Object.fromEntries([...document.querySelectorAll('.panel[data-feed=fixes]')].map(panel =>
        [panel.dataset.behind, parseInt(panel.querySelector('.panel-age').textContent.match(/\\d+ s/) ?? '')]))"""
    page.wait_for_function(f"() => Object.values(({ages})()).every(Number.isFinite)", timeout=10 * SECOND)
    told = page.evaluate(ages)
    assert told["3"] == told["0"] + 3


def test_an_area_may_be_asked_for(hall: Hall, page: Page) -> None:
    open_wall(page, hall, "?area=610403")
    assert "杨陵" in page.locator("#head-place").inner_text()


def test_a_key_changes_the_view_and_another_chooses_the_hottest(hall: Hall, page: Page) -> None:
    open_wall(page, hall)
    page.keyboard.press("2")
    page.wait_for_function("() => window.gridhall.state.view === 'events'", timeout=5 * SECOND)
    frames_go_on(page)


def test_a_lost_network_shows_a_banner_and_heals_in_the_same_view(hall: Hall, page: Page) -> None:
    open_wall(page, hall)
    page.evaluate("() => { window.witness = 1; window.gridhall.wall.map.jumpTo({zoom: 12.3}); }")
    page.context.set_offline(True)
    page.evaluate("() => window.gridhall.wall.live.socket?.io.engine.close()")
    page.wait_for_function("() => !document.querySelector('#banner').hidden", timeout=8 * SECOND)
    page.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('#banner').hidden", timeout=8 * SECOND)
    frames_go_on(page)
    assert page.evaluate("() => window.witness") == 1, "the page was loaded again"
    assert page.evaluate("() => window.gridhall.wall.map.getZoom()") == pytest.approx(12.3)


def test_a_lost_graphics_context_comes_back_with_its_layers(hall: Hall, page: Page) -> None:
    open_wall(page, hall)
    page.evaluate(
        """() => { const canvas = document.querySelector('.maplibregl-canvas');
            const lose = (canvas.getContext('webgl2')).getExtension('WEBGL_lose_context');
            lose.loseContext(); setTimeout(() => lose.restoreContext(), 500); }"""
    )
    page.wait_for_timeout(2 * SECOND)
    page.wait_for_function(LIVE, timeout=15 * SECOND)
    drawn = state(page)["drawn"]
    page.wait_for_function(f"() => window.gridhall.state.drawn > {drawn}", timeout=10 * SECOND)


@pytest.mark.parametrize("command", ["serve", "fold", "ingest"])
def test_a_killed_process_comes_back_and_the_wall_with_it(hall: Hall, page: Page, command: str) -> None:
    open_wall(page, hall)
    page.evaluate("() => { window.witness = 1; }")
    (pid,) = hall.pids(command)
    os.kill(pid, signal.SIGKILL)
    page.wait_for_timeout(SECOND)
    frames_go_on(page, 20)
    assert page.evaluate("() => window.witness") == 1


def test_a_dead_feed_is_unmistakable(chromium: Browser, tmp_path: Path) -> None:
    os.environ["GRIDHALL_FEED_QUIET_SECONDS"], os.environ["GRIDHALL_FEED_DEAD_SECONDS"] = "2", "4"
    try:
        with run_hall(tmp_path, "--city", "wulingyuan") as own:
            page = chromium.new_page(viewport={"width": 1280, "height": 720})
            open_wall(page, own)
            (simulator,) = own.pids("simulate")
            os.kill(simulator, signal.SIGSTOP)
            page.wait_for_function(DEAD, timeout=20 * SECOND)
            os.kill(simulator, signal.SIGCONT)
            page.close()
    finally:
        del os.environ["GRIDHALL_FEED_QUIET_SECONDS"], os.environ["GRIDHALL_FEED_DEAD_SECONDS"]


#: All feeds are of a grade from the head's next part on.
ALL = """grade => { const { live } = gridhall.wall, usual = window.usual ??= live.listener.parts;
    const feed = (one, n) => ({ ...one, grade, age: grade === 'none' ? null : 95 + 600 * n });
    const head = (parts) => parts.head && { head: { ...parts.head, feeds: parts.head.feeds.map(feed) } };
    live.listener.parts = (said) => usual({ ...said, parts: { ...said.parts, ...head(said.parts) } });
    live.watch(); }"""
NAMED = """() => { const place = document.querySelector('#head-place');
    return [place.textContent, place.scrollWidth <= place.clientWidth]; }"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_city_keeps_its_name_whatever_its_feeds_say(chromium: Browser, hall: Hall, lang: str) -> None:
    page = chromium.new_page(viewport={"width": 1920, "height": 1080})
    open_wall(page, hall, f"?lang={lang}")
    for grade in ("late", "dead", "none", "live"):
        page.evaluate(ALL, grade)
        seen = f"() => document.querySelectorAll('.feed[data-grade={grade}]').length === 3"
        page.wait_for_function(seen, timeout=10 * SECOND)
        name, whole = page.evaluate(NAMED)
        assert name and whole, f"{name} is cut when all feeds are {grade}"
    page.close()


#: Something of a kind is chosen, as a click would.
CHOOSE = """kind => { const { wall } = gridhall, { crowd, cameras, events, choose } = wall;
    const event = [...events.open.values()].find(one => one.placed);
    choose.take({
        worker: () => ({ kind, row: crowd.at.findIndex(Boolean), lon: 0, lat: 0 }),
        camera: () => ({ kind, row: 3, lon: cameras.lon[3], lat: cameras.lat[3] }),
        event: () => ({ kind, row: event.key, ...event }),
    }[kind](), true); }"""
#: The panel tells of what is of this kind: more than its name, and how old that is.
ANSWERED = """title => { const panel = document.querySelector('.panel-chosen');
    return panel.querySelector('.chosen-title')?.textContent.startsWith(title)
        && panel.querySelectorAll('.row').length > 1 && panel.querySelector('.panel-age').textContent; }"""
TOLD = """() => { const panel = document.querySelector('.panel-chosen'), end = panel.getBoundingClientRect();
    const within = (at) => at.right <= end.right && at.bottom <= end.bottom;
    const seen = (row) => within(row.getBoundingClientRect());
    const rows = [...panel.querySelectorAll('.row')];
    return { words: rows.map(row => row.children[1].textContent), whole: rows.every(seen),
        age: panel.querySelector('.panel-age').textContent,
        door: panel.querySelector('.chosen-title .door:not([hidden])')?.getAttribute('href') ?? '' }; }"""


@pytest.mark.parametrize("view", ["overview", "events", "patrol"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("worker", {"Position", "Patrol today", "Area", "Own grid"}),
        ("camera", {"State", "Owner", "Platform", "Switch", "Id"}),
        ("event", {"Case", "Step", "Area", "Age"}),
    ],
)
def test_what_is_chosen_is_told_whole_and_how_old_that_is(
    chromium: Browser, hall: Hall, view: str, kind: str, words: set[str]
) -> None:
    page = chromium.new_page(viewport={"width": 1920, "height": 1080})
    open_wall(page, hall, f"?lang=en&view={view}")
    page.wait_for_function("() => gridhall.state.events > 0 && gridhall.wall.choose", timeout=20 * SECOND)
    page.evaluate(CHOOSE, kind)
    page.wait_for_function(ANSWERED, arg=kind.title(), timeout=10 * SECOND)
    told = page.evaluate(TOLD)
    assert words <= set(told["words"]) and told["whole"], told
    assert told["age"].endswith((" s", " min"))
    assert told["door"].startswith("/case?id=") == (kind == "event")
    page.close()


def test_what_was_known_of_another_never_stands_under_what_is_chosen_now(chromium: Browser, hall: Hall) -> None:
    page = chromium.new_page(viewport={"width": 1920, "height": 1080})
    open_wall(page, hall, "?lang=en&view=overview")
    page.wait_for_function("() => gridhall.state.events > 0 && gridhall.wall.choose", timeout=20 * SECOND)
    page.evaluate(CHOOSE, "event")
    page.wait_for_function(ANSWERED, arg="Event", timeout=10 * SECOND)
    page.route("**/api/v1/cameras?*", lambda route: route.abort())
    page.evaluate(CHOOSE, "camera")
    page.wait_for_function(
        "() => document.querySelector('.panel-chosen .chosen-title').textContent.startsWith('Camera')",
        timeout=5 * SECOND,
    )
    silent = page.evaluate(TOLD)
    assert (silent["words"], silent["age"], silent["door"]) == (["No answer yet"], "", "")
    page.unroute("**/api/v1/cameras?*")
    page.evaluate("() => gridhall.wall.attention.askFor(gridhall.wall.choose.choice)")
    page.wait_for_function(ANSWERED, arg="Camera", timeout=10 * SECOND)
    page.close()


def test_refused_records_are_shown_and_hostile_text_stays_text(hall: Hall, page: Page, seen: Seen) -> None:
    hostile = "<img src=x onerror=window.hurt=1>"
    page.request.post(
        f"http://127.0.0.1:{hall.ingest_port}/ingest/v1/fixes",
        data=[{"worker_id": hostile, "lon": 108.0, "lat": 34.2, "at": 1}],
    )
    page.wait_for_timeout(2 * SECOND)
    page.goto(f"{hall.url}/rejected")
    page.wait_for_function("() => document.body.textContent.includes('onerror=window.hurt')", timeout=10 * SECOND)
    assert page.evaluate("() => window.hurt") is None
    assert seen.outside == []
