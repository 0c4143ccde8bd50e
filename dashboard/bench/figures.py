"""Figures: what was measured, beside what was promised, as a table for people and as JSON for machines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Figure", "Figures", "Target", "at_least", "at_most", "exactly", "median", "percentile", "plain", "table"]

Figures = list["Figure"]


@dataclass(frozen=True)
class Target:
    """What is to be reached."""

    sign: Literal["≤", "≥", "="]
    value: float

    def reached(self, value: float) -> bool:
        return {"≤": value <= self.value, "≥": value >= self.value, "=": value == self.value}[self.sign]

    def __str__(self) -> str:
        return f"{self.sign} {number(self.value)}"


def at_most(value: float) -> Target:
    return Target("≤", value)


def at_least(value: float) -> Target:
    return Target("≥", value)


def exactly(value: float) -> Target:
    return Target("=", value)


@dataclass(frozen=True)
class Figure:
    """One number. None: it could not be taken, and `note` says why."""

    name: str
    value: float | None
    unit: str = ""
    target: Target | None = None
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """None where nothing was promised."""
        if self.target is None:
            return None
        return self.value is not None and self.target.reached(self.value)


def number(value: float | None) -> str:
    """Three significant digits are what a noisy machine can tell; counts are printed whole."""
    if value is None:
        return "—"
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.1e}"


def table(measured: Mapping[str, Sequence[Figure]]) -> Iterable[str]:
    """Aligned lines: name, figure, unit, target, whether it was reached."""
    rows = [row for figures in measured.values() for row in map(_row, figures)]
    widths = [max((_width(row[i]) for row in rows), default=0) for i in range(4)]
    for name, figures in measured.items():
        yield name
        for row in map(_row, figures):
            words = (
                _left(row[0], widths[0]),
                _right(row[1], widths[1]),
                _left(row[2], widths[2]),
                _left(row[3], widths[3]),
                row[4],
            )
            yield "  " + "  ".join(words).rstrip()


_VERDICT = {None: "", True: "reached", False: "NOT REACHED"}


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    verdict = "  ".join(word for word in (_VERDICT[figure.reached], figure.note) if word)
    return figure.name, number(figure.value), figure.unit, str(figure.target or ""), verdict


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _left(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text


def plain(figure: Figure) -> dict[str, Any]:
    """As JSON takes it."""
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "target": str(figure.target) if figure.target else None,
        "reached": figure.reached,
        "note": figure.note,
    }


def median(values: Iterable[float]) -> float | None:
    return percentile(values, 50)


def percentile(values: Iterable[float], share: float) -> float | None:
    """The nearest value at or above that share of all; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    if share == 50 and len(ordered) % 2 == 0:
        return (ordered[len(ordered) // 2 - 1] + ordered[len(ordered) // 2]) / 2
    return ordered[min(int(-(-share * len(ordered) // 100)), len(ordered)) - 1] if share > 0 else ordered[0]
