"""Erase: names and phone numbers of reporters go for good; the trail stays whole and says who took them away, and why.

The trail holds SHA-256(salt + value); with the salt gone too, nobody can try numbers against it. What people wrote into
a note or a text is part of the trail and cannot be taken out of it. Backups and exports made before still have all of
it, and so has PostgreSQL's log of writes until it is recycled. SQLite overwrites old rows at once; PostgreSQL keeps
them until the table is written anew, which `scrub` does.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from dashboard.cases.answers import NoCase
from dashboard.cases.case import Actor, Ask
from dashboard.cases.ledger import Ledger
from dashboard.cases.store.schema import CASES, PERSONAL
from dashboard.sql.engine import reading
from dashboard.sql.queue import turn

__all__ = ["aged", "erase", "scrub"]

#: Cases in one transaction.
MANY = 100
CLOSED = ("archived", "appraised")
#: Seconds that whoever reads or writes names and numbers may hold up the table's being written anew.
PATIENCE = 5
_OURS = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'personal'::regclass"
#: How much was erased when this process last had the table written anew: only what is new is worth it.
_ANEW: WeakKeyDictionary[Engine, int] = WeakKeyDictionary()

log = logging.getLogger(__name__)


def erase(ledger: Ledger, case_ids: Iterable[str], actor: Actor, why: str) -> dict[str, list[str] | Exception]:
    """case_id → names of what was erased (empty: nothing was there), or why not (NotAllowed, NoCase).

    It is gone from the ledger then; from the disk once `scrub` says so.
    """
    wanted = list(dict.fromkeys(case_ids))
    done: dict[str, list[str] | Exception] = {}
    for place in range(0, len(wanted), MANY):
        part = wanted[place : place + MANY]
        names = _kept(ledger.engine, part)
        asks = [
            (Ask(case_id=case_id, move="erase", note=why, data={"names": names[case_id]}), actor)
            for case_id in part if case_id in names
        ]  # fmt: skip
        known = {case.case_id for case in ledger.cases(part)}
        done |= {case_id: list[str]() if case_id in known else NoCase(case_id) for case_id in part}
        for (ask, _), answer in zip(asks, ledger.moves(asks) if asks else (), strict=True):
            done[ask.case_id] = answer if isinstance(answer, Exception) else names[ask.case_id]
    return done


def aged(engine: Engine, before: float) -> list[str]:
    """Cases that were closed before that moment, nothing has happened to since, and whose reporter is still known."""
    closed = CASES.c.step.in_(CLOSED) & (CASES.c.updated_at < before)
    known = sa.select(PERSONAL.c.case_id).where(PERSONAL.c.value.is_not(None))
    with reading(engine) as connection:
        return list(connection.execute(sa.select(CASES.c.case_id).where(closed & CASES.c.case_id.in_(known))).scalars())


def scrub(engine: Engine) -> bool:
    """What was overwritten is taken off the disk: SQLite's log of writes is emptied, PostgreSQL's table written anew.

    False: it is still there, as somebody is reading, or the table is another's: later then.
    """
    return _written_anew(engine) if engine.dialect.name == "postgresql" else _log_emptied(engine)


def _log_emptied(engine: Engine) -> bool:
    with turn(engine), engine.connect() as connection:
        patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        connection.exec_driver_sql("PRAGMA busy_timeout=200")
        try:
            return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience)}")


def _written_anew(engine: Engine) -> bool:
    """A plain VACUUM gives the room back and leaves the bytes. Whoever may not is only warned by PostgreSQL: asked."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        erased = connection.execute(sa.select(sa.func.count()).where(PERSONAL.c.erased_at.is_not(None))).scalar_one()
        if erased == _ANEW.get(engine, 0):
            return True
        if not connection.exec_driver_sql(_OURS).scalar_one():
            return False
        connection.exec_driver_sql(f"SET lock_timeout = '{PATIENCE}s'")
        try:
            connection.exec_driver_sql(f"VACUUM (FULL) {PERSONAL.name}")
        except DBAPIError as error:
            log.warning("erased rows of %s are still on the disk: %s", PERSONAL.name, error)
            return False
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
    _ANEW[engine] = erased
    return True


def _kept(engine: Engine, case_ids: Sequence[str]) -> dict[str, list[str]]:
    """case_id → names under which something is kept."""
    of = PERSONAL.c.case_id.in_(case_ids) & PERSONAL.c.value.is_not(None)
    found: dict[str, list[str]] = {}
    with reading(engine) as connection:
        rows = sa.select(PERSONAL.c.case_id, PERSONAL.c.name).where(of).order_by(PERSONAL.c.name)
        for case_id, name in connection.execute(rows):
            found.setdefault(case_id, []).append(name)
    return found
