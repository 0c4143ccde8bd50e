"""Store: the ledger's statements, and SQLite's words for them; each takes many rows in one go.

What is put together as text are names of columns; values always travel beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection

from dashboard.cases.case import Case
from dashboard.cases.chain import GENESIS
from dashboard.cases.store.lines import LINE, Head, Line, Written
from dashboard.cases.store.postgresql import PostgreSQL
from dashboard.cases.store.rows import COLUMNS, of_row, some_of, to_row
from dashboard.sql.straight import many, rows

__all__ = ["SQLITE", "STORES", "Head", "Line", "Store"]

_CASE = ", ".join(f'"{name}"' for name in COLUMNS)
_ADD_LINE = f"INSERT INTO case_entries ({LINE}) VALUES ({', '.join('?' * len(Line._fields))})"  # noqa: S608
_ADD_CASE = f"INSERT INTO cases ({_CASE}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608


class Store(Protocol):
    """What the ledger asks of a database."""

    def begin(self, connection: Connection, districts: Sequence[str]) -> None:
        """Make the chains that are not there yet, without two processes giving one number twice."""
        ...

    def lock(self, connection: Connection, districts: Sequence[str]) -> dict[str, Head]: ...
    def standing(self, connection: Connection, case_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
        """case_id → (district, version)"""
        ...

    def by_ids(self, connection: Connection, case_ids: Sequence[str]) -> list[Case]: ...
    def by_reports(self, connection: Connection, reports: Sequence[tuple[str, str]]) -> list[Case]: ...
    def taken(self, connection: Connection, case_ids: Sequence[str]) -> set[str]: ...
    def by_keys(self, connection: Connection, keys: Sequence[str]) -> list[tuple[str, str]]:
        """(request_key, body) of entries."""
        ...

    def write(self, connection: Connection, written: Written) -> None:
        """All of it, in as few rounds as the database allows."""
        ...


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _cases(connection: Connection, text: str, *values: Any) -> list[Case]:
    return [of_row(row) for row in rows(connection, text, values)]


def _heads(found: Iterable[Any]) -> dict[str, Head]:
    return {district: Head(number, position, bytes(last)) for district, number, position, last in found}


@lru_cache(256)
def _change_case(columns: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """The statement that changes these columns, and the names of its values."""
    names = sorted(columns)
    assigned = ", ".join(f'"{name}" = ?' for name in names)
    return f"UPDATE cases SET {assigned} WHERE case_id = ?", (*names, "case_id")  # noqa: S608 - names of columns


class _SQLite:
    """Who has begun to write here is alone: nothing needs to be locked besides."""

    def begin(self, connection: Connection, districts: Sequence[str]) -> None:
        text = """INSERT INTO chains SELECT ?, coalesce(max(number), 0) + 1, 0, ? FROM chains WHERE true
            ON CONFLICT DO NOTHING"""
        for district in districts:
            rows(connection, text, (district, GENESIS))

    def lock(self, connection: Connection, districts: Sequence[str]) -> dict[str, Head]:
        text = "SELECT district, number, position, hash FROM chains WHERE district IN (SELECT value FROM json_each(?))"
        return _heads(rows(connection, text, (_json(districts),)))

    def standing(self, connection: Connection, case_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
        text = "SELECT case_id, district, version FROM cases WHERE case_id IN (SELECT value FROM json_each(?))"
        found = rows(connection, text, (_json(case_ids),))
        return {case_id: (district, version) for case_id, district, version in found}

    def by_ids(self, connection: Connection, case_ids: Sequence[str]) -> list[Case]:
        text = f"SELECT {_CASE} FROM cases WHERE case_id IN (SELECT value FROM json_each(?))"  # noqa: S608
        return _cases(connection, text, _json(case_ids))

    def by_reports(self, connection: Connection, reports: Sequence[tuple[str, str]]) -> list[Case]:
        # CROSS: the list is walked and the index asked, never the other way about.
        text = f"""SELECT {_CASE} FROM json_each(?) AS k CROSS JOIN cases
            ON origin = json_extract(k.value, '$[0]') AND report_id = json_extract(k.value, '$[1]')"""  # noqa: S608
        return _cases(connection, text, _json(reports))

    def taken(self, connection: Connection, case_ids: Sequence[str]) -> set[str]:
        text = "SELECT case_id FROM cases WHERE case_id IN (SELECT value FROM json_each(?))"
        return {case_id for (case_id,) in rows(connection, text, (_json(case_ids),))}

    def by_keys(self, connection: Connection, keys: Sequence[str]) -> list[tuple[str, str]]:
        text = "SELECT request_key, body FROM case_entries WHERE request_key IN (SELECT value FROM json_each(?))"
        return [(key, body) for key, body in rows(connection, text, (_json(keys),))]

    def write(self, connection: Connection, written: Written) -> None:
        if written.cases:
            self.add_cases(connection, written.cases)
        if written.changed:
            self.change_cases(connection, written.changed)
        if written.lines:
            self.add_lines(connection, written.lines)
        if written.heads:
            self.move_heads(connection, written.heads)

    def add_lines(self, connection: Connection, lines: Sequence[Line]) -> None:
        many(connection, _ADD_LINE, lines)

    def add_cases(self, connection: Connection, cases: Sequence[Case]) -> None:
        many(connection, _ADD_CASE, map(to_row, cases))

    def change_cases(self, connection: Connection, cases: Sequence[tuple[Case, frozenset[str]]]) -> None:
        alike: dict[frozenset[str], list[Case]] = defaultdict(list)
        for case, columns in cases:
            alike[columns].append(case)
        for columns, group in alike.items():
            text, names = _change_case(columns)
            many(connection, text, [some_of(case, names) for case in group])

    def move_heads(self, connection: Connection, heads: dict[str, Head]) -> None:
        places = [(head.position, head.hash, district) for district, head in heads.items()]
        many(connection, "UPDATE chains SET position = ?, hash = ? WHERE district = ?", places)


SQLITE = _SQLite()
#: By the name of SQLAlchemy's dialect.
STORES: dict[str, Store] = {"sqlite": SQLITE, "postgresql": PostgreSQL()}
