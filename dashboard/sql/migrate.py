"""Migrate: brings a database to the schema of this version; a newer one is refused with a sentence."""

from __future__ import annotations

import importlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from dashboard.sql.engine import reading, writing
from dashboard.sql.metadata import METADATA

__all__ = ["NewerDatabase", "catalogue", "upgrade"]

#: Where tables are written down. They are imported when they are asked for: these rooms use this one.
SCHEMAS = ("dashboard.cases.store.schema", "dashboard.cases.trail.watch", "dashboard.people.schema")
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
    script = ScriptDirectory.from_config(_config())
    with reading(engine) as connection:
        if _stands(connection, script):
            return
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        if not _stands(connection, script):
            command.upgrade(_config(connection), "head")


def _stands(connection: Connection, script: ScriptDirectory) -> bool:
    """Whether nothing is to be done."""
    present = MigrationContext.configure(connection).get_current_heads()
    known = {revision.revision for revision in script.walk_revisions()}
    for revision in present:
        if revision not in known:
            raise NewerDatabase(revision)
    return set(present) == set(script.get_heads())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    # A percent sign in a path would be taken for the beginning of a variable.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
