"""Walk: what the moves along the six steps do to a case, and those that bring it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.cases.workflow.clocks import afresh, enter, pause, reply_due, resume, step_due
from dashboard.cases.workflow.guards import solved_on_spot
from dashboard.cases.workflow.scene import Does, Scene

__all__ = ["WALK", "broken_off", "closing", "left_step"]

#: What is asked for in one step ends with it; an appeal goes on.
OUTLIVES = ("appeal",)
UNDONE: dict[str, Any] = {
    "outcome": "", "archived_at": None, "appraised_at": None, "verifier": "", "satisfaction": None, "score": None,
}  # fmt: skip
NO_ORDER: dict[str, Any] = {"department": "", "handler": "", "order": "", "accepted_at": None}


def left_step(scene: Scene) -> dict[str, Any]:
    return {"pending": {name: asked for name, asked in scene.pending.items() if name in OUTLIVES}}


def into(scene: Scene, step: str) -> dict[str, Any]:
    return enter(scene.case, step, scene.at, scene.rules) | left_step(scene)


def closing(scene: Scene, outcome: str) -> dict[str, Any]:
    """Columns of a case that closes: nothing is paused or parked any more. Void and merged cases are never late."""
    case, at = scene.case, scene.at
    columns: dict[str, Any] = resume(case, at, scene.rules) | into(scene, "archived")
    columns |= {"outcome": outcome, "parked": False}
    due_at: float | None = columns.get("due_at", case.due_at)
    if outcome in ("closed", "on_spot"):
        columns["late"] = case.late or (due_at is not None and at > due_at)
    return columns


def _check(scene: Scene) -> Does:
    return Does({"checked": True, "checked_at": scene.at})


def _order(scene: Scene) -> dict[str, Any]:
    department, handler = scene.brought["whom"]
    return {"department": department, "handler": handler, "order": "sent", "accepted_at": None}


def _dispatch(scene: Scene) -> Does:
    """An order goes out; a clock that stood still since the last one came back goes on."""
    return Does(into(scene, "dispatched") | resume(scene.case, scene.at, scene.rules) | _order(scene))


def _redispatch(scene: Scene) -> Does:
    """The order goes to somebody else; the step and its time go on, the time to accept begins again."""
    case = scene.case
    columns: dict[str, Any] = {"step_due_at": step_due(case, "dispatched", scene.at, scene.rules), "step_from": None}
    columns |= {"dispatched_at": scene.at} | _order(scene) | left_step(scene)
    return Does(columns, {"handler": case.handler, "department": case.department})


def _deliver(_scene: Scene) -> Does:
    return Does({"order": "reached"})


def _accept(scene: Scene) -> Does:
    """From here on the step's clock is the case's."""
    columns = {"order": "accepted", "handler": scene.actor.name, "accepted_at": scene.at}
    return Does(columns | {"step_due_at": scene.case.due_at})


def _back(scene: Scene, order: str) -> dict[str, Any]:
    """To the dispatcher, who must decide anew: the case's clock stands still until the next order."""
    return into(scene, "reported") | pause(scene.case, scene.at) | NO_ORDER | {"order": order}


def _reject(scene: Scene) -> Does:
    return Does(_back(scene, "rejected") | {"rejects": scene.case.rejects + 1}, _from(scene))


def _return(scene: Scene) -> Does:
    returns = scene.case.returns + 1
    return Does(_back(scene, "") | {"returns": returns}, _from(scene) | {"returns": returns})


def _come_back(scene: Scene) -> Does:
    return Does(_back(scene, ""), _from(scene))


def _from(scene: Scene) -> dict[str, Any]:
    """Whose order it was: the case forgets, the trail does not."""
    return {"department": scene.case.department, "handler": scene.case.handler} | broken_off(scene)


def broken_off(scene: Scene) -> dict[str, Any]:
    """Of a meeting that ends because its case goes elsewhere: who had not answered."""
    owners: dict[str, dict[str, Any]] = scene.pending.get("joint", {}).get("owners", {})
    return {"unanswered": [name for name, one in owners.items() if one["answered_at"] is None]} if owners else {}


def _answered(scene: Scene) -> dict[str, Any]:
    """A report on the handling may carry the answer to the citizen with it."""
    told = bool(scene.brought["answer"]) and scene.case.needs_answer and scene.case.answered_at is None
    return {"answered_at": scene.at} if told else {}


def _done(scene: Scene) -> Does:
    more = {name: scene.brought[name] for name in ("proof", "answer") if scene.brought[name]}
    return Does(into(scene, "handled") | _answered(scene) | {"handler": scene.actor.name}, more)


def _solve_on_spot(scene: Scene) -> Does:
    """Done before anybody was sent: no order, and whoever did it is the handler."""
    done, actor = _done(scene), scene.actor
    columns = done.set | resume(scene.case, scene.at, scene.rules) | {"order": ""}
    return Does(columns | {"department": actor.department or scene.case.department}, done.more)


def _verify(scene: Scene) -> Does:
    return Does(into(scene, "verified") | {"verifier": scene.actor.name})


def _rework(scene: Scene) -> Does:
    """Back to the same hands, as a new order; without any (its source had it) a dispatcher gives it to some."""
    case = scene.case
    order = "sent" if case.handler or case.department else ""
    columns = into(scene, "dispatched") | {"order": order, "accepted_at": None, "verifier": ""}
    return Does(columns | {"reworks": case.reworks + 1}, {"verifier": case.verifier} if case.verifier else {})


def _archive(scene: Scene) -> Does:
    return Does(closing(scene, "on_spot" if solved_on_spot(scene.case) else "closed"))


def _appraise(scene: Scene) -> Does:
    columns = into(scene, "appraised") | {"score": scene.brought["score"]}
    stars = scene.brought["satisfaction"]
    return Does(columns if stars is None else columns | {"satisfaction": stars})


def _reopen(scene: Scene) -> Does:
    """As if reported anew: its limit begins again, that it was late stays a fact, whoever waited is answered again."""
    case = scene.case
    columns = into(scene, "reported") | NO_ORDER | afresh(case, scene.at, scene.rules)
    columns |= UNDONE | {"reopens": case.reopens + 1}
    return Does(columns | _ask_again(scene), {"due_at": case.due_at, "outcome": case.outcome} | _marks(scene))


def _marks(scene: Scene) -> dict[str, Any]:
    case = scene.case
    marks = {"archived_at": case.archived_at, "score": case.score, "satisfaction": case.satisfaction}
    return {name: mark for name, mark in marks.items() if mark is not None}


def _ask_again(scene: Scene) -> dict[str, Any]:
    """The citizen's answer, and its clock, once more."""
    case = scene.case
    if not case.needs_answer:
        return {}
    due_at = reply_due(case, scene.at, scene.rules)
    if due_at is None:
        return {"answered_at": None}
    return {"answered_at": None, "reply_due_at": due_at, "reply_from": scene.at}


def _answer(scene: Scene) -> Does:
    """The first answer stops the clock; later ones stand in the trail."""
    return Does({"answered_at": scene.at} if scene.case.answered_at is None else {})


def _feedback(scene: Scene) -> Does:
    """What the citizen thinks of it. Who is not content while the case is open is answered again."""
    stars = scene.brought["satisfaction"]
    again = _ask_again(scene) if scene.case.open and stars <= UNHAPPY else {}
    return Does({"satisfaction": stars} | again)


#: So many stars or fewer, and an answer was none.
UNHAPPY = 2

WALK: dict[str, Callable[[Scene], Does]] = {
    "check": _check,
    "dispatch": _dispatch,
    "redispatch": _redispatch,
    "deliver": _deliver,
    "accept": _accept,
    "reject": _reject,
    "return": _return,
    "come_back": _come_back,
    "handle": _done,
    "solve_on_spot": _solve_on_spot,
    "verify": _verify,
    "rework": _rework,
    "archive": _archive,
    "appraise": _appraise,
    "reopen": _reopen,
    "answer": _answer,
    "feedback": _feedback,
}
