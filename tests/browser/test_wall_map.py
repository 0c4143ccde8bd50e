"""The map of the wall, in a real browser: it comes back from wherever it flew, and fits the window it is in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Hall
from playwright.sync_api import Browser, Page, Route
from test_wall import SECOND, open_wall

pytestmark = pytest.mark.browser

BIG, SMALL = {"width": 1920, "height": 1080}, {"width": 1280, "height": 720}
STILL = "() => !gridhall.wall.map.isMoving()"
CAMERA = """() => { const { map } = gridhall.wall, { lng, lat } = map.getCenter();
    return { zoom: map.getZoom(), lon: lng, lat, padding: map.getPadding() }; }"""
#: Where the area's bounds lie on the screen, and the inner edges of the panels.
PLACES = """() => { const { map, geo } = gridhall.wall, host = map.getContainer().getBoundingClientRect();
    const [west, south, east, north] = geo.city.bounds;
    const edge = name => document.querySelector(name).getBoundingClientRect();
    return { left: host.left + map.project([west, south]).x, right: host.left + map.project([east, north]).x,
        top: host.top + map.project([west, north]).y, bottom: host.top + map.project([east, south]).y,
        from: edge('.side-left').right, to: edge('.side-right').left,
        below: edge('.head').bottom, above: edge('.legends').top }; }"""
#: How strong the veil is at a corner of the screen and in the middle of the area, and where the area lies.
VEILED = """() => { const { map, veil, geo, area } = gridhall.wall, ink = veil.canvas.getContext('2d');
    const pixel = length => Math.round(length * devicePixelRatio);
    const alpha = (x, y) => ink.getImageData(pixel(x), pixel(y), 1, 1).data[3];
    const { lon, lat } = geo.city.areas[area], middle = map.project([lon, lat]);
    const [west, south, east, north] = veil.bounds;
    const edge = name => document.querySelector(name).getBoundingClientRect();
    return { outside: alpha(2, 2), inside: alpha(middle.x, middle.y), left: map.project([west, south]).x,
        right: map.project([east, north]).x, top: map.project([west, north]).y, bottom: map.project([east, south]).y,
        from: edge('.side-left').right, to: edge('.side-right').left,
        below: edge('.head').bottom, above: edge('.legends').top }; }"""
LETTERS = """() => document.querySelector('#part-trend .js-plotly-plot, .js-plotly-plot#part-trend')
    ?._fullLayout.xaxis.tickfont.size"""
#: The strongest cover that the hatching alone puts on the ground, and the share of the screen with any.
HATCHED = """zoom => { const { map, heat, picture: { ink, unvisited: { layer } } } = gridhall.wall;
    map.jumpTo({ zoom });
    const { lng, lat } = map.getCenter(), y = Math.log(Math.tan(Math.PI / 4 + lat * Math.PI / 360)) * 180 / Math.PI;
    const q = Math.round((Math.sqrt(3) / 3 * lng - y / 3) / heat.size), r = Math.round(2 / 3 * y / heat.size);
    const near = [-2, -1, 0, 1, 2].flatMap(a => [-2, -1, 0, 1, 2].map(b => [q + a, r + b])), twice = [...near, ...near];
    layer.put(twice.map(cell => cell[0]), twice.map(cell => cell[1]));
    const others = ink.layers.filter(one => one !== layer && one.shown);
    for (const one of others) one.shown = false;
    ink.draw();
    for (const one of others) one.shown = true;
    const { gl } = ink, { width, height } = ink.canvas, pixels = new Uint8Array(width * height * 4);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    let most = 0, some = 0;
    for (let at = 3; at < pixels.length; at += 4) { most = Math.max(most, pixels[at]); some += pixels[at] > 0; }
    return { most, some, meant: 255 * layer.cover }; }"""


@pytest.fixture
def told() -> list[str]:
    """What the page warned of."""
    return []


@pytest.fixture
def wall(chromium: Browser, told: list[str]) -> Iterator[Page]:
    context = chromium.new_context(viewport=BIG)
    page = context.new_page()
    page.on("console", lambda line: told.append(line.text) if line.type in ("warning", "error") else None)
    yield page
    context.close()


def camera(wall: Page) -> dict[str, Any]:
    wall.wait_for_function(STILL, timeout=10 * SECOND)
    return wall.evaluate(CAMERA)


def resize(wall: Page, size: dict[str, int]) -> None:
    """The map has settled when it knows how much room the panels take now."""
    before = wall.evaluate(CAMERA)["padding"]["left"]
    wall.set_viewport_size(size)
    wall.wait_for_function(f"() => gridhall.wall.map.getPadding().left !== {before}", timeout=10 * SECOND)


def misfits(told: list[str]) -> list[str]:
    return [line for line in told if "cannot fit" in line]


def test_after_a_choice_the_map_comes_back_to_the_whole(hall: Hall, wall: Page, told: list[str]) -> None:
    open_wall(wall, hall)
    first = camera(wall)
    wall.keyboard.press("ArrowRight")
    wall.wait_for_function(f"() => gridhall.wall.map.getZoom() > {first['zoom']} + 1", timeout=10 * SECOND)
    wall.keyboard.press("Escape")
    wall.keyboard.press("0")
    back = camera(wall)
    assert back["zoom"] == pytest.approx(first["zoom"], abs=0.01)
    assert (back["lon"], back["lat"]) == pytest.approx((first["lon"], first["lat"]), abs=1e-4)
    assert back["padding"] == pytest.approx(first["padding"])
    assert misfits(told) == []


def test_the_round_of_an_unattended_wall_comes_back_to_the_whole(hall: Hall, wall: Page, told: list[str]) -> None:
    open_wall(wall, hall, "?view=events")
    wall.evaluate("() => gridhall.wall.tour.touch(performance.now())")  # it takes no step but ours
    wall.evaluate("() => gridhall.wall.tour.go(null)")
    first = camera(wall)
    for _ in range(2):
        near = {"kind": "event", "row": 0, "lon": first["lon"] + 0.02, "lat": first["lat"]}
        wall.evaluate("place => gridhall.wall.follow.go(place)", near)
        assert camera(wall)["zoom"] == pytest.approx(14.2)
        wall.evaluate("() => gridhall.wall.tour.go(null)")
        assert camera(wall)["zoom"] == pytest.approx(first["zoom"], abs=0.01)
    assert misfits(told) == []


def test_a_wall_nobody_has_moved_fits_its_area_into_another_window(hall: Hall, wall: Page, told: list[str]) -> None:
    open_wall(wall, hall)
    for size in (SMALL, BIG):
        resize(wall, size)
        seen = wall.evaluate(PLACES)
        assert seen["from"] < seen["left"] < seen["right"] < seen["to"], seen
        assert seen["below"] < seen["top"] < seen["bottom"] < seen["above"], seen
    assert misfits(told) == []


def test_a_map_that_somebody_moved_keeps_its_middle_in_another_window(hall: Hall, wall: Page) -> None:
    open_wall(wall, hall)
    zoom = camera(wall)["zoom"] + 0.1
    wall.mouse.move(960, 400)
    wall.mouse.wheel(0, -600)
    wall.wait_for_function(f"() => gridhall.wall.map.getZoom() > {zoom}", timeout=5 * SECOND)
    before = camera(wall)
    resize(wall, SMALL)
    after = camera(wall)
    for name in ("zoom", "lon", "lat"):
        assert after[name] == pytest.approx(before[name], abs=1e-6), name
    assert after["padding"]["left"] < before["padding"]["left"]


def slow(route: Route) -> None:
    time.sleep(2)
    route.continue_()


@pytest.mark.parametrize("late", [False, True], ids=["plotly at once", "plotly after the first numbers"])
def test_a_figure_has_the_letters_of_the_window_it_is_in(hall: Hall, wall: Page, late: bool) -> None:
    if late:
        wall.route(re.compile("plotly"), slow)
    open_wall(wall, hall)
    wall.wait_for_function(LETTERS, timeout=10 * SECOND)
    big = wall.evaluate(LETTERS)
    wall.set_viewport_size(SMALL)
    wall.wait_for_function(f"() => Math.abs(({LETTERS})() - {big} * 720 / 1080) < 0.5", timeout=5 * SECOND)


def test_in_the_patrol_view_a_key_chooses_who_is_out_of_grid(hall: Hall, wall: Page) -> None:
    open_wall(wall, hall, "?view=patrol")
    wall.wait_for_function("() => gridhall.wall.parts.last.out_of_grid", timeout=10 * SECOND)
    wall.evaluate("() => gridhall.wall.crowd.at.forEach((at, row, all) => { if (at && row < 50) gridhall.row = row; })")
    stray = """() => { const { crowd, parts } = gridhall.wall; crowd.mark[gridhall.row] |= 3;
        parts.last.out_of_grid = { ...parts.last.out_of_grid, rows: [{ key: String(gridhall.row) }] };
        dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
        return [gridhall.wall.choose.choice, gridhall.row]; }"""
    choice, row = wall.evaluate(stray)
    assert (choice["kind"], choice["row"]) == ("worker", row)


def test_tab_goes_from_door_to_door_and_chooses_nothing(hall: Hall, wall: Page) -> None:
    open_wall(wall, hall)
    reached: set[str] = set()
    for _ in range(8):
        wall.keyboard.press("Tab")
        reached.add(wall.evaluate("() => document.activeElement.tagName"))
    assert reached & {"A", "BUTTON"}
    assert wall.evaluate("() => gridhall.wall.choose.choice") is None


def test_the_space_bar_presses_the_button_that_tab_has_reached(hall: Hall, wall: Page) -> None:
    open_wall(wall, hall)
    at = "() => document.activeElement.dataset?.view"
    while wall.evaluate(at) != "patrol":
        wall.keyboard.press("Tab")
    wall.keyboard.press("Space")
    wall.wait_for_function("() => gridhall.state.view === 'patrol'", timeout=5 * SECOND)
    wall.click('.key-view[data-view="overview"]')
    wanted = wall.evaluate("() => gridhall.wall.tour.wanted")
    wall.keyboard.press("Space")
    assert wall.evaluate("() => gridhall.wall.tour.wanted") is not wanted


def test_cells_nobody_has_visited_look_alike_at_every_zoom_and_never_add_up(hall: Hall, wall: Page) -> None:
    open_wall(wall, hall, "?view=patrol")
    for zoom in (9, 11, 13.5, 16):
        seen = wall.evaluate(HATCHED, zoom)
        assert seen["most"] == pytest.approx(seen["meant"], abs=2), zoom
        assert seen["some"] > 10, zoom


def test_the_wall_of_a_street_shows_all_of_it_and_veils_what_is_not_of_it(hall: Hall, wall: Page) -> None:
    open_wall(wall, hall)
    street = wall.evaluate("() => gridhall.wall.geo.city.areas.find(area => area.level === 2).id")
    open_wall(wall, hall, f"?area={street}")
    wall.wait_for_function("() => gridhall.wall.veil?.rings.length", timeout=10 * SECOND)
    camera(wall)
    seen = wall.evaluate(VEILED)
    assert seen["outside"] > 100 and seen["inside"] == 0
    assert seen["from"] <= seen["left"] < seen["right"] <= seen["to"]
    assert seen["below"] <= seen["top"] < seen["bottom"] <= seen["above"]
