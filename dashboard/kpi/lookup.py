"""Lookup: in which row a case stands: twelve bytes a case, where a dict of a million ids would take a hundred."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Lookup", "digest"]

Column = npt.NDArray[Any]

#: So many rows at least are kept in a dict before they are sorted in.
RECENT = 50_000


def digest(case_id: str) -> int:
    """Eight bytes that stand for an id; the same in every process."""
    return int.from_bytes(hashlib.blake2b(case_id.encode(), digest_size=8).digest(), "little")


class Lookup:
    """The newest row of each case. id_of(row) settles it where two ids have one digest."""

    def __init__(self, id_of: Callable[[int], str]) -> None:
        self.id_of = id_of
        self._digests: Column = np.empty(0, np.uint64)
        self._order: Column = np.empty(0, np.uint32)
        self._recent: dict[int, int] = {}
        self._odd: dict[str, int] = {}

    def rows(self, ids: Sequence[str], digests: Column) -> list[int]:
        """-1: not there."""
        sorted_in: list[int] = self._sorted_in(digests).tolist()
        return [
            self._right(case_id, self._recent.get(key, row))
            for case_id, key, row in zip(ids, digests.tolist(), sorted_in, strict=True)
        ]

    def put(self, ids: Sequence[str], digests: Column, first: int) -> None:
        """The cases stand in the rows from `first` on."""
        sorted_in: list[int] = self._sorted_in(digests).tolist()
        for row, (case_id, key, old) in enumerate(zip(ids, digests.tolist(), sorted_in, strict=True), first):
            there = self._recent.get(key, old)
            if case_id in self._odd:
                self._odd[case_id] = row
            elif there >= 0 and (other := self.id_of(there)) != case_id:
                self._odd.setdefault(other, there)
                self._odd[case_id] = row
            else:
                self._recent[key] = row

    def full(self) -> bool:
        return len(self._recent) > max(RECENT, len(self._digests) // 4)

    def sort_in(self, digests: Column, moved: Column | None = None) -> None:
        """digests: of all rows; of equal ones the last is the newest. moved: where each row stands now."""
        if moved is not None:
            self._odd = {case_id: int(moved[row]) for case_id, row in self._odd.items()}
        self._digests = digests
        self._order = np.argsort(digests, kind="stable").astype(np.uint32)
        self._recent = {}

    def _sorted_in(self, digests: Column) -> Column:
        if not len(self._order):
            return np.full(len(digests), -1, np.int64)
        place = np.searchsorted(self._digests, digests, side="right", sorter=self._order) - 1
        row = self._order[np.maximum(place, 0)].astype(np.int64)
        return np.where((place >= 0) & (self._digests[row] == digests), row, -1)

    def _right(self, case_id: str, row: int) -> int:
        if case_id in self._odd:
            return self._odd[case_id]
        return row if row >= 0 and self.id_of(row) == case_id else -1
