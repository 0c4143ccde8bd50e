"""Rows: a case as a row of its table and back, without SQLAlchemy's hands between: thousands a second pass here."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from dashboard.cases.case import Case, Entry

__all__ = ["COLUMNS", "cleaned", "entry_of", "of_row", "some_of", "to_row"]

#: Columns of the table `cases`, in order.
COLUMNS = tuple(field.name for field in msgspec.structs.fields(Case))
_BOOLS = [index for index, field in enumerate(msgspec.structs.fields(Case)) if field.type is bool]
_PENDING = COLUMNS.index("pending")
T = TypeVar("T", bound=msgspec.Struct)
_entries = msgspec.json.Decoder(Entry)


def of_row(row: Sequence[Any]) -> Case:
    """A case from a row of COLUMNS. SQLite knows neither flags nor JSON."""
    values = list(row)
    for index in _BOOLS:
        values[index] = bool(values[index])
    if isinstance(values[_PENDING], str):
        values[_PENDING] = msgspec.json.decode(values[_PENDING])
    return Case(**dict(zip(COLUMNS, values, strict=True)))


def to_row(case: Case) -> list[Any]:
    """The values of COLUMNS, as SQLite takes them."""
    values: list[Any] = list(msgspec.structs.astuple(case))
    values[_PENDING] = _text(case.pending)
    return values


def some_of(case: Case, columns: Sequence[str]) -> list[Any]:
    """The values of these columns, two at least, as SQLite takes them."""
    return [_text(value) if isinstance(value, dict) else value for value in attrgetter(*columns)(case)]


def _text(pending: dict[str, Any]) -> str:
    return msgspec.json.encode(pending).decode() if pending else "{}"


def entry_of(body: str) -> Entry:
    return _entries.decode(body)


def cleaned(said: T) -> T:
    """The same without what no database keeps: NUL and lone halves of surrogate pairs. Most have neither."""
    try:
        if b"\\u0000" not in msgspec.json.encode(said):
            return said
    except UnicodeEncodeError:
        pass
    return msgspec.convert(_clean(msgspec.to_builtins(said)), type(said))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(value, dict):
        return {_clean(key): _clean(part) for key, part in value.items()}
    return [_clean(part) for part in value] if isinstance(value, list) else value
