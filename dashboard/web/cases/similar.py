"""Similar: cases that a report or a case may be the same as, or the same again; suggested, never decided."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.similar import similar as found
from dashboard.cases.told import Told
from dashboard.people.person import Person
from dashboard.web.cases.books import Book
from dashboard.web.cases.case_replies import Similar
from dashboard.web.people.permit import sees

__all__ = ["Like", "seen_by", "similar"]

#: As many as somebody on the phone can look through.
SHOWN = 5

#: Suggestions, and the cases that they are.
Like = tuple[list[Similar], list[Case]]


def similar(book: Book, case: Told | Case) -> Like:
    """Open ones nearby before complaints that came before, the nearest first; whoever may see them or not."""
    at = case.report.reported_at if isinstance(case, Told) else case.reported_at
    rows = [
        Similar(case_id=one.case_id, metres=round(one.metres, 1), seconds=round(one.seconds, 1), kind=one.kind)
        for one in found(book.engine, case, book.rules, at)
    ]
    return rows, book.ledger.cases([one.case_id for one in rows]) if rows else []


def seen_by(person: Person, like: Like, case: Case, moves: Sequence[str]) -> list[Similar]:
    """Of those, the first that somebody may see. moves: what they could do with the case itself."""
    rows, cases = like
    known = {one.case_id: one for one in cases if one.case_id != case.case_id and sees(person, one)}
    shown = [one for one in rows if one.case_id in known][:SHOWN]
    into = {name for name, one in known.items() if one.open and one.district == case.district and "merge" in moves}
    return [msgspec.structs.replace(one, merge=one.case_id in into) for one in shown]
