"""Looks: who looked at personal data of which case, when, and why. Only ever added to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
import sqlalchemy as sa

from dashboard.people.person import Person
from dashboard.people.schema import LOOKS
from dashboard.sql.engine import reading, writing

__all__ = ["Look", "Looks"]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """at: seconds since 1970."""

    at: float
    account: str
    role: str
    address: str
    case_id: str
    why: str


class Looks:
    def __init__(self, engine: sa.Engine, now: Callable[[], float]) -> None:
        self._engine, self._now = engine, now

    def add(self, person: Person, case_ids: Iterable[str], address: str, why: str) -> None:
        """Written and on disk before it is shown: call it first, then read what is looked at."""
        who = {"at": self._now(), "account": person.name, "role": person.role, "address": address, "why": why[:200]}
        if rows := [who | {"case_id": case_id} for case_id in case_ids]:
            with writing(self._engine) as connection:
                connection.execute(LOOKS.insert(), rows)

    def of(self, *, case_id: str = "", account: str = "", before: float = 0.0, limit: int = 100) -> list[Look]:
        """The latest first."""
        wanted = sa.select(*(LOOKS.c[name] for name in Look.__struct_fields__))
        for column, value in ((LOOKS.c.case_id, case_id), (LOOKS.c.account, account)):
            wanted = wanted.where(column == value) if value else wanted
        wanted = wanted.where(LOOKS.c.at < before) if before else wanted
        with reading(self._engine) as connection:
            rows = (
                connection.execute(wanted.order_by(LOOKS.c.at.desc(), LOOKS.c.id.desc()).limit(limit)).mappings().all()
            )
        return [Look(**row) for row in rows]
