"""Engine: SQLite in the data folder, or the PostgreSQL of DATABASE_URL; both promise that a commit is on disk."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from dashboard.sql.queue import Place, turn
from dashboard.sql.straight import rows

__all__ = ["FILE", "Unsure", "Writer", "address", "connect", "lost", "reading", "writing"]

#: Name of the SQLite file in the data folder.
FILE = "hall.db"
#: Seconds a writer waits for a stranger (a shell, a backup) who holds the SQLite file; our own writers queue.
PATIENCE = 10.0
#: Pages of the WAL (80 MB) after which a writer itself carries them into the file, should nobody else (sql.wal).
OVERFLOW = 20_000
#: Pages that a connection keeps for itself (KB). What another process commits makes them worthless, and some process
#: always does; the machine keeps the file's pages for all of them together.
PAGES_KB = 4096
#: What PostgreSQL says when it ends a connection: shutdown, crash, not now; and the class of broken connections.
GONE = ("57P01", "57P02", "57P03", "08")


class Unsure(Exception):
    """The connection was lost while the database was asked to commit: it may have. Ask again, with the same key."""


def address(database_url: str, data: str) -> str:
    """SQLAlchemy's address. database_url: postgresql://… or empty for SQLite in the folder `data`."""
    if not database_url:
        return f"sqlite:///{Path(data).absolute() / FILE}"
    url = make_url(database_url)
    return url.set(drivername="postgresql+pg8000").render_as_string(hide_password=False)


def connect(database_url: str, data: str) -> Engine:
    """The engine; the tables are made by `dashboard.sql.migrate.upgrade`. Its errors, which are logged, name no values:
    those are names and phone numbers of people.
    """
    url = address(database_url, data)
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_size=4, hide_parameters=True)
        event.listen(engine, "connect", _postgresql)
        return engine
    Path(data).mkdir(parents=True, exist_ok=True)
    _ours_alone(Path(data) / FILE)
    connecting = {"timeout": PATIENCE, "check_same_thread": False}
    engine = create_engine(url, connect_args=connecting, hide_parameters=True, pool_use_lifo=True)
    event.listen(engine, "connect", _sqlite)
    return engine


def _ours_alone(file: Path) -> None:
    """A new file is for its owner only, and so is what SQLite lays beside it; what is there keeps its mode."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _postgresql(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # A server set to answer before its disk has would break our word; one that also waits for a standby is left so.
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    # What we ask is answered in milliseconds. Where the planner expects many rows behind the end of a chain, it would
    # compile the question first, which takes most of a second.
    cursor.execute("SET jit = off")
    cursor.close()
    # The driver takes three rounds to say these; one is enough.
    connection.commit = partial(connection.execute_simple, "commit")
    connection.rollback = partial(_rollback, connection)
    connection.commit()


def _rollback(connection: Any) -> None:
    if connection._in_transaction:  # as the driver's own asks, which the pool calls after each use
        connection.execute_simple("rollback")


def _sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: a writer must be one from its first word on
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"cache_size=-{PAGES_KB}")
    for pragma in (*pragmas, f"wal_autocheckpoint={OVERFLOW}"):
        connection.execute(f"PRAGMA {pragma}")


def lost(error: DBAPIError) -> bool:
    """Whether the connection has gone, not the statement been wrong."""
    said = error.orig.args[0] if error.orig and error.orig.args else None
    code = str(said.get("C", "")) if isinstance(said, dict) else ""
    return error.connection_invalidated or code.startswith(GONE)


@contextlib.contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """One transaction that writes: committed and on disk when the block ends, undone when it raises. Raises Unsure."""
    sqlite = engine.dialect.name == "sqlite"
    with _opened(engine) as connection, turn(engine) if sqlite else contextlib.nullcontext():
        if sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        _commit(connection)


class Writer:
    """Who writes again and again: as `writing`, but SQLite's connection and its place in the queue stay open.

    For several threads; each that writes meanwhile has its own. PostgreSQL's connections wait in the engine's pool.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._idle: list[tuple[Connection, Place]] = []

    @contextlib.contextmanager
    def writing(self) -> Generator[Connection]:
        if self.engine.dialect.name != "sqlite":
            with writing(self.engine) as connection:
                yield connection
            return
        connection, place = self._taken()
        try:
            with place.held():
                rows(connection, "BEGIN IMMEDIATE")
                yield connection
                rows(connection, "COMMIT")
        except BaseException:
            connection.close()  # which takes back what was begun
            raise
        self._idle.append((connection, place))

    def _taken(self) -> tuple[Connection, Place]:
        with contextlib.suppress(IndexError):
            connection, place = self._idle.pop()
            if place.there():
                return connection, place
            connection.close()
        connection = self.engine.connect()
        connection.detach()  # the engine's own wait in a pool of few; this one goes with its writer
        return connection, Place(self.engine)


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except DBAPIError as error:
        if lost(error):
            raise Unsure(str(error.orig)) from error
        connection.rollback()
        raise


@contextlib.contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A look that changes nothing. Each statement sees what is committed when it begins."""
    with _opened(engine) as connection:
        yield connection


def _opened(engine: Engine) -> Connection:
    """A connection that answers. PostgreSQL has begun on it: that has to be said anyhow, and tells whether it is there.

    One that the server has closed meanwhile (it was restarted) is thrown away with all others that wait in the pool.
    """
    connection = engine.connect()
    if engine.dialect.name == "sqlite":
        return connection
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute_simple("begin transaction")
    except BaseException as error:  # whatever is wrong with it, the next is new, and says so in SQLAlchemy's words
        connection.invalidate()
        connection.close()
        if not isinstance(error, Exception):
            raise
        engine.dispose()
        return engine.connect()
    connection.begin()
    return connection
