"""Beside: what a move does besides its entry, in the same transaction: who reported is forgotten."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import Connection

from dashboard.cases.case import Change, NotAllowed
from dashboard.cases.store.schema import PERSONAL

__all__ = ["BESIDE"]


def _forget(connection: Connection, case_id: str, change: Change, at: float) -> None:
    """What the move names is gone in the same transaction. Raises NotAllowed where there is nothing of the kind."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    of = (PERSONAL.c.case_id == case_id) & PERSONAL.c.name.in_(change.more["names"])
    gone = {"value": None, "salt": None, "erased_at": at}
    if not connection.execute(sa.update(PERSONAL).where(of & PERSONAL.c.erased_at.is_(None)).values(**gone)).rowcount:
        raise NotAllowed("nothing_to_erase", case_id=case_id)


#: Name of a move → what is done beside its entry, in its transaction, before the entry is written.
BESIDE: dict[str, Callable[[Connection, str, Change, float], None]] = {"erase": _forget}
