"""Store: the ledger's statements, and SQLite's words for them; each takes many rows in one go.

What is put together as text are names of columns; values always travel beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection

from dashboard.cases.case import Case
from dashboard.cases.chain import GENESIS
from dashboard.cases.store.lines import LINE, Head, Line, Written
from dashboard.cases.store.postgresql import PostgreSQL
from dashboard.cases.store.rows import COLUMNS, of_row, some_of, to_row

__all__ = ["SQLITE", "STORES", "Head", "Line", "Store"]

_CASE = ", ".join(f'"{name}"' for name in COLUMNS)


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
    return [of_row(row) for row in connection.exec_driver_sql(text, values)]  # type: ignore[arg-type]


def _heads(rows: Iterable[Any]) -> dict[str, Head]:
    return {district: Head(number, position, bytes(last)) for district, number, position, last in rows}


class _SQLite:
    """Who has begun to write here is alone: nothing needs to be locked besides."""

    def begin(self, connection: Connection, districts: Sequence[str]) -> None:
        text = """INSERT INTO chains SELECT ?, coalesce(max(number), 0) + 1, 0, ? FROM chains WHERE true
            ON CONFLICT DO NOTHING"""
        for district in districts:
            connection.exec_driver_sql(text, (district, GENESIS))

    def lock(self, connection: Connection, districts: Sequence[str]) -> dict[str, Head]:
        text = "SELECT district, number, position, hash FROM chains WHERE district IN (SELECT value FROM json_each(?))"
        return _heads(connection.exec_driver_sql(text, (_json(districts),)))

    def standing(self, connection: Connection, case_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
        text = "SELECT case_id, district, version FROM cases WHERE case_id IN (SELECT value FROM json_each(?))"
        rows = connection.exec_driver_sql(text, (_json(case_ids),))
        return {case_id: (district, version) for case_id, district, version in rows}

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
        return set(connection.exec_driver_sql(text, (_json(case_ids),)).scalars())

    def by_keys(self, connection: Connection, keys: Sequence[str]) -> list[tuple[str, str]]:
        text = "SELECT request_key, body FROM case_entries WHERE request_key IN (SELECT value FROM json_each(?))"
        return [(key, body) for key, body in connection.exec_driver_sql(text, (_json(keys),))]

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
        text = f"INSERT INTO case_entries ({LINE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        connection.exec_driver_sql(text, list(lines))

    def add_cases(self, connection: Connection, cases: Sequence[Case]) -> None:
        text = f"INSERT INTO cases ({_CASE}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
        connection.exec_driver_sql(text, [tuple(to_row(case)) for case in cases])

    def change_cases(self, connection: Connection, cases: Sequence[tuple[Case, frozenset[str]]]) -> None:
        alike: dict[frozenset[str], list[Case]] = defaultdict(list)
        for case, columns in cases:
            alike[columns].append(case)
        for columns, group in alike.items():
            names = sorted(columns)
            assigned = ", ".join(f'"{name}" = ?' for name in names)
            text = f"UPDATE cases SET {assigned} WHERE case_id = ?"  # noqa: S608 - names of columns, not of people
            connection.exec_driver_sql(text, [tuple(some_of(case, [*names, "case_id"])) for case in group])

    def move_heads(self, connection: Connection, heads: dict[str, Head]) -> None:
        rows = [(head.position, head.hash, district) for district, head in heads.items()]
        connection.exec_driver_sql("UPDATE chains SET position = ?, hash = ? WHERE district = ?", rows)


SQLITE = _SQLite()
#: By the name of SQLAlchemy's dialect.
STORES: dict[str, Store] = {"sqlite": SQLITE, "postgresql": PostgreSQL()}
