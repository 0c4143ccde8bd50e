"""Layouts: the wall's frame, its colours and sizes, and the pages behind its numbers."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from dash import html
from dash.development.base_component import Component

from dashboard.settings import load
from feeds.lattice import lattice
from layouts.catalog import PANELS, panel
from layouts.listing import listing
from layouts.page import language, theme_of, words_script
from layouts.panel import VIEWS, panel_id, part_id
from layouts.rejected import plain, rejected
from layouts.rosters import roster
from layouts.shell import STYLES, index_string
from layouts.sign_in import STYLES as SIGN_IN
from layouts.theme import BANDS, COLOURS, THEMES, contrast, scale, size
from layouts.wall import KEYS_LAYER, KEYS_VIEW, LEFT, LEGEND, RIGHT, wall
from layouts.words import LANGS, say, words

HOUSE = Path(__file__).parents[1]
NOON = 1_800_000_000.0
CITY = lattice("town", (130.2, 46.7, 130.5, 46.9), districts=("east", "west"))
STAFFED = lattice("town", (130.2, 46.7, 130.5, 46.9), districts=("east", "west"), worker_ids=["w0"])


def everything(component):
    yield component
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if isinstance(child, Component):
            yield from everything(child)


def ids(component):
    return [one.id for one in everything(component) if getattr(one, "id", None)]


def texts(component):
    children = (getattr(one, "children", None) for one in everything(component))
    flat = (text for each in children for text in (each if isinstance(each, list) else [each]))
    return [text for text in flat if isinstance(text, str)]


@pytest.fixture(params=[(lang, view) for lang in LANGS for view in VIEWS], ids="-".join)
def page(request):
    lang, view = request.param
    return wall("east", lang, "dark", view, load({}), CITY)


def test_every_panel_has_its_place_once(page):
    found = ids(page)
    assert len(found) == len(set(found))
    for name in PANELS:
        assert part_id(name) in found
        assert not panel(name).framed or panel_id(name) in found
    assert {"wall", "map", "words", "banner", "layers"} <= set(found)


def test_a_name_in_the_catalogue_is_a_file():
    files = {path.stem for path in (HOUSE / "layouts/panels").glob("*.py")} - {"__init__"}
    assert files == set(PANELS) == {panel(name).name for name in PANELS}


def test_no_view_crowds_a_side():
    for side in (LEFT, RIGHT):
        for view in VIEWS:
            # the chosen panel takes another's place
            assert 1 <= len([name for name in side if view in panel(name).views and name != "chosen"]) <= 4


def test_every_view_and_layer_prints_its_key(page):
    keys = [*KEYS_VIEW.values(), *KEYS_LAYER.values()]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {one.children for one in everything(page) if isinstance(one, html.Kbd)}


def test_a_map_alone_has_its_head_and_its_legend_and_no_panel():
    ids = {
        getattr(part, "id", None) for part in wall("", "zh", "dark", "overview", load({}), CITY, alone=True)._traverse()
    }
    assert {"part-head", "part-beside", "banner"} <= ids
    assert not {"part-river", "panel-trend", "panel-latest"} & ids


def test_a_wall_of_an_unknown_view_shows_the_overview():
    assert wall("", "zh", "dark", "<script>", load({}), CITY).to_plotly_json()["props"]["data-view"] == "overview"


def test_a_part_of_a_picture_is_told_which_it_is():
    style = wall("", "zh", "dark", "overview", load({}), CITY, screen=(2, 3)).style
    assert (style["--screen"], style["--screens"]) == ("2", "3")


def test_every_legend_has_four_marks():
    assert {view: len(marks) for view, marks in LEGEND.items()} == dict.fromkeys(VIEWS, 4)
    css = (HOUSE / "assets/css/marks.css").read_text("utf-8")
    assert all(f".mark-{shape}" in css for marks in LEGEND.values() for shape, _ in marks)


def test_every_style_sheet_is_loaded_and_none_is_long():
    sheets = {path.name: path.read_text("utf-8") for path in (HOUSE / "assets/css").glob("*.css")}
    assert set(sheets) == {*STYLES, *SIGN_IN}
    assert all(sheet.count("\n") < 300 for sheet in sheets.values())


def test_the_words_of_a_page_cannot_end_their_script():
    body = words_script("zh").children
    assert json.loads(body) == words("zh")
    assert "<" not in body


def test_the_page_asks_for_nothing_from_outside_and_runs_nothing_inline():
    page = index_string("zh", stamp="1")
    assert '<html lang="zh-CN"' in page and 'lang="en"' in index_string("en")
    assert not re.search(r"https?://|<script|<style", page)
    assert [name for name in STYLES if f"{name}?1" in page] == list(STYLES)
    assert {path.name for path in (HOUSE / "assets/css").glob("*.css")} == set(STYLES) | set(SIGN_IN)


@pytest.mark.parametrize("path", sorted((HOUSE / "assets/css").glob("*.css")), ids=lambda path: path.name)
def test_a_line_that_is_cut_short_is_cut_at_its_side_and_not_from_below(path):
    """A line lower than its letters need would lose what hangs below it: g, p."""
    short = re.findall(r"{([^}]*text-overflow: ellipsis[^}]*)}", path.read_text("utf-8"))
    assert all("overflow: clip visible" in rule for rule in short)


def test_no_style_sheet_asks_for_anything():
    for name in {*STYLES, *SIGN_IN}:
        css = (HOUSE / "assets/css" / name).read_text("utf-8")
        assert not re.search(r"url\(|@import|@font-face|@keyframes|animation", css), "calm, and from here only"


def test_address_and_settings_choose_language_and_theme():
    assert language("en", load({})) == "en"
    assert language("xx", load({"GRIDHALL_LANG": "en"})) == "en"
    assert language(None, load({})) == "zh"
    assert theme_of("light") == "light" and theme_of("pink") == theme_of(None) == "dark"


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_ground(theme):
    at = THEMES.index(theme)
    colour = {role: pair[at] for role, pair in COLOURS.items()}
    for ground in ("ground", "panel"):
        assert contrast(colour["text"], colour[ground]) >= 7
        assert contrast(colour["secondary"], colour[ground]) >= 4.5
        assert contrast(colour["accent"], colour[ground]) >= 4.5
        for band in BANDS:
            assert contrast(colour[band], colour[ground]) >= 3
    assert contrast(colour["text"], colour["track"]) >= 7
    assert contrast(colour["alarm"], colour["panel"]) >= 4.5


def test_the_plate_of_a_dead_feed_can_be_read():
    css = "".join((HOUSE / "assets/css" / name).read_text("utf-8") for name in ("head.css", "panels.css", "banner.css"))
    plates = set(re.findall(r"background: (#[0-9A-F]{6});\n\s*(?:font-weight|padding)", css)) | {
        "#B42318",
        "#7A4B00",
        "#0B6B60",
    }
    assert all(contrast("#FFFFFF", plate) >= 4.5 for plate in plates)


@pytest.mark.parametrize("theme", THEMES)
def test_the_style_sheet_has_the_colours_of_the_table(theme):
    css = (HOUSE / "assets/css/tokens.css").read_text("utf-8")
    block = css[css.index(f'[data-theme="{theme}"]') :]
    said = dict(re.findall(r"--(\w+): (#[0-9A-Fa-f]{6});", block[: block.index("}")]))
    assert said == {role: pair[THEMES.index(theme)] for role, pair in COLOURS.items()}


def test_letters_have_16_arc_minutes_at_the_farthest_seat():
    settings = load({}, wall_height_mm=2000, wall_distance_m=10.0)
    # 2 m with 2,160 lines from 10 m: 68 px (SCREENS)
    assert round(2160 * 0.024 * scale(settings)) == 68
    assert (scale(load({})), scale(load({}), 1.5)) == (1.0, 1.5)
    assert (size(load({})), size(settings)) == ("normal", "large")


def test_a_hostile_record_is_only_text_on_the_page():
    nasty = SimpleNamespace(
        kind="fixes",
        source="<img src=x onerror=alert(1)>",
        reason="bad\u202eness",
        detail="a\x00b" * 400,
        body="</script><script>alert(1)</script>",
        at_ms=1.7e12,
    )
    page = rejected("en", "dark", load({}), "Asia/Shanghai", {"fixes:null_island": 3, "x": 1}, [nasty], now=NOON)
    assert "</script><script>alert(1)</script>" in texts(page)
    assert all(isinstance(one, Component) for one in everything(page))
    assert not any(type(one).__name__ in ("Markdown", "DangerouslySetInnerHTML") for one in everything(page))
    assert plain("bad\u202eness") == "bad·ness"
    assert len(plain("x" * 10_000)) == 301


def test_no_refusal_is_said_as_such():
    page = texts(rejected("en", "dark", load({}), "UTC", {}, [], now=NOON))
    assert "No record has been refused." in page and "as of 01-15 08:00:00" in page


def refused(body="{'camera_id': 'c9'}"):
    return SimpleNamespace(
        kind="cameras", source="vms", reason="unknown_camera", detail="no c9", body=body, at_ms=NOON * 1000
    )


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", {"摄像机状态", "没有这台摄像机", "定位", "坐标为 0,0（终端未定位）"}),
        ("en", {"Camera states", "no such camera", "Positions", "position 0, 0: a terminal without sky"}),
    ],
)
def test_what_was_refused_is_said_in_words_and_as_its_sender_was_told(lang, said):
    counts = {"fixes:null_island": 3, "cameras:unknown_camera": 1, "cameras:odd": 1}
    shown = set(texts(rejected(lang, "dark", load({}), "UTC", counts, [refused()], now=NOON)))
    assert said | {"cameras", "unknown_camera", "fixes", "null_island", "odd"} <= shown


def test_a_note_says_that_its_record_was_taken():
    counts = {"events:noted:bad_position": 3, "events:noted:odd": 1}
    shown = texts(rejected("zh", "dark", load({}), "UTC", counts, [], now=NOON))
    assert {"已接收，但坐标有误", "noted:bad_position", "noted:odd"} <= set(shown)


def test_an_excerpt_that_is_not_shown_says_why():
    def shown(body, whole):
        return set(texts(rejected("en", "dark", load({}), "UTC", {}, [refused(body)], now=NOON, whole=whole)))

    hidden, unkept = say("en")("rejected.hidden"), say("en")("rejected.unkept")
    assert hidden in shown("", whole=False)
    assert unkept in shown("", whole=True) and "—" in shown("", whole=True)
    assert not {hidden, unkept, "—"} & shown("{'camera_id': 'c9'}", whole=True)


@pytest.mark.parametrize(("lang", "said"), [("zh", "不在任何网格"), ("en", "in no grid")])
def test_whoever_stands_in_no_grid_has_a_position_all_the_same(lang, said):
    astray = pd.DataFrame({"worker": [0], "own_grid": [4], "grid": [-1], "since": NOON - 900, "at": NOON - 30})
    situation = SimpleNamespace(city=STAFFED, area=0, now=NOON, out_of_grid=astray)
    shown = texts(roster("outside", situation, lang, "dark", load({}), NOON))
    assert said in shown and say(lang)("place.none") not in shown


def test_the_list_behind_a_number_shows_events_without_due_time_or_position():
    event = {
        "key": 7,
        "class_row": 0,
        "step": 1,
        "level": 2,
        "band": "long_open",
        "grid": -1,
        "area": -1,
        "reported": 1.7e9,
        "due": float("nan"),
        "age": 90_000.0,
    }
    page = listing(0, "en", "light", load({}), CITY, [event], 12, known=1_800_000_000.0)
    assert "as of 01-15 16:00:00" in texts(page)
    assert {"1 of 12 shown", "Dispatched", "District", "Long-open", "no position", "—", "25 h"} <= set(texts(page))
    astray = texts(listing(0, "en", "light", load({}), CITY, [event | {"lon": 130.9, "lat": 46.0}], 1))
    assert "in no grid" in astray and "no position" not in astray, "its position is known"
    empty = texts(listing(0, "en", "light", load({}), CITY, [], 0))
    assert "No event fits." in empty and "nothing heard yet" in empty
