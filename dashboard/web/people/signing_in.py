"""Signing in: the pages at which people come and go, and at which a wall is hung up by its pass."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, g, redirect, request
from werkzeug.wrappers import Response

from dashboard.people.people import Refused
from dashboard.people.person import NOBODY, Person
from dashboard.web import files
from dashboard.web.people.needs import ANYBODY, KNOWN, PAGES
from dashboard.web.people.permit import (
    COOKIE,
    WALL_COOKIE,
    Forbidden,
    Permit,
    Unknown,
    address,
    caller,
    cookies,
    language,
)
from dashboard.web.people.permit import permit as permit_of
from dashboard.web.wire import encode
from layouts.page import theme_of
from layouts.sign_in import notice, sign_in
from layouts.words import say

__all__ = ["HOME", "WHO", "home", "local", "register", "welcome"]

#: Where everybody is led who did not ask for anything else; who may not see that has another home.
HOME, WHO = "/wall", "/who"
#: Capability → the page that whoever has it calls home, the first that fits.
HOMES = {"wall": HOME, "cases": "/cases"}
#: By which a browser is known again in which somebody signed in. It opens nothing, and outlives the session.
DEVICE_COOKIE = "gridhall_device"
#: What the address of a wall may say, and its pass hands on.
WALL_WORDS = ("area", "view", "lang", "theme", "scale", "screen", "tour", "alone")
#: What a form may hold, bytes.
FORM_BYTES = 4096
HTML = "text/html; charset=utf-8"


def register(server: Flask, permit: Permit) -> None:
    server.extensions["permit"] = permit
    server.before_request(permit.guard)
    server.after_request(_renew)
    server.register_error_handler(Unknown, _unknown)
    server.register_error_handler(Forbidden, _forbidden)
    server.add_url_rule("/sign-in", "sign_in", _page, methods=["GET"])
    server.add_url_rule("/sign-in", "signing_in", _enter, methods=["POST"])
    server.add_url_rule("/sign-out", "sign_out", _leave, methods=["POST"])
    server.add_url_rule("/walls/<key>", "hang", _hang, methods=["GET"])
    server.add_url_rule(WHO, "who", _who, methods=["GET"])
    permit.require(dict.fromkeys(("sign_in", "signing_in", "sign_out", "hang"), ANYBODY) | {"who": KNOWN})
    if permit.settings.oidc_issuer:
        # Only then: what signs and checks is a lot to read at each start.
        from dashboard.web.people import oidc  # noqa: PLC0415

        oidc.register(server, permit, welcome, ask)


def local(goal: str) -> str:
    """Where to go after signing in: a place of ours, whatever the address asked for."""
    clean = goal.isascii() and goal.isprintable() and not set(goal) & set("\\ ")
    ours = clean and goal.startswith("/") and not goal.startswith("//")
    return goal if ours and not urlsplit(goal).path.startswith(("/sign-", "/walls/")) else HOME


def home(person: Person) -> str:
    """The page that somebody may see and works at; of whoever may see none: that which says who they are."""
    return next((page for capability, page in HOMES.items() if person.may(capability)), WHO)


def ask(said: str = "", status: int = 200, name: str = "", goal: str = "") -> Response:
    """The page that asks who is there."""
    lang, theme = language(), theme_of(request.args.get("theme"))
    goal = local(goal or request.args.get("next", HOME))
    settings = permit_of().settings
    page = sign_in(
        lang,
        theme,
        settings,
        stamp=files.stamp(),
        goal=goal,
        name=name,
        said=said,
        elsewhere=bool(settings.oidc_issuer),
    )
    return _html(page, status)


def _page() -> Response:
    return ask()


def _enter() -> Response:
    """Whoever was signed in before is not any more: a session is never handed on."""
    request.max_content_length = FORM_BYTES
    name, password, where = request.form.get("name", ""), request.form.get("password", ""), address()
    device = request.cookies.get(DEVICE_COOKIE, "")
    try:
        secret, device = permit_of().staff.weigh(
            lambda people: (people.sign_in(name, password, where, device), people.device(name))
        )
    except Refused as refused:
        response = ask(_sentence(refused), 429 if refused.code == "wait" else 401, name[:64])
        if "seconds" in refused.values:
            response.headers["Retry-After"] = str(math.ceil(refused.values["seconds"]))
        return response
    response = welcome(secret, request.args.get("next", HOME))
    _give(response, DEVICE_COOKIE, device, permit_of().staff.limits.device, path="/sign-in")
    return response


def _sentence(refused: Refused) -> str:
    minutes = math.ceil(refused.values.get("seconds", 0) / 60)
    values = {"minutes": minutes} if minutes else {}
    return say(language())(f"people.{refused.code}", **values)


def welcome(secret: str, goal: str) -> Response:
    """Hand the browser its new session, and lead it to where it wanted to go."""
    _end_sessions()
    goal = local(goal)
    if urlsplit(goal).path in ("/", HOME):
        person = permit_of().staff.ask(lambda people: people.sessions.who(secret)) or NOBODY
        goal = goal if person.may("wall") else home(person)
    response = redirect(goal, 303)
    _give(response, COOKIE, secret, None)
    return response


def _leave() -> Response:
    _end_sessions()
    response = redirect("/sign-in", 303)
    response.delete_cookie(COOKIE)
    response.delete_cookie(WALL_COOKIE)
    return response


def _end_sessions() -> None:
    for secret in cookies(request.environ):
        permit_of().staff.ask(lambda people, secret=secret: people.sessions.end(secret))


def _who() -> Response:
    """Who one is here, in words."""
    person, speak = caller(), say(language())
    return _html(_notice([speak("people.you_are", name=person.name, role=speak(f"role.{person.role}"))]), 200)


def _hang(key: str) -> Response:
    """A wall shows its pass once; from then on its cookie speaks for it, and is renewed as long as it hangs."""
    permit, where = permit_of(), address()
    secret = permit.staff.ask(lambda people: people.sessions.hang(key, where))
    if secret is None:
        return _taken_back()
    query = {name: value for name, value in request.args.items() if name in WALL_WORDS}
    response = redirect(f"{HOME}?{urlencode(query)}" if query else HOME, 303)
    response.delete_cookie(COOKIE)
    _give(response, WALL_COOKIE, secret, permit.staff.limits.wall)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds the pass
    return response


def _give(response: Response, name: str, secret: str, seconds: float | None, path: str = "/") -> None:
    response.set_cookie(
        name, secret, max_age=None if seconds is None else int(seconds), httponly=True, samesite="Lax", path=path,
        secure=permit_of().origin.secure(request.environ),
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"


def _renew(response: Any) -> Any:
    """A wall's cookie begins anew with each page and each time it asks who it is."""
    person = g.get("person")
    if person is not None and person.kind == "wall" and request.endpoint in (PAGES, "api_me"):
        _give(response, WALL_COOKIE, request.cookies.get(WALL_COOKIE, ""), permit_of().staff.limits.wall)
    return response


# --- told to go away ---


def _unknown(error: Unknown) -> Response:
    if request.endpoint != PAGES or request.method not in ("GET", "HEAD"):
        response = _json(401, str(error))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    wall = request.cookies.get(WALL_COOKIE, "")
    # A pass of which nothing is kept any more was one too: a wall never shows a form.
    if wall and (not request.cookies.get(COOKIE) or permit_of().taken_back(wall)):
        return _taken_back()
    look = {name: request.args[name] for name in ("lang", "theme") if name in request.args}
    return redirect("/sign-in?" + urlencode(look | {"next": local(request.full_path.rstrip("?"))}), 303)


def _forbidden(error: Forbidden) -> Response:
    if request.endpoint != PAGES:
        return _json(403, str(error))
    goal = local(request.full_path.rstrip("?"))
    link = (f"/sign-in?{urlencode({'lang': language(), 'next': goal})}", say(language())("people.sign_in"))
    return _html(_notice([str(error)], link), 403)


def _taken_back() -> Response:
    """Never a form: nobody stands before a wall with a keyboard."""
    speak = say(language())
    return _html(_notice([speak("people.wall_ended"), speak("people.wall_ended.do")]), 403)


def _notice(sentences: list[str], link: tuple[str, str] | None = None) -> str:
    theme = theme_of(request.args.get("theme"))
    return notice(language(), theme, permit_of().settings, sentences, stamp=files.stamp(), link=link)


def _html(page: str, status: int) -> Response:
    response = Response(page, status, content_type=HTML)
    response.headers["Cache-Control"] = "no-store"
    return response


def _json(status: int, sentence: str) -> Response:
    response = Response(encode({"error": sentence}), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
