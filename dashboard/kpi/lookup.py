"""Lookup: in which row a case stands: twelve bytes a case, where a dict of a million ids would take a hundred."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Lookup", "digest", "digests"]

Column = npt.NDArray[Any]

#: So many rows at least are kept in a dict before they are sorted in.
RECENT = 50_000


#: Odd, so that no two words become one; from splitmix64.
_STEP, _ONE, _TWO = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def digest(case_id: str) -> int:
    """Eight bytes that stand for an id; the same in every process."""
    return int(digests([case_id])[0])


def digests(ids: Sequence[str]) -> Column:
    """Of many at once, uint64. Two ids may have the same one: whoever asks looks at the ids."""
    if not ids:
        return np.empty(0, np.uint64)
    texts = np.array([case_id.encode() for case_id in ids])
    width = -(-max(texts.itemsize, 1) // 8)
    words = texts.astype(f"S{width * 8}").view("<u8").reshape(len(ids), width)
    found = np.zeros(len(ids), np.uint64)
    for place in range(width):  # a word of zeros adds nothing: how wide the widest id is makes no difference
        found += _mixed(words[:, place] * np.uint64(pow(_STEP, place + 1, 2**64)))
    return _mixed(found)


def _mixed(x: Column) -> Column:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(_ONE)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(_TWO)
    return x ^ (x >> np.uint64(31))


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
        if self._new(digests):
            return [-1] * len(ids)
        sorted_in: list[int] = self._sorted_in(digests).tolist()
        return [
            self._right(case_id, self._recent.get(key, row))
            for case_id, key, row in zip(ids, digests.tolist(), sorted_in, strict=True)
        ]

    def put(self, ids: Sequence[str], digests: Column, first: int) -> None:
        """The cases stand in the rows from `first` on."""
        keys: list[int] = digests.tolist()
        if self._new(digests) and len(set(keys)) == len(keys):
            self._recent.update(zip(keys, range(first, first + len(keys)), strict=True))
            return
        sorted_in: list[int] = self._sorted_in(digests).tolist()
        for row, (case_id, key, old) in enumerate(zip(ids, keys, sorted_in, strict=True), first):
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

    def _new(self, digests: Column) -> bool:
        """Whether none of them is there, not even another id of the same digest: so it is when a ledger is loaded."""
        return self._recent.keys().isdisjoint(digests.tolist()) and not (self._sorted_in(digests) >= 0).any()

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
