"""Case sheet: a case as one row of the table that cities hand each other: their field names, their 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard.cases.case import Case
from dashboard.kpi.reckoned import filed_at, in_time, overdue
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


class Reckoned(NamedTuple):
    """Of one case, by the same functions as the hall's numbers (dashboard.kpi.reckoned)."""

    valid: bool  # neither void nor merged
    filed: bool
    handled: bool
    archived: bool
    in_time: bool
    timed: bool  # it has a due time: one without is neither in time nor late
    overdue: bool


#: What a row counts as, 0 or 1. Each column, summed up, is what the hall's number of that name says (protocols §6.4).
COUNTS: dict[str, Callable[[Case, Reckoned], bool]] = {
    "report_num": lambda case, of: True,
    "valid_report_num": lambda case, of: of.valid,
    "operate_num": lambda case, of: of.filed,
    "inst_num": lambda case, of: of.filed,
    "dispatch_num": lambda case, of: of.valid and case.first_dispatched_at is not None,
    "need_dispose_num": lambda case, of: of.filed,
    "dispose_num": lambda case, of: of.handled,
    "intime_dispose_num": lambda case, of: of.handled and _by_then(case),
    "overtime_dispose_num": lambda case, of: of.handled and not _by_then(case),
    "archive_num": lambda case, of: of.archived,
    "intime_archive_num": lambda case, of: of.archived and of.in_time,
    "overtime_archive_num": lambda case, of: of.archived and of.timed and not of.in_time,
    "to_archive_num": lambda case, of: of.filed and case.open,
    "intime_to_archive_num": lambda case, of: of.filed and case.open and not of.overdue,
    "overtime_to_archive_num": lambda case, of: of.filed and case.open and of.overdue,
    "rework_num": lambda case, of: of.handled and case.reworks > 0,
    "postpone_num": lambda case, of: of.valid and case.extends > 0,
    "hang_num": lambda case, of: of.filed and case.parks > 0,
    "press_num": lambda case, of: case.urges > 0,
}

#: Only for those who may, and written down.
PERSONAL = ("reporter_name", "reporter_phone")
COLUMNS = (*WORDS, *TIMES, *COUNTS)
IDS = frozenset({"rec_id", "task_num", "duty_grid_code", "reporter_phone"})


def row(case: Case, names: Names, now: float, personal: Mapping[str, Any] | None = None) -> list[Cell]:
    """personal: None where it is not to stand in the table."""
    words: list[Cell] = [take(case, names) for take in WORDS.values()]
    times: list[Cell] = [_local(getattr(case, name), names.zone) for name in TIMES.values()]
    reckoned = _reckoned(case, now)
    counts: list[Cell] = [int(count(case, reckoned)) for count in COUNTS.values()]
    more: list[Cell] = [] if personal is None else [str(personal.get(name, "")) for name in PERSONAL]
    return words + times + counts + more


def _reckoned(case: Case, now: float) -> Reckoned:
    valid, archived, due = case.outcome not in ("void", "merged"), _time(case.archived_at), _time(case.due_at)
    handled, verified = _time(case.first_handled_at), _time(case.verified_at)
    filed = filed_at(_time(case.first_dispatched_at), handled, verified, archived, not valid)
    return Reckoned(
        valid=valid, filed=valid and not math.isnan(filed), handled=valid and not math.isnan(handled),
        archived=valid and not case.open, in_time=bool(in_time(archived, due)), timed=case.due_at is not None,
        overdue=bool(overdue(due, _time(case.paused_at), now)),
    )  # fmt: skip


def _by_then(case: Case) -> bool:
    """Whether the handler was done in time, the last time there was one to be done."""
    done = case.handled_at if case.handled_at is not None else case.first_handled_at
    return case.due_at is None or (done or 0.0) <= case.due_at


def _time(at: float | None) -> float:
    return math.nan if at is None else at


def _local(at: float | None, zone: ZoneInfo) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
