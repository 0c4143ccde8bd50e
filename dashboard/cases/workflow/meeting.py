"""Meeting: 联席会议: a case with several owners, each with a deadline that follows the calendar and pauses with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dashboard.cases.case import Case
from dashboard.cases.workflow.clocks import enter, resume, step_due
from dashboard.cases.workflow.scene import Does, Scene
from dashboard.cases.workflow.walk import left_step

if TYPE_CHECKING:
    from dashboard.cases.rules.rules import Rules

__all__ = ["MEETING", "counted_again", "deadlines", "went_on"]

#: department → when it is to have answered (due_at), the moment its clock was set going (from) and the hours it had
#: left then, and what it answered. Meetings of older ledgers lack from and hours: their deadlines are dates.
Owners = dict[str, dict[str, Any]]


def _joint(scene: Scene) -> Does:
    """Every owner has a deadline; the first one leads: the order is its own, and it reports when all have answered."""
    case, at, rules = scene.case, scene.at, scene.rules
    owners: Owners = {
        name: _begun(at, hours, case.clock, rules) | {"answered_at": None, "by": "", "note": ""}
        for name, hours in scene.brought["owners"].items()
    }
    lead = next(iter(owners))
    columns = (
        enter(case, "dispatched", at, rules) if case.step != "dispatched" else {"dispatched_at": at, "step_from": None}
    )
    columns |= resume(case, at, rules) | {"department": lead, "handler": "", "order": "sent", "accepted_at": None}
    columns |= {"step_due_at": step_due(case, "dispatched", at, rules)}
    joint = scene.signed(owners=owners, lead=lead, clock=case.clock)
    columns |= {"pending": left_step(scene)["pending"] | {"joint": joint}}
    due = deadlines({"joint": joint})
    return Does(columns, {"owners": due, "lead": lead, "department": case.department, "handler": case.handler})


def _begun(at: float, hours: float, clock: str, rules: Rules) -> dict[str, Any]:
    return {"due_at": rules.due(at, hours, clock), "from": at, "hours": hours}


def _joint_answer(scene: Scene) -> Does:
    """One owner's answer; with the last the meeting is over and the case goes on."""
    case, joint, actor = scene.case, scene.pending["joint"], scene.actor
    answer = {"answered_at": scene.at, "by": actor.name, "note": scene.brought["note"]}
    owners = {**joint["owners"], actor.department: joint["owners"][actor.department] | answer}
    waiting = [name for name, owner in owners.items() if owner["answered_at"] is None]
    due_at = owners[actor.department]["due_at"]
    counts = scene.at if case.paused_at is None else case.paused_at  # the clock shows this
    more = {"department": actor.department, "due_at": due_at, "late": counts > due_at, "waiting": waiting}
    if not waiting:
        return Does(_over(scene), more)
    return Does({"pending": {**scene.pending, "joint": {**joint, "owners": owners}}}, more)


def _joint_close(scene: Scene) -> Does:
    """The meeting ends without those who never answered; the trail names them."""
    owners = scene.pending["joint"]["owners"]
    return Does(_over(scene), {"unanswered": [name for name in owners if owners[name]["answered_at"] is None]})


def _over(scene: Scene) -> dict[str, Any]:
    """The order is as every other from now on: one that nobody has accepted has its whole time for that."""
    case = scene.case
    columns = {"pending": {name: asked for name, asked in scene.pending.items() if name != "joint"}}
    if case.order == "accepted" or case.parked:
        return columns
    return columns | {"step_due_at": step_due(case, "dispatched", scene.at, scene.rules), "step_from": scene.at}


def deadlines(pending: Mapping[str, Any]) -> dict[str, float]:
    """Department → until when it is to answer; of those that have, until when it was."""
    owners: Owners = pending.get("joint", {}).get("owners", {})
    return {name: owner["due_at"] for name, owner in owners.items() if "due_at" in owner}


def counted_again(case: Case, at: float, rules: Rules) -> dict[str, Any]:
    """`pending` with the deadlines by the calendar of today; nothing where no meeting waits.

    As with the case's own: what was in time until `at` is due then at the soonest, what is over stays over.
    """
    now = at if case.paused_at is None else case.paused_at
    return _each(case, lambda owner, clock: _counted(owner, clock, now, rules))


def went_on(case: Case, at: float, rules: Rules) -> dict[str, Any]:
    """The same when the case's clock goes on: what was left to each owner when it stopped is left now."""
    since = case.paused_at
    return {} if since is None else _each(case, lambda owner, clock: _pushed(owner, clock, (since, at), rules))


def _each(case: Case, moved: Callable[[dict[str, Any], str], dict[str, Any]]) -> dict[str, Any]:
    """With every owner moved who is still to answer, and whose deadline is more than a date."""
    joint: Mapping[str, Any] = case.pending.get("joint", {})
    if "clock" not in joint:
        return {}
    owners = {
        name: moved(owner, joint["clock"]) if owner["answered_at"] is None else owner
        for name, owner in joint["owners"].items()
    }
    return {"pending": {**case.pending, "joint": {**joint, "owners": owners}}}


def _counted(owner: dict[str, Any], clock: str, at: float, rules: Rules) -> dict[str, Any]:
    again = rules.due(owner["from"], owner["hours"], clock)
    return owner | {"due_at": max(again, min(owner["due_at"], at))}


def _pushed(owner: dict[str, Any], clock: str, stood: tuple[float, float], rules: Rules) -> dict[str, Any]:
    since, at = stood
    counted = _counted(owner, clock, since, rules)
    if counted["due_at"] <= since:
        return counted
    return counted | _begun(at, rules.elapsed(since, counted["due_at"], clock), clock, rules)


#: name → what the move does.
MEETING: dict[str, Callable[[Scene], Does]] = {
    "joint": _joint,
    "joint_answer": _joint_answer,
    "joint_close": _joint_close,
}
