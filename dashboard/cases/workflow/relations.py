"""Relations: what somebody must be to a case before they may move it: scope, level, own order, never both hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.cases.case import Actor, Case, NotAllowed
from feeds.record import LEVELS

__all__ = ["RELATIONS", "handles", "height"]

#: Above all levels: whoever may act in the whole city.
CITY = len(LEVELS)
DISTRICT = LEVELS.index("district")
MACHINES = ("system", "source")


def height(case: Case, actor: Actor) -> int | None:
    """Index of LEVELS on which the actor's scope lies over the case, CITY for the whole city, None outside it."""
    if not actor.scope:
        return CITY
    over = (case.district, case.street, case.community)
    found = [level for level, area_id in zip((2, 1, 0), over, strict=True) if area_id == actor.scope]
    if found:
        return found[0]
    return 0 if actor.scope in (case.area_id, case.grid_id) else None


def handles(case: Case, actor: Actor) -> bool:
    """Whether the order is with the actor, or with the department that the actor belongs to."""
    office = actor.role == "department" and bool(case.department) and case.department == actor.department
    return office or _named(case, actor)


def _named(case: Case, actor: Actor) -> bool:
    """An order names an account, a worker by their id, whose account reads like it in small letters, or a seat of the
    department that it goes to."""
    seat = actor.seat if case.department and case.department == actor.department else ""
    return bool(case.handler) and case.handler.casefold() in (actor.name.casefold(), seat.casefold())


def _scope(case: Case, actor: Actor) -> None:
    if actor.role not in MACHINES and height(case, actor) is None:
        raise NotAllowed("scope", case_id=case.case_id, scope=actor.scope)


def _own(case: Case, actor: Actor) -> None:
    if actor.role in ("worker", "department") and not handles(case, actor):
        raise NotAllowed("own", case_id=case.case_id, handler=case.handler or case.department or "—")


def _department(case: Case, actor: Actor) -> None:
    if actor.role == "department" and case.department and not handles(case, actor):
        raise NotAllowed("own", case_id=case.case_id, handler=case.department)


def _level(case: Case, actor: Actor) -> None:
    """A case that went up is decided there; handlers speak for their order, whatever its level."""
    above = height(case, actor)
    if actor.role not in ("worker", "department") and (above is None or above < LEVELS.index(case.level)):
        raise NotAllowed("level", case_id=case.case_id, level=case.level)


def _not_handler(case: Case, actor: Actor) -> None:
    colleague = bool(actor.department) and actor.department == case.department
    if _named(case, actor) or colleague:
        raise NotAllowed("not_handler", case_id=case.case_id, handler=case.handler or case.department)


def _senior(case: Case, actor: Actor) -> None:
    """Somebody of the district or the city."""
    if (height(case, actor) or 0) < DISTRICT:
        raise NotAllowed("senior", case_id=case.case_id)


def _second_level(case: Case, actor: Actor) -> None:
    """Higher than who signed first. Above the district there are its leader, and the city."""
    first, above = _asked(case, "extend"), height(case, actor) or 0
    if not first.get("approved_by"):
        return
    signed = first.get("height", 0)
    leads = actor.role == "leader" and first.get("role") != "leader"
    if above <= signed and not (signed >= DISTRICT and above >= DISTRICT and (above == CITY or leads)):
        raise NotAllowed("second_level", case_id=case.case_id, by=first["approved_by"])


def _not_approver(case: Case, actor: Actor) -> None:
    if _asked(case, "extend").get("approved_by") == actor.name:
        raise NotAllowed("not_approver", case_id=case.case_id)


def _not_asker(what: str) -> Callable[[Case, Actor], None]:
    def check(case: Case, actor: Actor) -> None:
        if _asked(case, what).get("by") == actor.name:
            raise NotAllowed("not_asker", case_id=case.case_id)

    return check


def _claimer(case: Case, actor: Actor) -> None:
    if _asked(case, "claim").get("by") != actor.name:
        raise NotAllowed("not_claimer", case_id=case.case_id, by=_asked(case, "claim").get("by", "—"))


def _other_claimer(case: Case, actor: Actor) -> None:
    if _asked(case, "claim").get("by") == actor.name:
        raise NotAllowed("own_claim", case_id=case.case_id)


def _invited(case: Case, actor: Actor) -> None:
    owner = _asked(case, "joint").get("owners", {}).get(actor.department)
    if owner is None:
        raise NotAllowed("not_invited", case_id=case.case_id)
    if owner["answered_at"] is not None:
        raise NotAllowed("joint_answered", case_id=case.case_id, by=owner["by"])


def _asked(case: Case, what: str) -> dict[str, Any]:
    found: dict[str, Any] = case.pending.get(what) or {}
    return found


#: name → check; it raises NotAllowed where the actor is not what the name says.
RELATIONS: dict[str, Callable[[Case, Actor], None]] = {
    "scope": _scope,
    "own": _own,
    "department": _department,
    "level": _level,
    "not_handler": _not_handler,
    "senior": _senior,
    "second_level": _second_level,
    "not_approver": _not_approver,
    "not_asker_extend": _not_asker("extend"),
    "not_asker_park": _not_asker("park"),
    "not_asker_appeal": _not_asker("appeal"),
    "claimer": _claimer,
    "not_claimer": _other_claimer,
    "invited": _invited,
}
