"""Firsts: the first word on an event makes a case, and later ones of its source move it while our people have not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from dashboard.cases.case import Case, Change, NotAllowed
from dashboard.cases.workflow.clocks import afresh, begun, enter, relimit, reply_due, step_due
from dashboard.cases.workflow.guards import solved_on_spot
from dashboard.cases.workflow.moves import OPEN
from feeds.record import LEVELS, STEPS, EventReport

if TYPE_CHECKING:
    from dashboard.cases.rules.rules import Rules
    from dashboard.cases.told import Told

__all__ = ["class_said", "filed", "first", "tell"]

#: What a report says as it is: columns of the same name.
SAID = ("lon", "lat", "source", "worker_id", "class_code", "text", "address")
#: What a later word may say better, as long as its source leads; an empty one says nothing.
AGAIN = ("class_code", "level", "text", "address", "worker_id")
#: What the first word of one of our people may bring besides.
BROUGHT = ("department", "repeat_of", "response")
ON_SPOT = ("worker", "department")
#: Seconds after which what a system says was reported is its history, not news that was held up on the way.
NEWS = 86_400.0


def first(told: Told, at: float, rules: Rules) -> dict[str, Any]:
    """Columns of a new case: all but case_id, version, seq, district and updated_at. at: now, seconds since 1970.

    Clocks start on arrival, and so does the step of what our people report; a due time that the source gives stands.
    When a case counts as received: `_received`. A report may come at any step (an old system's
    history): the times of that step are then the source's own, of steps that it passed nothing is known.
    Raises NotAllowed for a response level that is none, and where somebody says to have solved on the spot what is not
    theirs to solve.
    """
    if told.data.get("response") and told.data["response"] not in rules.response_hours:
        raise NotAllowed("wrong_value", move="report", what="response")
    columns = _said(told, at, rules) | _placed(told) | _routed(told, rules)
    step = "reported" if told.actor else told.report.step
    began = at if told.actor else min(told.report.reported_at, at)
    case = Case(case_id="", district=told.district, step="reported", entered_at=began, **columns)
    columns |= _clocks(case, told, at, rules) | _waits(case, at, rules)
    case = msgspec.structs.replace(case, **columns)
    when = max(began, min(told.report.updated_at, at))
    columns |= {"step": step, "entered_at": began, "step_due_at": step_due(case, "reported", at, rules)}
    if step == "reported":
        return columns | _on_spot(case, told, at, rules)
    return columns | _arrived(case, step, when) | {"step_due_at": step_due(case, step, when, rules)}


def _said(told: Told, at: float, rules: Rules) -> dict[str, Any]:
    report, data = told.report, told.data
    columns = {name: getattr(report, name) for name in SAID} | {"class_code": filed(report.class_code, rules)}
    columns |= {name: str(data[name]) for name in BROUGHT if data.get(name)}
    columns |= {"reported_at": report.reported_at, "received_at": _received(told, at), "told_at": report.updated_at}
    columns |= {"origin": told.origin, "report_id": report.event_id, "told": told.actor is None}
    columns |= {"told_step": "" if told.actor or report.step == "reported" else report.step}
    return columns | {"owner": told.actor.name if told.actor else report.worker_id}


def filed(class_code: str, rules: Rules) -> str:
    """What a case is filed under: 其他 where nobody knows the class. Until there is a city it stays as it was said."""
    return rules.known(class_code) if rules.also_known else class_code


def class_said(report: EventReport, rules: Rules) -> dict[str, Any]:
    """For the trail: the class as it was said, where the case is filed under another."""
    said = report.class_code
    return {"class_said": said} if said and filed(said, rules) != said else {}


def _received(told: Told, at: float) -> float:
    """When it counts as received: on arrival. What a system tells of its history, a case that is on its way already or
    one of more than a day ago, was received when it was reported: the numbers of those days are to have it.
    """
    said = min(told.report.reported_at, at)
    recorded = told.actor is None and (told.report.step != "reported" or at - said > NEWS)
    return said if recorded else at


def _placed(told: Told) -> dict[str, Any]:
    return {name: getattr(told, name) for name in ("street", "community", "area_id", "grid_id", "grid_kind")}


def _areas(told: Told) -> list[str]:
    """Lowest first."""
    return [area for area in (told.grid_id, told.community, told.street, told.district) if area]


def _routed(told: Told, rules: Rules) -> dict[str, Any]:
    """Who the table says is to handle it. A case opened here begins on the level that can solve it."""
    level = told.report.level
    route = rules.route(filed(told.report.class_code, rules), _areas(told), level)
    if route is None:
        return {"level": level}
    if told.actor:
        level = max(level, route.level, key=LEVELS.index)
    return {"level": level} if told.data.get("department") else {"level": level, "department": route.department}


def _clocks(case: Case, told: Told, at: float, rules: Rules) -> dict[str, Any]:
    report, limit = told.report, rules.limit(case.class_code, case.level, case.response)
    if report.due_at is not None:
        return {"clock": limit.clock, "due_at": report.due_at}
    if report.step not in OPEN and not told.actor:
        return {"clock": limit.clock}  # what closed before we heard of it had no limit of ours
    return begun(at, limit, rules)


def _waits(case: Case, at: float, rules: Rules) -> dict[str, Any]:
    due_at = reply_due(case, at, rules)
    return {"needs_answer": due_at is not None, "reply_due_at": due_at, "reply_from": None if due_at is None else at}


def _arrived(case: Case, step: str, when: float) -> dict[str, Any]:
    """A case that was somewhere on its way before we heard of it."""
    columns: dict[str, Any] = {"step": step, "entered_at": when, f"{step}_at": when}
    if step in ("dispatched", "handled"):
        columns[f"first_{step}_at"] = when
    return columns | (_closed(case, step, when) if step not in OPEN else {})


def _closed(case: Case, step: str, when: float) -> dict[str, Any]:
    """Whether it was late is judged once, when it closes. That somebody was answered its source did not say."""
    columns: dict[str, Any] = {"outcome": "on_spot" if solved_on_spot(case) else "closed"}
    if case.archived_at is None:
        columns["late"] = case.late or (case.due_at is not None and when > case.due_at)
        columns["archived_at"] = when
    if step == "appraised":
        columns["appraised_at"] = when
    return columns


def _on_spot(case: Case, told: Told, at: float, rules: Rules) -> dict[str, Any]:
    """Seen and solved by the same hand: the report is the handling too, and waits for somebody else to verify it."""
    if not told.data.get("on_spot"):
        return {}
    actor = told.actor
    if actor is not None and actor.role not in ON_SPOT:
        raise NotAllowed("role", move="solve_on_spot", role=actor.role, roles=list(ON_SPOT))
    handler = actor.name if actor else told.report.worker_id
    return enter(case, "handled", at, rules) | {
        "handler": handler,
        "department": actor.department if actor else "",
        "order": "",
    }


def tell(case: Case, report: EventReport, at: float, rules: Rules) -> Change | None:
    """What a later word of the source does; None: it was said before, or something later was.

    While its source leads (`case.told`) the case follows it, to any step and back. Once one of our people has moved it,
    the word is kept in the trail (`more`) and the step stays ours.
    """
    newer = report.updated_at > case.told_at
    last = case.step if case.told else case.told_step or "reported"
    if not newer and not (report.updated_at == case.told_at and STEPS.index(report.step) > STEPS.index(last)):
        return None
    said = "" if report.step == "reported" else report.step
    columns: dict[str, Any] = {"told_at": report.updated_at, "told_step": said}
    if not case.told:
        return Change(
            move="tell", set=_differs(case, columns), more={"step": report.step, "said_at": report.updated_at}
        )
    columns |= _better(case, report, rules)
    if report.step != case.step:
        when = max(case.entered_at, min(report.updated_at, at))
        columns |= {"received_at": case.reported_at} if when < case.received_at else {}  # its source had it by then
        columns |= _followed(msgspec.structs.replace(case, **columns), report.step, when, rules)
    more = {"said_at": report.updated_at} | class_said(report, rules)
    return Change(move="tell", set=_differs(case, columns), more=more)


def _better(case: Case, report: EventReport, rules: Rules) -> dict[str, Any]:
    """What the source says better now than before; a due time of its own goes before ours."""
    columns = {name: value for name in AGAIN if (value := getattr(report, name))}
    columns |= {"class_code": filed(columns["class_code"], rules)} if "class_code" in columns else {}
    if report.lon is not None and report.lat is not None:
        columns |= {"lon": report.lon, "lat": report.lat}
    if report.due_at is not None:
        return columns | {"due_at": report.due_at, "limit_hours": None, "clock_from": None, "clock_hours": None}
    if case.limit_hours is None or (columns["class_code"], columns["level"]) == (case.class_code, case.level):
        return columns
    limit = rules.limit(columns["class_code"], columns["level"], case.response)
    return columns | relimit(case, limit, max(case.updated_at, case.received_at), rules)


def _followed(case: Case, step: str, when: float, rules: Rules) -> dict[str, Any]:
    """The case goes where its source says that it is; a way back is counted as what it is."""
    columns = enter(case, step, when, rules)
    if step not in OPEN:
        return columns | _closed(case, step, when)
    columns |= _backward(case, step)
    if case.open:
        return columns
    return columns | afresh(case, when, rules) | {"outcome": "", "archived_at": None, "appraised_at": None}


def _backward(case: Case, step: str) -> dict[str, Any]:
    """Opened again, done again or returned: the counter of it."""
    if STEPS.index(step) > STEPS.index(case.step):
        return {}
    done_again = STEPS.index(step) >= STEPS.index("dispatched")
    name = "reopens" if not case.open else "reworks" if done_again else "returns"
    return {name: getattr(case, name) + 1}


def _differs(case: Case, columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value != getattr(case, name)}
