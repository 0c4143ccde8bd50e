"""Reports: a case as the fold of a wall hears of it: one report for each entry, with the case as it stood after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from dashboard.cases.case import Case, Entry, apply
from dashboard.cases.store.rows import entry_of
from dashboard.cases.store.schema import ENTRIES, SEQ
from dashboard.cases.store.store import STORES
from feeds.record import EventReport

__all__ = ["entries_of", "report_after", "report_of", "reports_of", "stood"]

#: Most case_ids in one query: below what any SQLite takes.
MANY = 500


def report_of(case: Case, at: float) -> EventReport:
    """The case in the words of the stream. at: seconds since 1970; what happened to it last, or came into its step."""
    return EventReport(
        event_id=case.case_id,
        class_code=case.class_code,
        reported_at=case.reported_at,
        updated_at=at,
        step=case.step,  # type: ignore[arg-type]
        level=case.level,  # type: ignore[arg-type]
        lon=case.lon,
        lat=case.lat,
        due_at=case.due_at,
        area_id=case.area_id,
        grid_id=case.grid_id,
        worker_id=case.worker_id,
        source=case.source,
        text=case.text,
        address=case.address,
        version=case.version,
        parked=case.parked,
        returns=case.returns,
        department=case.department,
    )


def reports_of(connection: Connection, number: int, entries: Sequence[Entry]) -> list[EventReport]:
    """One report for each entry of chain `number`, in the order of the entries.

    Most of the time an entry is the last of its case, and the case's row is what it left. Where it is not, the case is
    folded from its trail: each report says exactly what was so then, and flow counts each step that was entered.
    """
    now = {case.case_id: case for case in cases_now(connection, {entry.case_id for entry in entries})}
    first: dict[str, int] = {}
    for entry in entries:
        first.setdefault(entry.case_id, entry.version)
    behind = {name for name, version in first.items() if now[name].version != version}
    stand = stood(connection, number, {name: first[name] - 1 for name in behind if first[name] > 1})
    reports: list[EventReport] = []
    for entry in entries:
        case = now[entry.case_id]
        if entry.case_id in behind:
            case = stand[entry.case_id] = apply(stand.get(entry.case_id), entry, number * SEQ + entry.position)
        reports.append(report_after(case, entry))
    return reports


def report_after(case: Case, entry: Entry) -> EventReport:
    """What an entry is told as. case: as it stood after it."""
    return report_of(case, _when(case, entry))


def _when(case: Case, entry: Entry) -> float:
    """A step is entered when the case says so (an old system's history has its times); all else when it was seen."""
    return case.entered_at if entry.before != entry.after else max(case.entered_at, entry.observed_at)


def stood(connection: Connection, number: int, versions: Mapping[str, int]) -> dict[str, Case]:
    """case_id → the case as it stood after its version. Folded from the trail."""
    found: dict[str, Case] = {}
    for entry in entries_of(connection, versions):
        if entry.version <= versions[entry.case_id]:
            found[entry.case_id] = apply(found.get(entry.case_id), entry, number * SEQ + entry.position)
    return found


def entries_of(connection: Connection, case_ids: Iterable[str]) -> Iterable[Entry]:
    """The trails of these cases, each from its first entry on."""
    for part in _parts(case_ids):
        query = sa.select(ENTRIES.c.body).where(ENTRIES.c.case_id.in_(part))
        for (body,) in connection.execute(query.order_by(ENTRIES.c.case_id, ENTRIES.c.version)):
            yield entry_of(body)


def cases_now(connection: Connection, case_ids: Iterable[str]) -> Iterable[Case]:
    for part in _parts(case_ids):
        yield from STORES[connection.dialect.name].by_ids(connection, part)


def _parts(case_ids: Iterable[str]) -> Iterable[list[str]]:
    names = sorted(case_ids)
    return (names[place : place + MANY] for place in range(0, len(names), MANY))
