"""Searching: cases by their number or by a piece of what was written; the database answers, it has the words."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.store.schema import CASES
from dashboard.kpi.filters import AREAS
from dashboard.sql.engine import reading

__all__ = ["MOST", "matching"]

#: As many are found, the last received ones: who asks for less than that says more.
MOST = 10_000


def matching(engine: Engine, said: str, areas: tuple[str, ...] = (), most: int = MOST) -> tuple[str, ...]:
    """case_ids of the newest cases whose number, or number at their origin, begins so, or whose words hold it.

    Letters are found whichever way they are written; % and _ are themselves. areas: area_ids that it lies in, each.
    Raises what SQLAlchemy raises.
    """
    begins = [CASES.c[name].istartswith(said, autoescape=True) for name in ("case_id", "report_id")]
    holds = [CASES.c[name].icontains(said, autoescape=True) for name in ("text", "address")]
    inside = [sa.or_(*(CASES.c[name] == area for name in AREAS)) for area in areas if area]
    query = sa.select(CASES.c.case_id).where(sa.or_(*begins, *holds), *inside)
    with reading(engine) as connection:
        newest = query.order_by(CASES.c.received_at.desc(), CASES.c.case_id).limit(most)
        return tuple(connection.execute(newest).scalars())
