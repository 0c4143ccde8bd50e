"""Seen: what the people of an office see of a case."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["Seen"]


class Seen(msgspec.Struct, frozen=True):
    """What an office reads of a case: columns of the API of the same names."""

    case_id: str
    version: int
    step: str = "reported"
    level: str = "community"
    outcome: str = ""
    source: str = ""
    class_code: str = ""
    street: str = ""
    department: str = ""
    handler: str = ""
    order: str = ""
    checked: bool = False
    parked: bool = False
    told: bool = False
    needs_answer: bool = False
    pending: dict[str, Any] = {}
    reported_at: float = 0.0
    entered_at: float = 0.0
    updated_at: float = 0.0
    answered_at: float | None = None
    due_at: float | None = None
    returns: int = 0
    rejects: int = 0
    reworks: int = 0
    extends: int = 0
    parks: int = 0
    urges: int = 0
    escalations: int = 0
    reopens: int = 0

    @property
    def limit(self) -> float:
        """Seconds it may take."""
        return max((self.due_at or self.reported_at + 86400.0) - self.reported_at, 600.0)
