"""Similar: cases that a new report may be the same as, or the same again; suggested, never decided."""

from __future__ import annotations

from dashboard.cases.similar import similar as found
from dashboard.cases.told import Told
from dashboard.web.cases.books import Book
from dashboard.web.cases.case_replies import Similar

__all__ = ["repeat_of", "similar"]

#: As many as somebody on the phone can look through.
SHOWN = 5


def similar(book: Book, told: Told) -> list[Similar]:
    """Open ones nearby before complaints that came before, the nearest first."""
    rows = found(book.engine, told, book.rules, told.report.reported_at)
    return [
        Similar(case_id=one.case_id, metres=round(one.metres, 1), seconds=round(one.seconds, 1), kind=one.kind)
        for one in rows[:SHOWN]
    ]


def repeat_of(like: list[Similar]) -> str:
    """The last earlier complaint of the same place and cause; empty: it is the first."""
    again = [one for one in like if one.kind == "repeat"]
    return min(again, key=lambda one: one.seconds).case_id if again else ""
