"""Straight: statements that go to SQLite's own driver, as those do that are asked a hundred times a second.

What SQLAlchemy does around a statement costs ten times what SQLite does. What goes wrong is said in its words all the
same: whoever catches its errors need not know by which way a statement went.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

__all__ = ["driver", "many", "rows"]


def driver(connection: Connection) -> sqlite3.Connection:
    """SQLite's own; whoever writes by it has begun a transaction (sql.engine.writing)."""
    # A connection that was taken out of its pool has nothing but this one.
    return connection.connection.dbapi_connection  # type: ignore[return-value]


def rows(connection: Connection, text: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What one statement answers. Raises as `Connection.execute` does; the error names no values."""
    try:
        return driver(connection).execute(text, values).fetchall()
    except sqlite3.Error as error:
        raise _said(connection, text, error) from error


def many(connection: Connection, text: str, values: Iterable[Sequence[Any]]) -> None:
    """One statement for each row of values."""
    try:
        driver(connection).executemany(text, values)
    except sqlite3.Error as error:
        raise _said(connection, text, error) from error


def _said(connection: Connection, text: str, error: sqlite3.Error) -> BaseException:
    return DBAPIError.instance(text, (), error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect)
