"""Steps: Alembic's way from the schema that a database has to the newest, in a transaction that has begun."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

__all__ = ["bring", "configured"]


def bring(connection: Connection, folder: Path) -> None:
    """folder: in which the migrations lie."""
    command.upgrade(configured(folder, connection), "head")


def configured(folder: Path, connection: Connection | None = None) -> Config:
    config = Config()
    # A percent sign in a path would be taken for the beginning of a variable.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
