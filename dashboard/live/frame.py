"""Frame: what changed in a district since the last tick, as binary columns. assets/js/frame.js reads the same.

    header   u16 magic 0x4847 | u8 format 1 | u8 kind | u32 seq | u32 epoch | u32 district (area row)
             f64 now (hall time, ms since 1970) | u32 sections | u32 city (first 8 hex digits of its version)
    section  u16 table | u16 columns | u32 rows | u32 bytes of body | u32 0, then the columns, each padded to 4 bytes

All little endian; header 32 bytes, section header 16, every column on a multiple of 4 so that a browser
reads it in place. A bundle is u16 magic 0x4247 | u16 count | u32 0, then each frame as u32 length | u32 0 | frame,
padded to 8: what a fold publishes each tick and what a browser receives.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "NOTHING", "TABLES", "Frame", "Head", "Skimmed", "Table",
    "bundle", "decode", "encode", "joined", "peek", "skim", "unbundle",
]  # fmt: skip

Column = npt.NDArray[Any]

MAGIC, BUNDLE_MAGIC, FORMAT = 0x4847, 0x4247, 1
WHOLE, DELTA = 0, 1
_HEAD = struct.Struct("<HBBIIIdII")
_SECTION = struct.Struct("<HHIII")
_BUNDLE = struct.Struct("<HHI")
_ITEM = struct.Struct("<II")


@dataclass(frozen=True)
class Table:
    """A table of a frame: its number on the wire and its columns in order."""

    number: int
    columns: tuple[tuple[str, str], ...]

    @cached_property
    def kinds(self) -> tuple[tuple[str, np.dtype[Any]], ...]:
        """The same, each kind read once."""
        return tuple((name, np.dtype(kind)) for name, kind in self.columns)


#: at, since, reported, due are hall time in seconds since 1970; a due of 0 means none; lon, lat are 1e-7 degrees,
#: NOWHERE where there is none; a row of NONE (0xFFFFFFFF) means none.
TABLES = {
    # mark: bits 0-1 containment (0 not known, 1 inside, 2 doubtful, 3 outside), 2 mock, 3 teleport, 4 frozen, 5 sos,
    # 6 indoor
    "workers": Table(1, (("slot", "<u4"), ("lon", "<i4"), ("lat", "<i4"), ("at", "<u4"), ("mark", "u1"))),
    # step: index of STEPS; from archived on the row is to be forgotten. level: index of LEVELS.
    # class_row: row of City.classes; parked: 1 while 挂账; returns: how often it was returned, at most 255.
    "events": Table(2, (
        ("key", "<u4"), ("lon", "<i4"), ("lat", "<i4"), ("reported", "<u4"), ("due", "<u4"),
        ("grid", "<u4"), ("area", "<u4"), ("class_row", "<u2"), ("step", "u1"), ("level", "u1"),
        ("parked", "u1"), ("returns", "u1"),
    )),
    # state: index of CAMERA_STATES as last reported, since when; the debounce is the reader's
    "cameras": Table(3, (("slot", "<u4"), ("since", "<u4"), ("at", "<u4"), ("state", "u1"), ("before", "u1"))),
    # hex cell (axial), its weight at `at`; now: weight · 2^-((now - at) / half life)
    "heat": Table(4, (("q", "<i4"), ("r", "<i4"), ("weight", "<f4"), ("at", "<u4"))),
    # --- facts: for gateways only ---
    # grid: where the worker stands; minutes: patrol minutes of local day `day` (days since 1970); strayed: since when
    # outside the own grid, 0 when not
    "patrol": Table(6, (("slot", "<u4"), ("grid", "<u4"), ("minutes", "<u2"), ("day", "<u2"), ("strayed", "<u4"))),
    # events that entered `step` in quarter hour `bucket` (hall seconds // 900) in area row `area`: value, not increment
    "flow": Table(7, (("bucket", "<u4"), ("area", "<u4"), ("step", "<u4"), ("count", "<u4"))),
    # how long an event stood in `step` before it left it at `at`; step + 16: it left by going back
    "times": Table(8, (("at", "<u4"), ("seconds", "<u4"), ("area", "<u4"), ("step", "<u4"))),
    # patrol cells (axial) and when a worker was last in them
    "visits": Table(9, (("q", "<i4"), ("r", "<i4"), ("at", "<u4"))),
    # the fold's own counters, by index of live.counters.COUNTERS, low and high half
    "counters": Table(10, (("counter", "<u4"), ("low", "<u4"), ("high", "<u4"))),
}  # fmt: skip
NOWHERE = 0x7FFFFFFF
#: Table → its columns without a row: what is told of a table in which nothing changed.
NOTHING: dict[str, dict[str, Column]] = {
    name: {column: np.zeros(0, kind) for column, kind in table.columns} for name, table in TABLES.items()
}
_BY_NUMBER = {table.number: (name, table) for name, table in TABLES.items()}


@dataclass
class Head:
    """What a frame says of itself."""

    kind: int
    seq: int
    epoch: int
    district: int
    now: float
    city: int

    @property
    def whole(self) -> bool:
        return self.kind == WHOLE


@dataclass
class Frame(Head):
    """One frame, read. tables: name → column name → array (views of the bytes)."""

    tables: dict[str, dict[str, Column]] = field(default_factory=dict)


@dataclass
class Skimmed(Head):
    """One frame of which only the heads were read. tables: name → how many rows, and where its columns begin."""

    body: bytes | memoryview
    tables: dict[str, tuple[int, int]]


def encode(frame: Frame) -> bytes:
    told = [(name, columns) for name, columns in frame.tables.items() if frame.whole or _rows(columns)]
    sections = [_section(TABLES[name], columns) for name, columns in told]
    head = _HEAD.pack(
        MAGIC, FORMAT, frame.kind, frame.seq, frame.epoch, frame.district, frame.now, len(sections), frame.city
    )
    return head + b"".join(sections)


def skim(body: bytes | memoryview) -> Skimmed:
    """Unknown tables are passed over. Raises ValueError for anything that is not a frame."""
    try:
        magic, form, kind, seq, epoch, district, now, sections, city = _HEAD.unpack_from(body)
        if (magic, form) != (MAGIC, FORMAT):
            raise ValueError(f"not a frame: magic {magic:#x}, format {form}")
        tables: dict[str, tuple[int, int]] = {}
        at = _HEAD.size
        for _ in range(sections):
            number, _, rows, size, _ = _SECTION.unpack_from(body, at)
            at += _SECTION.size
            if number in _BY_NUMBER:
                tables[_BY_NUMBER[number][0]] = rows, at
            at += size
    except struct.error as error:
        raise ValueError("a frame that ends too early") from error
    return Skimmed(kind, seq, epoch, district, now, city, body, tables)


def decode(body: bytes | memoryview) -> Frame:
    """Unknown tables are passed over. Raises ValueError for anything that is not a frame."""
    f = skim(body)
    tables = {name: _columns(TABLES[name], body, at, rows) for name, (rows, at) in f.tables.items()}
    return Frame(f.kind, f.seq, f.epoch, f.district, f.now, f.city, tables)


def joined(name: str, frames: Sequence[Frame | Skimmed]) -> dict[str, Column]:
    """One table of several frames as one, in their order."""
    if len(frames) == 1 and isinstance(frames[0], Frame):
        return frames[0].tables[name]
    told = [(f.body, *f.tables[name]) if isinstance(f, Skimmed) else _told(name, f.tables[name]) for f in frames]
    columns: dict[str, Column] = {}
    for column, kind in TABLES[name].columns:
        size = int(kind[-1])
        columns[column] = np.frombuffer(b"".join([body[at : at + rows * size] for body, rows, at in told]), kind)
        told = [(body, rows, at + (rows * size + 3 & ~3)) for body, rows, at in told]
    return columns


def peek(body: bytes | memoryview) -> tuple[int, int, int]:
    """(kind, seq, district) of a frame without reading its tables."""
    _, _, kind, seq, _, district, *_ = _HEAD.unpack_from(body)
    return kind, seq, district


def bundle(frames: Iterable[bytes | memoryview]) -> bytes:
    parts: list[bytes | memoryview] = []
    count = 0
    for body in frames:
        parts += (_ITEM.pack(len(body), 0), body, bytes(-len(body) % 8))
        count += 1
    return _BUNDLE.pack(BUNDLE_MAGIC, count, 0) + b"".join(parts)


def unbundle(body: bytes) -> list[memoryview]:
    magic, count, _ = _BUNDLE.unpack_from(body)
    if magic != BUNDLE_MAGIC:
        raise ValueError(f"not a bundle: magic {magic:#x}")
    view, at, frames = memoryview(body), _BUNDLE.size, []
    for _ in range(count):
        (size, _), at = _ITEM.unpack_from(body, at), at + _ITEM.size
        frames.append(view[at : at + size])
        at += size + -size % 8
    return frames


def _rows(columns: Mapping[str, Column]) -> int:
    return len(next(iter(columns.values()))) if columns else 0


def _section(table: Table, columns: Mapping[str, Column]) -> bytes:
    parts: list[bytes] = []
    for name, kind in table.kinds:
        column = columns[name]
        body = (column if column.dtype == kind else column.astype(kind)).tobytes()
        parts.append(body)
        if over := -len(body) % 4:
            parts.append(bytes(over))
    body = b"".join(parts)
    return _SECTION.pack(table.number, len(table.columns), _rows(columns), len(body), 0) + body


def _told(name: str, columns: Mapping[str, Column]) -> tuple[bytes, int, int]:
    return _section(TABLES[name], columns), _rows(columns), _SECTION.size


def _columns(table: Table, body: bytes | memoryview, at: int, rows: int) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for name, dtype in table.kinds:
        columns[name] = np.frombuffer(body, dtype, rows, at)
        at += (rows * dtype.itemsize + 3) & ~3
    return columns
