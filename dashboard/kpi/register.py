"""Register: every case as a row of columns in memory, as of its last refresh; lists and numbers are masks over it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from dashboard.cases.rules.calendar import Calendar
from dashboard.cases.store.schema import CASES, SEQ
from dashboard.kpi.bands import Bands
from dashboard.kpi.columns import laid, written
from dashboard.kpi.filters import Filter, passing
from dashboard.kpi.paging import Found, page
from dashboard.kpi.reading import Span
from dashboard.kpi.reading import read as reading_of
from dashboard.kpi.table import Rows, Table
from dashboard.kpi.tree import Tree
from dashboard.sql.engine import reading

__all__ = ["Register"]

Column = npt.NDArray[Any]

#: Entries behind one question to the database, so that what is in memory at once is bounded; and spans of them.
SPAN, SPANS = 40_000, 200


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
        with self._one, reading(_looking(self.engine)) as connection:
            heads: dict[int, int] = dict(map(tuple, connection.exec_driver_sql(_HEADS)))
            if any(heads.get(number, 0) < position for number, position in self._seen.items()):
                self._rows, self._seen = Rows(), {}  # another ledger than the one that was read: a backup came back
            news = {number: head for number, head in heads.items() if head > self._seen.get(number, 0)}
            if not news:
                return 0
            room = 0 if self._seen else _count(connection)
            read, seen = 0, dict(news)
            for spans in _pieces({number: (self._seen.get(number, 0), head) for number, head in news.items()}):
                for batch in reading_of(connection, spans):
                    self._rows.put(batch.ids, laid(batch.said, self._rows.words), room, written(batch.said))
                    read += len(batch.ids)
                    _further(seen, batch.seqs)
            # Only now: what was read and not laid in would be lost if the database went away in between.
            self._seen |= seen
            self.table = self._rows.snapshot()
            return read

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


_HEADS = "SELECT number, position FROM chains"


def _looking(engine: Engine) -> Engine:
    """One statement is one round to the server: no transaction is begun and ended around it."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")


def _count(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(CASES)).scalar_one())


def _pieces(news: Mapping[int, tuple[int, int]]) -> Iterator[list[Span]]:
    """What is to be read, in spans that SPAN entries at most are behind. news: number → (from, head).

    The last span of a chain has no end: a case that moves on meanwhile, from a span not yet read, is found there.
    """
    spans: list[Span] = []
    behind = 0
    for number, (position, head) in news.items():
        for begin in range(position, head, SPAN):
            upto = number * SEQ + begin + SPAN if begin + SPAN < head else (number + 1) * SEQ - 1
            spans.append((number * SEQ + begin, upto))
            behind += min(SPAN, head - begin)
            if behind >= SPAN or len(spans) == SPANS:
                yield spans
                spans, behind = [], 0
    if spans:
        yield spans


def _further(seen: dict[int, int], seqs: Column) -> None:
    """How far each chain was read, if that is beyond what was its head."""
    for number in np.unique(seqs // SEQ).tolist():
        seen[number] = max(seen[number], int(seqs[seqs // SEQ == number].max()) % SEQ)
