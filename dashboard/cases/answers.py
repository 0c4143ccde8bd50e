"""Answers: what the ledger says to a report or a move, and the three ways in which it cannot do what was asked."""

from __future__ import annotations

from typing import Literal

import msgspec

from dashboard.cases.case import Case, Entry

__all__ = ["Conflict", "Moved", "NoCase", "Reported"]


class Reported(msgspec.Struct, frozen=True):
    """new: it made the case. told: an entry more. duplicate: said before; late: older than that; not written."""

    case_id: str
    outcome: Literal["new", "told", "duplicate", "late"]
    version: int


class Moved(msgspec.Struct, frozen=True):
    """The case after the entry. again: the same request was answered before; nothing was written now."""

    case: Case
    entry: Entry
    again: bool = False


class NoCase(Exception):
    """There is no case of this id."""

    def __init__(self, case_id: str) -> None:
        super().__init__(case_id)
        self.case_id = case_id


class Conflict(Exception):
    """The case has moved on since the asker looked. case: as it is now; winner: the entry that came first."""

    def __init__(self, case: Case, winner: Entry) -> None:
        super().__init__(f"{case.case_id} is at version {case.version}")
        self.case, self.winner = case, winner
