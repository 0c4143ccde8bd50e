"""Columns: fixes as they are sent, one by one or by columns, from bytes to columns; what is no fix is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from dashboard.ingest.taken import Moment, Taken, loose, seen
from feeds.record import BadRecord, Fix

__all__ = ["NAMES", "Columns", "read_columns"]

_json = msgspec.json.Decoder(list[Fix] | Fix)
_rows = msgspec.msgpack.Decoder(list[Fix] | Fix)


class Columns(msgspec.Struct):
    """All of one length; a column that was not sent is None."""

    worker_id: list[str]
    lon: list[float]
    lat: list[float]
    at: list[Moment]
    accuracy: list[float | None] | None = None
    speed: list[float | None] | None = None
    heading: list[float | None] | None = None
    battery: list[float | None] | None = None
    mock: list[bool] | None = None
    sos: list[bool] | None = None
    indoor: list[bool] | None = None


class _Loose(msgspec.Struct):
    """A fix whose optional fields may be anything: what is no number is not known."""

    worker_id: str
    lon: float
    lat: float
    at: Moment
    accuracy: Any = None
    speed: Any = None
    heading: Any = None
    battery: Any = None
    mock: Any = False
    sos: Any = False
    indoor: Any = False


_columns = msgspec.msgpack.Decoder(Columns)
#: What may be shown of a fix that was refused.
NAMES = Columns.__struct_fields__
_NUMBERS, _FLAGS = ("accuracy", "speed", "heading", "battery"), ("mock", "sos", "indoor")


def read_columns(body: bytes, msgpack: bool, taken: Taken) -> tuple[Sequence[int], Columns]:
    """The well-formed fixes, and the place of each in the request. Raises BadRecord when it cannot be read."""
    try:
        if msgpack and body[:1] and 0x80 <= body[0] <= 0xDF and not 0x90 <= body[0] <= 0xDD:
            columns = _columns.decode(body)
            if _even(columns):
                return range(len(columns.at)), columns
        else:
            sent = (_rows if msgpack else _json).decode(body)
            fixes = sent if isinstance(sent, list) else [sent]
            return range(len(fixes)), _columns_of(fixes)
    except (ValueError, RecursionError):
        pass  # looked at one by one below
    return _one_by_one(loose(body, msgpack), taken)


def _one_by_one(records: list[Any], taken: Taken) -> tuple[list[int], Columns]:
    index: list[int] = []
    fixes: list[Fix] = []
    for number, record in enumerate(records):
        try:
            sent = msgspec.convert(record, _Loose)
            fixes.append(fix := _tidy(sent))
            index.append(number)
            for name in _left_out(sent, fix):
                detail = f"{name} is not what it should be: the fix is taken without it"
                taken.note(number, f"bad_{name}", detail, lambda record=record: seen(record, NAMES))
        except (ValueError, OverflowError, RecursionError) as error:
            taken.refuse(number, BadRecord("malformed", str(error)), lambda record=record: seen(record, NAMES))
    return index, _columns_of(fixes)


def _tidy(fix: _Loose) -> Fix:
    numbers = {name: _number(getattr(fix, name)) for name in _NUMBERS}
    flags = {name: getattr(fix, name) is True for name in _FLAGS}
    return Fix(fix.worker_id, fix.lon, fix.lat, fix.at, **numbers, **flags)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e9 else None


def _left_out(sent: _Loose, fix: Fix) -> Iterator[str]:
    """What was said and makes no sense. Of numbers NaN and what is below nothing are how phones say: not known."""
    for name in _NUMBERS:
        value = getattr(sent, name)
        if value is not None and getattr(fix, name) is None and not (isinstance(value, int | float) and not value > 0):
            yield name
    for name in _FLAGS:
        if (value := getattr(sent, name)) and value is not True:
            yield name


def _columns_of(fixes: list[Fix]) -> Columns:
    """What nobody of them says is a column that was not sent."""
    if not fixes:
        return Columns([], [], [], [])
    columns = map(list, zip(*map(msgspec.structs.astuple, fixes), strict=True))
    return Columns(*(None if column.count(None) == len(column) else column for column in columns))  # type: ignore[arg-type]


def _even(columns: Columns) -> bool:
    lengths = {len(column) for name in NAMES if (column := getattr(columns, name)) is not None}
    return len(lengths) == 1
