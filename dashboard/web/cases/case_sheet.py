"""Case sheet: a case as one row of the table that cities hand each other: their field names, their 0 and 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.cases.case import Case
from dashboard.web.cases.naming import Names
from dashboard.web.sheets import Cell

__all__ = ["COLUMNS", "IDS", "PERSONAL", "row"]

Moment = Callable[[float | None], str]
Take = Callable[[Case, Names], Cell]

#: field → what stands in it. x and y are degrees of WGS-84.
WORDS: dict[str, Take] = {
    "rec_id": lambda case, _: case.case_id,
    "task_num": lambda case, _: case.report_id,
    "event_desc": lambda case, _: case.text,
    "address": lambda case, _: case.address,
    "event_src_name": lambda case, names: names.word("source", case.source),
    "event_property_name": lambda case, names: names.word("level", case.level),
    "event_type_name": lambda case, names: names.class_at(case.class_code, 0),
    "main_type_name": lambda case, names: names.class_at(case.class_code, 1),
    "sub_type_name": lambda case, names: names.class_at(case.class_code, -1),
    "district_name": lambda case, names: names.area(case.district),
    "street_name": lambda case, names: names.area(case.street),
    "community_name": lambda case, names: names.area(case.community),
    "cell_name": lambda case, names: names.grid(case.grid_id),
    "duty_grid_code": lambda case, _: case.grid_id,
    "dispose_unit_name": lambda case, names: names.department(case.department),
    "coordinate_x": lambda case, _: case.lon,
    "coordinate_y": lambda case, _: case.lat,
}

#: field → the case's time. 受理 and 立案 are one act here: the dispatcher's; 派遣 is the last time it was done.
TIMES = {
    "create_time": "reported_at",
    "operate_time": "first_dispatched_at",
    "inst_time": "first_dispatched_at",
    "dispatch_time": "dispatched_at",
    "dispose_begin_time": "accepted_at",
    "dispose_end_time": "handled_at",
    "dispose_deadline": "due_at",
    "archive_time": "archived_at",
}

#: What a row counts as, 0 or 1: case, filed, in time, hall time → whether.
COUNTS: dict[str, Callable[[Case, bool, bool], bool]] = {
    "report_num": lambda case, filed, timely: True,
    "valid_report_num": lambda case, filed, timely: _valid(case),
    "operate_num": lambda case, filed, timely: filed,
    "inst_num": lambda case, filed, timely: filed,
    "dispatch_num": lambda case, filed, timely: filed,
    "need_dispose_num": lambda case, filed, timely: filed,
    "dispose_num": lambda case, filed, timely: filed and case.handled_at is not None,
    "intime_dispose_num": lambda case, filed, timely: filed and case.handled_at is not None and _by_then(case),
    "overtime_dispose_num": lambda case, filed, timely: filed and case.handled_at is not None and not _by_then(case),
    "archive_num": lambda case, filed, timely: filed and not case.open,
    "intime_archive_num": lambda case, filed, timely: filed and not case.open and not case.late,
    "overtime_archive_num": lambda case, filed, timely: filed and not case.open and case.late,
    "to_archive_num": lambda case, filed, timely: filed and case.open,
    "intime_to_archive_num": lambda case, filed, timely: filed and case.open and timely,
    "overtime_to_archive_num": lambda case, filed, timely: filed and case.open and not timely,
    "rework_num": lambda case, filed, timely: case.reworks > 0,
    "postpone_num": lambda case, filed, timely: case.extends > 0,
    "hang_num": lambda case, filed, timely: case.parks > 0,
    "press_num": lambda case, filed, timely: case.urges > 0,
}

#: Only for those who may, and written down.
PERSONAL = ("reporter_name", "reporter_phone")
COLUMNS = (*WORDS, *TIMES, *COUNTS)
IDS = frozenset({"rec_id", "task_num", "duty_grid_code", "reporter_phone"})


def row(case: Case, names: Names, now: float, personal: Mapping[str, Any] | None = None) -> list[Cell]:
    """personal: None where it is not to stand in the table."""
    words: list[Cell] = [take(case, names) for take in WORDS.values()]
    times: list[Cell] = [_local(getattr(case, name), names.zone) for name in TIMES.values()]
    filed = _valid(case) and case.first_dispatched_at is not None
    timely = case.due_at is None or case.paused_at is not None or now <= case.due_at
    counts: list[Cell] = [int(count(case, filed, timely)) for count in COUNTS.values()]
    more: list[Cell] = [] if personal is None else [str(personal.get(name, "")) for name in PERSONAL]
    return words + times + counts + more


def _valid(case: Case) -> bool:
    return case.outcome not in ("void", "merged")


def _by_then(case: Case) -> bool:
    """Whether the handler was done in time."""
    return case.due_at is None or (case.handled_at or 0.0) <= case.due_at


def _local(at: float | None, zone: ZoneInfo) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
