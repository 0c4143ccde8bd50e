"""Fixes: from columns to packed rows, all at once; each refused one is told why.

A batch in which all is well, the rule, is seen to be so by one comparison; only another one is looked at more closely.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from operator import le
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.ingest.columns import NAMES, Columns, read_columns
from dashboard.ingest.plain import read_plain
from dashboard.ingest.roster import Roster
from dashboard.ingest.taken import Limits, Moment, Taken, moment_ms, plain_id, seen
from feeds.record import FIX, INDOOR, MOCK, NONE, SOS, BadRecord

__all__ = ["read_fixes"]

Floats = npt.NDArray[np.float64]
Workers = npt.NDArray[np.uint32]
Untrue = npt.NDArray[np.bool_]
Flags = npt.NDArray[np.uint8] | int
Rows = npt.NDArray[Any]

#: What a table has a row for, if it was sent: column → field on the wire, factor, and the least and most that can be
#: true of what is optional.
SENT = {
    "lon": ("lon", 1e7, 0.0, 0.0),
    "lat": ("lat", 1e7, 0.0, 0.0),
    "at": ("at", 1.0, 0.0, 0.0),
    "accuracy": ("acc", 1.0, 1e-9, 65534.0),
    "speed": ("speed", 100.0, 0.0, 150.0),
    "heading": ("heading", 1.0, 0.0, 360.0),
    "battery": ("battery", 1.0, 0.0, 100.0),
}
LON, LAT, AT, OPTIONAL = range(4)
#: A fix of which nothing is known.
NOTHING = np.array((0, 0, 0, 0, 65535, 65535, 65535, 255, 0), FIX)
BLANK = NOTHING.tobytes()


class _Shape(NamedTuple):
    """Of a table: its columns by name, and of each the field, the factor, the least and the most."""

    names: tuple[str, ...]
    fields: tuple[str, ...]
    factor: Floats
    least: Floats
    most: Floats


def read_fixes(body: bytes, msgpack: bool, roster: Roster, limits: Limits) -> Taken:
    """Raises BadRecord when the request as a whole cannot be read."""
    taken = Taken()
    if msgpack and _taken_at_once(body, taken, roster, limits):
        return taken
    index, columns = read_columns(body, msgpack, taken)
    taken.received = len(index) + len(taken.refused)
    if index:
        _fold(columns, index, taken, roster, limits)
    return taken


def _taken_at_once(body: bytes, taken: Taken, roster: Roster, limits: Limits) -> bool:
    """Whether it was plain and all was well in it; if not, nothing of it has been taken."""
    if (plain := read_plain(body, roster.names)) is None:
        return False
    shape = _shape(plain.names)
    if roster.at_null_island or not _all_well(shape, plain.table, roster, limits):
        return False
    taken.received = len(plain.worker)
    _send(_packed(shape, plain.table, plain.worker, 0), taken, roster)
    return True


def _fold(columns: Columns, index: Sequence[int], taken: Taken, roster: Roster, limits: Limits) -> None:
    shape, table, badly_timed = _table(columns)
    worker, flags = _workers(columns.worker_id, roster), _flags(columns)
    if worker is not None and not roster.at_null_island and _all_well(shape, table, roster, limits):
        _send(_packed(shape, table, worker, flags), taken, roster)
        return
    worker = np.array([roster.workers.get(worker_id, NONE) for worker_id in columns.worker_id], np.uint32)
    table = table.copy()
    table[AT, np.abs(table[AT]) < 1e11] *= 1000
    reasons = _reasons(table[LON], table[LAT], table[AT], worker, roster, limits)
    for row in np.flatnonzero(reasons).tolist():
        bad = badly_timed.get(row) or _bad(int(reasons[row]), columns, row, limits)
        taken.refuse(index[row], bad, lambda row=row: _shown(columns, row))
    good = reasons == 0
    if good.any():
        chosen = flags[good] if isinstance(flags, np.ndarray) else flags
        rows, untrue = _packed_if_true(shape, table[:, good], worker[good], chosen)
        _send(rows, taken, roster)
        rows_of_good = np.flatnonzero(good)
        for row, number in np.argwhere(untrue.T).tolist():
            _note(shape.names[number], columns, int(rows_of_good[row]), index, taken)
    if taken.noted and taken.refused:
        taken.forget({bad.index for bad in taken.refused})


@lru_cache(16)
def _shape(names: tuple[str, ...]) -> _Shape:
    fields, *numbers = zip(*(SENT[name] for name in names), strict=True)
    factor, least, most = (np.array(column).reshape(-1, 1) for column in numbers)
    return _Shape(names, fields, factor, least, most)


def _table(columns: Columns) -> tuple[_Shape, Floats, dict[int, BadRecord]]:
    """(columns, fixes): NaN where one is not known. And of which fixes the moment cannot be read."""
    sent: dict[str, list[Any]] = {name: column for name in SENT if (column := getattr(columns, name))}
    shape, size, bad = _shape(tuple(sent)), len(columns.at), dict[int, BadRecord]()
    try:
        # Of lists of floats, which is the rule, struct makes an array in half the time that numpy takes.
        table = np.frombuffer(struct.pack(f"={len(sent) * size}d", *chain(*sent.values())), np.float64)
    except struct.error:
        sent["at"] = [_moment(at, row, bad) for row, at in enumerate(columns.at)]
        table = np.concatenate([np.array(column, np.float64) for column in sent.values()])
    return shape, table.reshape(len(sent), size), bad


def _workers(worker_ids: list[str], roster: Roster) -> Workers | None:
    """Their rows; None when one is not known."""
    try:
        rows = struct.pack(f"={len(worker_ids)}I", *map(roster.workers.__getitem__, worker_ids))
    except KeyError:
        return None
    return np.frombuffer(rows, np.uint32)


def _all_well(shape: _Shape, table: Floats, roster: Roster, limits: Limits) -> bool:
    west, south, east, north = roster.around
    oldest, soonest = limits.now_ms - limits.oldest_ms, limits.now_ms + limits.future_ms
    # Moments may be seconds, but those are before the oldest, if that is not itself in 1973; and a column with what is
    # no number in it has no least and no most.
    return (
        oldest >= 1e11
        and all(map(le, (west, south, oldest, *shape.least[OPTIONAL:, 0].tolist()), table.min(1).tolist()))
        and all(map(le, table.max(1).tolist(), (east, north, soonest, *shape.most[OPTIONAL:, 0].tolist())))
    )


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
    lon: Floats, lat: Floats, at: Floats, worker: Workers, roster: Roster, limits: Limits
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


def _bad(number: int, columns: Columns, row: int, limits: Limits) -> BadRecord:
    reason, sentence = REASONS[number - 1]
    if reason == "unknown_worker":
        try:
            plain_id(columns.worker_id[row], "worker_id")
        except BadRecord as bad:
            return bad
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


def _packed(shape: _Shape, table: Floats, worker: Workers, flags: Flags) -> Rows:
    """All of the table must be true."""
    rows = np.frombuffer(bytearray(BLANK * len(worker)), FIX)
    rows["worker"], rows["flags"] = worker, flags
    wire = table * shape.factor
    np.rint(wire, out=wire)
    wire[AT] = table[AT]
    if "accuracy" in shape.names:
        np.ceil(table[OPTIONAL], out=wire[OPTIONAL])
    if "heading" in shape.names:
        wire[shape.names.index("heading")] %= 360
    for number, field in enumerate(shape.fields):
        rows[field] = wire[number]
    return rows


def _packed_if_true(shape: _Shape, table: Floats, worker: Workers, flags: Flags) -> tuple[Rows, Untrue]:
    """What is optional and cannot be true is not known; it never costs the fix. And which of it is too much: NaN and
    what is below nothing are how phones say that they do not know."""
    if "accuracy" in shape.names:
        accuracy, most = table[OPTIONAL], shape.most[OPTIONAL, 0]
        accuracy[(accuracy > most) & (accuracy < math.inf)] = most
    untrue = ~((table >= shape.least) & (table <= shape.most))
    untrue[:OPTIONAL] = False
    much = untrue & (table > 0)
    table[untrue] = 0.0
    rows = _packed(shape, table, worker, flags)
    for number, field in enumerate(shape.fields[OPTIONAL:], OPTIONAL):
        rows[field][untrue[number]] = NOTHING[field]
    return rows, much


def _note(name: str, columns: Columns, row: int, index: Sequence[int], taken: Taken) -> None:
    detail = f"{name} {getattr(columns, name)[row]} cannot be true: the fix is taken without it"
    taken.note(index[row], f"bad_{name}", detail, lambda: _shown(columns, row))


def _send(rows: Rows, taken: Taken, roster: Roster) -> None:
    """To the districts of their workers, in the order in which they came."""
    district = roster.place_of_worker.take(rows["worker"])
    counts = np.bincount(district).tolist()
    if len(rows) not in counts:
        rows = rows.take(district.argsort(kind="stable"))
    packed, end = rows.tobytes(), 0
    for name, count in zip(roster.districts, counts, strict=False):
        if count:
            start, end = end, end + count * FIX.itemsize
            taken.take("fixes", name, packed[start:end], count)


def _flags(columns: Columns) -> npt.NDArray[np.uint8] | int:
    flags: Any = 0
    for sent, bit in ((columns.mock, MOCK), (columns.sos, SOS), (columns.indoor, INDOOR)):
        if sent and True in sent:
            flags = flags | np.array(sent, np.uint8) * np.uint8(bit)
    return flags


def _shown(columns: Columns, row: int) -> str:
    sent = {name: column[row] for name in NAMES if (column := getattr(columns, name)) is not None}
    return seen(sent, NAMES)
