"""Searching: cases by how their number begins or by a piece of what was written; a mask over the register."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.kpi.paging import first
from dashboard.kpi.table import Table
from dashboard.kpi.written import PIECE, letters, number, places

__all__ = ["MOST", "matching"]

Column = npt.NDArray[Any]

#: As many are found, the last received ones: who asks for less than that says more.
MOST = 10_000


def matching(table: Table, said: str, inside: Column, most: int = MOST) -> Column:
    """Whether each row is one of the newest cases whose number, or number at their origin, begins so, or whose words
    hold it. Letters are found whichever way they are written (in a number: Latin ones); nothing has a meaning.

    inside: rows that are looked at at all. Of cases received at one moment, those that a list has first are kept.
    """
    found = np.zeros(len(table), np.bool_)
    if _can_be(said):
        starts = table["written_at"]
        for wanted in (letters(said), number(said)) if table.numbered else (letters(said),):
            hits = places(table.written, np.frombuffer(wanted, "<u2")).astype(starts.dtype)
            found[np.searchsorted(starts, hits, side="right") - 1] = True
        found |= _numbered(table, said)
        found &= inside
    if np.count_nonzero(found) > most:
        _newest(table, found, most)
    return found


def _can_be(said: str) -> bool:
    """Half of a letter is in no text: who asks for one finds nothing."""
    return bool(said) and not any("\ud800" <= letter <= "\udfff" for letter in said)


def _numbered(table: Table, said: str) -> Column:
    """Whether each row's case_id begins so."""
    wanted, ids = np.frombuffer(said.encode().lower(), np.uint8), table.ids(said)
    begins = np.zeros(len(ids), np.bool_)
    for at in range(0, len(begins), PIECE):  # a copy of a piece: the text itself could not grow while numpy looks at it
        piece = np.frombuffer(ids[at : at + PIECE + len(wanted) - 1].lower(), np.uint8)
        begins[at + places(piece, wanted)] = True
    if not begins.any():
        return np.zeros(len(table), np.bool_)
    return begins[table["id_at"]] & (table["id_size"] >= len(wanted))


def _newest(table: Table, found: Column, most: int) -> None:
    rows = np.flatnonzero(found)
    found[rows] = False
    found[rows[first(-table["received_at"][rows], table["digest"][rows], most)]] = True
