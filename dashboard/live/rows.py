"""Rows: a table of columns whose rows come, change and go by key, without a hole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Rows"]

Column = npt.NDArray[Any]


class Rows:
    """The first column is the key. Rows are in no order; the last takes the place of one that goes."""

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        self._kinds = tuple(columns)
        self._key = self._kinds[0][0]
        self.clear()

    def __len__(self) -> int:
        return self._count

    def clear(self) -> None:
        self._count = 0
        self._columns: dict[str, Column] = {name: np.zeros(64, kind) for name, kind in self._kinds}
        self._place: dict[int, int] = {}

    def columns(self) -> dict[str, Column]:
        """As they stand now; valid until the next change."""
        return {name: column[: self._count] for name, column in self._columns.items()}

    def put(self, columns: dict[str, Column], forget: npt.NDArray[np.bool_]) -> None:
        """Lay rows in by key, and forget those that are marked. Of a key that comes twice the last row counts."""
        gone = forget.tolist()
        last = {key: row for row, key in enumerate(columns[self._key].tolist())}
        for key, row in last.items():
            if gone[row]:
                self._drop(key)
        kept = {key: row for key, row in last.items() if not gone[row]}
        place, rows = np.array([self._find(key) for key in kept], np.int64), np.array(list(kept.values()), np.int64)
        for name, column in self._columns.items():
            column[place] = columns[name][rows]

    def drop(self, mask: npt.NDArray[np.bool_]) -> None:
        """Forget the rows that are marked."""
        for key in self.columns()[self._key][mask].tolist():
            self._drop(key)

    def _find(self, key: int) -> int:
        place = self._place.get(key)
        if place is None:
            place = self._place[key] = self._count
            self._count += 1
            if self._count > len(self._columns[self._key]):
                self._grow()
        return place

    def _drop(self, key: int) -> None:
        place = self._place.pop(key, None)
        if place is None:
            return
        self._count -= 1
        if place != self._count:
            for column in self._columns.values():
                column[place] = column[self._count]
            self._place[int(self._columns[self._key][place])] = place

    def _grow(self) -> None:
        self._columns = {
            name: np.concatenate([column, np.zeros_like(column)]) for name, column in self._columns.items()
        }
