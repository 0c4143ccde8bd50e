"""Reading: cases, trails and heads as they stand in the database; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from dashboard.cases.case import Case, Entry
from dashboard.cases.store.rows import entry_of
from dashboard.cases.store.schema import CHAINS, ENTRIES, PERSONAL, SEQ
from dashboard.cases.store.store import STORES
from dashboard.sql.engine import reading

__all__ = ["cases_of", "entries_after", "entry_at", "heads", "personal_of", "standing_of", "trail_of"]


def heads(engine: Engine) -> dict[str, tuple[int, int, bytes]]:
    """District → (number of its chain, position of its last entry, hash of it)."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(CHAINS.c.district, CHAINS.c.number, CHAINS.c.position, CHAINS.c.hash))
        return {district: (number, position, bytes(last)) for district, number, position, last in rows}


def entries_after(engine: Engine, district: str, position: int, limit: int) -> list[tuple[int, Entry]]:
    """(seq, entry) of a district's chain after this position, in order, at most `limit`."""
    number = sa.select(CHAINS.c.number).where(CHAINS.c.district == district)
    with reading(engine) as connection:
        chain = connection.execute(number).scalar()
        if chain is None:
            return []
        of = (ENTRIES.c.seq > chain * SEQ + position) & (ENTRIES.c.seq < (chain + 1) * SEQ)
        rows = connection.execute(sa.select(ENTRIES.c.seq, ENTRIES.c.body).where(of).order_by("seq").limit(limit))
        return [(seq, entry_of(body)) for seq, body in rows]


def cases_of(engine: Engine, case_ids: Iterable[str]) -> list[Case]:
    """Those of these that exist, in this order."""
    wanted = list(dict.fromkeys(case_ids))
    if not wanted:
        return []
    with reading(engine) as connection:
        found = {case.case_id: case for case in STORES[engine.dialect.name].by_ids(connection, wanted)}
    return [found[case_id] for case_id in wanted if case_id in found]


def standing_of(connection: Connection, case_ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """case_id → (district, version) of those of these that exist."""
    return STORES[connection.dialect.name].standing(connection, sorted(set(case_ids)))


def entry_at(engine: Engine, case_id: str, version: int) -> Entry:
    """The entry that brought the case to this version; it must be there."""
    of = (ENTRIES.c.case_id == case_id) & (ENTRIES.c.version == version)
    with reading(engine) as connection:
        return entry_of(connection.execute(sa.select(ENTRIES.c.body).where(of)).scalar_one())


def trail_of(engine: Engine, case_id: str) -> list[tuple[Entry, bytes]]:
    """Every entry of a case from the first on, each with its hash in the district's chain."""
    rows = sa.select(ENTRIES.c.body, ENTRIES.c.hash).where(ENTRIES.c.case_id == case_id).order_by(ENTRIES.c.version)
    with reading(engine) as connection:
        return [(entry_of(body), bytes(hashed)) for body, hashed in connection.execute(rows)]


def personal_of(engine: Engine, case_id: str) -> dict[str, str]:
    """What is known of the reporter and not erased. Whoever shows it logs that somebody looked."""
    of = (PERSONAL.c.case_id == case_id) & PERSONAL.c.value.is_not(None)
    with reading(engine) as connection:
        rows = connection.execute(sa.select(PERSONAL.c.name, PERSONAL.c.value).where(of))
        return {name: value for name, value in rows}  # noqa: C416 - rows are no pairs to the types
