"""A small ledger for tests of lists and numbers: cases as they stand, with the heads of their chains."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.case import Case
from dashboard.cases.store.schema import CASES, CHAINS, SEQ
from dashboard.sql.engine import writing

__all__ = ["DAY", "HOUR", "NOW", "lay"]

HOUR, DAY = 3600.0, 86400.0
#: Sunday 2026-03-15 12:00 in Shanghai.
NOW = 1_773_547_200.0


def lay(engine: Engine, *cases: Case) -> None:
    """Put these in, new or changed, each as the last entry of its district's chain."""
    with writing(engine) as connection:
        for case in cases:
            number, position = _next(connection, case.district)
            row: dict[str, Any] = msgspec.structs.asdict(case) | {"seq": number * SEQ + position}
            row["report_id"] = row["report_id"] or case.case_id
            connection.execute(sa.delete(CASES).where(CASES.c.case_id == case.case_id))
            connection.execute(sa.insert(CASES).values(row))


def _next(connection: sa.Connection, district: str) -> tuple[int, int]:
    """Number of the district's chain, and the position behind its head, which is the head from now on."""
    found = connection.execute(sa.select(CHAINS).where(CHAINS.c.district == district)).one_or_none()
    if found is None:
        number = connection.execute(sa.select(sa.func.count()).select_from(CHAINS)).scalar_one() + 1
        connection.execute(sa.insert(CHAINS).values(district=district, number=number, position=1, hash=bytes(32)))
        return number, 1
    position = found.position + 1
    connection.execute(sa.update(CHAINS).where(CHAINS.c.district == district).values(position=position))
    return found.number, position
