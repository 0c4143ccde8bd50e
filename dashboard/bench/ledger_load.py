"""Load: a made history into an empty ledger, in bulk: row for row what the ledger itself would have written."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from dashboard.bench.ledger_history import DISTRICTS, History
from dashboard.cases.case import Case
from dashboard.cases.ledger import Ledger
from dashboard.cases.store.lines import Head, Line, Written
from dashboard.cases.store.rows import COLUMNS, to_row
from dashboard.cases.store.schema import SEQ
from dashboard.cases.store.store import SQLITE, STORES
from dashboard.progress import done
from dashboard.sql.engine import writing

__all__ = ["loaded"]

#: Entries in one transaction.
CHUNK = 50_000
#: How PostgreSQL's COPY writes what would end a column or a row.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def loaded(ledger: Ledger, history: History) -> float:
    """Seconds that it took, with making the rows."""
    began, engine = time.monotonic(), ledger.engine
    put = {"sqlite": _insert, "postgresql": _copy}[engine.dialect.name]
    with writing(engine) as connection:
        STORES[engine.dialect.name].begin(connection, DISTRICTS)
    written = 0
    for district in range(len(DISTRICTS)):
        chain = history.chain(district)
        while chunk := list(islice(chain, CHUNK)):
            lines, cases = [line for line, _ in chunk], [case for _, case in chunk if case]
            with writing(engine) as connection:
                put(connection, lines, cases)
                head = {DISTRICTS[district]: Head(district + 1, lines[-1].seq % SEQ, lines[-1].hash)}
                STORES[engine.dialect.name].write(connection, Written((), head))
            written += len(chunk)
            done(f"{history.entries:,} entries into {engine.dialect.name}", written / history.entries)
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.exec_driver_sql("ANALYZE")  # as it does by itself, a minute later
    done("", 1.0)
    return time.monotonic() - began


def _insert(connection: Any, lines: Sequence[Line], cases: Sequence[Case]) -> None:
    SQLITE.add_lines(connection, lines)
    if cases:
        SQLITE.add_cases(connection, cases)


def _copy(connection: Any, lines: Sequence[Line], cases: Sequence[Case]) -> None:
    cursor = connection.connection.cursor()
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    rows = ((*line[:-1], f"\\x{line.hash.hex()}") for line in lines)
    cursor.execute(f"COPY case_entries ({', '.join(Line._fields)}) FROM STDIN", stream=_text(rows))
    cursor.execute(f"COPY cases ({names}) FROM STDIN", stream=_text(map(to_row, cases)))
    cursor.close()


def _text(rows: Iterable[Sequence[Any]]) -> io.BytesIO:
    return io.BytesIO("".join(_lines(rows)).encode())


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    for row in rows:
        yield "\t".join("\\N" if value is None else str(value).translate(ESCAPES) for value in row) + "\n"
