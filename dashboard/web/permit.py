"""Permit: who is asking, and whether they may. Nothing is served that was not given a capability: default deny."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol

from flask import Flask, g, request
from gevent.threadpool import ThreadPool

from dashboard.cases.case import Actor
from dashboard.people.limits import Limits
from dashboard.people.passwords import Passwords
from dashboard.people.people import People
from dashboard.people.person import NOBODY, Person
from dashboard.people.roles import ALL, CAPABILITIES
from dashboard.settings import Settings, WrongSetting
from dashboard.web.needs import ANYBODY, KNOWN, NEEDS
from dashboard.web.origin import Origin
from layouts.words import LANGS, say

__all__ = [
    "COOKIE", "WALL_COOKIE", "Forbidden", "Permit", "Unguarded", "Unknown", "actor", "address", "caller", "language",
    "need", "permit", "sees",
]  # fmt: skip

COOKIE, WALL_COOKIE = "gridhall_session", "gridhall_wall"
SAFE = ("GET", "HEAD", "OPTIONS")

#: Passwords that are weighed at the same time: each takes 64 MB.
WEIGHING = 2


class Unguarded(Exception):
    """An address was registered without saying what it needs."""


class Unknown(Exception):
    """401: nobody is known to be asking. The text is the sentence."""


class Forbidden(Exception):
    """403: whoever asks may not do this. The text is the sentence."""


class Placed(Protocol):
    """What has a place in the tree of areas: a case."""

    @property
    def district(self) -> str: ...
    @property
    def street(self) -> str: ...
    @property
    def community(self) -> str: ...
    @property
    def area_id(self) -> str: ...
    @property
    def department(self) -> str: ...


class Permit:
    """`scene` knows the city's tree of areas."""

    def __init__(self, settings: Settings, engine: Any, scene: Any) -> None:
        if settings.guest and settings.guest not in CAPABILITIES:
            raise WrongSetting(f"guest: there is no role {settings.guest!r}; choose one of {', '.join(CAPABILITIES)}")
        self.settings, self.scene, self.origin = settings, scene, Origin(settings)
        pool = ThreadPool(WEIGHING)
        self.people = People(engine, limits=Limits.of(settings), passwords=Passwords(run=pool.apply))
        self.needs: dict[str, str] = dict(NEEDS)

    # --- what an address needs ---

    def require(self, needs: Mapping[str, str]) -> None:
        """Say what endpoints need: a capability, ANYBODY or KNOWN."""
        if wrong := {what for what in needs.values() if what not in (*ALL, ANYBODY, KNOWN)}:
            raise Unguarded(f"there is no capability {', '.join(sorted(wrong))}")
        self.needs |= needs

    def seal(self, server: Flask) -> None:
        """Refuse to start with an address that does not say what it needs."""
        rules = [rule for rule in server.url_map.iter_rules() if rule.endpoint not in self.needs]
        if rules:
            said = ", ".join(f"{rule.rule} ({rule.endpoint})" for rule in rules)
            raise Unguarded(f"{said}: say in dashboard/web/needs.py, or in the table of routes, what it needs")

    def guard(self) -> None:
        """Before every request."""
        if request.method not in SAFE:
            self._same_origin()
        what = self.needs.get(request.endpoint or "")
        if request.endpoint is None or what == ANYBODY:
            return  # no address at all: told so below
        if what is None:
            raise Forbidden(say(language())("people.unknown"))
        need(what)

    def _same_origin(self) -> None:
        """What changes something is asked for by our own page, or by a program that shows its key."""
        if request.headers.get("Authorization"):
            return
        ours = self.origin.ours(request.environ)
        carries = COOKIE in request.cookies or WALL_COOKIE in request.cookies
        if ours is False or (ours is None and carries):
            raise Forbidden(say(language())("people.elsewhere_page"))

    # --- who ---

    def who(self, environ: Mapping[str, Any]) -> Person:
        """By what they show: a key, a session, a wall's pass; else a guest if they sit at this machine, else nobody.

        Raises Unknown for a key that is not good: whoever shows one does not want to be taken for a guest.
        """
        if "HTTP_AUTHORIZATION" in environ:
            scheme, _, key = str(environ["HTTP_AUTHORIZATION"]).partition(" ")
            person = self.people.tokens.who(key.strip()) if scheme.lower() == "bearer" else None
            if person is None:
                raise Unknown(say(self.settings.lang)("people.key"))
            return person
        for secret in cookies(environ):
            if person := self.people.sessions.who(secret):
                return person
        if self.settings.guest and self.origin.local(environ):
            return Person(name="guest", role=self.settings.guest, kind="guest")
        return NOBODY

    def still(self, people: Iterable[Person]) -> dict[str, Person]:
        """Those of these whose session or key is still good, by proof, as they are now. Guests have no proof."""
        proofs = {person.proof for person in people if person.proof}
        if not proofs:
            return {}
        return self.people.sessions.known(proofs) | self.people.tokens.known(list(proofs))

    def within(self, person: Person, area: str) -> bool:
        """Whether an area_id lies in somebody's scope."""
        if not person.scope:
            return True
        city = self.scene.city
        row, top = city.area_row.get(area, -1), city.area_row.get(person.scope, -1)
        while row >= 0 and row != top:
            row = int(city.areas.parent[row])
        return row >= 0

    def sees(self, person: Person, what: Placed | str) -> bool:
        """A case or an area_id in somebody's scope; a department sees what is, or may be, its own to handle."""
        if isinstance(what, str):
            return self.within(person, what)
        places = (what.area_id, what.community, what.street, what.district)
        placed = not person.scope or person.scope in places or any(self.within(person, place) for place in places[:1])
        return placed and (person.role != "department" or what.department == person.department != "")


def cookies(environ: Mapping[str, Any]) -> list[str]:
    """What our cookies hold, a person's before a wall's."""
    try:
        jar: SimpleCookie = SimpleCookie(str(environ.get("HTTP_COOKIE", "")))
    except CookieError:
        return []
    return [jar[name].value for name in (COOKIE, WALL_COOKIE) if name in jar and jar[name].value]


# --- of the present request ---


def permit() -> Permit:
    from flask import current_app  # noqa: PLC0415 - beside its one use

    return current_app.extensions["permit"]


def caller() -> Person:
    """Who asks; NOBODY if nothing is known of them. Raises Unknown for a key that is not good."""
    if "person" not in g:
        g.person = permit().who(request.environ)
    return g.person


def need(capability: str) -> Person:
    """Who asks, if they may. Raises Unknown (401) and Forbidden (403), each with a sentence."""
    person, speak = caller(), say(language())
    if capability == ANYBODY:
        return person
    if person.kind == "nobody":
        raise Unknown(speak("people.unknown"))
    if capability != KNOWN and not person.may(capability):
        role, what = speak(f"role.{person.role}"), speak(f"may.{capability}")
        raise Forbidden(speak("people.not_yours", role=role, what=what))
    return person


def sees(person: Person, what: Placed | str) -> bool:
    """Whether a case or an area_id lies in somebody's scope."""
    return permit().sees(person, what)


def inside(area: str) -> str:
    """An area_id that was asked for, if it lies in the caller's scope; for "" the whole of that. Raises Forbidden."""
    person = caller()
    if area and not permit().within(person, area):
        raise Forbidden(say(language())("people.out_of_scope"))
    return area or person.scope


def actor(person: Person) -> Actor:
    """As the ledger writes them down."""
    return Actor(name=person.name, role=person.role, scope=person.scope, seat=person.seat, department=person.department)


def address() -> str:
    """Where the caller is."""
    return permit().origin.address(request.environ)


def language() -> str:
    """What the address asks for, else the browser, else the hall."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGS else request.accept_languages.best_match(LANGS) or permit().settings.lang
