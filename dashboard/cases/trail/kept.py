"""Kept: what a ledger has, counted in a few lines, to be compared with what was answered for."""

from __future__ import annotations

from collections import Counter

import msgspec
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.store.rows import entry_of
from dashboard.cases.store.schema import CASES, ENTRIES
from dashboard.sql.engine import reading

__all__ = ["Kept", "kept"]


class Kept(msgspec.Struct, frozen=True):
    """reports: report_id → cases it made. moves: request key as the asker gave it → (case_id, move, version).

    twice: entries that do the same to a case as another under the same key, or the same move made again.
    """

    reports: dict[str, int]
    moves: dict[str, tuple[str, str, int]]
    twice: int
    open_by_step: dict[str, int]


def kept(engine: Engine) -> Kept:
    """Reads every entry: for measurements, not for a hall at work."""
    moves: dict[str, tuple[str, str, int]] = {}
    done: Counter[tuple[str, str]] = Counter()
    with reading(engine) as connection:
        for (body,) in connection.execute(sa.select(ENTRIES.c.body).where(ENTRIES.c.move != "recompute")):
            entry = entry_of(body)
            done[entry.case_id, entry.move] += 1
            if key := entry.more.get("key"):
                moves[str(key).partition(" ")[2]] = (entry.case_id, entry.move, entry.version)
        rows = connection.execute(sa.select(CASES.c.report_id, CASES.c.step)).all()
    steps = Counter(step for _, step in rows if step not in ("archived", "appraised"))
    return Kept(dict(Counter(name for name, _ in rows)), moves, sum(count - 1 for count in done.values()), dict(steps))
