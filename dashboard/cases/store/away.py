"""Away: whether an error of the database says that it cannot be reached or is busy, and not that we asked wrongly."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dashboard.sql.engine import Unsure, lost

__all__ = ["away"]

#: Classes of PostgreSQL's codes: serialisation and deadlock, too many connections or no room, shutdown, broken line.
LATER = ("40", "53", "57P", "08")


def away(error: BaseException) -> bool:
    """The same may be asked again after a while, unchanged."""
    if isinstance(error, (Unsure, PoolTimeout, OSError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    said = error.orig.args[0] if error.orig and error.orig.args else None
    code = str(said.get("C", "")) if isinstance(said, dict) else ""
    return lost(error) or code.startswith(LATER) or isinstance(error, (OperationalError, InterfaceError))
