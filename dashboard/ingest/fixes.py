"""Fixes: from bytes to packed rows, by columns; each refused one is told why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from dashboard.ingest.roster import Roster
from dashboard.ingest.taken import Limits, Moment, Taken, loose, moment_ms, seen
from feeds.record import FIX, INDOOR, MOCK, NONE, SOS, BadRecord, Fix

__all__ = ["read_fixes"]

Floats = npt.NDArray[np.float64]

_json = msgspec.json.Decoder(list[Fix] | Fix)
_rows = msgspec.msgpack.Decoder(list[Fix] | Fix)


class _Columns(msgspec.Struct):
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


_columns = msgspec.msgpack.Decoder(_Columns)
#: What may be shown of a fix that was refused.
NAMES = _Columns.__struct_fields__
_NUMBERS, _FLAGS = ("accuracy", "speed", "heading", "battery"), ("mock", "sos", "indoor")


def read_fixes(body: bytes, msgpack: bool, roster: Roster, limits: Limits) -> Taken:
    """Raises BadRecord when the request as a whole cannot be read."""
    taken = Taken()
    index, columns = _read(body, msgpack, taken)
    taken.received = len(index) + len(taken.refused)
    if index:
        _fold(columns, index, taken, roster, limits)
    return taken


def _read(body: bytes, msgpack: bool, taken: Taken) -> tuple[Sequence[int], _Columns]:
    """The well-formed fixes as columns, and the place of each in the request."""
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


def _one_by_one(records: list[Any], taken: Taken) -> tuple[list[int], _Columns]:
    index: list[int] = []
    fixes: list[Fix] = []
    for number, record in enumerate(records):
        try:
            fixes.append(_tidy(msgspec.convert(record, _Loose)))
            index.append(number)
        except (ValueError, OverflowError, RecursionError) as error:
            taken.refuse(number, BadRecord("malformed", str(error)), lambda record=record: seen(record, NAMES))
    return index, _columns_of(fixes)


def _tidy(fix: _Loose) -> Fix:
    numbers = {name: _number(getattr(fix, name)) for name in _NUMBERS}
    flags = {name: getattr(fix, name) is True for name in _FLAGS}
    return Fix(fix.worker_id, fix.lon, fix.lat, fix.at, **numbers, **flags)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e9 else None


def _columns_of(fixes: list[Fix]) -> _Columns:
    return (
        _Columns(*map(list, zip(*map(msgspec.structs.astuple, fixes), strict=True)))
        if fixes
        else _Columns([], [], [], [])
    )  # type: ignore[arg-type]


def _even(columns: _Columns) -> bool:
    lengths = {len(column) for name in columns.__struct_fields__ if (column := getattr(columns, name)) is not None}
    return len(lengths) == 1


def _fold(columns: _Columns, index: Sequence[int], taken: Taken, roster: Roster, limits: Limits) -> None:
    lon, lat = np.array(columns.lon, np.float64), np.array(columns.lat, np.float64)
    at, badly_timed = _moments(columns.at)
    worker = np.array([roster.workers.get(worker_id, NONE) for worker_id in columns.worker_id], np.uint32)
    reasons = _reasons(lon, lat, at, worker, roster, limits)
    for row in np.flatnonzero(reasons) if reasons.any() else ():
        bad = badly_timed.get(int(row)) or _bad(int(reasons[row]), columns, int(row), limits)
        taken.refuse(index[int(row)], bad, lambda row=int(row): _shown(columns, row))
    good = np.flatnonzero(reasons == 0)
    if len(good):
        _pack(columns, good, lon, lat, at, worker, taken, roster)


def _moments(sent: list[Moment]) -> tuple[Floats, dict[int, BadRecord]]:
    bad: dict[int, BadRecord] = {}
    if str in set(map(type, sent)):
        sent = [_moment(at, row, bad) for row, at in enumerate(sent)]
    at = np.array(sent, np.float64)
    at[np.abs(at) < 1e11] *= 1000
    return at, bad


def _moment(sent: Moment, row: int, bad: dict[int, BadRecord]) -> float:
    try:
        return moment_ms(sent)
    except BadRecord as error:
        bad[row] = error
        return math.nan


#: Why a fix is refused, the first that holds; the sentence gets the fix's own numbers.
REASONS = (
    ("malformed", "at is not a moment"),
    ("nan", "lon {lon} and lat {lat} must be numbers"),
    ("null_island", "0/0 is a terminal that does not see the sky yet"),
    ("swapped", "lon {lon} and lat {lat} seem to be the wrong way round"),
    ("out_of_range", "lon {lon} or lat {lat} is not on the earth"),
    ("future", "at is {ahead:.0f} s ahead of the hall: set the sender's clock"),
    ("too_old", "at is {hours:.0f} h ago: set the sender's clock"),
    ("unknown_worker", "the city has no worker {worker_id!r}"),
)


def _reasons(
    lon: Floats, lat: Floats, at: Floats, worker: npt.NDArray[np.uint32], roster: Roster, limits: Limits
) -> npt.NDArray[np.uint8]:
    """0 for a good fix, else 1 + row of REASONS."""
    reasons = np.zeros(len(lon), np.uint8)
    near = roster.near(lon, lat)
    soonest, oldest = limits.now_ms + limits.future_ms, limits.now_ms - limits.oldest_ms
    if (near & (at <= soonest) & (at >= oldest) & (worker != NONE)).all() and not roster.at_null_island:
        return reasons
    wrong_side = ~near
    if wrong_side.any():
        wrong_side &= roster.near(lat, lon) | ((np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90))
    checks = (
        ~(np.abs(at) < 1e16),
        ~(np.isfinite(lon) & np.isfinite(lat)),
        (np.abs(lon) < 1e-6) & (np.abs(lat) < 1e-6),
        wrong_side,
        (np.abs(lon) > 180) | (np.abs(lat) > 90),
        at > soonest,
        at < oldest,
        worker == NONE,
    )
    for number in range(len(checks), 0, -1):
        reasons[checks[number - 1]] = number
    return reasons


def _bad(number: int, columns: _Columns, row: int, limits: Limits) -> BadRecord:
    reason, sentence = REASONS[number - 1]
    at = columns.at[row]
    ahead = ((moment_ms(at) if reason in ("future", "too_old") else limits.now_ms) - limits.now_ms) / 1000
    return BadRecord(
        reason,
        sentence.format(
            lon=columns.lon[row],
            lat=columns.lat[row],
            ahead=ahead,
            hours=-ahead / 3600,
            worker_id=columns.worker_id[row][:64],
        ),
    )


def _pack(
    columns: _Columns,
    good: npt.NDArray[np.int64],
    lon: Floats,
    lat: Floats,
    at: Floats,
    worker: npt.NDArray[np.uint32],
    taken: Taken,
    roster: Roster,
) -> None:
    rows = np.empty(len(lon), FIX)
    with np.errstate(invalid="ignore", over="ignore"):  # refused rows may hold anything; they are not sent on
        rows["worker"], rows["at"] = worker, at
        rows["lon"], rows["lat"] = np.rint(lon * 1e7), np.rint(lat * 1e7)
        rows["acc"], rows["speed"], rows["heading"], rows["battery"] = _optional(columns)
    rows["flags"] = _flags(columns)
    if len(good) < len(rows):
        rows = rows[good]
    district = roster.district_of_worker[rows["worker"]]
    if (district == district[0]).all():
        taken.take("fixes", roster.area_ids[int(district[0])], rows.tobytes(), len(rows))
        return
    order = np.argsort(district, kind="stable")
    rows, district = rows[order], district[order]
    starts = [0, *(np.flatnonzero(district[1:] != district[:-1]) + 1).tolist(), len(rows)]
    for start, end in pairwise(starts):
        taken.take("fixes", roster.area_ids[int(district[start])], rows[start:end].tobytes(), end - start)


#: accuracy, speed, heading, battery: the least and the most that can be true, the scale on the wire, "not known".
LEAST = np.array([[1e-9], [0.0], [0.0], [0.0]])
MOST = np.array([[np.finfo(np.float64).max], [150.0], [360.0], [100.0]])
SCALE = np.array([[1.0], [100.0], [1.0], [1.0]])
UNKNOWN = np.array([[65535.0], [65535.0], [65535.0], [255.0]])


def _optional(columns: _Columns) -> Floats:
    """What cannot be true is not known; it never costs the fix."""
    nothing = [None] * len(columns.at)
    sent = (columns.accuracy, columns.speed, columns.heading, columns.battery)
    value = np.array([column or nothing for column in sent], np.float64)
    known = (value >= LEAST) & (value <= MOST)
    scaled = np.rint(value * SCALE)
    scaled[0] = np.minimum(np.ceil(value[0]), 65534)
    scaled[2] %= 360
    return np.where(known, scaled, UNKNOWN)


def _flags(columns: _Columns) -> npt.NDArray[np.uint8] | int:
    flags: Any = 0
    for sent, bit in ((columns.mock, MOCK), (columns.sos, SOS), (columns.indoor, INDOOR)):
        if sent and True in sent:
            flags = flags | np.array(sent, np.uint8) * np.uint8(bit)
    return flags


def _shown(columns: _Columns, row: int) -> str:
    sent = {name: column[row] for name in NAMES if (column := getattr(columns, name)) is not None}
    return seen(sent, NAMES)
