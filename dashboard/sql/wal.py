"""WAL: what SQLite's writers have appended is carried into the file by somebody who is not in a hurry."""

from __future__ import annotations

from sqlalchemy import Engine

from dashboard.sql.queue import turn

__all__ = ["checkpoint"]

#: Pages (4 KB each) in the WAL from which the last are carried over while nobody writes, so that it begins anew.
LONG = 4_000


def checkpoint(engine: Engine) -> int:
    """Pages that the WAL has now; 0 on PostgreSQL, which does this itself. One process calls it, once a second or so.

    A writer that has to do it in its own commit makes all others wait for the sync of the whole file. The bulk is
    carried over while writers go on; only the last few pages, once the WAL is long, under their turn.
    """
    if engine.dialect.name != "sqlite":
        return 0
    pages, carried = _passive(engine)
    if pages > LONG and carried < pages:
        with turn(engine):
            pages, _ = _passive(engine)
    return pages


def _passive(engine: Engine) -> tuple[int, int]:
    """(pages in the WAL, how many of them are in the file too)"""
    with engine.connect() as connection:
        row = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
    return row[1], row[2]
