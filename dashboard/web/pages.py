"""Pages: the Dash app and its pages. Layouts say what stands on a page; this room puts it at an address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import dash
from dash import Dash, html
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from dashboard.bus.hall import NoCity
from dashboard.settings import Settings
from dashboard.web import files
from dashboard.web.errors import NotFound
from dashboard.web.scene import Scene
from layouts.map import STUB
from layouts.page import language, theme_of
from layouts.shell import index_string
from layouts.wall import wall

__all__ = ["create"]

Query = dict[str, str]


def create(server: Flask, settings: Settings, scene: Scene) -> Dash:
    app = Dash(
        "gridhall",
        server=server,
        use_pages=True,
        pages_folder="",
        # Dash would load every script under assets/ into every page; ours come by files.py.
        assets_folder=str(files.ASSETS / "none"),
        assets_url_path="dash-assets",
        include_assets_files=False,
        suppress_callback_exceptions=True,
        update_title="",
        title="Gridhall",
        external_scripts=[f"/assets/{STUB}?{files.stamp()}"],
        index_string=index_string(settings.lang, stamp=files.stamp()),
    )
    for path, layout in PAGES.items():
        dash.register_page(path.strip("/"), path=path, title="Gridhall", layout=_asked(layout, settings, scene))

    @server.before_request
    def known() -> None:  # pyright: ignore[reportUnusedFunction]
        # Dash answers any address with its page; ours that nobody has is told so.
        if request.url_rule and request.url_rule.rule == "/<path:path>" and request.path not in PAGES:
            raise NotFound(f"there is no page {request.path[:100]}")

    @server.get("/")
    def home() -> Response:  # pyright: ignore[reportUnusedFunction]
        return redirect("/wall")

    @server.get("/_favicon.ico")
    def mark() -> Response:  # pyright: ignore[reportUnusedFunction]
        return Response(status=204)

    return app


def _asked(layout: Callable[[Query, Settings, Scene], Any], settings: Settings, scene: Scene) -> Callable[..., Any]:
    """Whatever stands behind the question mark is text; a parameter that nobody knows is passed over."""
    return lambda **query: layout({name: str(value) for name, value in query.items()}, settings, scene)


def _wall(query: Query, settings: Settings, scene: Scene) -> Any:
    try:
        city = scene.city
    except NoCity as why:
        return html.P(str(why), id="wall", className="page wall")
    area = query.get("area", "")
    return wall(
        area if area in city.area_row else "", language(query.get("lang"), settings), theme_of(query.get("theme")),
        query.get("view", ""), settings, city,
        scale=_scale(query.get("scale", "")), screen=_screen(query.get("screen", "")),
    )  # fmt: skip


def _scale(said: str) -> float:
    return float(said) if re.fullmatch(r"\d{1,2}(\.\d{1,3})?", said) else 1.0


def _screen(said: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9])/([1-9])", said)
    number, screens = map(int, found.groups()) if found else (1, 1)
    return (number, screens) if number <= screens else (1, 1)


def _later(name: str) -> Callable[[Query, Settings, Scene], Any]:
    return lambda _query, _settings, _scene: html.P(name, className="page")


PAGES: dict[str, Callable[[Query, Settings, Scene], Any]] = {
    "/wall": _wall,
    "/rejected": _later("rejected"),
    "/list": _later("list"),
}
