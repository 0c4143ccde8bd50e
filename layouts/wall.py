"""Wall: the map from edge to edge, panels on both its sides, the head above and the river at its foot."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.catalog import panel
from layouts.map import GridMap
from layouts.page import page
from layouts.panel import VIEWS, part_id
from layouts.words import Say, say

__all__ = ["KEYS_LAYER", "KEYS_VIEW", "LEFT", "LEGEND", "RIGHT", "wall"]

#: Panels of each side from the top; a view shows the ones that belong to it.
LEFT = ("backlog_levels", "classes", "trend", "hottest", "minutes", "unvisited", "empty_grids")
RIGHT = ("latest", "chosen", "cameras", "out_of_grid", "workers")

#: The key of each view and layer: printed in its button, and in data-key for the page's scripts.
KEYS_VIEW = {"overview": "1", "events": "2", "patrol": "3"}
KEYS_LAYER = {"grids": "G", "workers": "W", "heat": "H", "events": "E", "cameras": "C", "tracks": "T", "unvisited": "U"}

#: Four marks a view: (shape, word).
LEGEND = {
    "overview": (
        ("ramp-backlog", "backlog"),
        ("worker-fresh", "fresh"),
        ("worker-ageing", "ageing"),
        ("camera-off", "camera_off"),
    ),
    "events": (("ramp-heat", "heat"), ("event-ring", "event"), ("track-line", "track"), ("sos", "sos")),
    "patrol": (("outside", "outside"), ("worker-fresh", "fresh"), ("worker-lost", "lost"), ("unvisited", "unvisited")),
}


def wall(
    area: str,
    lang: str,
    theme: str,
    view: str,
    settings: Any,
    city: Any,
    *,
    scale: float = 1.0,
    screen: tuple[int, int] = (1, 1),
    alone: bool = False,
) -> Component:
    """The whole wall. area: area_id, "" for the city; screen: which of how many, when one picture spans several;
    alone: the map without panels, for a screen beside others.
    """
    speak = say(lang)
    view = view if view in VIEWS else VIEWS[0]
    number, screens = screen
    panelled = [
        html.Aside(_side(LEFT, speak, area), className="side side-left"),
        html.Aside(_side(RIGHT, speak, area), className="side side-right"),
        html.Footer(id=part_id("river"), className="river", **attributes(aria_label=speak("panel.river"))),
    ]
    children = [
        html.Div(_map(area, lang, theme, view, alone), className="wall-map"),
        _head(speak, view, area),
        *([] if alone else panelled),
        _beside(speak, area),
        html.Div(id="banner", className="banner", role="status", hidden=True),
    ]
    return page(
        children,
        name="wall",
        lang=lang,
        theme=theme,
        settings=settings,
        asked=scale,
        style={"--screen": str(number), "--screens": str(screens)},
        **attributes(data_view=view, data_area=area, data_city=city.city_id, data_alone=str(alone).lower()),
    )


def _map(area: str, lang: str, theme: str, view: str, alone: bool) -> Component:
    return GridMap("map", {"area": area, "lang": lang, "theme": theme, "view": view, "alone": alone})


def _side(names: tuple[str, ...], speak: Say, area: str) -> list[Component]:
    return [panel(name).body(speak, area) for name in names]


def _head(speak: Say, view: str, area: str) -> Component:
    views = [_key(speak(f"view.{name}"), key, "view", name, name == view) for name, key in KEYS_VIEW.items()]
    return html.Header(
        [
            html.H1(id="head-place", className="head-place"),
            html.Nav(views, className="views"),
            html.Div(id="head-sign", className="head-sign"),
            html.Div(id="head-feeds", className="head-feeds"),
            html.Time(id="head-clock", className="head-clock"),
        ],
        id=part_id("head"),
        className="head",
    )


def _beside(speak: Say, area: str) -> Component:
    """Under the map's middle: what cannot be on the map, the signs, the layers and what the shapes mean."""
    layers = [_key(speak(f"layer.{name}"), key, "layer", name, True) for name, key in KEYS_LAYER.items()]
    door = panel("beside").address(area, speak)
    return html.Div(
        [
            html.Div(
                [
                    html.Div(id="sign-idle", className="notice", hidden=True),
                    html.Div(id="sign-locked", className="sign", hidden=True),
                    html.Div(id="sign-tour", className="sign", hidden=True),
                ],
                className="signs",
            ),
            html.Div(
                [
                    html.A(id=part_id("beside"), className="nowhere", href=door, target="_blank"),
                    *(_legend(speak, view) for view in VIEWS),
                ],
                className="legends",
            ),
            html.Nav(layers, className="layers", id="layers", **attributes(aria_label=speak("layers"))),
        ],
        className="beside",
    )


def _legend(speak: Say, view: str) -> Component:
    marks = [
        html.Span([html.I(className=f"mark mark-{shape}"), speak(f"legend.{word}")], className="legend-item")
        for shape, word in LEGEND[view]
    ]
    return html.Div(marks, className="legend", **attributes(data_views=view))


def _key(word: str, key: str, kind: str, name: str, pressed: bool) -> Component:
    """A button with its key printed in it."""
    data = attributes(**{f"data_{kind}": name}, data_key=key.lower(), aria_pressed="true" if pressed else "false")
    return html.Button([html.Kbd(key), word], type="button", className=f"key key-{kind}", **data)
