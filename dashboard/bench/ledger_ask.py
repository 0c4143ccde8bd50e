"""Ask: lists and numbers of a large register, as pages and walls ask for them, and how long each takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from dashboard.bench.figures import Figure, Figures, at_most
from dashboard.bench.percentiles import spread
from dashboard.kpi.filters import Filter
from dashboard.kpi.indicators import INDICATORS, measure
from dashboard.kpi.register import Register
from dashboard.progress import done

__all__ = ["asked", "refreshed"]

ROUNDS = 3
MONTH, YEAR = 30 * 86400.0, 365 * 86400.0
#: Lists as people ask for them; each from its first page.
LISTS = (
    Filter(), Filter(open=True), Filter(step="dispatched"), Filter(step="reported,dispatched", level="community"),
    Filter(class_code="0007"), Filter(department="department-3", open=True), Filter(parked=True), Filter(returned=True),
)  # fmt: skip
ORDERS = ("updated_at", "due_at")
#: How numbers are split: not at all, by area, by kind, by day.
SPLITS = ("", "street", "class", "department", "day")


def refreshed(register: Register) -> Figures:
    began = time.perf_counter()
    count = register.refresh()
    return [Figure(f"the register reads {count:,} cases", time.perf_counter() - began, "s")]


def asked(register: Register, districts: Sequence[str], now: float) -> Figures:
    """p50 and p95 of every list and every number, of the city and of a district, of a month and of a year."""
    lists: list[Callable[[], Any]] = [
        lambda asked=asked, order=order, area=area: register.find(_within(asked, area), now=now, order=order)
        for asked in LISTS for order in ORDERS for area in ("", districts[0])
    ]  # fmt: skip
    numbers: list[Callable[[], Any]] = [
        lambda name=name, by=by, area=area, back=back: measure(
            register, name, area=area, start=now - back, end=now, by=by, now=now
        )
        for name in INDICATORS for by, area, back in _questions(districts)
    ]  # fmt: skip
    return [*_spent("a list", lists), *_spent("a number", numbers)]


def _questions(districts: Sequence[str]) -> list[tuple[str, str, float]]:
    return [
        ("", "", YEAR),
        *((by, "", MONTH) for by in SPLITS),
        ("", districts[1], YEAR),
        ("street", districts[2], YEAR),
    ]


def _within(asked: Filter, area: str) -> Filter:
    return msgspec.structs.replace(asked, area=area)


def _spent(what: str, questions: Sequence[Callable[[], Any]]) -> Figures:
    spent: list[float] = []
    for number in range(ROUNDS * len(questions)):
        began = time.perf_counter()
        questions[number % len(questions)]()
        spent.append((time.perf_counter() - began) * 1000)
        done(f"asking for {what}", number / (ROUNDS * len(questions)))
    done("", 1.0)
    p50, p95, _ = spread(np.array(spent))
    return [
        Figure(f"{what}, {len(questions)} of them, p50", p50, "ms"),
        Figure(f"{what}, p95", p95, "ms", at_most(100)),
        Figure(f"{what}, slowest", max(spent), "ms"),
    ]
