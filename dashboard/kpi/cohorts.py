"""Cohorts: which cases a number is about, what is left out of it and why, and what counts in it; masks over a view."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi import reckoned
from dashboard.kpi.moments import Either, Event, Moment, State, Test
from dashboard.kpi.view import Span, View

__all__ = [
    "LEFT", "answered", "at_least", "closed_by", "closed_within", "filed_by", "in_time", "level", "none_of",
    "open_at", "open_within", "overdue_at", "satisfied", "settled_or_overdue", "within",
]  # fmt: skip

Column = npt.NDArray[Any]

#: Satisfied is who gives this mark of five or a better one.
SATISFIED = 4


def _closed(view: View) -> Column:
    """Archived, and not opened again since."""
    return view["step"] >= view.words["step"].code("archived")


def _closed_in_time(view: View) -> Column:
    """Not after its due time."""
    return _closed(view) & reckoned.in_time(view["archived_at"], view["due_at"])


def _ever_overdue(view: View) -> Column:
    """A paused clock stands where it was stopped: before its due time, it is never overdue."""
    return reckoned.overdue(view["due_at"], view["paused_at"], np.inf)


_RECEIVED = Moment("received_at")
_CLOSED = Moment("archived_at", _closed)
_CLOSED_IN_TIME = Moment("archived_at", _closed_in_time)
_OVERDUE = Moment("due_at", _ever_overdue)
_FILED = Moment("filed_at", lambda view: ~view.told("outcome", "void"))

closed_by = State((_CLOSED,))
closed_within = Event(_CLOSED, until="at")
open_at = State((_RECEIVED,), _CLOSED)
overdue_at = State((_OVERDUE,))
in_time = State((_CLOSED_IN_TIME,))
filed_by = State((_FILED,))
#: Closed in the period, or open and overdue at its end: whoever leaves a late case open does not do better.
settled_or_overdue = Either((closed_within, State((_RECEIVED, _OVERDUE), _CLOSED)))


def within(name: str) -> Event:
    """It happened in the period."""
    return Event(Moment(name))


def open_within(view: View, span: Span) -> Column:
    """Open at some moment of the period."""
    return _RECEIVED.passed(view, span.end) & ~_CLOSED.passed(view, span.start)


def answered(view: View, _span: Span) -> Column:
    return ~np.isnan(view["answered_at"])


def at_least(name: str, count: int = 1) -> Test:
    return lambda view, _span: view[name] >= count


def none_of(name: str) -> Test:
    return lambda view, _span: view[name] == 0


def level(name: str) -> Test:
    return lambda view, _span: view.told("level", name)


def satisfied(view: View, _span: Span) -> Column:
    return view["satisfaction"] >= SATISFIED


#: Why a case is left out, in the order in which it is asked: each is counted under the first that holds.
LEFT: dict[str, Test] = {
    "void": lambda view, _span: view.told("outcome", "void"),
    "merged": lambda view, _span: view.told("outcome", "merged"),
    "exempt": lambda view, _span: view["exempt"],
    "no_due": lambda view, _span: np.isnan(view["due_at"]),
    "unrated": lambda view, _span: view["satisfaction"] == 0,
    "no_citizen": lambda view, _span: ~(view["needs_answer"] | ~np.isnan(view["answered_at"])),
}
