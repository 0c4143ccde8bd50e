"""View: some rows of a snapshot, their columns taken when first asked for; and the span of time a number is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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


#: Less than this share of a table are few.
FEW = 0.5
#: Rows that are reckoned with at once.
PIECE = 1 << 15


@dataclass(frozen=True)
class Span:
    """[start, end), seconds since 1970 UTC. `at`: the moment at which open or closed is asked: its end, or now.

    each: or a moment of its own for each row of a view.
    """

    start: float
    end: float
    now: float
    bands: Bands
    worked: Worked | None = None  # hours of working time until a moment; none: every clock is continuous
    each: Column | None = None

    @property
    def at(self) -> Any:
        return min(self.now, self.end) if self.each is None else self.each


class View:
    """Reads like the table, row by row. `inside`: which of its rows are meant.

    Of few, their rows are picked out; of many, all rows stay where they are: a million masked are quicker than copied.
    """

    def __init__(self, table: Table, inside: Column) -> None:
        """inside: whether each row of the table is meant; or the numbers of those that are."""
        self.table = table
        numbers = inside.dtype != np.bool_
        few = numbers or np.count_nonzero(inside) < len(inside) * FEW
        self._rows = inside if numbers else np.flatnonzero(inside) if few else None
        self.inside: Column = np.ones(len(self._rows), np.bool_) if self._rows is not None else inside
        self._taken: dict[str, Column] = {}

    @property
    def words(self) -> Mapping[str, Texts]:
        return self.table.words

    def __len__(self) -> int:
        return len(self.inside)

    def __getitem__(self, name: str) -> Column:
        column = self.table[name]
        return column if self._rows is None else self.once(name, lambda: column[self._rows])

    def once(self, name: str, make: Callable[[], Column]) -> Column:
        """What was worked out for this view before, or now."""
        if name not in self._taken:
            self._taken[name] = make()
        return self._taken[name]

    def told(self, name: str, *words: str) -> Column:
        """Whether the column says one of these words."""
        column = self[name]
        found = np.zeros(len(self), np.bool_)
        for code in self.words[name].codes(words):
            found |= column == code
        return found

    def pieces(self) -> Iterator[View]:
        """Those that are inside, some at a time: what comes between stays in the processor's own memory."""
        rows = self.rows(self.inside)
        return (View(self.table, rows[at : at + PIECE]) for at in range(0, len(rows), PIECE))

    def rows(self, keep: Column) -> Column:
        """Numbers in the table of those rows."""
        return np.flatnonzero(keep) if self._rows is None else self._rows[keep]

    def when(self, keep: Column) -> View:
        """Of these rows, those that are inside."""
        if self._rows is None:
            return View(self.table, self.inside & keep)
        inside = np.zeros(len(self.table), np.bool_)
        inside[self._rows[keep]] = True
        return View(self.table, inside)
