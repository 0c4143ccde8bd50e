"""Pages: the Dash app and its pages. Layouts say what stands on a page; this room puts it at an address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

import dash
import msgspec
from dash import Dash, html
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from dashboard.bus.connect import AWAY
from dashboard.bus.hall import NoCity
from dashboard.people.person import NOBODY
from dashboard.settings import Settings
from dashboard.web import answers, asking, events, files
from dashboard.web.cases import case_pages
from dashboard.web.errors import BadQuestion, NotFound
from dashboard.web.people import signing_in
from dashboard.web.people.permit import Forbidden, Unknown, caller, excerpts, inside, need_page
from dashboard.web.replies import EventsQuery
from dashboard.web.scene import Scene
from feeds.record import EventReport
from layouts.listing import listing
from layouts.map import STUB
from layouts.page import language, page, theme_of
from layouts.rejected import rejected
from layouts.rosters import ROSTERS, roster
from layouts.shell import MARK, TONGUES, index_string
from layouts.sign_in import notice
from layouts.wall import wall
from layouts.words import say
from layouts.words_asked import told as sentence

__all__ = ["create"]

Query = dict[str, str]


class _Speaking(Dash):
    """Dash, whose page says what language it is in: that of the address, else that of the hall."""

    def interpolate_index(self, **parts: Any) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        said = super().interpolate_index(**parts)
        asked = request.args.get("lang", "")
        return re.sub("<html lang=[^ ]+", f'<html lang="{TONGUES[asked]}"', said, count=1) if asked in TONGUES else said


def create(server: Flask, settings: Settings, scene: Scene) -> Dash:
    app = _Speaking(
        "gridhall",
        server=cast(Any, server),  # Dash's own types do not know its own Flask
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
        dash.register_page(path.strip("/"), path=path, title="Gridhall", layout=_asked(path, layout, settings, scene))

    case_pages.register(app, server, settings, scene)

    @server.before_request
    def known() -> Response | None:  # pyright: ignore[reportUnusedFunction]
        if request.path == "/":  # which Dash would answer with a page of its own that shows nothing
            return home()
        if request.path == "/_favicon.ico":  # where Dash has one of its own
            return mark()
        # Dash answers any address with its page; ours that nobody has is told so.
        if request.url_rule and request.url_rule.rule == "/<path:path>" and request.path not in PAGES:
            return _no_page(settings)
        return None

    @server.get("/")
    def home() -> Response:
        try:
            person = caller()
        except Unknown:  # the wall says why
            person = NOBODY
        return redirect("/wall" if person.kind == "nobody" else signing_in.home(person))

    @server.get("/favicon.ico")  # where browsers look of themselves, beside what is no page
    def mark() -> Response:  # pyright: ignore[reportUnusedFunction]
        return files.send(MARK.removeprefix("/assets/"))

    return app


def _no_page(settings: Settings) -> Response:
    """Said as a page to whoever looks, as data to a program."""
    missing = f"there is no page {request.path[:100]}"
    if request.accept_mimetypes.best_match(("application/json", "text/html")) != "text/html":
        raise NotFound(missing)
    lang, theme = _look(request.args.to_dict(), settings)
    home = ("/", say(lang)("page.home"))
    said = notice(lang, theme, settings, [sentence(404, missing, lang)], stamp=files.stamp(), link=home)
    return Response(said, 404, content_type=signing_in.HTML)


def _asked(
    path: str, layout: Callable[[Query, Settings, Scene], Any], settings: Settings, scene: Scene
) -> Callable[..., Any]:
    """Whatever stands behind the question mark is text. A page that cannot be made says why, in its own look.

    Dash asks for a page's layout at one address for all: what the page needs is asked for here once more.
    """

    def make(**query: Any) -> Any:
        asked = {name: str(value) for name, value in query.items()}
        try:
            need_page(path)
            if area := inside(asked.get("area", "")):
                asked["area"] = area
            return layout(asked, settings, scene)
        except (NoCity, BadQuestion, NotFound, Unknown, Forbidden, *AWAY) as why:
            lang, theme = _look(asked, settings)
            said = html.Main(html.P(str(why), className="none"))
            return page([said], name="sorry", lang=lang, theme=theme, settings=settings, className="page paper")

    return make


def _wall(query: Query, settings: Settings, scene: Scene) -> Any:
    city, area = scene.city, query.get("area", "")
    return wall(
        area if area in city.area_row else "", *_look(query, settings), query.get("view", ""), settings, city,
        scale=_scale(query.get("scale", "")), screen=_screen(query.get("screen", "")), alone=query.get("alone") == "1",
    )  # fmt: skip


def _list(query: Query, settings: Settings, scene: Scene) -> Any:
    if "of" in query:
        return _roster(query, settings, scene)
    asked = {name: [query[name]] for name in ("status", "area", "class_code", "nowhere", "cursor") if name in query}
    chosen = events.choose(scene, asking.query(asked, EventsQuery))
    told = events.words(scene, chosen.page)
    shown = [
        event | {"event_id": _id(told.get((int(event["district"]), int(event["key"]))))}
        for event in chosen.page.to_dict("records")
    ]
    more = f"/list?{urlencode(query | {'cursor': chosen.following})}" if chosen.following else ""
    classes = chosen.situation.backlog("class_row") if query.get("by") == "class" else None
    return listing(
        chosen.situation.area, *_look(query, settings), settings, scene.city, shown, chosen.total, classes, more,
        cases=caller().may("cases"), known=scene.as_of(chosen.situation.area),
    )  # fmt: skip


def _roster(query: Query, settings: Settings, scene: Scene) -> Any:
    """Workers, grids or cameras behind a number."""
    if query["of"] not in ROSTERS:
        raise BadQuestion(f"of: there is no list of {query['of'][:40]!r}; choose one of {', '.join(ROSTERS)}")
    area = answers.area_row(scene, query["area"]) if query.get("area") else 0
    look = _look(query, settings)

    def take(mirror: Any) -> Any:
        situation: Any = scene.situation(mirror, area)  # layouts knows it by its protocol
        return roster(query["of"], situation, *look, settings, scene.as_of(area))

    return scene.aside(take)


def _id(report: EventReport | None) -> str:
    return report.event_id if report else ""


def _rejected(query: Query, settings: Settings, scene: Scene) -> Any:
    recent, whole = scene.book.recent(200), excerpts()
    if not whole:
        recent = [msgspec.structs.replace(one, body="") for one in recent]
    look, now = _look(query, settings), scene.clock.now()
    return rejected(*look, settings, scene.city.zone, scene.book.counts(), recent, now=now, whole=whole)


def _look(query: Query, settings: Settings) -> tuple[str, str]:
    return language(query.get("lang"), settings), theme_of(query.get("theme"))


def _scale(said: str) -> float:
    return float(said) if re.fullmatch(r"\d{1,2}(\.\d{1,3})?", said) else 1.0


def _screen(said: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9])/([1-9])", said)
    number, screens = map(int, found.groups()) if found else (1, 1)
    return (number, screens) if number <= screens else (1, 1)


PAGES: dict[str, Callable[[Query, Settings, Scene], Any]] = {
    "/wall": _wall, "/rejected": _rejected, "/list": _list,
} | case_pages.PAGES  # fmt: skip
