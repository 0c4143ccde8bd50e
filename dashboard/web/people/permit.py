"""Permit: who is asking, and whether they may. Nothing is served that was not given a capability: default deny."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol
from urllib.parse import parse_qs

import numpy as np
from flask import Flask, g, request

from dashboard.cases.case import Actor
from dashboard.people.people import People
from dashboard.people.person import NOBODY, Person
from dashboard.people.roles import ALL, CAPABILITIES
from dashboard.settings import Settings, WrongSetting
from dashboard.web.people.needs import ANYBODY, CITYWIDE, KNOWN, NEEDS, PAGES, page_needs
from dashboard.web.people.origin import Origin
from dashboard.web.people.staff import Staff
from feeds.city import AREA_LEVELS
from layouts.page import language as page_language
from layouts.words import LANGS, say

__all__ = [
    "COOKIE", "WALL_COOKIE", "Forbidden", "Permit", "Unguarded", "Unknown", "actor", "address", "caller", "cookies",
    "excerpts", "inside", "language", "mine", "need", "need_page", "permit", "sees",
]  # fmt: skip

COOKIE, WALL_COOKIE = "gridhall_session", "gridhall_wall"
SAFE = ("GET", "HEAD", "OPTIONS")


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
    @property
    def pending(self) -> dict[str, Any]: ...


class Permit:
    """`scene` knows the city's tree of areas."""

    def __init__(self, settings: Settings, scene: Any) -> None:
        if settings.guest and settings.guest not in CAPABILITIES:
            raise WrongSetting(f"guest: there is no role {settings.guest!r}; choose one of {', '.join(CAPABILITIES)}")
        self.settings, self.scene, self.origin = settings, scene, Origin(settings)
        self.staff = Staff(settings)
        self.needs: dict[str, str] = dict(NEEDS)

    # --- what an address needs ---

    def require(self, needs: Mapping[str, str]) -> None:
        """Say what endpoints need: a capability, ANYBODY or KNOWN."""
        if wrong := {what for what in needs.values() if what not in (*ALL, ANYBODY, KNOWN)}:
            raise Unguarded(f"there is no capability {', '.join(sorted(wrong))}")
        self.needs |= needs

    def seal(self, server: Flask, pages: Iterable[str]) -> None:
        """Refuse to start with an address or a page that does not say what it needs."""
        if open_pages := [path for path in pages if page_needs(path) is None]:
            raise Unguarded(f"{', '.join(open_pages)}: say in dashboard/web/people/needs.py what this page needs")
        rules = [rule for rule in server.url_map.iter_rules() if rule.endpoint not in self.needs]
        if rules:
            said = ", ".join(f"{rule.rule} ({rule.endpoint})" for rule in rules)
            raise Unguarded(f"{said}: say in dashboard/web/people/needs.py, or in the table of routes, what it needs")

    def guard(self) -> None:
        """Before every request."""
        if request.method not in SAFE:
            self._same_origin()
        endpoint = request.endpoint or ""
        if not endpoint or (what := self.needs.get(endpoint)) == ANYBODY:
            return  # no address at all: told so below
        if what is None:
            raise Forbidden(say(language())("people.unknown"))
        need(what)
        if endpoint == PAGES:
            need_page(request.path)
        if caller().scope and endpoint in CITYWIDE:
            raise Forbidden(say(language())("people.out_of_scope"))

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
            key = key.strip() if scheme.lower() == "bearer" else ""
            person = self.staff.ask(lambda people: people.tokens.who(key))
            if person is None:
                raise Unknown(say(self.settings.lang)("people.key"))
            return person
        for secret in cookies(environ):
            if person := self.staff.ask(lambda people, secret=secret: people.sessions.who(secret)):
                return person
        if self.settings.guest and self.origin.local(environ):
            return Person(name="guest", role=self.settings.guest, kind="guest")
        return NOBODY

    def viewer(self, environ: Mapping[str, Any]) -> Person:
        """Who connects, if they may watch. Raises Unknown, Forbidden, in the language of their page."""
        said = parse_qs(str(environ.get("QUERY_STRING", "")))
        lang = page_language(said.get("lang", [""])[0], self.settings)
        person = self.who(environ)
        if person.kind == "nobody" and any(self.taken_back(secret) for secret in cookies(environ)):
            raise Unknown(say(lang)("people.wall_ended"))
        self.allow(person, "wall", lang)
        return person

    def taken_back(self, secret: str) -> bool:
        """Whether a cookie is a wall's whose pass is good no more."""
        return self.staff.ask(lambda people: people.sessions.taken_back(secret))

    def again(self, person: Person) -> Person:
        """The same, as they are now. Raises Unknown, Forbidden."""
        now = self.still([person]).get(person.proof, NOBODY) if person.proof else person
        self.allow(now, "wall", self.settings.lang)
        return now

    def allow(self, person: Person, capability: str, lang: str) -> None:
        """Raises Unknown, Forbidden."""
        speak = say(lang)
        if capability == ANYBODY:
            return
        if person.kind == "nobody":
            raise Unknown(speak("people.unknown"))
        if capability != KNOWN and not person.may(capability):
            role, what = speak(f"role.{person.role}"), speak(f"may.{capability}")
            raise Forbidden(speak("people.not_yours", role=role, what=what))

    def still(self, people: Iterable[Person]) -> dict[str, Person]:
        """Those of these whose session or key is still good, by proof, as they are now. Guests have no proof.

        A wall that hangs is seen by this, so that it never grows old; a person is not: an open page is nobody at work.
        """
        asked = [person for person in people if person.proof]
        proofs = {person.proof for person in asked}
        walls = {person.proof for person in asked if person.kind == "wall"}

        def look(people: People) -> dict[str, Person]:
            known = people.sessions.known(proofs) | people.tokens.known(list(proofs))
            people.sessions.note(walls & known.keys())
            return known

        return self.staff.ask(look) if proofs else {}

    # --- where ---

    def inside(self, person: Person, area: str) -> str:
        """An area_id that was asked for, if it lies in their scope; for "" the whole of that. Raises Forbidden."""
        if area and not self.within(person, area):
            raise Forbidden(say(self.settings.lang)("people.out_of_scope"))
        return area or person.scope

    def part(self, person: Person) -> int:
        """Row of the area that somebody's frames must be narrowed to: of a scope below a district; else -1."""
        city = self.scene.city
        row = city.area_row[person.scope] if person.scope else 0
        return row if city.areas.level[row] > AREA_LEVELS.index("district") else -1

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
        placed = not person.scope or person.scope in places or self.within(person, what.area_id)
        return placed and (person.role != "department" or person.department in _handling(what))


def _handling(case: Placed) -> set[str]:
    """Departments that have it to handle: whose order it is, and all who are called to a joint meeting on it."""
    joint: Mapping[str, Any] = case.pending.get("joint") or {}
    return {case.department, *joint.get("owners", ())} - {""}


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
    person = caller()
    permit().allow(person, capability, language())
    return person


def need_page(path: str) -> None:
    """The same for a page. One that nobody has is told so below. Raises Unknown, Forbidden."""
    if what := page_needs(path):
        need(what)
    if caller().scope and path in CITYWIDE:
        raise Forbidden(say(language())("people.out_of_scope"))


def sees(person: Person, what: Placed | str) -> bool:
    """Whether a case or an area_id lies in somebody's scope."""
    return permit().sees(person, what)


def inside(area: str) -> str:
    """An area_id that was asked for, if it lies in the caller's scope; for "" the whole of that. Raises Forbidden."""
    return permit().inside(caller(), area)


def mine(grids: Any) -> Any:
    """Which of these grids (rows) lie in the caller's scope, as a mask."""
    if not (scope := caller().scope):
        return np.ones(len(grids), bool)
    city = permit().scene.city
    top = city.area_row.get(scope, len(city.areas.level))
    return (city.path == top).any(axis=1)[city.grids.area[grids]]


def actor(person: Person) -> Actor:
    """As the ledger writes them down."""
    return Actor(name=person.name, role=person.role, scope=person.scope, seat=person.seat, department=person.department)


def address() -> str:
    """Where the caller is."""
    return permit().origin.address(request.environ)


def excerpts() -> bool:
    """Whether the caller may read what was sent by others as it was: it may hold somebody's name and number."""
    return caller().may("personal") or caller().may("people")


def language() -> str:
    """What the address asks for, else what an API's caller reads, else what the hall speaks, as its pages do."""
    asked = request.args.get("lang", "")
    if asked not in LANGS and request.path.startswith("/api/"):
        asked = request.accept_languages.best_match(LANGS) or ""
    return page_language(asked, permit().settings)
