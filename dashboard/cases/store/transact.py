"""Transact: one piece of work on the ledger, begun again while nothing is written and the database asks for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from dashboard.cases.sheet import Sheet, Wider
from dashboard.cases.store.lines import News
from dashboard.cases.store.recent import Recent
from dashboard.cases.store.schema import CHAINS
from dashboard.cases.store.store import STORES
from dashboard.sql.engine import Writer, lost, reading, writing

__all__ = ["Transactions"]

T = TypeVar("T")
#: Asks the database which districts a piece of work needs.
Where = Callable[[Connection], set[str]]
log = logging.getLogger(__name__)

#: How often a transaction is begun, and seconds before it is begun again: twice as long each time.
TRIES, PAUSE = 6, 0.02
#: Serialisation failure, deadlock.
BUSY = ("40001", "40P01")


class Transactions:
    """committed: called after each commit with the districts that have new entries; the entries are the outbox.

    news: called then too, with these entries by district, each chain's in its order.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.committed: list[Callable[[set[str]], None]] = []
        self.news: list[Callable[[Mapping[str, Sequence[News]]], None]] = []
        self._begun: set[str] = set()
        self._writer, self._recent = Writer(engine), Recent()

    def run(self, districts: Iterable[str] | Where, work: Callable[[Sheet], T]) -> T:
        """What `work` gives, once it is committed. Work may be begun several times, each time on a fresh sheet.

        districts: whose chains are needed, or who asks the database for that: on PostgreSQL within the transaction, on
        SQLite, where only one can write, before it. What that raises, `run` raises.
        """
        where = districts if callable(districts) else None
        wanted, tries = set[str]() if callable(districts) else set(districts), 0
        if where and self.engine.dialect.name == "sqlite":
            with reading(self.engine) as connection:
                wanted, where = where(connection), None
        while True:
            try:
                given, news = self._once(wanted, where, work)
                break
            except Wider as wider:
                wanted |= wider.districts
            except DBAPIError as error:
                tries += 1
                if tries >= TRIES or not _passing(error):
                    raise
                time.sleep(PAUSE * 2**tries)
        self._tell(news)
        return given

    def _once(
        self, districts: set[str], where: Where | None, work: Callable[[Sheet], T]
    ) -> tuple[T, dict[str, list[News]]]:
        self._begin(districts - self._begun)
        with self._writer.writing() as connection:
            # A chain in which a case lies is there.
            sheet = Sheet(connection, districts | where(connection) if where else districts, self._recent)
            given = work(sheet)
            sheet.store()
        sheet.leave()
        return given, sheet.news

    def _begin(self, districts: set[str]) -> None:
        """Chains that may not be there yet are made in a transaction of their own, so that their locks stay sorted."""
        if not districts:
            return
        with reading(self.engine) as connection:
            known = sa.select(CHAINS.c.district).where(CHAINS.c.district.in_(districts))
            missing = districts - set(connection.execute(known).scalars())
        if missing:
            with writing(self.engine) as connection:
                STORES[self.engine.dialect.name].begin(connection, sorted(missing))
        self._begun |= districts

    def _tell(self, news: Mapping[str, Sequence[News]]) -> None:
        if not news:
            return
        for hook in self.news:
            self._call(hook, news)
        for hook in self.committed:
            self._call(hook, set(news))

    def _call(self, hook: Callable[[T], None], said: T) -> None:
        try:
            hook(said)
        except Exception:  # what is committed is so, whoever cannot be told of it: the steward publishes it later
            log.exception("what was committed is not published yet")


def _passing(error: DBAPIError) -> bool:
    """Whether it may go well the next time. Nothing was written: a lost commit is `Unsure`, and not seen here."""
    said = error.orig.args[0] if error.orig and error.orig.args else None
    code = str(said.get("C", "")) if isinstance(said, dict) else ""
    return isinstance(error, IntegrityError) or code in BUSY or lost(error)
