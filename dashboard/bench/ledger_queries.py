"""Ledger queries: the lists and numbers that a hall asks for all day, by name, to be timed over a full register."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from dashboard.bench.ledger_history import RARE
from dashboard.bench.percentiles import spread
from dashboard.kpi.compare import compare
from dashboard.kpi.filters import Filter
from dashboard.kpi.indicators import INDICATORS, behind, measure
from dashboard.kpi.periods import period
from dashboard.kpi.register import Register

__all__ = ["QUERIES", "Query", "times"]

DAY = 86_400.0
#: Of a whole year, split: a median, where the time goes, a rate, what stands.
LONG = ("response_time", "solve_time", "step_time", "hop_time", "on_time_rate", "backlog")


@dataclass(frozen=True)
class Query:
    """ask(register, now, area): area is the id of a district. kind: list or kpi."""

    name: str
    kind: str
    ask: Callable[[Register, float, str], Any]


def _list(name: str, order: str = "updated_at", descending: bool = True, **asked: Any) -> Query:
    def ask(register: Register, now: float, area: str) -> Any:
        given: dict[str, Any] = {word: area if value == "*" else value for word, value in asked.items()}
        return register.find(Filter(**given), now=now, order=order, descending=descending)

    return Query(name, "list", ask)


def _second_page(register: Register, now: float, _area: str) -> Any:
    first = register.find(Filter(), now=now)
    return register.find(Filter(), now=now, cursor=first.following)


def _changed(register: Register, now: float, _area: str) -> Any:
    return register.find(Filter(updated_after=now - 3600), now=now, descending=False, limit=1000)


def _kpi(name: str, when: str = "month", by: str = "") -> Query:
    def ask(register: Register, now: float, _area: str) -> Any:
        span = period(when, now)
        return measure(register, name, start=span.start, end=span.end, by=by, now=now)

    return Query(f"{name}, {when}" + (f" by {by}" if by else ""), "kpi", ask)


def _compared(register: Register, now: float, area: str) -> Any:
    return compare(register, "on_time_rate", period("month", now), area=area, now=now)


def _behind(register: Register, now: float, area: str) -> Any:
    span = period("month", now)
    return behind(register, "on_time_rate", "denominator", area=area, start=span.start, end=span.end, now=now)


#: Once a page of each: what desks, briefings and walls ask for.
QUERIES: Sequence[Query] = (
    _list("newest of all"),
    Query("second page of all", "list", _second_page),
    _list("open of a district, the first due first", "due_at", descending=False, area="*", open=True),
    _list("overdue", "due_at", descending=False, overdue=True),
    _list("due soon in a district", "due_at", descending=False, area="*", band="soon"),
    _list("waiting for dispatch", "received_at", step="reported"),
    _list("unrouted", unrouted=True),
    _list("returned and open", returned=True, open=True),
    _list("without position", unplaced=True, open=True),
    _list("in a box of the map", bbox=(110.0, 25.0, 130.5, 46.5)),
    Query("changed in the last hour", "list", _changed),
    _list("search: a rare word", said=RARE),
    _list("search: two letters of a tenth of all", said="井盖"),
    _list("search: a word of a sixth of all, open, in a district", said="雨后积水", area="*", open=True),
    _list("search: a road and a house", said="友谊路88号"),
    _list("search: how all numbers begin", said="B0"),
    _list("search: what nobody said", said="没有人说过"),
    *(_kpi(name) for name in INDICATORS),
    *(_kpi(name, "week", "street") for name in ("on_time_rate", "return_rate", "response_time", "backlog")),
    *(_kpi(name, "month", "department") for name in ("on_time_rate", "solve_time", "rework_rate")),
    _kpi("received", "month", "day"),
    _kpi("backlog", "today", "district,level,step"),
    _kpi("on_time_rate", "quarter", "district"),
    *(_kpi(name, "year") for name in INDICATORS),
    *(_kpi(name, "year", by) for by in ("street", "department", "class") for name in LONG),
    *(_kpi(name, "year", "day") for name in ("backlog", "on_time_rate", "hop_time", "response_time")),
    Query("on-time rate of a district, compared", "kpi", _compared),
    Query("cases behind the on-time rate", "kpi", _behind),
)


def times(register: Register, now: float, rounds: int = 20) -> dict[str, tuple[float, float]]:
    """name → p50 and p95 in ms; "all lists" and "all numbers" together. The area is the district with most cases."""
    table = register.table
    area = table.words["district"].words[Counter(table["district"][table.alive].tolist()).most_common(1)[0][0]]
    taken = {query: np.array([_once(query, register, now, area) for _ in range(rounds)]) for query in QUERIES}
    together = {
        said: np.concatenate([each for query, each in taken.items() if query.kind == kind])
        for said, kind in (("all lists", "list"), ("all numbers", "kpi"))
    }
    named = {query.name: each for query, each in taken.items()} | together
    return {name: spread(each)[:2] for name, each in named.items()}


def _once(query: Query, register: Register, now: float, area: str) -> float:
    began = perf_counter()
    query.ask(register, now, area)
    return (perf_counter() - began) * 1000
