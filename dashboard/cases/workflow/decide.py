"""Decide: may this move be made, and what does it do? Pure: the case, who asks, the time and the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dashboard.cases.case import Actor, Ask, Case, Change, NotAllowed
from dashboard.cases.workflow.asking import ASKING
from dashboard.cases.workflow.clocks import counted_beside, relimit
from dashboard.cases.workflow.firsts import first, tell
from dashboard.cases.workflow.guards import GUARDS, PINGPONG
from dashboard.cases.workflow.meeting import MEETING, counted_again, deadlines
from dashboard.cases.workflow.moves import MOVES, Move
from dashboard.cases.workflow.needs import bring
from dashboard.cases.workflow.relations import RELATIONS
from dashboard.cases.workflow.scene import NOTHING, Does, Known, Scene
from dashboard.cases.workflow.together import TOGETHER
from dashboard.cases.workflow.walk import WALK

if TYPE_CHECKING:
    from dashboard.cases.rules.rules import Rules

__all__ = ["EFFECTS", "decide", "due_again", "first", "offered", "tell"]

SYSTEM = "system"
#: What the trail keeps of a case whose due times are counted again; of the second line only those that moved.
WAS = ("due_at", "limit_hours", "clock")
BESIDE = ("reply_due_at", "step_due_at")


def decide(
    case: Case, ask: Ask, actor: Actor, at: float, rules: Rules, others: Mapping[str, Case] | None = None,
    known: Known = NOTHING,
) -> Change:  # fmt: skip
    """What the move does to the case, and to others. at: now, seconds since 1970. others: by case_id, the one to
    be merged into or the one merged into, if the move names it. known: what else it names, and is there.

    Raises NotAllowed where the move does not exist, does not fit the step, is not the actor's to make, or where what it
    needs was not brought. The version that the asker saw is the ledger's affair.
    """
    move = MOVES.get(ask.move)
    if move is None or not move.asked:
        raise NotAllowed("no_such_move", move=ask.move)
    at = max(at, case.updated_at, case.entered_at)
    _check(case, move, actor, at)
    scene = Scene(case, ask, actor, at, rules, others or {}, known=known)
    scene = replace(scene, brought=bring(scene, move.needs, move.brings))
    does = EFFECTS[move.name](scene)
    columns = _changed(case, does.set | _taken(case, move, actor))
    return Change(move=move.name, set=columns, note=ask.note.strip(), more=_marked(columns, does.more), also=does.also)


def offered(case: Case, actor: Actor, rules: Rules, at: float | None = None) -> list[str]:
    """Moves that this actor could make now, in the order of MOVES. With `at` those that need time are judged too."""
    return [move.name for move in MOVES.values() if move.asked and _possible(case, move, actor, rules, at)]


def due_again(case: Case, rules: Rules, at: float) -> Change | None:
    """The case's due times under the rules of today, the old ones in `more` (see `relimit`); None: they agree."""
    if not case.open:
        return None
    limit = rules.limit(case.class_code, case.level, case.response)
    columns = relimit(case, limit, at, rules) | counted_beside(case, at, rules) | counted_again(case, at, rules)
    if case.order == "accepted" and not case.parked and case.step == "dispatched" and "due_at" in columns:
        columns["step_due_at"] = columns["due_at"]
    columns = _changed(case, columns)
    if not columns:
        return None
    old = {name: getattr(case, name) for name in (*WAS, *(name for name in BESIDE if name in columns))}
    return Change(move="recompute", set=columns, more=old | _were(case, columns) | {"rules": rules.version})


def _were(case: Case, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Deadlines of a joint meeting that are others now, as they were."""
    now = deadlines(columns.get("pending", case.pending))
    moved = {name: due_at for name, due_at in deadlines(case.pending).items() if now[name] != due_at}
    return {"owners": moved} if moved else {}


def _recompute(scene: Scene) -> Does:
    change = due_again(scene.case, scene.rules, scene.at)
    if change is None:
        raise NotAllowed("nothing_to_recompute", case_id=scene.case.case_id)
    return Does(change.set, change.more)


#: name → what the move does.
EFFECTS: dict[str, Callable[[Scene], Does]] = WALK | ASKING | TOGETHER | MEETING | {"recompute": _recompute}


def _check(case: Case, move: Move, actor: Actor, at: float | None) -> None:
    """Raises NotAllowed: who may at all, then where, then whether the case stands so, then who to each other."""
    if actor.role not in move.roles:
        raise NotAllowed("role", move=move.name, role=actor.role, roles=list(move.roles))
    RELATIONS["scope"](case, actor)
    if case.step not in move.before:
        raise NotAllowed("step", case_id=case.case_id, move=move.name, step=case.step, before=list(move.before))
    for name in move.guards:
        GUARDS[name](case, actor, at)
    for name in move.relation:
        RELATIONS[name](case, actor)


def _possible(case: Case, move: Move, actor: Actor, rules: Rules, at: float | None) -> bool:
    if actor.role not in move.roles or case.step not in move.before:
        return False
    if move.name == "recompute":
        return due_again(case, rules, case.updated_at if at is None else at) is not None
    try:
        _check(case, move, actor, at)
    except NotAllowed:
        return False
    return True


def _taken(case: Case, move: Move, actor: Actor) -> dict[str, Any]:
    """In our hands: its source no longer says where it stands; the first contact (首问), if nobody was yet."""
    if not move.takes or actor.role == SYSTEM:
        return {}
    return {"told": False} | ({} if case.owner else {"owner": actor.name})


def _changed(case: Case, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value != getattr(case, name)}


def _marked(columns: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Each return of a case that goes to and fro is marked in its trail."""
    returned = "returns" in columns and columns["returns"] >= PINGPONG
    return {**more, "pingpong": columns["returns"]} if returned else dict(more)
