"""Table: the cases as columns. A changed case gets a new row and its old one dies, so that a snapshot never moves."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi.columns import laid, texts, turned
from dashboard.kpi.lookup import Lookup, digests
from dashboard.kpi.texts import Texts
from dashboard.kpi.written import EMPTY, Written

__all__ = ["Rows", "Table"]

Column = npt.NDArray[Any]

#: Share of dead rows, and how many at least, from which on they are swept out.
DEAD, FEW = 0.25, 2_000
#: Room kept for what is to come.
SLACK = 1.05


@dataclass(frozen=True, eq=False)
class Table:
    """A snapshot: what stands in it stays. alive: rows that are a case's newest; `count`. written: as `Written`."""

    columns: Mapping[str, Column]
    alive: Column
    count: int
    words: Mapping[str, Texts]
    _ids: bytearray
    written: Column = field(default_factory=lambda: EMPTY)
    numbered: bool = False  # whether one has another number at its origin

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.alive)

    def case_id(self, row: int) -> str:
        start = int(self.columns["id_at"][row])
        return self._ids[start : start + int(self.columns["id_size"][row])].decode()

    def case_ids(self, rows: Column) -> list[str]:
        return [self.case_id(row) for row in rows.tolist()]

    def ids(self, said: str) -> bytearray:
        """The long text in which all ids stand; nothing if `said` has a letter that no id has."""
        return self._ids if said.isascii() or not self._ids.isascii() else bytearray()


class Rows:
    """What the snapshots are taken of. One thread writes at a time; what was written once is not written again."""

    def __init__(self) -> None:
        self.words = texts()
        self._columns: dict[str, Column] = {}
        self._alive: Column = np.zeros(0, np.bool_)
        self._size = 0
        self._ids = bytearray()
        self._written = Written()
        self._lookup = Lookup(lambda row: self._view(row).case_id(0))
        self.put((), laid(turned(()), self.words))

    def put(
        self, ids: Sequence[str], part: Mapping[str, Column], room: int = 0,
        written: Sequence[tuple[str, str, str]] | None = None,
    ) -> None:  # fmt: skip
        """Lay these cases in, new or changed. room: how many rows there will be at least; written: what is searched."""
        keys = digests(ids)
        before = np.array(self._lookup.rows(ids, keys), np.int64)
        first, last = self._size, self._size + len(ids)
        texts = self._written.put(written or [("", "", "")] * len(ids), last / room if room > last else 0.0)
        named = dict(part) | self._named(ids, before) | {"digest": keys, "written_at": texts}
        self._reserve(named, max(last, room))
        for name, values in named.items():
            self._columns[name][first:last] = values
        self._alive[first:last] = True
        self._alive[before[before >= 0]] = False
        self._size = last
        self._lookup.put(ids, keys, first)
        if self._lookup.full():
            self._lookup.sort_in(self._columns["digest"][:last])

    def snapshot(self) -> Table:
        """Sweeps first if too many rows are dead."""
        alive = self._alive[: self._size].copy()
        count = int(np.count_nonzero(alive))
        if len(alive) - count > max(FEW, DEAD * count):
            self._sweep(alive, count)
            alive = np.ones(count, np.bool_)
        columns = {name: column[: self._size] for name, column in self._columns.items()}
        return Table(columns, alive, count, self.words, self._ids, self._written.snapshot(), self._written.numbered)

    def _view(self, row: int) -> Table:
        columns = {name: self._columns[name][row : row + 1] for name in ("id_at", "id_size")}
        return Table(columns, self._alive[row : row + 1], 1, self.words, self._ids)

    def _named(self, ids: Sequence[str], before: Column) -> dict[str, Column]:
        """Where in the one long text each id stands; those that are there already stand where they stood."""
        texts = [case_id.encode() for case_id in ids]
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        new = before < 0
        starts = np.zeros(len(texts), np.int64)
        starts[new] = len(self._ids) + np.cumsum(sizes[new]) - sizes[new]
        starts[~new] = self._columns["id_at"][before[~new]] if len(self._alive) else 0
        self._ids += b"".join(itertools.compress(texts, new.tolist()))
        return {
            "id_at": starts.astype(np.min_scalar_type(len(self._ids) | 2**31)),
            "id_size": sizes.astype(np.uint16),
        }

    def _reserve(self, part: Mapping[str, Column], rows: int) -> None:
        """Longer where they are full, wider where a value would not fit: always a copy: the old one is being read."""
        if rows > len(self._alive):
            self._alive = _longer(self._alive, self._alive.dtype, int(rows * SLACK) + 1024)
        for name, values in part.items():
            there = self._columns.setdefault(name, values[:0])
            kind = np.promote_types(there.dtype, values.dtype)
            if len(there) < len(self._alive) or kind != there.dtype:
                self._columns[name] = _longer(there, kind, len(self._alive))

    def _sweep(self, alive: Column, count: int) -> None:
        moved = np.cumsum(alive) - 1
        room = int(count * SLACK) + 1024
        written_at = self._written.sweep(self._columns["written_at"][: self._size], alive)
        self._columns = {
            name: _longer(column[: self._size][alive], column.dtype, room) for name, column in self._columns.items()
        }
        self._columns["written_at"][:count] = written_at
        self._alive = _longer(np.ones(count, np.bool_), np.dtype(np.bool_), room)
        self._size = count
        self._lookup.sort_in(self._columns["digest"][:count], moved)


def _longer(column: Column, kind: np.dtype[Any], room: int) -> Column:
    made = np.zeros(room, kind)
    made[: len(column)] = column
    return made
