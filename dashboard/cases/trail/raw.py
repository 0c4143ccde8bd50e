"""Raw: the rows of the ledger just as they lie in the database, many at a time, past all that would make them nicer."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Iterable, Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, Engine

from dashboard.cases.store.rows import COLUMNS

__all__ = ["Chain", "Row", "Rows", "Unreadable", "looking"]

#: Of an entry: seq, case_id, version, move, recorded_at, request_key, body, hash. Of a case: cases.rows.COLUMNS.
Row = Sequence[Any]

_ENTRY = ("seq", "case_id", "version", "move", "recorded_at", "request_key", "body")
_QUOTED = ", ".join(f'"{name}"' for name in COLUMNS)
#: Bytes of one.
_HASH = 32
_PENDING = COLUMNS.index("pending")


class Unreadable(Exception):
    """A row that not even the database can read: a byte that is no UTF-8."""


class Chain(msgspec.Struct, frozen=True):
    """A row of `chains`. hash: 32 bytes."""

    district: str
    number: int
    position: int
    hash: bytes


class Rows(Protocol):
    """What can be asked of a ledger that holds still. seq bounds: above `low`, up to and with `high`."""

    def chains(self) -> list[Chain]: ...
    def entries(self, low: int, high: int) -> Sequence[Row]:
        """In order of seq. Raises Unreadable."""
        ...

    def cases(self, low: int, high: int) -> Sequence[Row]:
        """The cases whose last entry is there, in the order of COLUMNS. Raises Unreadable."""
        ...

    def seqs(self, case_ids: Iterable[str]) -> dict[str, int]:
        """The seq that each case names as its last; those without a row are left out."""
        ...

    def bodies(self, case_ids: Iterable[str], low: int) -> list[tuple[str, str]]:
        """(case_id, body) of all their entries up to and with seq `low`, each case's in order."""
        ...

    def beyond(self, table: str, low: int, high: int) -> int | None:
        """The first seq in `cases` or `case_entries` above low and below high."""
        ...


class _Sqlite:
    def __init__(self, connection: Connection) -> None:
        self.driver: Any = connection.connection.driver_connection

    def chains(self) -> list[Chain]:
        rows = self.driver.execute("SELECT district, number, position, hash FROM chains ORDER BY number")
        return [Chain(*row) for row in rows.fetchall()]

    def entries(self, low: int, high: int) -> Sequence[Row]:
        names = ", ".join(_ENTRY)
        return self._all(f"SELECT {names}, hash FROM case_entries WHERE seq > ? AND seq <= ? ORDER BY seq", low, high)  # noqa: S608

    def cases(self, low: int, high: int) -> Sequence[Row]:
        rows = self._all(f"SELECT {_QUOTED} FROM cases WHERE seq > ? AND seq <= ?", low, high)  # noqa: S608
        return [(*row[:_PENDING], _parsed(row[_PENDING]), *row[_PENDING + 1 :]) for row in rows]

    def seqs(self, case_ids: Iterable[str]) -> dict[str, int]:
        listed = json.dumps(list(case_ids))
        return dict(
            self._all("SELECT case_id, seq FROM cases WHERE case_id IN (SELECT value FROM json_each(?))", listed)
        )

    def bodies(self, case_ids: Iterable[str], low: int) -> list[tuple[str, str]]:
        return self._all(
            "SELECT case_id, body FROM case_entries WHERE case_id IN (SELECT value FROM json_each(?)) AND seq <= ? "
            "ORDER BY case_id, version",
            json.dumps(list(case_ids)),
            low,
        )

    def beyond(self, table: str, low: int, high: int) -> int | None:
        return self._all(f"SELECT MIN(seq) FROM {table} WHERE seq > ? AND seq < ?", low, high)[0][0]  # noqa: S608

    def _all(self, text: str, *values: Any) -> list[Any]:
        try:
            return self.driver.execute(text, values).fetchall()
        except self.driver.OperationalError as error:
            if "UTF-8" in str(error):
                raise Unreadable(str(error)) from error
            raise


class _Postgres:
    """The driver is slow a value and fast a text: each chunk comes as one JSON."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def chains(self) -> list[Chain]:
        rows = self.connection.exec_driver_sql("SELECT district, number, position, hash FROM chains ORDER BY number")
        return [Chain(*row) for row in rows.all()]

    def entries(self, low: int, high: int) -> Sequence[Row]:
        """Texts and hashes each as one long value: nothing in them has to be escaped and read again."""
        short = ", ".join(_ENTRY[:-1])
        text = f"""SELECT json_agg(json_build_array({short}))::text, string_agg(body, chr(10)),
            string_agg(hash, ''::bytea), bool_and(octet_length(hash) = {_HASH}) FROM (
            SELECT * FROM case_entries WHERE seq > {low:d} AND seq <= {high:d} ORDER BY seq) AS e"""  # noqa: S608
        said, bodies, hashes, sound = self.connection.exec_driver_sql(text).one()
        if not said:
            return []
        rows, lines = msgspec.json.decode(said), bodies.split("\n")
        if not sound or len(lines) != len(rows):  # nothing that we wrote: a line break within, or another length
            return self._one_by_one(low, high)
        ends = range(0, len(hashes), _HASH)
        return [(*row, body, hashes[at : at + _HASH]) for row, body, at in zip(rows, lines, ends, strict=True)]

    def _one_by_one(self, low: int, high: int) -> Sequence[Row]:
        names = ", ".join(_ENTRY)
        rows: list[list[Any]] = self._json(f"{names}, encode(hash, 'hex')", "case_entries", low, high)
        for row in rows:
            row[7] = bytes.fromhex(row[7])
        return rows

    def cases(self, low: int, high: int) -> Sequence[Row]:
        return self._json(_QUOTED, "cases", low, high)

    def seqs(self, case_ids: Iterable[str]) -> dict[str, int]:
        text = "SELECT case_id, seq FROM cases WHERE case_id = ANY(%s)"
        return {row[0]: row[1] for row in self.connection.exec_driver_sql(text, (list(case_ids),)).all()}

    def bodies(self, case_ids: Iterable[str], low: int) -> list[tuple[str, str]]:
        text = "SELECT case_id, body FROM case_entries WHERE case_id = ANY(%s) AND seq <= %s ORDER BY case_id, version"
        return [(row[0], row[1]) for row in self.connection.exec_driver_sql(text, (list(case_ids), low)).all()]

    def beyond(self, table: str, low: int, high: int) -> int | None:
        text = f"SELECT MIN(seq) FROM {table} WHERE seq > %s AND seq < %s"  # noqa: S608
        return self.connection.exec_driver_sql(text, (low, high)).scalar()

    def _json(self, columns: str, table: str, low: int, high: int) -> Any:
        text = (
            f"SELECT json_agg(json_build_array({columns}) ORDER BY seq)::text "  # noqa: S608
            f"FROM {table} WHERE seq > %s AND seq <= %s"
        )
        found = self.connection.exec_driver_sql(text, (low, high)).scalar()
        return msgspec.json.decode(found) if found else []


def _parsed(text: Any) -> Any:
    if text == "{}":  # nearly all of them
        return {}
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


@contextlib.contextmanager
def looking(engine: Engine) -> Generator[Rows]:
    """The whole ledger as it is at this moment, however long one looks, while others write."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
            yield _Sqlite(connection)
            connection.exec_driver_sql("ROLLBACK")
            return
        still = connection.execution_options(isolation_level="REPEATABLE READ")
        yield _Postgres(still)
