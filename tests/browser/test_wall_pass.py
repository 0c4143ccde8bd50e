"""A wall that hangs by a pass, in a real browser: it shows its area, and says calmly that the pass is taken back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from conftest import CHROMIUM, ROOT, Hall
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from test_wall import LIVE, SECOND, frames_go_on, state

from dashboard.bench.chrome import FLAGS

pytestmark = pytest.mark.browser

#: A name by which walls elsewhere reach the hall: whoever comes by it is no guest.
NAME = "hall.test"
AREA = "610403"
#: Every word that the banner says from now on, and how often the page was shown anew.
WITNESS = """() => { window.witness = []; const banner = document.querySelector('#banner');
    const note = () => banner.hidden || window.witness.push([banner.dataset.kind, banner.textContent]);
    const all = {attributes: true, childList: true, characterData: true, subtree: true};
    new MutationObserver(note).observe(banner, all); }"""
REFUSED = """() => { const banner = document.querySelector('#banner');
    return !banner.hidden && banner.dataset.kind === 'refused'; }"""


@pytest.fixture(scope="module")
def far() -> Iterator[Browser]:
    """A browser elsewhere, which knows the hall by its name."""
    with sync_playwright() as play:
        flags = [*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
        browser = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def wall(far: Browser) -> Iterator[Page]:
    context: BrowserContext = far.new_context(viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def gridhall(hall: Hall, *words: str) -> str:
    folder = hall.data / "demo-yangling"
    command = [sys.executable, "-m", "dashboard.cli", *words, "--data", str(folder)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def hang(hall: Hall, wall: Page, name: str, query: str = "") -> str:
    """A pass, and the wall that hangs by it."""
    address = f"http://{NAME}:{hall.port}{gridhall(hall, 'user', 'wall', name, '--area', AREA)}"
    wall.goto(address + query)
    wall.wait_for_function(LIVE, timeout=60 * SECOND)
    return address


def good_until(wall: Page) -> float:
    """When the cookie that holds the pass ends, seconds since 1970."""
    return next(one.get("expires", 0.0) for one in wall.context.cookies() if one.get("name") == "gridhall_wall")


def test_a_pass_opens_one_area_and_leaves_no_key_in_the_address(hall: Hall, wall: Page) -> None:
    hang(hall, wall, "lobby", "?view=events&lang=en&theme=light&alone=1")
    assert wall.url == f"http://{NAME}:{hall.port}/wall?view=events&lang=en&theme=light&alone=1"
    assert wall.evaluate("() => document.querySelector('#wall').dataset.area") == AREA
    assert wall.locator(".side").count() == 0
    before = good_until(wall)
    wall.wait_for_timeout(1.2 * SECOND)
    wall.evaluate("() => fetch('/api/v1/me')")
    wall.wait_for_timeout(SECOND / 2)
    assert good_until(wall) > before, "it is renewed while it is good"


def test_a_pass_that_is_taken_back_leaves_the_last_picture_under_a_calm_sentence(hall: Hall, wall: Page) -> None:
    hang(hall, wall, "stairs", "?lang=en")
    wall.wait_for_function("() => document.querySelector('#part-river svg')", timeout=10 * SECOND)
    wall.evaluate(WITNESS)
    gridhall(hall, "user", "wall", "stairs", "--revoke")
    wall.wait_for_function(REFUSED, timeout=10 * SECOND)
    shown, workers = wall.locator("#banner").inner_text(), state(wall)["workers"]
    assert shown.startswith("This wall's pass has been taken back") and "this picture is" in shown
    wall.wait_for_timeout(14 * SECOND)  # it has asked again by then, and was told the same
    said = wall.evaluate("() => window.witness")
    assert {kind for kind, _ in said} == {"refused"}, "nothing flashes and nothing alarms"
    assert int(said[-1][1].split()[-3]) >= 12, said[-1]
    assert "/wall" in wall.url and wall.locator("form").count() == 0
    assert state(wall)["workers"] == workers > 20, "the last picture stays"
    assert wall.evaluate("() => getComputedStyle(document.querySelector('#part-river svg')).opacity") == "0.55"
    assert wall.evaluate("() => document.querySelector('#banner').getBoundingClientRect().right <= innerWidth")


def test_a_wall_whose_pass_was_taken_back_comes_back_by_a_new_one_without_being_touched(hall: Hall, wall: Page) -> None:
    hang(hall, wall, "yard")
    wall.evaluate("() => { window.witness = 1; }")
    gridhall(hall, "user", "wall", "yard", "--revoke")
    wall.wait_for_function(REFUSED, timeout=10 * SECOND)
    other = wall.context.new_page()
    hang(hall, other, "yard")
    other.close()
    frames_go_on(wall, 20)
    wall.wait_for_function("() => document.querySelector('#banner').hidden", timeout=10 * SECOND)
    assert wall.evaluate("() => window.witness") == 1, "the page was loaded again"


def test_a_screen_that_starts_with_a_pass_that_is_no_good_any_more_is_told_so_and_sees_no_form(
    hall: Hall, wall: Page
) -> None:
    address = hang(hall, wall, "gate")
    gridhall(hall, "user", "wall", "gate", "--revoke")
    for path in (address, f"http://{NAME}:{hall.port}/wall"):
        answer = wall.goto(path)
        assert answer and answer.status == 403
        assert "本屏幕的通行证已停用" in wall.locator("h1").inner_text()
        assert wall.locator("form").count() == 0
