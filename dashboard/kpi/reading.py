"""Reading: cases out of SQL as columns. The quickest way of each database, in pieces that hold nobody else up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from dashboard.kpi.columns import COUNTS, FLAGS, NAMES, PENDING, PLACES, SELECT, SPENT, TEXTS, TIMES, WRITTEN, turned

__all__ = ["Batch", "Span", "read"]

Column = npt.NDArray[Any]

#: Rows that become columns at once: a few milliseconds in which no other thread of the process can run.
PIECE = 2_000


#: Behind the first seq, up to the second.
Span = tuple[int, int]


class Batch(NamedTuple):
    """seqs: int64; said: name of a column → its values, as `columns.laid` takes them."""

    ids: Sequence[str]
    seqs: Column
    said: Mapping[str, Sequence[Any]]


def read(connection: Connection, spans: Sequence[Span]) -> Iterator[Batch]:
    """The cases in these spans. Raises what SQLAlchemy raises."""
    if connection.dialect.name == "postgresql":
        where = " OR ".join(f"seq > {int(after)} AND seq <= {int(upto)}" for after, upto in spans)
        packed = _copied(connection, f"COPY (SELECT {_PACKED} FROM cases WHERE {where}) TO STDOUT (FORMAT binary)")  # noqa: S608
        if (batch := _unpacked(packed)) is not None:
            if batch.ids:
                yield batch
            return
    yield from _rows(connection, spans)


#: Columns that are more than a name, as SQL.
_OWN = {"repeat": "repeat_of <> ''", "number": "CASE WHEN report_id = case_id THEN '' ELSE report_id END"}


def _rows(connection: Connection, spans: Sequence[Span]) -> Iterator[Batch]:
    """By the driver's own cursor: SQLAlchemy's rows cost as much again as the values.

    One text for whatever is asked: a driver keeps what it has prepared, and a text with other numbers in it is another.
    """
    own = _OWN | {"pending": PENDING[connection.dialect.name]}
    names = ", ".join(own.get(column.name) or str(column.compile(connection)) for column in SELECT)
    mark = {"qmark": "?", "format": "%s"}[connection.dialect.paramstyle]
    text = f"SELECT {names} FROM cases WHERE seq > {mark} AND seq <= {mark}"  # noqa: S608
    for rows in _fetched(connection, text, spans):
        yield Batch([row[1] for row in rows], np.array([row[0] for row in rows], np.int64), turned(rows))
        time.sleep(0)


def _fetched(connection: Connection, text: str, spans: Sequence[Span]) -> Iterator[list[Any]]:
    """Of all spans, PIECE at once."""
    rows: list[Any] = []
    for span in spans:
        result = connection.exec_driver_sql(text, span)
        cursor: Any = result.cursor
        while part := cursor.fetchmany(PIECE - len(rows)):
            rows += part
            if len(rows) == PIECE:
                yield rows
                rows = []
        result.close()
    if rows:
        yield rows


# --- PostgreSQL: the server turns rows into columns, and they come as bytes that numpy reads where they lie ---

#: Stands between two words. Where a word has it in it, the rows come one by one.
MARK = "\x1f"

#: name → how the server packs it, how an element of it comes: its length in bytes, then itself.
_KINDS: dict[str, tuple[str, str]] = {
    "seq": ("seq", ">i8"),
    **{name: (f"coalesce({name}, 'NaN')::float8", ">f8") for name in TIMES + PLACES},
    **{name: (f"coalesce({name}, 'NaN')::float4", ">f4") for name in SPENT},
    **{name: (f"least(greatest(coalesce({name}, 0), 0), 255)::int2", ">i2") for name in COUNTS},
    **{name: (f"({_OWN.get(name, name)})", "?") for name in FLAGS},
}  # fmt: skip
_WORDS = ("case_id", *TEXTS, *WRITTEN)
_PACKED = ", ".join(
    ["count(*)"]
    + [f"array_agg({packed})" for packed, _ in _KINDS.values()]
    + [
        f"string_agg({_OWN.get(name, PENDING['postgresql'] if name == 'pending' else name)}, E'\\x1f')"
        for name in _WORDS
    ]
)
#: Before the first row of a binary COPY, and before the elements of an array.
_HEAD, _ARRAY = 19, 20


def _copied(connection: Connection, text: str) -> bytes:
    parts: list[bytes] = []
    driver: Any = connection.connection.driver_connection
    known: Any = connection.dialect.dbapi
    try:
        driver.cursor().execute(text, stream=_Sink(parts))
    except known.Error as error:
        connection.invalidate(error)
        raise OperationalError(text, None, error, connection_invalidated=True) from error
    return b"".join(parts)


class _Sink:
    def __init__(self, parts: list[bytes]) -> None:
        self.write = parts.append


def _unpacked(packed: bytes) -> Batch | None:
    """None: a word holds the mark, so that the words cannot be told apart."""
    fields = list(_fields(packed))
    count = int.from_bytes(fields[0] or b"", "big")
    if not count:
        return Batch((), np.empty(0, np.int64), {})
    said: dict[str, Any] = {}
    for (name, (_, kind)), field in zip(_KINDS.items(), fields[1:], strict=False):
        assert field is not None
        elements = np.frombuffer(field, [("size", ">i4"), ("value", kind)], count, _ARRAY)
        said[name] = elements["value"].astype(np.dtype(kind).newbyteorder("="))
    for name, field in zip(_WORDS, fields[1 + len(_KINDS) :], strict=True):
        said[name] = (field or b"").decode().split(MARK)
        if len(said[name]) != count:
            return None
        time.sleep(0)
    return Batch(said["case_id"], said["seq"], {name: said[name] for name in NAMES})


def _fields(packed: bytes) -> Iterator[bytes | None]:
    """Of the one row; None for NULL."""
    at = _HEAD + 2
    for _ in range(1 + len(_KINDS) + len(_WORDS)):
        size = int.from_bytes(packed[at : at + 4], "big", signed=True)
        at += 4
        yield packed[at : at + size] if size >= 0 else None
        at += max(size, 0)
