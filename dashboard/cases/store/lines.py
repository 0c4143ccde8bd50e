"""Lines: a row of the trail and the end of a chain, as they pass between the ledger and its statements."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LINE", "Head", "Line"]


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


#: The columns of a Line, for a statement.
LINE = ", ".join(Line._fields)
