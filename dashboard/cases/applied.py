"""Applied: by which rules the due times of open cases were last computed: one row, whatever the rules were before."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.trail.watch import DUTIES
from dashboard.sql.engine import reading, writing

__all__ = ["LATER", "due", "note"]

#: Its row among the duties: `holder` is the version of the rules, `done_at` when open cases were last gone through.
MARK = "rules applied"
#: Seconds after a change of rules until open cases are gone through once more: those that were opened meanwhile by a
#: process that had not yet read the new ones.
LATER = 600.0
#: Times that open cases are gone through for one change.
ROUNDS = 2


def due(engine: Engine, version: str, now: float) -> bool:
    """Whether open cases are to be gone through under these rules. now: seconds since 1970, the machine's."""
    with reading(engine) as connection:
        row = connection.execute(sa.select(DUTIES).where(DUTIES.c.name == MARK)).first()
    if row is None or row.holder != version:
        return True
    return row.runs < ROUNDS and now >= (row.done_at or 0.0) + LATER


def note(engine: Engine, version: str, now: float) -> None:
    """They were, under these rules."""
    with writing(engine) as connection:
        row = connection.execute(sa.select(DUTIES).where(DUTIES.c.name == MARK)).first()
        runs = row.runs + 1 if row is not None and row.holder == version else 1
        told = {"holder": version, "held_until": now, "due_at": now, "done_at": now, "runs": runs}
        if row is not None:
            connection.execute(sa.update(DUTIES).where(DUTIES.c.name == MARK).values(**told))
            return
        connection.execute(sa.insert(DUTIES).values(name=MARK, failures=0, trouble="", **told))
