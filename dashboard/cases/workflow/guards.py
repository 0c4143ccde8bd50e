"""Guards: how a case must stand before a move can be made; each refuses with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashboard.cases.case import Actor, Case, NotAllowed
from feeds.record import LEVELS

__all__ = ["EXTENDS", "GUARDS", "LOWER", "PARKS", "PINGPONG", "pingpong", "solved_on_spot"]

#: How often a case may be extended, and parked.
EXTENDS, PARKS = 2, 1
#: Returned so often, a case is marked: it goes to and fro.
PINGPONG = 2

#: level → area of the case one level lower.
LOWER: Mapping[str, str] = {"district": "street", "street": "community"}


def pingpong(case: Case) -> bool:
    """Whether it goes to and fro between desk and handlers (踢皮球)."""
    return case.returns >= PINGPONG


def solved_on_spot(case: Case) -> bool:
    """Whether somebody handled it, and nobody was ever sent."""
    return bool(case.handler) and case.first_dispatched_at is None


Guard = Callable[[Case, Actor, float | None], None]
Holds = Callable[[Case], bool]


def _that(holds: Holds, code: str) -> Guard:
    def check(case: Case, _actor: Actor, _at: float | None) -> None:
        if not holds(case):
            raise NotAllowed(code, case_id=case.case_id)

    return check


def _free(case: Case, actor: Actor, _at: float | None) -> None:
    claim = case.pending.get("claim")
    if claim and claim["by"] != actor.name and actor.role in ("dispatcher", "verifier", "admin"):
        raise NotAllowed("claimed", case_id=case.case_id, by=claim["by"], seat=claim["seat"] or "—")


def _unclaimed(case: Case, _actor: Actor, _at: float | None) -> None:
    claim = case.pending.get("claim")
    if claim:
        raise NotAllowed("claimed", case_id=case.case_id, by=claim["by"], seat=claim["seat"] or "—")


def _unread(case: Case, _actor: Actor, at: float | None) -> None:
    """Orders come back when their time to be accepted is over; those without such a time stay."""
    if case.step_due_at is None or (at is not None and at < case.step_due_at):
        raise NotAllowed("not_unread", case_id=case.case_id, due_at=case.step_due_at)


def _park_over(case: Case, actor: Actor, at: float | None) -> None:
    """People end a parking when they like; the hall, when its time is over."""
    if actor.role == "system" and at is not None and case.step_due_at is not None and at < case.step_due_at:
        raise NotAllowed("still_parked", case_id=case.case_id, due_at=case.step_due_at)


def _in_time(case: Case, _actor: Actor, at: float | None) -> None:
    if at is not None and case.due_at is not None and at > case.due_at:
        raise NotAllowed("extend_too_late", case_id=case.case_id, due_at=case.due_at)


def _accepted(case: Case, _actor: Actor, _at: float | None) -> None:
    if case.order != "accepted":
        raise NotAllowed("accept_first", case_id=case.case_id)


#: name → check; it raises NotAllowed where the case does not stand so. at: now, None where nobody asks for the time.
GUARDS: dict[str, Guard] = {
    "running": _that(lambda case: not case.parked, "parked"),
    "parked": _that(lambda case: case.parked, "not_parked"),
    "unchecked": _that(lambda case: not case.checked, "checked_already"),
    "free": _free,
    "claimed": _that(lambda case: bool(case.pending.get("claim")), "nobody_claimed"),
    "unclaimed": _unclaimed,
    "order_sent": _that(lambda case: case.order == "sent", "no_order_sent"),
    "order_open": _that(lambda case: case.order in ("sent", "reached"), "no_order_open"),
    "accepted": _accepted,
    "unread": _unread,
    "answered": _that(lambda case: not case.needs_answer or case.answered_at is not None, "answer_first"),
    "answer_asked": _that(lambda case: case.needs_answer, "nobody_waits"),
    "answer_given": _that(lambda case: case.answered_at is not None, "not_answered_yet"),
    "whole_way": _that(lambda case: case.outcome in ("closed", "on_spot"), "not_whole_way"),
    "due": _that(lambda case: case.due_at is not None, "no_due"),
    "in_time": _in_time,
    "extends_left": _that(lambda case: case.extends < EXTENDS, "extends_used"),
    "extend_asked": _that(lambda case: "extend" in case.pending, "extend_not_asked"),
    "extend_unasked": _that(lambda case: "extend" not in case.pending, "extend_pending"),
    "parks_left": _that(lambda case: case.parks < PARKS, "parks_used"),
    "park_asked": _that(lambda case: "park" in case.pending, "park_not_asked"),
    "park_unasked": _that(lambda case: "park" not in case.pending, "park_pending"),
    "park_over": _park_over,
    "not_top": _that(lambda case: case.level != LEVELS[-1], "top_level"),
    "below_known": _that(lambda case: bool(getattr(case, LOWER.get(case.level, ""), "")), "no_lower_level"),
    "joint_open": _that(lambda case: "joint" in case.pending, "no_joint"),
    "no_joint": _that(lambda case: "joint" not in case.pending, "joint_pending"),
    "merged": _that(lambda case: bool(case.merged_into), "not_merged"),
    "not_merged": _that(lambda case: not case.merged_into, "unmerge_instead"),
    "appeal_asked": _that(lambda case: "appeal" in case.pending, "appeal_not_asked"),
    "appeal_unasked": _that(lambda case: "appeal" not in case.pending, "appeal_pending"),
    "not_exempt": _that(lambda case: not case.exempt, "exempt_already"),
}
