"""Migrate: brings a database to the schema of this version; a newer one is refused with a sentence."""

from __future__ import annotations

import importlib
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, inspect

from dashboard.sql.engine import reading, writing
from dashboard.sql.metadata import METADATA

__all__ = ["FOLDER", "NewerDatabase", "catalogue", "newest", "revisions", "upgrade"]

#: Where tables are written down. They are imported when they are asked for: these rooms use this one.
SCHEMAS = ("dashboard.cases.store.schema", "dashboard.cases.trail.watch", "dashboard.people.schema")
FOLDER = Path(__file__).parent / "migrations"
#: One process migrates at a time. Any number will do that no other part of the hall takes.
LOCK = 3_301_000


class NewerDatabase(Exception):
    """The database was made by a later version of Gridhall: this one does not touch it."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database has revision {revision}, which this version of Gridhall does not know: a later version has "
            "written it. Install that version again, or restore the backup made before it was installed."
        )
        self.revision = revision


def catalogue() -> MetaData:
    """Every table of the hall."""
    for name in SCHEMAS:
        importlib.import_module(name)
    return METADATA


def upgrade(engine: Engine) -> None:
    """Make or change the tables, all or nothing. Several processes may ask at once. Raises NewerDatabase."""
    with reading(engine) as connection:
        if _stands(connection):
            return
    # What brings it there is needed once in the life of a database, and takes longer to read than to ask this.
    from dashboard.sql.steps import bring  # noqa: PLC0415

    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        if not _stands(connection):
            bring(connection, FOLDER)


def _stands(connection: Connection) -> bool:
    """Whether nothing is to be done."""
    present = _revision(connection)
    if present not in ("", *revisions()):
        raise NewerDatabase(present)
    return present == newest()


def _revision(connection: Connection) -> str:
    """At which the database stands; nothing where there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def revisions() -> list[str]:
    """All that there are, one after the other: their files begin with their numbers."""
    return sorted(file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def newest() -> str:
    return revisions()[-1]
