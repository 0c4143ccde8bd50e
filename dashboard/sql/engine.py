"""Engine: SQLite in the data folder, or the PostgreSQL that DATABASE_URL names; both promise that a commit is on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

__all__ = ["FILE", "address", "connect", "reading", "writing"]

#: Name of the SQLite file in the data folder.
FILE = "hall.db"
#: Seconds a writer waits for another before it gives up.
PATIENCE = 10.0


def address(database_url: str, data: str) -> str:
    """SQLAlchemy's address. database_url: postgresql://… or empty for SQLite in the folder `data`."""
    if not database_url:
        return f"sqlite:///{Path(data).absolute() / FILE}"
    url = make_url(database_url)
    return url.set(drivername="postgresql+pg8000").render_as_string(hide_password=False)


def connect(database_url: str, data: str) -> Engine:
    """The engine; the tables are made by `dashboard.sql.migrate.upgrade`."""
    url = address(database_url, data)
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=4)
    Path(data).mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": PATIENCE, "check_same_thread": False})
    event.listen(engine, "connect", _sqlite)
    return engine


def _sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: a writer must be one from its first word on
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


@contextlib.contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """One transaction that writes: committed and on disk when the block ends, undone when it raises."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        with connection.begin() if not connection.in_transaction() else contextlib.nullcontext():
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()


@contextlib.contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A look that changes nothing."""
    with engine.connect() as connection:
        yield connection
