"""Needs: what must be brought along with a move, read and checked before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dashboard.cases.case import Case, NotAllowed
from dashboard.cases.told import PERSONAL_NAMES
from dashboard.cases.workflow.scene import Scene

if TYPE_CHECKING:
    from dashboard.cases.rules.rules import Rules

__all__ = ["NEEDS", "bring"]

#: Longest extension, in hours of the case's clock.
LONGEST_EXTENSION = 8784.0
#: Letters of a note or an answer.
LONGEST_NOTE = 4000
STARS = range(1, 6)
OWNERS = 20


def _refuse(scene: Scene, what: str) -> NotAllowed:
    return NotAllowed("needs", move=scene.ask.move, what=what)


def _wrong(scene: Scene, what: str) -> NotAllowed:
    return NotAllowed("wrong_value", move=scene.ask.move, what=what)


def _text(scene: Scene, what: str, value: object) -> str:
    """Stripped; empty where nothing was brought."""
    if value is not None and not isinstance(value, str):
        raise _wrong(scene, what)
    text = (value or "").strip()
    if len(text) > LONGEST_NOTE:
        raise _wrong(scene, what)
    return text


def _number(scene: Scene, what: str, lowest: float, highest: float) -> float:
    """A finite number within the bounds; true and false are none."""
    value = scene.ask.data.get(what)
    if value is None:
        raise _refuse(scene, what)
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise _wrong(scene, what)  # NaN lies between no bounds
    return float(value)


def _note(scene: Scene) -> str:
    return _text(scene, "note", scene.ask.note)


def _proof(scene: Scene) -> list[str]:
    """Attachments of the case by their SHA-256, or a note that says what was done."""
    found = scene.ask.data.get("proof") or []
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise _wrong(scene, "proof")
    if not found and not _note(scene):
        raise _refuse(scene, "proof")
    if not scene.known.files.issuperset(found):
        raise NotAllowed("no_such_proof", case_id=scene.case.case_id)
    return found


def _department(scene: Scene, name: str) -> str:
    """Itself. Where the rules list departments, an order goes to one of these, or to one that a source has named."""
    listed = scene.rules.departments
    if name and listed and name not in {*listed, *scene.known.departments, scene.case.department}:
        raise NotAllowed("no_such_department", department=name)
    return name


def _whom(scene: Scene) -> tuple[str, str]:
    """(department, handler): as brought; the department and the seat that the route names, where neither was."""
    department = _department(scene, _text(scene, "department", scene.ask.data.get("department")))
    handler = _text(scene, "handler", scene.ask.data.get("handler"))
    if not department and not handler:
        department, handler = scene.case.department, _seat(scene.case, scene.rules)
    if not department and not handler:
        raise _refuse(scene, "whom")
    return department, handler


def _seat(case: Case, rules: Rules) -> str:
    """Empty when any of the department that has the case may take it."""
    route = rules.route(case.class_code, case.area_ids, case.level)
    return route.seat if route and route.department == case.department else ""


def _hours(scene: Scene) -> float:
    """More time, in hours of the case's own clock."""
    hours = _number(scene, "hours", 0.0, LONGEST_EXTENSION)
    if hours <= 0:
        raise _wrong(scene, "hours")
    return hours


def _until(scene: Scene) -> float:
    """A year at most: to the end of the same day of the next one."""
    until = _number(scene, "until", scene.at, _a_year_on(scene.at, scene.rules.zone))
    if until <= scene.at:
        raise _wrong(scene, "until")
    return until


def _a_year_on(at: float, zone: str) -> float:
    day = datetime.fromtimestamp(at, ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    leap = (day.month, day.day) == (2, 29)
    return (day.replace(year=day.year + 1, day=28 if leap else day.day) + timedelta(days=1)).timestamp()


def _satisfaction(scene: Scene) -> int | None:
    value = scene.ask.data.get("satisfaction")
    if value is not None and (isinstance(value, bool) or value not in STARS):
        raise _wrong(scene, "satisfaction")
    return None if value is None else int(value)


def _into(scene: Scene) -> str:
    return _text(scene, "into", scene.ask.data.get("into"))


def _granted(scene: Scene) -> bool | None:
    granted = scene.ask.data.get("granted")
    if granted is not None and not isinstance(granted, bool):
        raise _wrong(scene, "granted")
    return granted


def _names(scene: Scene) -> list[str]:
    """Names of personal data that is erased."""
    names = scene.ask.data.get("names")
    if names is not None and (not isinstance(names, list) or any(name not in PERSONAL_NAMES for name in names)):
        raise _wrong(scene, "names")  # they stand in the trail for ever: nothing but names of ours
    return names or []


def _owners(scene: Scene) -> dict[str, float]:
    """department → hours of the case's clock until it answers. The first one leads."""
    given = scene.ask.data.get("owners")
    if given is None:
        return {}
    if not isinstance(given, list) or not 2 <= len(given) <= OWNERS:
        raise _wrong(scene, "owners")
    owners = dict(_owner(scene, row) for row in given)
    if len(owners) != len(given):
        raise _wrong(scene, "owners")
    return owners


def _owner(scene: Scene, row: object) -> tuple[str, float]:
    if not isinstance(row, dict):
        raise _wrong(scene, "owners")
    department, hours = row.get("department"), row.get("hours")
    named = isinstance(department, str) and bool(department.strip())
    timed = isinstance(hours, int | float) and not isinstance(hours, bool) and 0 < hours <= LONGEST_EXTENSION
    if not named or not timed:
        raise _wrong(scene, "owners")
    return _department(scene, str(department).strip()), float(str(hours))


#: name → how it is read out of the ask. Raises NotAllowed where it is missing or makes no sense.
NEEDS: dict[str, Callable[[Scene], Any]] = {
    "note": _note,
    "proof": _proof,
    "whom": _whom,
    "handler": lambda scene: _text(scene, "handler", scene.ask.data.get("handler")),
    "answer": lambda scene: _text(scene, "answer", scene.ask.data.get("answer")),
    "hours": _hours,
    "until": _until,
    "satisfaction": _satisfaction,
    "score": lambda scene: _number(scene, "score", 0.0, 100.0),
    "into": _into,
    "owners": _owners,
    "granted": _granted,
    "names": _names,
}


def bring(scene: Scene, needs: tuple[str, ...], brings: tuple[str, ...]) -> Mapping[str, Any]:
    """What the move needs and may bring, by name. Raises NotAllowed."""
    brought = {name: NEEDS[name](scene) for name in (*needs, *brings)}
    for name in needs:
        if brought[name] in ("", None, [], {}) and name != "proof":
            raise _refuse(scene, name)
    return brought
