"""Asked cases: which cases a caller asks for, in words behind the question mark, kept within what they may see."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from dashboard.kpi.filters import Filter
from dashboard.kpi.paging import BadCursor, Found
from dashboard.people.person import Person
from dashboard.web.asking import box, moment
from dashboard.web.cases.case_replies import LangQuery
from dashboard.web.errors import BadQuestion
from dashboard.web.people.permit import caller, inside
from dashboard.web.scene import Scene

__all__ = ["CasesQuery", "ExportQuery", "filter_of", "find"]

Words = Annotated[str, Meta(max_length=400, description="one, or several with commas between")]
When = Annotated[str, Meta(max_length=40, description="ISO 8601 with zone, or seconds since 1970")]
Flag = bool | None
Order = Literal[
    "updated_at", "received_at", "reported_at", "entered_at", "due_at", "step_due_at", "reply_due_at", "archived_at",
    "handled_at", "first_dispatched_at",
]  # fmt: skip


class _Cases(LangQuery, kw_only=True):
    """All that is said must hold."""

    area: Annotated[str, Meta(max_length=200, description="area_id; cases in it and below")] = ""
    grid: Words = ""
    step: Annotated[str, Meta(max_length=400, description="of the six steps; several with commas between")] = ""
    open: Annotated[Flag, Meta(description="true: not archived")] = None
    outcome: Words = ""
    class_code: Annotated[str, Meta(max_length=400, description="of these classes, or of those below them")] = ""
    department: Words = ""
    handler: Words = ""
    owner: Annotated[str, Meta(max_length=400, description="who took it in first; several with commas between")] = ""
    level: Words = ""
    response: Words = ""
    source: Words = ""
    origin: Words = ""
    q: Annotated[
        str, Meta(min_length=2, max_length=100, description="how its number or its report_id begins, or words of it")
    ] = ""
    pending: Annotated[str, Meta(max_length=400, description="asked for: extend, park, appeal, joint")] = ""
    parked: Flag = None
    returned: Flag = None
    reworked: Flag = None
    exempt: Flag = None
    late: Flag = None
    repeat: Flag = None
    needs_answer: Flag = None
    waiting_answer: Annotated[Flag, Meta(description="needs an answer, and has none yet")] = None
    reply_overdue: Annotated[Flag, Meta(description="waits for an answer, and the time for it is over")] = None
    step_overdue: Annotated[Flag, Meta(description="open, and the time of its step is over")] = None
    urged: Flag = None
    rejected: Annotated[Flag, Meta(description="an order was rejected by whom it went to")] = None
    merged: Annotated[Flag, Meta(description="it ended in another case")] = None
    ping_pong: Annotated[Flag, Meta(description="returned twice or more")] = None
    unrouted: Annotated[Flag, Meta(description="open, and nobody is to handle it")] = None
    unplaced: Annotated[Flag, Meta(description="without position")] = None
    band: Annotated[str, Meta(max_length=60, description="due, soon, overdue, long_open; open cases only")] = ""
    overdue: Annotated[Flag, Meta(description="overdue or long-open")] = None
    received_from: When = ""
    received_to: When = ""
    archived_from: When = ""
    archived_to: When = ""
    updated_after: Annotated[str, Meta(max_length=40, description="changed since; ISO 8601 or seconds")] = ""
    bbox: Annotated[str, Meta(max_length=120, description="west,south,east,north")] = ""
    order: Order = "updated_at"
    descending: bool = True


class CasesQuery(_Cases, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: Annotated[str, Meta(max_length=1000, description="`next` of the page before")] = ""


class ExportQuery(_Cases, kw_only=True):
    encoding: Annotated[Literal["utf-8", "utf-8-bom", "gb18030"], Meta(description="of a CSV")] = "utf-8"
    ids: Annotated[Literal["plain", "tab"], Meta(description="tab: spreadsheets take the ids of a CSV for text")] = (
        "plain"
    )
    personal: Annotated[bool, Meta(description="with names and phones; needs the capability, and is written down")] = (
        False
    )


TIMES = ("received_from", "received_to", "archived_from", "archived_to", "updated_after")
OWN = {*TIMES, "bbox", "area", "q", "order", "descending", "lang"}
PLAIN = [name for name in _Cases.__struct_fields__ if name not in OWN]


def filter_of(scene: Scene, asked: _Cases) -> Filter:
    """What is asked, within what the caller may see. Raises BadQuestion, permit.Forbidden."""
    person, city = caller(), scene.city.city_id
    given: dict[str, Any] = {name: getattr(asked, name) for name in PLAIN}
    given |= {name: moment(said, 0.0, name) for name in TIMES if (said := getattr(asked, name))}
    whole = str(scene.city.areas.area_id[0])
    area, scope = inside(asked.area), person.scope
    area, scope = ("" if one in (whole, city) else one for one in (area, scope))
    return Filter(
        **given, bbox=box(asked.bbox) if asked.bbox else None, handling=_handling(person), area=area, scope=scope,
        said=asked.q,
    )  # fmt: skip


def _handling(person: Person) -> str:
    """A department sees what is its own to handle. One without a name has nothing: no department is called so."""
    return (person.department or "\0") if person.role == "department" else ""


def find(scene: Scene, asked: _Cases, which: Filter, cursor: str, limit: int) -> Found:
    now = scene.clock.now()
    try:
        return scene.books.count(
            lambda register: register.find(
                which, now=now, order=asked.order, descending=asked.descending, cursor=cursor, limit=limit
            )
        )
    except BadCursor as error:
        raise BadQuestion(f"cursor: {error}") from error
