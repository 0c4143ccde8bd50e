"""View: some rows of a snapshot, their columns taken when first asked for; and the span of time a number is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi.bands import Bands
from dashboard.kpi.table import Table
from dashboard.kpi.texts import Texts

__all__ = ["Span", "View"]

Column = npt.NDArray[Any]
Worked = Callable[[Column], Column]


@dataclass(frozen=True)
class Span:
    """[start, end), seconds since 1970 UTC. `at`: the moment at which open or closed is asked: its end, or now."""

    start: float
    end: float
    now: float
    bands: Bands
    worked: Worked | None = None  # hours of working time until a moment; none: every clock is continuous

    @property
    def at(self) -> float:
        return min(self.now, self.end)


class View:
    """Reads like the table, row by row of those chosen."""

    def __init__(self, table: Table, rows: Column) -> None:
        self.table, self.rows = table, rows
        # All of them: columns as they are, nothing is copied.
        self._pick: Column | slice = slice(None) if len(rows) == len(table) else rows
        self._taken: dict[str, Column] = {}

    @property
    def words(self) -> Mapping[str, Texts]:
        return self.table.words

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> Column:
        if name not in self._taken:
            self._taken[name] = self.table[name][self._pick]
        return self._taken[name]

    def told(self, name: str, *words: str) -> Column:
        """Whether the column says one of these words."""
        column = self[name]
        found = np.zeros(len(self), np.bool_)
        for code in self.words[name].codes(words):
            found |= column == code
        return found

    def when(self, keep: Column) -> View:
        return View(self.table, self.rows[keep])


def whole(table: Table) -> View:
    return View(table, np.arange(len(table)))
