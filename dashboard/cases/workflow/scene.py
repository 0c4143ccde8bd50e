"""Scene: all that a decision looks at, and what it does to the case and to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from dashboard.cases.case import Actor, Ask, Case, Change

if TYPE_CHECKING:
    from dashboard.cases.rules.rules import Rules

__all__ = ["NOTHING", "Does", "Known", "Scene"]


class Known(NamedTuple):
    """What a move may name, as far as it does and there is such a thing. files: attachments of the case, by SHA-256;
    departments: those of which no rule knows, but a source that told of cases.
    """

    files: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()


NOTHING = Known()


@dataclass(frozen=True)
class Scene:
    """at: seconds since 1970, never before what already stands in the case. brought: what the move needs, read."""

    case: Case
    ask: Ask
    actor: Actor
    at: float
    rules: Rules
    others: Mapping[str, Case] = field(default_factory=dict[str, Case])
    brought: Mapping[str, Any] = field(default_factory=dict[str, Any])
    known: Known = NOTHING

    @property
    def pending(self) -> dict[str, Any]:
        return self.case.pending

    def signed(self, **more: Any) -> dict[str, Any]:
        """Who did it and when, as it is kept in Case.pending."""
        actor = self.actor
        return {"by": actor.name, "seat": actor.seat, "department": actor.department, "at": self.at, **more}


class Does(NamedTuple):
    """set: columns; more: what the trail says besides; also: case_id → what happens to another case."""

    set: dict[str, Any]
    more: dict[str, Any] = {}  # noqa: RUF012
    also: dict[str, Change] = {}  # noqa: RUF012
