"""Trail: how far the ledger was verified, district by district, as the API and the page of a case say it."""

from __future__ import annotations

from dashboard.cases.trail.onward import Verified
from dashboard.cases.trail.onward import verified as read
from dashboard.people.person import Person
from dashboard.web.cases.books import Book
from dashboard.web.cases.case_replies import LangQuery, TrailList, TrailState
from dashboard.web.people.permit import caller, language, sees
from dashboard.web.scene import Scene

__all__ = ["trail", "verified"]


def trail(scene: Scene, _asked: LangQuery) -> TrailList:
    """Of the districts that lie in the caller's area, or that it lies in: theirs is the chain of their cases."""
    lang, person = language(), caller()
    found = scene.books.aside(lambda book: read(book.engine))
    seen = {name: _state(check, lang) for name, check in found.items() if sees(person, name) or _around(name, person)}
    return TrailList(now=scene.clock.now(), districts=seen)


def _around(district: str, person: Person) -> bool:
    """Whether somebody's area lies in this district."""
    return sees(Person(name="", scope=district), person.scope)


def verified(book: Book, district: str, lang: str) -> TrailState:
    check = read(book.engine).get(district)
    return TrailState() if check is None else _state(check, lang)


def _state(check: Verified, lang: str) -> TrailState:
    broken = check.finding.sentence(lang) if check.finding else ""
    return TrailState(at=check.at, position=check.position, broken=broken)
