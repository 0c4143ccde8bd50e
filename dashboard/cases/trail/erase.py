"""Erase: names and phone numbers of reporters go for good; the trail stays whole and says who took them away, and why.

The trail holds SHA-256(salt + value); with the salt gone too, nobody can try numbers against it. What people wrote into
a note or a text is part of the trail and cannot be taken out of it. Backups and exports made before still have all of
it; PostgreSQL keeps the old row on disk until its VACUUM, SQLite overwrites it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import Engine

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


def erase(ledger: Ledger, case_ids: Iterable[str], actor: Actor, why: str) -> dict[str, list[str] | Exception]:
    """case_id → names of what was erased (empty: nothing was there), or why not (NotAllowed, NoCase)."""
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
    scrub(ledger.engine)
    return done


def aged(engine: Engine, before: float) -> list[str]:
    """Cases that were closed before that moment, nothing has happened to since, and whose reporter is still known."""
    closed = CASES.c.step.in_(CLOSED) & (CASES.c.updated_at < before)
    known = sa.select(PERSONAL.c.case_id).where(PERSONAL.c.value.is_not(None))
    with reading(engine) as connection:
        return list(connection.execute(sa.select(CASES.c.case_id).where(closed & CASES.c.case_id.in_(known))).scalars())


def scrub(engine: Engine) -> bool:
    """SQLite's log of writes still has what was overwritten: it is emptied. False: somebody is reading, later then."""
    if engine.dialect.name != "sqlite":
        return True
    with turn(engine), engine.connect() as connection:
        patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        connection.exec_driver_sql("PRAGMA busy_timeout=200")
        try:
            return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience)}")


def _kept(engine: Engine, case_ids: Sequence[str]) -> dict[str, list[str]]:
    """case_id → names under which something is kept."""
    of = PERSONAL.c.case_id.in_(case_ids) & PERSONAL.c.value.is_not(None)
    found: dict[str, list[str]] = {}
    with reading(engine) as connection:
        rows = sa.select(PERSONAL.c.case_id, PERSONAL.c.name).where(of).order_by(PERSONAL.c.name)
        for case_id, name in connection.execute(rows):
            found.setdefault(case_id, []).append(name)
    return found
