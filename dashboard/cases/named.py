"""Named: what a move names besides cases, files and departments; and which of these there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from dashboard.cases.case import Ask
from dashboard.cases.store.schema import CASES, FILES
from dashboard.sql.engine import reading

__all__ = ["departments_named", "files_of", "told_departments"]

#: So many names of a request are looked up, no more: what wants more is refused for another reason.
MOST = 100


def files_of(connection: Connection, ask: Ask) -> frozenset[str]:
    """Those of the files it names that are attachments of its case."""
    if not (names := _texts(ask.data.get("proof"))):
        return frozenset()
    of = (FILES.c.case_id == ask.case_id) & FILES.c.sha256.in_(names)
    return frozenset(connection.execute(sa.select(FILES.c.sha256).where(of)).scalars())


def departments_named(data: Mapping[str, Any]) -> set[str]:
    """Names of departments in what was brought with a move or a report."""
    owners = data.get("owners")
    rows: list[Any] = [dict(data), *(owners[:MOST] if isinstance(owners, list) else [])]
    said = _texts([row.get("department") for row in rows if isinstance(row, dict)])
    return {name for one in said if (name := one.strip())}


def told_departments(engine: Engine, names: Iterable[str], own: str) -> set[str]:
    """Those of these that another system has named for its cases; own: origin of ours."""
    found = set[str]()
    with reading(engine) as connection:
        for name in names:
            of = (CASES.c.department == name) & (CASES.c.origin != own)
            if connection.execute(sa.select(CASES.c.case_id).where(of).limit(1)).first() is not None:
                found.add(name)
    return found


def _texts(given: object) -> list[str]:
    return [one for one in given[:MOST] if isinstance(one, str)] if isinstance(given, list) else []
