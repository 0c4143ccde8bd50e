"""Duties: who does which, when it is due and how it went, in one row each, so that several stewards do a duty once."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.trail.watch import DUTIES
from dashboard.sql.engine import reading, writing

__all__ = ["HELD", "Duties", "Duty"]

#: Seconds that a duty is held; whoever holds it and died has it no longer then.
HELD = 60.0

_NEW = sa.text(
    """INSERT INTO duties (name, holder, held_until, due_at, runs, failures, trouble)
    VALUES (:name, :holder, :held_until, :due_at, :runs, :failures, :trouble) ON CONFLICT DO NOTHING"""
)


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """How a duty goes. Times: seconds since 1970, the machine's. trouble: the last failure, empty when it went well."""

    name: str
    holder: str
    held_until: float
    due_at: float
    done_at: float | None
    runs: int
    failures: int
    failed_at: float | None
    trouble: str


class Duties:
    """holder: who asks, unlike any other process."""

    def __init__(self, engine: Engine, holder: str, now: Callable[[], float] = time.time) -> None:
        self._engine, self._holder, self._now = engine, holder, now

    def take(self, name: str) -> bool:
        """Whether it is due, and ours now."""
        now = self._now()
        ours = {"holder": self._holder, "held_until": now + HELD}
        # Looking costs nothing; only who sees that it is due writes.
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(DUTIES).where(DUTIES.c.name == name)).first()
        if row is not None and not self._free(row.due_at, row.holder, row.held_until, now):
            return False
        with writing(self._engine) as connection:
            free = (DUTIES.c.due_at <= now) & ((DUTIES.c.held_until <= now) | (DUTIES.c.holder == self._holder))
            if connection.execute(sa.update(DUTIES).where(free & (DUTIES.c.name == name)).values(**ours)).rowcount:
                return True
            if connection.execute(sa.select(DUTIES.c.name).where(DUTIES.c.name == name)).first() is not None:
                return False
            new = {"name": name, "due_at": now, "runs": 0, "failures": 0, "trouble": ""}
            connection.execute(_NEW, new | ours)
            return connection.execute(sa.select(DUTIES.c.holder).where(DUTIES.c.name == name)).scalar() == self._holder

    def _free(self, due_at: float, holder: str, held_until: float, now: float) -> bool:
        return due_at <= now and (held_until <= now or holder == self._holder)

    def done(self, name: str, every: float, trouble: str = "") -> None:
        """It is due again after `every` seconds. trouble: why it failed."""
        now = self._now()
        told = {"done_at": now} if not trouble else {"failed_at": now, "failures": DUTIES.c.failures + 1}
        after = {"held_until": now, "due_at": now + every, "runs": DUTIES.c.runs + 1, "trouble": trouble[:500]}
        ours = (DUTIES.c.name == name) & (DUTIES.c.holder == self._holder)
        with writing(self._engine) as connection:
            connection.execute(sa.update(DUTIES).where(ours).values(**after | told))

    def all(self) -> dict[str, Duty]:
        """By name."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(DUTIES).order_by(DUTIES.c.name)).all()
        return {row.name: Duty(**dict(zip(Duty.__struct_fields__, row, strict=True))) for row in rows}
