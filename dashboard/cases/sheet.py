"""Sheet: what one transaction reads and writes: heads of chains, cases as they stand, entries one after the other."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from dashboard.cases.beside import BESIDE
from dashboard.cases.case import Case, Change, Entry, apply
from dashboard.cases.chain import canonical, link
from dashboard.cases.store.lines import Head, Line, News, Written
from dashboard.cases.store.recent import Recent
from dashboard.cases.store.rows import COLUMNS, entry_of
from dashboard.cases.store.schema import ENTRIES, PERSONAL, SEQ
from dashboard.cases.store.store import STORES

__all__ = ["By", "Sheet", "Wider"]

#: What no move may set: what a case is, and what each entry sets by itself.
_KEPT = frozenset(("case_id", "district", "version", "seq", "updated_at"))
_STAMPED = frozenset(("version", "seq", "updated_at"))
_SETTABLE = frozenset(COLUMNS) - _KEPT


_KEEP = sa.text(
    """INSERT INTO personal (case_id, name, salt, value) VALUES (:case_id, :name, :salt, :value)
    ON CONFLICT (case_id, name) DO UPDATE SET salt = excluded.salt, value = excluded.value"""
)


class Wider(Exception):
    """The transaction needs chains it has not locked: begin again with these."""

    def __init__(self, districts: Iterable[str]) -> None:
        super().__init__("more districts are needed")
        self.districts = set(districts)


class By(msgspec.Struct, frozen=True):
    """Whose entry it is, when it was seen, and under which key it was asked for."""

    actor: str
    role: str
    seat: str = ""
    at: float = 0.0
    observed_at: float | None = None
    key: str | None = None


class Sheet:
    """Lives as long as its transaction. What is written on it is seen by who reads from it, and stored by `store`."""

    def __init__(self, connection: Connection, districts: Iterable[str], recent: Recent) -> None:
        self.connection, self.statements = connection, STORES[connection.dialect.name]
        self.found = self.statements.lock(connection, sorted(districts))
        self.heads, self._recent = self.found.copy(), recent
        self.cases: dict[str, Case] = {}
        self.reports: dict[tuple[str, str], str] = {}
        self.keys: dict[str, Entry] = {}
        self.taken: set[str] = set()
        self.news: dict[str, list[News]] = {}
        self._lines: list[Line] = []
        self._new: dict[str, None] = {}
        self._changed: dict[str, frozenset[str]] = {}
        self._personal: list[dict[str, Any]] = []

    # what is read

    def learn(self, cases: Iterable[Case]) -> None:
        """Take what was read. Only what lies in locked chains can be trusted to stay so: Wider."""
        missing: set[str] = set()
        for case in cases:
            self.cases.setdefault(case.case_id, case)
            self.reports.setdefault((case.origin, case.report_id), case.case_id)
            missing |= {case.district} - self.heads.keys()
        if missing:
            raise Wider(missing)

    def read(self, case_ids: Iterable[str]) -> None:
        wanted = set(case_ids) - self.cases.keys() - {""}
        self.learn(self._recent.known(self.found, wanted))
        if wanted := sorted(wanted - self.cases.keys()):
            self.learn(self.statements.by_ids(self.connection, wanted))

    def read_reports(self, reports: Iterable[tuple[str, str]]) -> None:
        wanted = set(reports) - self.reports.keys()
        self.learn(self._recent.reported(self.found, wanted))
        if wanted := sorted(wanted - self.reports.keys()):
            self.learn(self.statements.by_reports(self.connection, wanted))

    def read_taken(self, names: Iterable[str]) -> None:
        """Which of these are ids of cases already."""
        if wanted := sorted(set(names)):
            self.taken |= self.statements.taken(self.connection, wanted)

    def free(self, names: Iterable[str], district: str) -> str:
        """The first of these that no case is called by (`read_taken` was asked), else the last, made different."""
        last = ""
        for name in names:
            if name not in self.taken and name not in self.cases:
                return name
            last = name
        return f"{last}:{self.heads[district].number}-{self.heads[district].position + 1}"

    def read_keys(self, keys: Iterable[str | None]) -> None:
        if wanted := sorted({key for key in keys if key} - self.keys.keys()):
            self.keys |= {key: entry_of(body) for key, body in self.statements.by_keys(self.connection, wanted)}

    def entry(self, case_id: str, version: int) -> Entry:
        for line in reversed(self._lines):
            if (line.case_id, line.version) == (case_id, version):
                return entry_of(line.body)
        of = (ENTRIES.c.case_id == case_id) & (ENTRIES.c.version == version)
        return entry_of(self.connection.execute(sa.select(ENTRIES.c.body).where(of)).scalar_one())

    def as_of(self, case_id: str, version: int) -> Case:
        """The case as it was after this entry."""
        of = (ENTRIES.c.case_id == case_id) & (ENTRIES.c.version <= version)
        rows = sa.select(ENTRIES.c.seq, ENTRIES.c.body).where(of).order_by(ENTRIES.c.version)
        stored = [(seq, body) for seq, body in self.connection.execute(rows)]
        own = [(line.seq, line.body) for line in self._lines if line.case_id == case_id and line.version <= version]
        made: Case | None = None
        for seq, body in [*stored, *own]:
            made = apply(made, entry_of(body), seq)
        assert made, f"{case_id} has no entry"
        return made

    # what is written

    def make(self, case_id: str, district: str, change: Change, by: By) -> tuple[Case, Entry]:
        """The first entry of a case."""
        made = self._add(case_id, district, None, change, by)
        self._new[case_id] = None
        self.reports[made[0].origin, made[0].report_id] = case_id
        return made

    def change(self, case: Case, change: Change, by: By) -> tuple[Case, Entry]:
        """One more entry; and those on other cases that come with it, `Change.also`, by the same hand."""
        if missing := {self.cases[other].district for other in change.also} - self.heads.keys():
            raise Wider(missing)
        if (beside := BESIDE.get(change.move)) is not None:
            beside(self.connection, case.case_id, change, by.at)
        made = self._add(case.case_id, case.district, case, change, by)
        if case.case_id not in self._new:
            columns = self._changed.get(case.case_id, _STAMPED)
            self._changed[case.case_id] = columns.union(made[1].set)
        for other, also in change.also.items():
            self.change(self.cases[other], also, msgspec.structs.replace(by, key=None))
        return made

    def _add(self, case_id: str, district: str, case: Case | None, change: Change, by: By) -> tuple[Case, Entry]:
        if wrong := change.set.keys() - _SETTABLE:
            raise ValueError(f"{change.move} sets {sorted(wrong)}")
        head = self.heads[district]
        # The hall's clock may be set back; a case's own time never runs backwards.
        at = max(by.at, case.updated_at) if case else by.at
        before = case.step if case else ""
        entry = Entry(
            district=district, position=head.position + 1, case_id=case_id, version=case.version + 1 if case else 1,
            move=change.move, actor=by.actor, role=by.role, seat=by.seat,
            observed_at=at if by.observed_at is None else by.observed_at, recorded_at=at,
            before=before, after=change.set.get("step", before), note=change.note,
            set=_differing(case, change.set), more=change.more | ({"key": by.key} if by.key else {}),
        )  # fmt: skip
        self._append(entry, head, by.key)
        self.cases[case_id] = made = apply(case, entry, head.number * SEQ + entry.position)
        self.news.setdefault(district, []).append(News(made, entry))
        return made, entry

    def _append(self, entry: Entry, head: Head, key: str | None) -> None:
        body = canonical(entry)
        after = Head(head.number, entry.position, link(head.hash, body))
        seq = head.number * SEQ + entry.position
        self._lines.append(
            Line(seq, entry.case_id, entry.version, entry.move, entry.recorded_at, key, body, after.hash)
        )
        self.heads[entry.district] = after
        if key:
            self.keys[key] = entry

    def keep(self, case_id: str, personal: Mapping[str, str]) -> dict[str, Any]:
        """Keep these apart from the trail; what the trail is to say of them: {name: SHA-256(salt + value) in hex}.

        What was erased is not taken in again, whoever sends it once more.
        """
        if not personal:
            return {}
        said: dict[str, Any] = {}
        at = sa.select(PERSONAL.c.name, PERSONAL.c.value, PERSONAL.c.erased_at).where(PERSONAL.c.case_id == case_id)
        kept = {name: (value, erased) for name, value, erased in self.connection.execute(at)}
        for name, value in personal.items():
            if name in kept and (kept[name][0] == value or kept[name][1] is not None):
                continue
            salt = os.urandom(16)
            self._personal.append({"case_id": case_id, "name": name, "salt": salt, "value": value})
            said[name] = hashlib.sha256(salt + value.encode()).hexdigest()
        return {"personal": said} if said else {}

    def store(self) -> None:
        """Everything into the database."""
        new = [self.cases[case_id] for case_id in self._new]
        changed = [(self.cases[case_id], columns) for case_id, columns in self._changed.items()]
        heads = {name: self.heads[name] for name in self.news}
        self.statements.write(self.connection, Written(self._lines, heads, new, changed))
        if self._personal:
            self.connection.execute(_KEEP, self._personal)

    def leave(self) -> None:
        """It is committed: what was seen need not be read again while nobody else writes."""
        self._recent.leave(self.found, self.heads, self.cases.values())


def _differing(case: Case | None, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is so already: an entry says what it changed."""
    if case is not None:
        return {name: value for name, value in columns.items() if getattr(case, name) != value}
    return {name: value for name, value in columns.items() if name in _REQUIRED or value != _DEFAULTS[name]}


_FIELDS = msgspec.structs.fields(Case)
_REQUIRED = {field.name for field in _FIELDS if field.required}
_DEFAULTS: dict[str, Any] = {
    field.name: field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    for field in _FIELDS if not field.required
}  # fmt: skip
