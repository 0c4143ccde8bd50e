"""Ingest: the door. Records come in over HTTP, are checked, written, and only then answered for."""

from dashboard.ingest.process import run

__all__ = ["run"]
