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

__all__ = ["ORDERS", "BadCursor", "Found", "first", "page"]

Column = npt.NDArray[Any]

#: What a list may be ordered by. A case without that time stands last, whichever way.
ORDERS = (
    "updated_at", "received_at", "reported_at", "entered_at", "due_at", "step_due_at", "reply_due_at", "archived_at",
    "handled_at", "first_dispatched_at",
)  # fmt: skip


#: Of so many values a page's place among all is guessed.
SAMPLE = 4096


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
    total, values = len(rows), table[order][rows]
    last, case_id = _read(cursor, order, descending) if cursor else (-math.inf, "")
    near = _near(values, descending, last, limit)
    while True:  # once, or a second time with all of them if too few were near
        places = np.arange(total) if near is None else near
        key = _key(values[places], descending)
        tie = table["digest"][rows[places]]
        if cursor:
            behind = _behind(key, tie, last, case_id)
            places, key, tie = places[behind], key[behind], tie[behind]
        if near is None or len(places) > limit:
            break
        near = None
    chosen = first(key, tie, limit)
    ids = table.case_ids(rows[places[chosen]])
    more = len(places) > limit
    following = _write(order, descending, float(key[chosen[-1]]), ids[-1]) if more and ids else ""
    return Found(ids, total, following)


def _key(values: Column, descending: bool) -> Column:
    """What is sorted by, always upwards; a time that is missing comes last."""
    return np.where(np.isnan(values), np.inf, -values if descending else values)


def _near(values: Column, descending: bool, last: float, limit: int) -> Column | None:
    """Places among which the page surely is, by a look at one of many: a page of a million need not sort them.

    None: it is not worth it, or the sample does not say.
    """
    step = len(values) // SAMPLE
    if step < 2:
        return None
    sample = _key(values[::step], descending)
    sample = sample[(sample >= last) & (sample < np.inf)]
    need = limit * 2 // step + 8
    if len(sample) <= need:
        return None
    until = float(np.partition(sample, need)[need])
    inside = (values >= -until) & (values <= -last) if descending else (values <= until) & (values >= last)
    return np.flatnonzero(inside)


def _behind(key: Column, tie: Column, last: float, case_id: str) -> Column:
    return (key > last) | ((key == last) & (tie > np.uint64(digest(case_id))))


def first(key: Column, tie: Column, limit: int) -> Column:
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
