"""PostgreSQL's words for the ledger's statements: each one question and one answer, and no more."""

# ruff: noqa: S608 - what is put into a statement is JSON without apostrophes, and names of columns
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from dashboard.cases.case import Case
from dashboard.cases.chain import GENESIS
from dashboard.cases.store.lines import LINE, Head, Line, Written
from dashboard.cases.store.rows import COLUMNS

__all__ = ["PostgreSQL"]

_CASE = ", ".join(f'"{name}"' for name in COLUMNS)
_case = msgspec.json.Decoder(Case)


def _json(value: Any) -> str:
    """A literal of SQL: JSON, which needs no apostrophe, so that nothing can end it before its end.

    The driver sends a statement with parameters in three rounds and reads its text letter by letter; without, in one.
    """
    return "'" + msgspec.json.encode(value).decode().replace("'", "\\u0027") + "'::json"


def _among(values: Sequence[str]) -> str:
    return f"(SELECT json_array_elements_text({_json(values)}))"


def _cases(connection: Connection, which: str) -> list[Case]:
    # As JSON: one column instead of eighty, and read in one go.
    text = f"SELECT row_to_json(c)::text FROM cases AS c WHERE {which}"
    return [_case.decode(body) for body in connection.exec_driver_sql(text).scalars()]


class PostgreSQL:
    """The chain's row is the lock, taken in the order of the names."""

    #: Any number will do that no other part of the hall takes: one maker of chains at a time.
    MAKER = 3_301_001

    def begin(self, connection: Connection, districts: Sequence[str]) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({self.MAKER})")
        for district in districts:
            connection.exec_driver_sql(
                f"""INSERT INTO chains SELECT {_json(district)} #>> '{{}}', coalesce(max(number), 0) + 1, 0,
                decode('{GENESIS.hex()}', 'hex') FROM chains ON CONFLICT DO NOTHING"""
            )

    def lock(self, connection: Connection, districts: Sequence[str]) -> dict[str, Head]:
        text = f"""SELECT district, number, position, hash FROM chains
            WHERE district IN {_among(districts)} ORDER BY district FOR UPDATE"""
        rows = connection.exec_driver_sql(text)
        return {district: Head(number, position, bytes(last)) for district, number, position, last in rows}

    def standing(self, connection: Connection, case_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
        text = f"SELECT case_id, district, version FROM cases WHERE case_id IN {_among(case_ids)}"
        return {case_id: (district, version) for case_id, district, version in connection.exec_driver_sql(text)}

    def by_ids(self, connection: Connection, case_ids: Sequence[str]) -> list[Case]:
        return _cases(connection, f"case_id IN {_among(case_ids)}")

    def by_reports(self, connection: Connection, reports: Sequence[tuple[str, str]]) -> list[Case]:
        named = f"SELECT k ->> 0, k ->> 1 FROM json_array_elements({_json(reports)}) AS t(k)"
        return _cases(connection, f"(origin, report_id) IN ({named})")

    def taken(self, connection: Connection, case_ids: Sequence[str]) -> set[str]:
        text = f"SELECT case_id FROM cases WHERE case_id IN {_among(case_ids)}"
        return set(connection.exec_driver_sql(text).scalars())

    def by_keys(self, connection: Connection, keys: Sequence[str]) -> list[tuple[str, str]]:
        text = f"SELECT request_key, body FROM case_entries WHERE request_key IN {_among(keys)}"
        return [(key, body) for key, body in connection.exec_driver_sql(text)]

    def write(self, connection: Connection, written: Written) -> None:
        """One statement: while a chain is locked, each round to the server is time that others wait."""
        parts = [_head(district, head) for district, head in written.heads.items()]
        if written.lines:
            parts.append(_lines(written.lines))
        if written.cases:
            parts.append(_made(written.cases))
        if written.changed:
            parts.append(_changed(written.changed))
        if parts:
            named = ", ".join(f"w{number} AS ({part})" for number, part in enumerate(parts))
            connection.exec_driver_sql(f"WITH {named} SELECT 1")


def _head(district: str, head: Head) -> str:
    return (
        f"UPDATE chains SET position = {head.position:d}, hash = decode('{head.hash.hex()}', 'hex') "
        f"WHERE district = {_json(district)} #>> '{{}}'"
    )


def _lines(lines: Sequence[Line]) -> str:
    rows = _json([line._asdict() | {"hash": f"\\x{line.hash.hex()}"} for line in lines])
    return f"INSERT INTO case_entries ({LINE}) SELECT {LINE} FROM json_populate_recordset(NULL::case_entries, {rows})"


def _made(cases: Sequence[Case]) -> str:
    return f"INSERT INTO cases ({_CASE}) SELECT {_CASE} FROM json_populate_recordset(NULL::cases, {_json(cases)})"


def _changed(cases: Sequence[tuple[Case, frozenset[str]]]) -> str:
    names = sorted(frozenset[str]().union(*(columns for _, columns in cases)))
    assigned = ", ".join(f'"{name}" = n."{name}"' for name in names)
    rows = _json([_part(case, names) for case, _ in cases])
    return (
        f"UPDATE cases SET {assigned} FROM json_populate_recordset(NULL::cases, {rows}) AS n "
        "WHERE cases.case_id = n.case_id"
    )


def _part(case: Case, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(case, name) for name in (*names, "case_id")}
