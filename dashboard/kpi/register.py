"""Register: every case as a row of columns in memory, as of its last refresh; lists and numbers are masks over it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from dashboard.cases.rules.calendar import Calendar
from dashboard.cases.store.schema import CASES, CHAINS, SEQ
from dashboard.kpi.bands import Bands
from dashboard.kpi.columns import SELECT, chunk
from dashboard.kpi.filters import Filter, passing
from dashboard.kpi.paging import Found, page
from dashboard.kpi.table import Rows, Table
from dashboard.kpi.tree import Tree
from dashboard.sql.engine import reading

__all__ = ["Register"]

#: Rows of one question to the database.
CHUNK = 20_000


class Register:
    """Any thread may ask while another refreshes: whoever asks has one snapshot from beginning to end.

    tree: of the classes, for what is asked "with all below it"; bands: when an open case is soon, overdue, long-open;
    calendar: for cases whose clock is working time.
    """

    def __init__(
        self, engine: Engine, *, tree: Tree | None = None, bands: Bands | None = None, calendar: Calendar | None = None
    ) -> None:
        self.engine = engine
        # May be given anew at any time: a city or rules that come into force.
        self.tree, self.bands, self.calendar = tree or Tree({}), bands or Bands(), calendar
        self.table: Table = Rows().snapshot()
        self._rows = Rows()
        self._seen: dict[int, int] = {}
        self._one = threading.Lock()

    def refresh(self) -> int:
        """Read what was written since the last time; how many cases that were. One at a time; others wait.

        Raises what SQLAlchemy raises when the database is away: the snapshot stays, and the next refresh goes on.
        """
        with self._one, reading(self.engine) as connection:
            heads: dict[int, int] = dict(map(tuple, connection.execute(_HEADS)))
            if any(heads.get(number, 0) < position for number, position in self._seen.items()):
                self._rows, self._seen = Rows(), {}  # another ledger than the one that was read: a backup came back
            news = {number: head for number, head in heads.items() if head > self._seen.get(number, 0)}
            if not news:
                return 0
            room = 0 if self._seen else _count(connection)
            rests: list[Sequence[Any]] = []
            read = [self._follow(connection, number, head, room, rests) for number, head in news.items()]
            self._lay(rests, room)
            # Only now: what was read and not laid in would be lost if the database went away in between.
            self._seen |= {number: position for number, (position, _) in zip(news, read, strict=True)}
            self.table = self._rows.snapshot()
            return sum(changed for _, changed in read)

    def find(
        self, asked: Filter, *, now: float, order: str = "updated_at", descending: bool = True, cursor: str = "",
        limit: int = 100,
    ) -> Found:  # fmt: skip
        """One page of the cases that pass. Ties are in an order of their own that never changes (`lookup.digest`).

        cursor: `following` of the page before. While cases change, one that did not is on exactly one page; one that
        did is where its new value puts it. Raises BadCursor, KeyError for an order that there is not.
        """
        table = self.table
        mask = passing(table, asked, tree=self.tree, bands=self.bands, now=now)
        return page(table, np.flatnonzero(mask), order, descending, cursor, limit)

    def _follow(
        self, connection: Connection, number: int, head: int, room: int, rests: list[Sequence[Any]]
    ) -> tuple[int, int]:
        """Read one chain's cases up to its end, in the order of their last entries; how far that was, and how many.

        A case is in one chain only: what is less than a chunk goes to `rests`, to be laid in with that of other chains.
        """
        position, changed = self._seen.get(number, 0), 0
        while True:
            after = number * SEQ + position
            rows = connection.execute(_CASES, {"after": after, "until": (number + 1) * SEQ}).fetchall()
            if rows:
                position = int(rows[-1][0]) % SEQ
                changed += len(rows)
            if len(rows) == CHUNK:
                self._lay(rows, room)
            else:
                rests += rows
                return max(position, head), changed

    def _lay(self, rows: Sequence[Sequence[Any]], room: int) -> None:
        ids = [row[1] for row in rows]
        self._rows.put(ids, chunk(rows, self._rows.words), room)


_HEADS = sa.select(CHAINS.c.number, CHAINS.c.position)
_CASES = (
    sa.select(*SELECT)
    .where(CASES.c.seq > sa.bindparam("after"), CASES.c.seq < sa.bindparam("until"))
    .order_by(CASES.c.seq)
    .limit(CHUNK)
)


def _count(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(CASES)).scalar_one())
