"""Clocks: one for the case, one for each step; they pause and go on, and never run backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.workflow.moves import OPEN

if TYPE_CHECKING:
    from dashboard.cases.rules.rules import Limit, Rules

__all__ = [
    "afresh", "begun", "counted_beside", "enter", "extended", "pause", "pushed", "relimit", "reply_due", "resume",
    "step_due",
]  # fmt: skip

#: Steps whose first time is kept too.
FIRSTS = ("dispatched", "handled")


def ends_at(rules: Rules, start: float, limit: Limit) -> float | None:
    return None if limit.hours is None else rules.due(start, limit.hours, limit.clock)


def step_due(case: Case, step: str, at: float, rules: Rules) -> float | None:
    """Until when the step that begins now is to be done; None once the case is closed."""
    return ends_at(rules, at, rules.step_limit(step, case.grid_kind)) if step in OPEN else None


def begun(at: float, limit: Limit, rules: Rules) -> dict[str, Any]:
    """Columns of a case's clock that is set going with the whole limit before it."""
    columns = {"clock": limit.clock, "limit_hours": limit.hours, "due_at": ends_at(rules, at, limit)}
    return columns | {"clock_from": None if limit.hours is None else at, "clock_hours": limit.hours}


def enter(case: Case, step: str, at: float, rules: Rules) -> dict[str, Any]:
    """Columns of a case that comes into a step: its stay in the last one is added up, the new one's clock begins."""
    columns: dict[str, Any] = {"step": step, "entered_at": at, "step_due_at": step_due(case, step, at, rules)}
    columns["step_from"] = None
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
    stood = case.paused_seconds + max(0.0, at - case.paused_at)
    return {"paused_at": None, "paused_seconds": stood} | pushed(case, case.paused_at, at, rules)


def anchor(case: Case) -> tuple[float, float] | None:
    """Where its clock was last set going (s since 1970), and the hours left then; None: it has no due time.

    A time that the source gave, and one of which we know no more (older cases), is a date: no hours run until then.
    """
    if case.due_at is None:
        return None
    if case.clock_from is not None and case.clock_hours is not None:
        return case.clock_from, case.clock_hours
    if case.limit_hours is not None and _straight(case):
        return case.received_at, case.limit_hours
    return case.due_at, 0.0


def counted(case: Case, at: float, rules: Rules) -> float | None:
    """due_at counted again from its anchor, by the calendar of today.

    What was in time until `at` is due then at the soonest; what is overdue is never more so than it was.
    """
    start = anchor(case)
    if start is None or case.due_at is None:
        return None
    return later(rules.due(*start, case.clock), min(case.due_at, at))


def pushed(case: Case, since: float, at: float, rules: Rules) -> dict[str, Any]:
    """due_at and its anchor after the clock stood still from `since` to `at`; what was over by then stays over."""
    due_at = counted(case, since, rules)
    if due_at is None or due_at <= since:
        return {"due_at": due_at}
    left = rules.elapsed(since, due_at, case.clock)
    moved = rules.due(at, left, case.clock)
    return {"due_at": moved, "clock_from": at, "clock_hours": left} if moved > due_at else {"due_at": due_at}


def extended(case: Case, hours: float, at: float, rules: Rules) -> dict[str, Any]:
    """due_at and its anchor with so many hours more, counted from the old due time."""
    start, due_at = anchor(case), counted(case, at, rules)
    assert start is not None and due_at is not None
    if rules.due(*start, case.clock) != due_at:  # a limit was cut: it is due later than it would be
        start = due_at, 0.0
    begin, left = start[0], start[1] + hours
    return {"due_at": rules.due(begin, left, case.clock), "clock_from": begin, "clock_hours": left}


def later(one: float | None, other: float | None) -> float | None:
    """The later of two times, of which either may be missing."""
    return max((at for at in (one, other) if at is not None), default=None)


def afresh(case: Case, at: float, rules: Rules) -> dict[str, Any]:
    """The clock of a case that is opened again. Without a limit of its own it has the rules' now."""
    if case.due_at is None:
        return begun(at, rules.limit(case.class_code, case.level, case.response), rules)
    columns = pushed(case, min(case.archived_at or at, at), at, rules)
    if case.limit_hours is None:
        fresh = begun(at, rules.limit(case.class_code, case.level, case.response), rules)
    else:
        again = rules.due(at, case.limit_hours, case.clock)
        fresh = {"due_at": again, "clock_from": at, "clock_hours": case.limit_hours}
    stays = fresh["due_at"] is None or (columns["due_at"] is not None and columns["due_at"] >= fresh["due_at"])
    return columns if stays else fresh


def relimit(case: Case, limit: Limit, at: float, rules: Rules) -> dict[str, Any]:
    """clock, limit_hours, due_at and its anchor under another limit, or another calendar.

    It is counted from its anchor: a holiday since then counts, and the hours that the new limit has more or less come
    on top. A shorter limit never makes a case late that was in time: it is due now at the soonest. A due time that its
    source gave (no limit_hours) knows no limit; hours that were added to it follow the calendar.
    """
    now = at if case.paused_at is None else case.paused_at
    start = anchor(case)
    if start is not None and (case.limit_hours is None or (limit.hours, limit.clock) == (case.limit_hours, case.clock)):
        return {"due_at": counted(case, now, rules)}
    if start is None or limit.hours is None or case.limit_hours is None:
        columns = begun(case.received_at, limit, rules)
        return columns if limit.hours is None else columns | {"due_at": later(now, columns["due_at"])}
    begin, left = start[0], start[1] + limit.hours - case.limit_hours
    other = msgspec.structs.replace(case, clock=limit.clock, clock_from=begin, clock_hours=left)
    moved = {"due_at": counted(other, now, rules), "clock_from": begin, "clock_hours": left}
    return {"clock": limit.clock, "limit_hours": limit.hours, **moved}


def _straight(case: Case) -> bool:
    """Whether its clock has run since the beginning without a break, and nothing was added to it."""
    return case.paused_at is None and not (case.paused_seconds or case.extends or case.reopens or case.escalations)


def reply_due(case: Case, at: float, rules: Rules) -> float | None:
    """A second due time, from `at` on: the class's reply, or the answer to a citizen; whichever comes first."""
    limit, answer = rules.limit(case.class_code, case.level, case.response), rules.answer_limit(case.source)
    ends = [] if limit.reply_hours is None else [rules.due(at, limit.reply_hours, limit.clock)]
    if answer.hours is not None:
        ends.append(rules.due(at, answer.hours, answer.clock))
    return min(ends, default=None)


def counted_beside(case: Case, at: float, rules: Rules) -> dict[str, Any]:
    """reply_due_at and step_due_at by the rules of today. The end of a parking, and a fixed time, stay as they are."""
    columns = dict[str, Any]()
    if case.reply_from is not None and case.reply_due_at is not None and case.answered_at is None:
        again = reply_due(case, case.reply_from, rules)
        columns["reply_due_at"] = case.reply_due_at if again is None else later(again, min(case.reply_due_at, at))
    accepted = case.order == "accepted" and case.step == "dispatched"
    if case.step_due_at is not None and not case.parked and not accepted:
        again = step_due(case, case.step, _step_from(case), rules)
        columns["step_due_at"] = None if again is None else later(again, min(case.step_due_at, at))
    return columns


def _step_from(case: Case) -> float:
    """When the clock of its step began: on arrival, with the order, or whenever it was set going anew."""
    if case.step_from is not None:
        return case.step_from
    if case.step == "dispatched" and case.dispatched_at is not None:
        return case.dispatched_at
    return max(case.entered_at, case.received_at) if case.step == "reported" else case.entered_at
