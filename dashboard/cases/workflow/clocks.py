"""Clocks: one for the case, one for each step; they pause and go on, and never run backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.cases.case import Case
from dashboard.cases.workflow.moves import OPEN

if TYPE_CHECKING:
    from dashboard.cases.rules.rules import Limit, Rules

__all__ = ["afresh", "ends_at", "enter", "later", "pause", "pushed", "relimit", "resume", "step_due"]

#: Steps whose first time is kept too.
FIRSTS = ("dispatched", "handled")


def ends_at(rules: Rules, start: float, limit: Limit) -> float | None:
    return None if limit.hours is None else rules.due(start, limit.hours, limit.clock)


def step_due(case: Case, step: str, at: float, rules: Rules) -> float | None:
    """Until when the step that begins now is to be done; None once the case is closed."""
    return ends_at(rules, at, rules.step_limit(step, getattr(case, "grid_kind", ""))) if step in OPEN else None


def enter(case: Case, step: str, at: float, rules: Rules) -> dict[str, Any]:
    """Columns of a case that comes into a step: its stay in the last one is added up, the new one's clock begins."""
    columns: dict[str, Any] = {"step": step, "entered_at": at, "step_due_at": step_due(case, step, at, rules)}
    if case.step in OPEN:
        spent = f"spent_{case.step}"
        columns[spent] = getattr(case, spent) + max(0.0, at - case.entered_at)
    if step != "reported":
        columns[f"{step}_at"] = at
    if step in FIRSTS and getattr(case, f"first_{step}_at") is None:
        columns[f"first_{step}_at"] = at
    return columns


def pause(case: Case, at: float) -> dict[str, Any]:
    """The case's clock stands still from now on; what stands still already, does so since then."""
    return {} if case.paused_at is not None else {"paused_at": at}


def resume(case: Case, at: float, rules: Rules) -> dict[str, Any]:
    """The clock goes on: what was left when it stopped is left now."""
    if case.paused_at is None:
        return {}
    return {
        "paused_at": None,
        "paused_seconds": case.paused_seconds + max(0.0, at - case.paused_at),
        "due_at": pushed(case, case.paused_at, at, rules),
    }


def pushed(case: Case, since: float, at: float, rules: Rules) -> float | None:
    """due_at after the clock stood still from `since` to `at`; what was over by then stays over."""
    if case.due_at is None or case.due_at <= since:
        return case.due_at
    left = rules.elapsed(since, case.due_at, case.clock)
    return later(case.due_at, rules.due(at, left, case.clock))


def later(one: float | None, other: float | None) -> float | None:
    """The later of two times, of which either may be missing."""
    return max((at for at in (one, other) if at is not None), default=None)


def afresh(case: Case, at: float, rules: Rules) -> dict[str, Any]:
    """The clock of a case that is opened again. What closed before we heard of it, and had no limit, gets one now."""
    if case.due_at is None:
        limit = rules.limit(case.class_code, case.level, case.response)
        return {"clock": limit.clock, "limit_hours": limit.hours, "due_at": ends_at(rules, at, limit)}
    again = None if case.limit_hours is None else rules.due(at, case.limit_hours, case.clock)
    return {"due_at": later(pushed(case, min(case.archived_at or at, at), at, rules), again)}


def relimit(case: Case, limit: Limit, at: float, rules: Rules) -> dict[str, Any]:
    """clock, limit_hours and due_at under another limit, or another calendar: what was used up stays used up.

    A case whose clock was never stopped nor added to is computed from its beginning, so that a new holiday counts; for
    the others the hours left are kept, and those that the new limit has more or less come on top.
    A shorter limit never makes a case late that was in time: it is due now at the soonest.
    A due time that its source gave (no limit_hours) stays.
    """
    if case.limit_hours is None and case.due_at is not None:
        return {}
    columns: dict[str, Any] = {"clock": limit.clock, "limit_hours": limit.hours}
    if limit.hours is None:
        return columns | {"due_at": None}
    if case.limit_hours is None or case.due_at is None:
        return columns | {"due_at": later(at, rules.due(case.received_at, limit.hours, limit.clock))}
    if _straight(case):
        due_at = rules.due(case.received_at, limit.hours, limit.clock)
        return columns | {"due_at": later(at, due_at) if case.due_at > at else due_at}
    return columns | {"due_at": _moved(case, limit.hours, limit.clock, at, rules)}


def _straight(case: Case) -> bool:
    """Whether its clock has run since the beginning without a break, and nothing was added to it."""
    return case.paused_at is None and not (case.paused_seconds or case.extends or case.reopens or case.escalations)


def _moved(case: Case, hours: float, clock: str, at: float, rules: Rules) -> float:
    """Where due_at comes to lie: the hours left on the old clock, and those that the new limit has more or less."""
    assert case.due_at is not None and case.limit_hours is not None
    if (hours, clock) == (case.limit_hours, case.clock):
        return case.due_at
    now = at if case.paused_at is None else case.paused_at
    left = rules.elapsed(now, case.due_at, case.clock) + hours - case.limit_hours
    if left > 0:
        return rules.due(now, left, clock)
    return min(case.due_at, now)
