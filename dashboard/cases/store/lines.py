"""Lines: a row of the trail and the end of a chain, as they pass between the ledger and its statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.cases.case import Case, Entry

__all__ = ["LINE", "Head", "Line", "News", "Written"]


class Head(NamedTuple):
    """The end of a chain: the number of the chain, position of its last entry and the hash of it."""

    number: int
    position: int
    hash: bytes


class Line(NamedTuple):
    """A row of `case_entries`."""

    seq: int
    case_id: str
    version: int
    move: str
    recorded_at: float
    request_key: str | None
    body: str
    hash: bytes


class Written(NamedTuple):
    """What one transaction writes. changed: cases as they are now, with the names of columns that are not as before."""

    lines: Sequence[Line]
    heads: dict[str, Head]
    cases: Sequence[Case] = ()
    changed: Sequence[tuple[Case, frozenset[str]]] = ()


class News(NamedTuple):
    """An entry that is committed, and the case as it stood after it."""

    case: Case
    entry: Entry


#: The columns of a Line, for a statement.
LINE = ", ".join(Line._fields)
