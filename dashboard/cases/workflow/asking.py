"""Asking: moves that one asks for and another grants or refuses: time, a parking, an exemption; and claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.cases.workflow.clocks import extended, pause, resume, step_due
from dashboard.cases.workflow.meeting import deadlines, went_on
from dashboard.cases.workflow.relations import height
from dashboard.cases.workflow.scene import Does, Scene

__all__ = ["ASKING"]


def _with(scene: Scene, what: str, **more: Any) -> dict[str, Any]:
    return {"pending": {**scene.pending, what: scene.signed(**more)}}


def _without(scene: Scene, what: str) -> dict[str, Any]:
    return {"pending": {name: asked for name, asked in scene.pending.items() if name != what}}


def _asker(scene: Scene, what: str) -> dict[str, Any]:
    return {"asked_by": scene.pending[what]["by"], "asked_at": scene.pending[what]["at"]}


def _extend(scene: Scene) -> Does:
    return Does(_with(scene, "extend", hours=scene.brought["hours"], note=scene.brought["note"], approved_by=""))


def _approve_extend(scene: Scene) -> Does:
    """The first of two levels signs; with the second the due time moves, counted from the old one."""
    asked, case = scene.pending["extend"], scene.case
    if not asked["approved_by"]:
        signed = asked | {"approved_by": scene.actor.name, "approved_at": scene.at, "role": scene.actor.role}
        signed["height"] = height(case, scene.actor)
        return Does({"pending": {**scene.pending, "extend": signed}}, {"level": 1})
    moved = extended(case, asked["hours"], scene.at, scene.rules)
    columns = _without(scene, "extend") | moved | {"extends": case.extends + 1}
    if case.order == "accepted":
        columns["step_due_at"] = moved["due_at"]
    more = {"level": 2, "due_at": case.due_at, "hours": asked["hours"], "first_by": asked["approved_by"]}
    return Does(columns, more | _asker(scene, "extend"))


def _refuse(what: str) -> Callable[[Scene], Does]:
    return lambda scene: Does(_without(scene, what), _asker(scene, what))


def _park(scene: Scene) -> Does:
    return Does(_with(scene, "park", until=scene.brought["until"], note=scene.brought["note"]))


def _approve_park(scene: Scene) -> Does:
    """All clocks stand still; the step's due time says until when at the latest."""
    asked = scene.pending["park"]
    columns = _without(scene, "park") | pause(scene.case, scene.at)
    columns |= {"parked": True, "parks": scene.case.parks + 1, "step_due_at": asked["until"]}
    return Does(columns, {"until": asked["until"], "due_at": scene.case.due_at} | _asker(scene, "park"))


def _unpark(scene: Scene) -> Does:
    case = scene.case
    columns = resume(case, scene.at, scene.rules) | {"parked": False}
    due_at = columns.get("due_at", case.due_at)
    columns["step_due_at"] = due_at if case.order == "accepted" else step_due(case, case.step, scene.at, scene.rules)
    columns["step_from"] = scene.at
    owners = {"owners": deadlines(case.pending)} if "joint" in case.pending else {}
    return Does(columns | went_on(case, scene.at, scene.rules), {"due_at": case.due_at} | owners)


def _urge(scene: Scene) -> Does:
    return Does({"urges": scene.case.urges + 1})


def _claim(scene: Scene) -> Does:
    return Does(_with(scene, "claim"))


def _take_over(scene: Scene) -> Does:
    return Does(_with(scene, "claim"), {"from": scene.pending["claim"]["by"]})


def _release(scene: Scene) -> Does:
    return Does(_without(scene, "claim"))


def _appeal(scene: Scene) -> Does:
    columns = _with(scene, "appeal", note=scene.brought["note"])
    return Does(columns | {"appeals": scene.case.appeals + 1}, {"late": scene.case.late})


def _hear_appeal(scene: Scene) -> Does:
    """Granted, it is marked as exempt. That it was late stays what it is."""
    granted: bool = scene.brought["granted"]
    columns = _without(scene, "appeal") | ({"exempt": True} if granted else {})
    return Does(columns, {"granted": granted, "late": scene.case.late} | _asker(scene, "appeal"))


def _erase(scene: Scene) -> Does:
    return Does({}, {"names": scene.brought["names"]})


ASKING: dict[str, Callable[[Scene], Does]] = {
    "extend": _extend,
    "approve_extend": _approve_extend,
    "refuse_extend": _refuse("extend"),
    "park": _park,
    "approve_park": _approve_park,
    "refuse_park": _refuse("park"),
    "unpark": _unpark,
    "urge": _urge,
    "claim": _claim,
    "take_over": _take_over,
    "release": _release,
    "appeal": _appeal,
    "hear_appeal": _hear_appeal,
    "erase": _erase,
}
