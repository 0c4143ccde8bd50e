"""Ledger: the only one who writes cases: reports and moves are decided under lock, kept with their trail, answered."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Engine

from dashboard.cases.answers import Conflict, Moved, NoCase, Reported
from dashboard.cases.case import Actor, Ask, Case, Change, Entry, NotAllowed
from dashboard.cases.named import departments_named, files_of, told_departments
from dashboard.cases.rules.rules import Rules
from dashboard.cases.sheet import By, Sheet
from dashboard.cases.similar import repeats
from dashboard.cases.store.reading import cases_of, entry_at, personal_of, standing_of, trail_of
from dashboard.cases.store.rows import cleaned
from dashboard.cases.store.transact import Transactions
from dashboard.cases.told import Told
from dashboard.cases.workflow.decide import decide, first, tell
from dashboard.cases.workflow.firsts import class_said
from dashboard.cases.workflow.scene import Known
from feeds.record import EventReport

__all__ = ["HALL", "Ledger"]

#: Origin of the cases that are opened here.
HALL = "hall"
#: Seconds that somebody's clock may be ahead of ours; what our people saw is at most a year old, a report ten.
AHEAD, YEAR = 600.0, 366 * 86_400.0


class _Late(Exception):
    """All cases that are to be moved have moved on."""


class Ledger(Transactions):
    """One a process. now: hall time in seconds. Everything it answers is committed and on disk.

    `committed`: functions called after each commit with the set of districts that have new entries. Any method raises
    dashboard.sql.engine.Unsure if the connection was lost in the very commit: the same report or the same request_key
    again tells, and does nothing twice. `rules` may be exchanged for others at any time.
    """

    def __init__(self, engine: Engine, rules: Rules, now: Callable[[], float] = time.time) -> None:
        super().__init__(engine)
        self.rules, self.now = rules, now
        self._heard: set[str] = set()

    # reports

    def report(self, told: Sequence[Told]) -> list[Reported]:
        """Words of other systems, in one transaction; several may be on one case. Answers are in their order."""
        said = [cleaned(one) for one in told]
        if not said:
            return []
        return self.run({one.district for one in said}, lambda sheet: self._reports(sheet, said))

    def _reports(self, sheet: Sheet, said: Sequence[Told]) -> list[Reported]:
        sheet.read_reports((one.origin, one.report.event_id) for one in said)
        fresh = [one for one in said if (one.origin, one.report.event_id) not in sheet.reports]
        sheet.read_taken(name for one in fresh for name in _names(one))
        said = repeats(sheet.connection, said, fresh, self.rules)
        at = self.now()
        return [self._reported(sheet, one, at) for one in said]

    def _reported(self, sheet: Sheet, told: Told, at: float) -> Reported:
        case_id = sheet.reports.get((told.origin, told.report.event_id))
        if case_id is None:
            case, _ = self._make(sheet, sheet.free(_names(told), told.district), told, at)
            return Reported(case.case_id, "new", case.version)
        case = sheet.cases[case_id]
        change = tell(case, told.report, at, self.rules)
        if change is None:
            return Reported(case_id, "late" if told.report.updated_at < case.told_at else "duplicate", case.version)
        more = change.more | sheet.keep(case_id, told.personal)
        by = _by(told, at, told.report.updated_at)
        case, _ = sheet.change(case, msgspec.structs.replace(change, more=more), by)
        return Reported(case_id, "told", case.version)

    def open(self, told: Told) -> Case:
        """A case of our own, by `told.actor`: its id names district, local day and place in the chain.

        The same request_key of the same actor opens one case, and gives it again as it stands. Raises NotAllowed.
        """
        said = cleaned(told)
        self._hear([said.data])
        for name in departments_named(said.data) if self.rules.departments else ():
            if name not in self.rules.departments and name not in self._heard:
                raise NotAllowed("no_such_department", department=name)
        return self.run({said.district}, lambda sheet: self._open(sheet, said))

    def _open(self, sheet: Sheet, told: Told) -> Case:
        at, key = self.now(), _key(told.actor, told.request_key)
        sheet.read_keys([key])
        if key and (known := sheet.keys.get(key)):
            _same(known, known.case_id, "report")
            sheet.read([known.case_id])
            return sheet.cases[known.case_id]
        _timely(told.report.reported_at, at, 10 * YEAR)
        day = dt.datetime.fromtimestamp(at, ZoneInfo(self.rules.zone))
        name = f"{told.district}-{day:%Y%m%d}-{sheet.heads[told.district].position + 1:06d}"
        names = (name, f"{HALL}:{name}")
        sheet.read_taken(names)
        case_id = sheet.free(names, told.district)
        report = msgspec.structs.replace(told.report, event_id=case_id)
        own = msgspec.structs.replace(told, report=report, origin=HALL)
        (linked,) = repeats(sheet.connection, [own], [own], self.rules)
        return self._make(sheet, case_id, linked, at, key)[0]

    def _make(self, sheet: Sheet, case_id: str, told: Told, at: float, key: str | None = None) -> tuple[Case, Entry]:
        columns = _columns(told, at) | first(told, at, self.rules)
        more = sheet.keep(case_id, told.personal) | class_said(told.report, self.rules)
        change = Change(move="report", set=columns, more=more)
        return sheet.make(case_id, told.district, change, _by(told, at, told.report.reported_at, key))

    # moves

    def move(self, ask: Ask, actor: Actor) -> Moved:
        """One move, decided on the case as it is now. Raises NotAllowed, Conflict (somebody was first), NoCase."""
        answer = self.moves([(ask, actor)])[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def moves(self, asks: Sequence[tuple[Ask, Actor]]) -> list[Moved | NotAllowed | Conflict | NoCase]:
        """Several moves in one transaction, one after the other; each is answered for itself."""
        wanted = [(cleaned(ask), actor) for ask, actor in asks]
        self._hear(ask.data for ask, _ in wanted)
        case_ids = {case_id for ask, _ in wanted for case_id in (ask.case_id, *_others(ask))}

        def where(connection: Connection) -> set[str]:
            # A case never changes its district, and its version only grows: this much is so without a lock.
            standing = standing_of(connection, case_ids)
            if all(_stale(ask, standing) for ask, _ in wanted):
                raise _Late
            return {district for district, _ in standing.values()}

        try:
            return self.run(where, lambda sheet: self._moves(sheet, case_ids, wanted))
        except _Late:
            return [self._lost(ask) for ask, _ in wanted]

    def _lost(self, ask: Ask) -> Conflict:
        """Who is too late need not keep others waiting to be told so."""
        winner = entry_at(self.engine, ask.case_id, max(1, (ask.version or 0) + 1))
        return Conflict(self.case(ask.case_id), winner)

    def _moves(
        self, sheet: Sheet, case_ids: Iterable[str], asks: Sequence[tuple[Ask, Actor]]
    ) -> list[Moved | NotAllowed | Conflict | NoCase]:
        sheet.read(case_ids)
        known = [(ask, sheet.cases.get(ask.case_id)) for ask, _ in asks]
        sheet.read(case_id for ask, case in known for case_id in _others(ask, case))
        sheet.read_keys(_key(actor, ask.request_key) for ask, actor in asks)
        at = self.now()
        answers: list[Moved | NotAllowed | Conflict | NoCase] = []
        for ask, actor in asks:
            try:
                answers.append(self._moved(sheet, ask, actor, at))
            except (NotAllowed, Conflict, NoCase) as refused:
                answers.append(refused)
        return answers

    def _moved(self, sheet: Sheet, ask: Ask, actor: Actor, at: float) -> Moved:
        key = _key(actor, ask.request_key)
        if key and (known := sheet.keys.get(key)):
            _same(known, ask.case_id, ask.move)
            return Moved(sheet.as_of(known.case_id, known.version), known, again=True)
        case = sheet.cases.get(ask.case_id)
        if case is None:
            raise NoCase(ask.case_id)
        if ask.version is not None and ask.version != case.version:
            raise Conflict(case, sheet.entry(case.case_id, max(1, min(ask.version + 1, case.version))))
        at = max(at, case.updated_at)
        if ask.observed_at is not None:
            _timely(ask.observed_at, at, YEAR)
        known = Known(files_of(sheet.connection, ask), frozenset(self._heard))
        change = decide(case, ask, actor, at, self.rules, sheet.cases, known)
        seen = at if ask.observed_at is None else min(ask.observed_at, at)
        case, entry = sheet.change(case, change, By(actor.name, actor.role, actor.seat, at, seen, key))
        return Moved(case, entry)

    def _hear(self, named: Iterable[Mapping[str, Any]]) -> None:
        """Departments of which the rules know nothing, but a source that told of cases: they may have orders too."""
        names = {name for data in named for name in departments_named(data)}
        if strange := names - self.rules.departments.keys() - self._heard:
            self._heard |= told_departments(self.engine, strange, HALL)

    # reading

    def case(self, case_id: str) -> Case:
        """Raises NoCase."""
        found = cases_of(self.engine, [case_id])
        if not found:
            raise NoCase(case_id)
        return found[0]

    def cases(self, case_ids: Iterable[str]) -> list[Case]:
        """Those of these that exist, in this order."""
        return cases_of(self.engine, case_ids)

    def trail(self, case_id: str) -> list[tuple[Entry, bytes]]:
        """Every entry with its hash, from the first on; empty if there is no such case."""
        return trail_of(self.engine, case_id)

    def personal(self, case_id: str) -> dict[str, str]:
        """What is known of the reporter and not erased. Whoever shows it logs that somebody looked."""
        return personal_of(self.engine, case_id)


def _columns(told: Told, at: float) -> dict[str, Any]:
    """What a report says of itself; the workflow adds clocks, route and owner, and may correct it."""
    report: EventReport = told.report
    return {
        "street": told.street, "community": told.community, "area_id": told.area_id, "grid_id": told.grid_id,
        "lon": report.lon, "lat": report.lat, "origin": told.origin, "report_id": report.event_id,
        "source": report.source, "worker_id": report.worker_id, "class_code": report.class_code, "level": report.level,
        "text": report.text, "address": report.address, "step": report.step, "told": told.actor is None,
        "reported_at": report.reported_at, "received_at": at, "told_at": report.updated_at,
        "entered_at": report.updated_at, "due_at": report.due_at,
    }  # fmt: skip


def _names(told: Told) -> tuple[str, str]:
    """What a case of this report may be called: as its origin calls it, for that is quoted on the phone."""
    return told.report.event_id, f"{told.origin}:{told.report.event_id}"


def _by(told: Told, at: float, observed_at: float, key: str | None = None) -> By:
    if told.actor is None:
        return By(told.origin, "source", "", at, observed_at, key)
    return By(told.actor.name, told.actor.role, told.actor.seat, at, observed_at, key)


def _timely(said: float, at: float, oldest: float) -> None:
    """Raises NotAllowed for a moment that cannot be true, as the door of other systems does."""
    if not at - oldest <= said <= at + AHEAD:
        raise NotAllowed("untimely", said_at=said, now_at=at)


def _key(actor: Actor | None, key: str) -> str | None:
    return f"{actor.name if actor else ''} {key}" if key else None


def _same(known: Entry, case_id: str, move: str) -> None:
    if (known.case_id, known.move) != (case_id, move):
        raise NotAllowed("key_used", case=known.case_id)


def _stale(ask: Ask, standing: Mapping[str, tuple[str, int]]) -> bool:
    """Whether the case has certainly moved on. A request with a key may have been the one that moved it."""
    if ask.version is None or ask.request_key or ask.case_id not in standing:
        return False
    return ask.version < standing[ask.case_id][1]


def _others(ask: Ask, case: Case | None = None) -> list[str]:
    """Cases that must be known, and their chains locked, to decide: those to merge into and merged into."""
    named = (ask.data.get("into"), case.merged_into if case else "")
    return [case_id for case_id in named if isinstance(case_id, str) and case_id]
