"""Case pages: the list of cases and the page of one; both are looked at again each second, so that nobody refreshes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from dash import Dash, Input, Output, State, no_update
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from dashboard.bus.connect import AWAY
from dashboard.cases.answers import NoCase
from dashboard.cases.case import Case
from dashboard.cases.workflow.decide import offered
from dashboard.cases.workflow.moves import MOVES
from dashboard.settings import Settings
from dashboard.web.asking import query as read_query
from dashboard.web.cases.asked_cases import CasesQuery, filter_of, find
from dashboard.web.cases.attachments import files_of
from dashboard.web.cases.books import Away, Book
from dashboard.web.cases.cases import entry_reply, shown, within
from dashboard.web.cases.classes import standard
from dashboard.web.cases.naming import Names
from dashboard.web.cases.similar import Like, seen_by, similar
from dashboard.web.cases.trail import verified
from dashboard.web.errors import NotFound
from dashboard.web.people.permit import actor, caller, inside, need, permit
from dashboard.web.scene import Scene
from feeds.city import AREA_LEVELS
from layouts.case import Told, case_body, case_page, mark
from layouts.case_list import FLAGS, Asked, Seen, case_list, case_rows
from layouts.case_trail import move_name
from layouts.page import language, theme_of
from layouts.words import say

__all__ = ["PAGES", "register"]

Query = dict[str, str]

ROWS = 100
#: A list that the database has to look for words for is looked at again every so many beats.
WORDS_BEATS = 10
#: What an address may say besides what is asked of the cases.
LOOK = ("lang", "theme")


def cases_page(query: Query, settings: Settings, scene: Scene) -> Any:
    lang = language(query.get("lang"), settings)
    asked = _asked(scene, query, lang)
    return case_list(asked, _seen(scene, asked.query, lang), lang, theme_of(query.get("theme")), settings)


def one_page(query: Query, settings: Settings, scene: Scene) -> Any:
    lang = language(query.get("lang"), settings)
    try:
        told = _told(scene, query.get("id", ""), lang)
    except NoCase as error:
        raise NotFound(say(lang)("cases.missing", case_id=error.case_id[:100])) from error
    return case_page(told, lang, theme_of(query.get("theme")), settings)


PAGES = {"/cases": cases_page, "/case": one_page}


def register(app: Dash, server: Flask, settings: Settings, scene: Scene) -> None:
    """What the pages ask for while somebody looks at them."""

    @server.get("/cases/<path:case_id>", endpoint="case_address")
    def address(case_id: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        return redirect(f"/case?{urlencode({'id': case_id} | request.args.to_dict())}")

    @app.callback(
        Output("case-rows", "children"), Output("case-seen", "data"), Input("case-beat", "n_intervals"),
        State("case-asked", "data"), State("case-seen", "data"), prevent_initial_call=True,
    )  # fmt: skip
    def rows(beat: int, query: Query, before: str) -> Any:  # pyright: ignore[reportUnusedFunction]
        need("cases")
        if query.get("q") and beat % WORDS_BEATS:
            return no_update, no_update
        lang = language(query.get("lang"), settings)
        try:
            seen = _seen(scene, query, lang)
        except (Away, *AWAY):
            return no_update, no_update  # what stands there keeps its "as of"; the next beat asks again
        after = _mark(seen)
        if after == before:
            return no_update, no_update
        return case_rows(_asked(scene, query, lang), seen, lang), after

    @app.callback(
        Output("case-body", "children"), Output("case-acts", "options"), Output("case-version", "data"),
        Input("case-beat-one", "n_intervals"), State("case-one", "data"), State("case-version", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    def body(_beat: int, one: Mapping[str, str], before: str) -> Any:  # pyright: ignore[reportUnusedFunction]
        need("cases")
        try:
            told = _told(scene, one["id"], one["lang"])
        except (Away, *AWAY):
            return no_update, no_update, no_update
        after = mark(told)
        if after == before:
            return no_update, no_update, no_update
        return case_body(told, one["lang"], one["theme"]), dict(told.acts), after


def _asked(scene: Scene, query: Query, lang: str) -> Asked:
    """What is asked, in the API's words, and what else could be."""
    city, rules = scene.city, scene.books.rules
    plain = {name: value for name, value in query.items() if value and name not in ("flag", *LOOK)}
    if query.get("flag") in FLAGS:
        plain[query["flag"]] = "true"
    english = lang == "en"
    areas = [
        (str(area_id), f"{'  ' * (int(level) - 1)}{name}")
        for area_id, name, level in zip(city.areas.area_id, city.areas.name, city.areas.level, strict=True)
        if 0 < level < AREA_LEVELS.index("community") and permit().within(caller(), str(area_id))
    ]
    departments = [
        (one.department, (one.name_en if english else one.name) or one.name) for one in rules.departments.values()
    ]
    tops = [row for row, parent in enumerate(rules.classes.parent) if parent < 0]
    names = rules.classes.name_en if english else rules.classes.name
    classes = [(str(rules.classes.class_code[row]), str(names[row]) or str(rules.classes.name[row])) for row in tops]
    return Asked(plain | {name: query[name] for name in LOOK if query.get(name)}, areas, departments, classes)


def _seen(scene: Scene, query: Mapping[str, str], lang: str) -> Seen:
    given = {name: [value] for name, value in query.items() if name not in LOOK and value}
    asked = read_query(given, CasesQuery)
    asked = msgspec.structs.replace(asked, area=inside(asked.area), limit=min(asked.limit, ROWS))
    found = find(scene, asked, filter_of(scene, asked), asked.cursor, asked.limit)
    read = scene.books.aside(lambda book: book.ledger.cases(found.case_ids))
    names, now = Names(scene.city, scene.books.rules, lang), scene.clock.now()
    return Seen([_named(scene, case, names, now) for case in read], found.total, found.following, now, scene.city.zone)


def _mark(seen: Seen) -> str:
    """Changes when what is shown changes; and every ten seconds, for the ages."""
    rows = tuple((case["case_id"], case["version"], case["band"]) for case in seen.cases)
    return f"{seen.total} {int(seen.now // 10)} {hash(rows)}"


def _told(scene: Scene, case_id: str, lang: str) -> Told:
    who = actor(caller())
    case = within(scene, case_id)

    def read(book: Book) -> tuple[Any, Any, Any, Like]:
        files, state = files_of(book, scene, case_id), verified(book, case.district, lang)
        return book.ledger.trail(case_id), files, state, similar(book, case)

    trail, files, state, like = scene.books.aside(read)
    names, now = Names(scene.city, scene.books.rules, lang), scene.clock.now()
    moves = offered(case, who, scene.books.rules, now) if caller().may("move") else []
    departments = [[one, names.department(one)] for one in names.rules.departments]
    asked = standard(names.rules, case.class_code)
    return Told(
        case=_named(scene, case, names, now), now=now, zone=scene.city.zone,
        trail=[msgspec.structs.asdict(entry_reply(entry)) for entry, _ in trail],
        files=[msgspec.structs.asdict(file) for file in files], state=msgspec.structs.asdict(state),
        similar=[msgspec.structs.asdict(one) for one in seen_by(caller(), like, case, moves)],
        standard=msgspec.structs.asdict(asked) | {"handling_unit": _unit(asked.handling_unit, names)} if asked else {},
        acts={
            "case_id": case_id, "version": case.version, "lang": lang, "personal": caller().may("personal"),
            "offered": [_offered(name, lang) for name in moves],
            "departments": departments,
        },
    )  # fmt: skip


def _offered(name: str, lang: str) -> dict[str, Any]:
    move = MOVES[name]
    return {"name": name, "words": move_name(name, say(lang)), "needs": list(move.needs), "brings": list(move.brings)}


def _unit(said: str, names: Names) -> str:
    """A department that the standard names, in the reader's language; whatever else it says, as it says it."""
    known = (one for one, found in names.rules.departments.items() if found.name == said)
    return next((names.department(one) for one in known), said)


def _named(scene: Scene, case: Case, names: Names, now: float) -> dict[str, Any]:
    """The case as the layouts take it: its columns, its band, and what things are called."""
    street, community = names.area(case.street), names.area(case.community)
    grid = names.grid(case.grid_id)
    places = [names.area(case.district), street, community, grid]
    return msgspec.structs.asdict(shown(scene, case, now)) | {
        "class_name": names.class_name(case.class_code), "department_name": names.department(case.department),
        "area_name": community or street or names.area(case.district), "grid_name": grid,
        "place": " · ".join(dict.fromkeys(place for place in places if place)),
        "source_name": names.word("source", case.source),
    }  # fmt: skip
