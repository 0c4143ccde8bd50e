"""Transact: one piece of work on the ledger, begun again while nothing is written and the database asks for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from dashboard.cases.sheet import Sheet, Wider
from dashboard.cases.store.schema import CHAINS
from dashboard.cases.store.store import STORES
from dashboard.sql.engine import lost, reading, writing

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
    """committed: called after each commit with the districts that have new entries; the entries are the outbox."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.committed: list[Callable[[set[str]], None]] = []
        self._begun: set[str] = set()

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
                given, touched = self._once(wanted, where, work)
                break
            except Wider as wider:
                wanted |= wider.districts
            except DBAPIError as error:
                tries += 1
                if tries >= TRIES or not _passing(error):
                    raise
                time.sleep(PAUSE * 2**tries)
        self._tell(touched)
        return given

    def _once(self, districts: set[str], where: Where | None, work: Callable[[Sheet], T]) -> tuple[T, set[str]]:
        self._begin(districts - self._begun)
        with writing(self.engine) as connection:
            # A chain in which a case lies is there.
            sheet = Sheet(connection, districts | where(connection) if where else districts)
            given = work(sheet)
            sheet.store()
        return given, sheet.touched

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

    def _tell(self, touched: set[str]) -> None:
        for hook in self.committed if touched else ():
            try:
                hook(touched)
            except Exception:  # what is committed is so, whoever cannot be told of it: the steward publishes it later
                log.exception("what was committed in %s is not published yet", ", ".join(sorted(touched)))


def _passing(error: DBAPIError) -> bool:
    """Whether it may go well the next time. Nothing was written: a lost commit is `Unsure`, and not seen here."""
    said = error.orig.args[0] if error.orig and error.orig.args else None
    code = str(said.get("C", "")) if isinstance(said, dict) else ""
    return isinstance(error, IntegrityError) or code in BUSY or lost(error)
