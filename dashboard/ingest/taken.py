"""Taken: what became of one request's records, those that are good and those that are refused."""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from dashboard.cases.told import Told
from feeds.record import BadRecord

__all__ = ["MSGPACK", "Limits", "Moment", "Refused", "Taken", "loose", "moment_ms", "plain_id", "seen", "timely"]

MSGPACK = ("application/msgpack", "application/x-msgpack", "application/vnd.msgpack")

Moment = str | float

#: Letters that are kept of one value of a refused record, and of all of them together.
LETTERS, EXCERPT = 100, 500
#: Digits of the longest whole number that a float may still be, and then some: a longer one is beyond all numbers.
DIGITS = 400
#: What no id may have in it: controls, ends of lines, halves of letters. Some of them are lost on the way to the
#: database, and two ids become one.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Refused(msgspec.Struct, frozen=True):
    """As it is answered, also of a note: the record's place in the request, a word that is counted, a sentence."""

    index: int
    reason: str
    detail: str


@dataclass
class Taken:
    """parts: (kind, district) → pieces of payload and how many records they hold, rows in all; bodies: of the refused.

    told: words on events, for the ledger, and the place of each in the request. noted: what cannot be in records that
    were taken all the same, each with a look at its record.
    """

    received: int = 0
    parts: dict[tuple[str, str], tuple[list[bytes], int]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    bodies: list[Callable[[], str]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    noted: list[tuple[Refused, Callable[[], str]]] = field(default_factory=list)
    rows: int = 0

    @property
    def accepted(self) -> int:
        return self.rows + len(self.told)

    def take(self, kind: str, district: str, piece: bytes, rows: int = 1) -> None:
        self.rows += rows
        pieces, had = self.parts.get((kind, district), ([], 0))
        pieces.append(piece)
        self.parts[kind, district] = (pieces, had + rows)

    def refuse(self, index: int, bad: BadRecord, body: Callable[[], str]) -> None:
        self.refused.append(Refused(index, bad.reason, _clean(bad.detail)))
        self.bodies.append(body)

    def note(self, index: int, reason: str, detail: str, body: Callable[[], str]) -> None:
        self.noted.append((Refused(index, reason, _clean(detail)), body))

    def forget(self, refused: Collection[int]) -> None:
        """The notes on records that were refused in the end."""
        self.noted = [(note, body) for note, body in self.noted if note.index not in refused]


class Limits(NamedTuple):
    """Between which moments (ms, hall time) a record may have been observed."""

    now_ms: float
    future_ms: float
    oldest_ms: float


def loose(body: bytes, msgpack: bool) -> list[Any]:
    """The records as plain objects, for requests in which not all is as it should be. Raises BadRecord."""
    try:
        sent = msgspec.msgpack.decode(body) if msgpack else _json(body)
    except (ValueError, RecursionError, OverflowError) as error:
        form = "MessagePack" if msgpack else "JSON"
        raise BadRecord("broken", f"this is not {form}: {error}; nothing of this request was taken") from error
    return sent if isinstance(sent, list) else _transposed(sent)


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        # Not JSON, but common: the record is refused for its NaN, its number beyond all numbers (no other value can be
        # invalid where any is) or its half of a letter, as texts have that were cut; its neighbours are taken.
        beyond = isinstance(error, msgspec.ValidationError)
        if beyond or b"NaN" in body or b"Infinity" in body or re.search(rb"\\u[dD][89a-fA-F]", body):
            return json.loads(body, parse_int=_whole)
        raise


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < DIGITS else -math.inf if digits[0] == "-" else math.inf


def _transposed(sent: Any) -> list[Any]:
    """One record stays one; a map of columns becomes its records."""
    if not isinstance(sent, dict) or not isinstance(sent.get("worker_id"), list):
        return [sent]
    columns = {name: column for name, column in sent.items() if isinstance(column, list)}
    if len({len(column) for column in columns.values()}) > 1:
        raise BadRecord("broken", "the columns have different lengths; nothing of this request was taken")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def moment_ms(sent: Moment, name: str = "at") -> float:
    """ISO 8601 with zone, or ms (s if below 1e11) since 1970. Raises BadRecord."""
    if not isinstance(sent, str):
        return sent * 1000 if abs(sent) < 1e11 else sent
    try:
        moment = datetime.datetime.fromisoformat(sent)
        if moment.tzinfo is None:
            raise BadRecord("no_zone", f"{name} {sent[:40]!r} has no zone: write +08:00 or Z behind it")
        return moment.timestamp() * 1000
    except (ValueError, OverflowError) as error:
        raise BadRecord(
            "malformed", f"{name} {sent[:40]!r} is not a time: write it as 2026-01-31T08:00:00+08:00"
        ) from error


def timely(at_ms: float, limits: Limits, name: str = "at") -> float:
    """The moment, if it can be true. Raises BadRecord."""
    if not abs(at_ms) < 1e16:
        raise BadRecord("malformed", f"{name} is not a moment")
    if at_ms > limits.now_ms + limits.future_ms:
        raise BadRecord("future", f"{name} is {_span(at_ms - limits.now_ms)} ahead of the hall: set the sender's clock")
    if at_ms < limits.now_ms - limits.oldest_ms:
        raise BadRecord("too_old", f"{name} is {_span(limits.now_ms - at_ms)} ago: set the sender's clock")
    return at_ms


def plain_id(sent: str, name: str) -> str:
    """The id, if all of it can be seen. Raises BadRecord."""
    if _UNSEEN.search(sent):
        raise BadRecord("malformed", f"{name} {sent[:40]!r} has control characters in it: send it without them")
    return sent


def seen(record: Any, names: Sequence[str]) -> str:
    """What is kept of a refused record: plain values under names that we know, cut.

    Whoever misspells a name, or puts a person or a password where neither belongs, must not have them kept where nobody
    would erase them.
    """
    if not isinstance(record, dict):
        return type(record).__name__
    shown = {name: record[name] for name in names if isinstance(record.get(name), str | int | float)}
    short = {name: value[:LETTERS] if isinstance(value, str) else value for name, value in shown.items()}
    # How many are left out tells a misspelt record from an empty one.
    left = sum(value is not None for value in record.values()) - len(shown)
    return _clean(repr(short))[:EXCERPT] + (f" + {left}" if left else "")


def _span(ms: float) -> str:
    for unit, size in (("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000)):
        if ms >= 2 * size:
            return f"{ms / size:.0f} {unit}"
    return f"{ms / 1000:.0f} s"


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
