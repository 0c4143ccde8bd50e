"""Together: moves between cases and between levels: merge, up, down; and void."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dashboard.cases.case import Case, Change, NotAllowed
from dashboard.cases.workflow.clocks import enter, pushed, relimit, reply_due, step_due
from dashboard.cases.workflow.relations import RELATIONS, height
from dashboard.cases.workflow.scene import Does, Scene
from dashboard.cases.workflow.walk import NO_ORDER, broken_off, closing, left_step
from feeds.record import LEVELS

if TYPE_CHECKING:
    from dashboard.cases.rules.rules import Rules

__all__ = ["TOGETHER"]


def _merge(scene: Scene) -> Does:
    """This one ends in another of its district, which takes over whoever waits for an answer."""
    case, target = scene.case, _target(scene)
    if target.case_id == case.case_id or target.district != case.district or not target.open:
        raise NotAllowed("wrong_target", case_id=case.case_id, into=target.case_id)
    RELATIONS["level"](target, scene.actor)  # it is written into that one too
    columns = closing(scene, "merged") | {"merged_into": target.case_id}
    taken = Change(move="take_in", set=_waits_too(case, target, scene.rules), more={"merged": case.case_id})
    return Does(columns, {"into": target.case_id}, {target.case_id: taken})


def _target(scene: Scene) -> Case:
    """Of a case that lies outside the asker's area not even that there is one is told."""
    into = scene.brought["into"]
    target = scene.others.get(into)
    if target is None or height(target, scene.actor) is None:
        raise NotAllowed("no_such_target", case_id=scene.case.case_id, into=into)
    return target


def _waits_too(case: Case, target: Case, rules: Rules) -> dict[str, Any]:
    """The sooner of both times; it is counted as that case's was, or is a fixed one where the limits are others."""
    if not case.needs_answer or case.answered_at is not None:
        return {}
    times = [at for at in (case.reply_due_at, target.reply_due_at) if at is not None]
    waits = {"needs_answer": True, "answered_at": None, "reply_due_at": min(times, default=None)}
    begun = [
        one.reply_from for one in (target, case) if one.reply_from is not None
        and reply_due(target, one.reply_from, rules) == waits["reply_due_at"]
    ]  # fmt: skip
    waits["reply_from"] = next(iter(begun), None)
    return {name: value for name, value in waits.items() if value != getattr(target, name)}


def _unmerge(scene: Scene) -> Does:
    """On its own again; the time for which it was part of another did not count."""
    case, at, rules = scene.case, scene.at, scene.rules
    columns = enter(case, "reported", at, rules) | left_step(scene) | NO_ORDER
    columns |= {"outcome": "", "merged_into": "", "archived_at": None}
    since = min(case.archived_at or at, at)
    columns |= pushed(case, since, at, rules) | {"paused_seconds": case.paused_seconds + at - since}
    also = dict[str, Change]()
    if (target := scene.others.get(case.merged_into)) is not None:
        for name in ("scope", "level"):
            RELATIONS[name](target, scene.actor)
        also[target.case_id] = Change(move="let_go", set={}, more={"unmerged": case.case_id})
    return Does(columns, {"from": case.merged_into, "due_at": case.due_at}, also)


def _void(scene: Scene) -> Does:
    """Whoever waits is told why: the answer goes with it, unless they had one."""
    case, answer = scene.case, scene.brought["answer"]
    waits = case.needs_answer and case.answered_at is None
    if waits and not answer:
        raise NotAllowed("answer_void", case_id=case.case_id)
    told = {"answered_at": scene.at} if waits else {}
    return Does(closing(scene, "void") | told, {"answer": answer} if answer else {})


def _to_level(scene: Scene, level: str) -> dict[str, Any]:
    """The dispatchers of another level have it; what the class allows there counts, and what was used up stays so."""
    case, at, rules = scene.case, scene.at, scene.rules
    columns: dict[str, Any] = {"step_due_at": step_due(case, "reported", at, rules)} | left_step(scene) | NO_ORDER
    columns = enter(case, "reported", at, rules) | columns if case.step != "reported" else columns | {"step_from": at}
    limit = rules.limit(case.class_code, level, case.response)
    if (limit.hours, limit.clock) != (case.limit_hours, case.clock):
        columns |= relimit(case, limit, at, rules)
    route = rules.route(case.class_code, case.area_ids, level)
    return columns | {"level": level, "department": route.department if route and route.level == level else ""}


def _escalate(scene: Scene) -> Does:
    case = scene.case
    columns = _to_level(scene, LEVELS[LEVELS.index(case.level) + 1])
    return Does(columns | {"escalations": case.escalations + 1}, _was(scene))


def _hand_down(scene: Scene) -> Does:
    return Does(_to_level(scene, LEVELS[LEVELS.index(scene.case.level) - 1]), _was(scene))


def _was(scene: Scene) -> dict[str, Any]:
    case = scene.case
    was = {"level": case.level, "department": case.department, "handler": case.handler, "due_at": case.due_at}
    return was | broken_off(scene)


TOGETHER: dict[str, Callable[[Scene], Does]] = {
    "merge": _merge,
    "unmerge": _unmerge,
    "void": _void,
    "escalate": _escalate,
    "hand_down": _hand_down,
}
