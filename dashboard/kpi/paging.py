"""Paging: one page of chosen rows in an order, and a cursor that neither skips nor repeats while cases change."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.kpi.lookup import digest
from dashboard.kpi.table import Table

__all__ = ["ORDERS", "BadCursor", "Found", "page"]

Column = npt.NDArray[Any]

#: What a list may be ordered by. A case without that time stands last, whichever way.
ORDERS = (
    "updated_at", "received_at", "reported_at", "entered_at", "due_at", "step_due_at", "archived_at", "handled_at",
    "first_dispatched_at",
)  # fmt: skip


class BadCursor(Exception):
    """A cursor that is not the `following` of a page of this order."""


class Found(msgspec.Struct, frozen=True):
    """total: on all pages. following: cursor of the page behind this one; empty: this is the last."""

    case_ids: list[str]
    total: int
    following: str


def page(table: Table, rows: Column, order: str, descending: bool, cursor: str, limit: int) -> Found:
    """rows: of the table, those that may be on a page."""
    if order not in ORDERS:
        raise KeyError(f"a list is ordered by one of {', '.join(ORDERS)}, not by {order}")
    total = len(rows)
    key = table[order][rows]
    key = np.where(np.isnan(key), np.inf, -key if descending else key)
    tie = table["digest"][rows]
    if cursor:
        behind = _behind(key, tie, *_read(cursor, order, descending))
        rows, key, tie = rows[behind], key[behind], tie[behind]
    first = _first(key, tie, limit)
    ids = table.case_ids(rows[first])
    more = len(rows) > limit
    following = _write(order, descending, float(key[first[-1]]), ids[-1]) if more and ids else ""
    return Found(ids, total, following)


def _behind(key: Column, tie: Column, last: float, case_id: str) -> Column:
    return (key > last) | ((key == last) & (tie > np.uint64(digest(case_id))))


def _first(key: Column, tie: Column, limit: int) -> Column:
    """Of the `limit` first, in order: those before the last key, and of its ties as many as there is room for."""
    if len(key) <= limit:
        return np.lexsort((tie, key))
    last = np.partition(key, limit - 1)[limit - 1]
    before, same = np.flatnonzero(key < last), np.flatnonzero(key == last)
    room = limit - len(before)
    if len(same) > room:
        same = same[np.argpartition(tie[same], room - 1)[:room]]
    chosen = np.concatenate([before, same])
    return chosen[np.lexsort((tie[chosen], key[chosen]))]


def _write(order: str, descending: bool, key: float, case_id: str) -> str:
    said = f"{order} {int(descending)} {key.hex()} {case_id}"
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _read(cursor: str, order: str, descending: bool) -> tuple[float, str]:
    try:
        said = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        name, way, key, case_id = said.split(" ", 3)
        last = float.fromhex(key)
    except (binascii.Error, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise BadCursor("this is not the cursor of a page") from error
    if (name, way) != (order, str(int(descending))) or math.isnan(last):
        raise BadCursor("this cursor belongs to a list in another order")
    return last, case_id
