"""Cohorts: which cases a number is about, what is left out of it and why, and what counts in it; masks over a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi import reckoned
from dashboard.kpi.view import Span, View

__all__ = [
    "LEFT", "Test", "answered", "at_least", "closed_by", "closed_within", "filed_by", "in_time", "level", "none_of",
    "open_at", "open_within", "overdue_at", "satisfied", "settled_or_overdue", "within",
]  # fmt: skip

Column = npt.NDArray[Any]
Test = Callable[[View, Span], Column]

#: Satisfied is who gives this mark of five or a better one.
SATISFIED = 4


def within(name: str) -> Test:
    """It happened in the period: start ≤ time < end."""
    return lambda view, span: (view[name] >= span.start) & (view[name] < span.end)


def closed_by(view: View, span: Span) -> Column:
    """Archived before the end of the period, and not opened again since."""
    return (view["step"] >= view.words["step"].code("archived")) & (view["archived_at"] < span.at)


def closed_within(view: View, span: Span) -> Column:
    return closed_by(view, span) & (view["archived_at"] >= span.start)


def open_at(view: View, span: Span) -> Column:
    return (view["received_at"] < span.at) & ~closed_by(view, span)


def open_within(view: View, span: Span) -> Column:
    """Open at some moment of the period."""
    closed_before = (view["step"] >= view.words["step"].code("archived")) & (view["archived_at"] < span.start)
    return (view["received_at"] < span.end) & ~closed_before


def overdue_at(view: View, span: Span) -> Column:
    """Past its due time; a paused clock stands where it was stopped."""
    return reckoned.overdue(view["due_at"], view["paused_at"], span.at)


def settled_or_overdue(view: View, span: Span) -> Column:
    """Closed in the period, or open and overdue at its end: whoever leaves a late case open does not do better."""
    return closed_within(view, span) | (open_at(view, span) & overdue_at(view, span))


def in_time(view: View, span: Span) -> Column:
    """Closed, not after its due time."""
    return closed_by(view, span) & reckoned.in_time(view["archived_at"], view["due_at"])


def filed_by(view: View, span: Span) -> Column:
    return (view["filed_at"] < span.at) & ~view.told("outcome", "void")


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
