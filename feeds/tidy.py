"""Tidy: rows without what no city can mean: codes that are none, endless texts, shapes that are none. All is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import shapely

from feeds.findings import Findings, cut
from feeds.sheets import HEADINGS, Row

__all__ = ["BREAKS", "LONGEST", "tidy"]

#: What a text of one line does not hold.
BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")

#: Letters that a code or a name may have.
LONGEST = 200
#: Collections in collections: nobody draws deeper ones.
DEEPEST = 8
#: Of each table: its code, and the columns without which it says nothing.
TABLES = {
    "grids": ("grid_id", ()),
    "areas": ("area_id", ("area_id",)),
    "workers": ("worker_id", ("worker_id", "worker_grid")),
    "cameras": ("camera_id", ("camera_id", "lon", "lat")),
}
CODES = ("grid_id", "area_id", "parent_id", "grid_area", "worker_id", "worker_grid", "camera_id")
NAMES = ("name", "owner", "platform", "switch")


def tidy(rows: list[Row], table: str, findings: Findings) -> list[Row]:
    """The rows that can be read. A table without a column that it needs is left out as a whole, with one sentence."""
    code, needed = TABLES[table]
    if rows and (lacking := [field for field in (*needed, code) if not _named(rows, field)]):
        file = rows[0].place.rpartition(":")[0]
        columns = " and ".join(f"{field} ({', '.join(HEADINGS[field])})" for field in dict.fromkeys(lacking))
        left = ", so nothing of it was read" if needed else ""
        found = cut(", ".join(rows[0].values) or "none")
        sentence = f"{file} has no column {columns}{left}; its headings are: {found}"
        findings.add("missing-column", "error", sentence)
        if needed:
            return []
    return _drawn([_tidied(row, table, findings) for row in rows], table, findings)


def _named(rows: Sequence[Row], field: str) -> bool:
    headings = set(HEADINGS[field])
    return any(not headings.isdisjoint(row.values) for row in rows)


def _tidied(row: Row, table: str, findings: Findings) -> Row:
    values = dict(row.values)
    for heading, value in row.values.items():
        means = _MEANS.get(heading)
        if heading == "parent" and isinstance(value, dict) and "adcode" in value:
            values[heading] = value["adcode"]  # as the outlines of DataV have it
        elif means == "code" and not _is_code(value):
            what = "longer than a code is" if isinstance(value, str) else "neither text nor a number"
            sentence = f"{cut(str(value))} under {heading} at {row.place} is {what}; taken as not there"
            findings.add("odd-code", "error", sentence, (row.place,))
            values[heading] = None
        elif means == "name" and isinstance(value, list | dict):
            sentence = f"{cut(str(value))} under {heading} at {row.place} is no text; taken as not there"
            findings.add("odd-name", "warning", sentence, (row.place,))
            values[heading] = None
        elif means == "name" and isinstance(value, str):
            values[heading] = BREAKS.sub(" ", value)[:LONGEST]
            if len(value) > LONGEST:
                sentence = f"the {heading} at {row.place} has {len(value):,} letters; cut to {LONGEST}"
                findings.add("long-name", "warning", sentence, (row.place,))
    return replace(row, values=values)


def _headings(fields: Iterable[str]) -> Iterable[str]:
    return (heading for field in fields for heading in HEADINGS[field])


_MEANS = dict.fromkeys(_headings(CODES), "code") | dict.fromkeys(_headings(NAMES), "name")


def _is_code(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _drawn(rows: list[Row], table: str, findings: Findings) -> list[Row]:
    """Without shapes that nobody can read: of a grid nothing is left then, an area is what lies in it."""
    if table not in ("grids", "areas"):
        return rows
    found: list[Row] = []
    for row in rows:
        if row.shape is None or _is_shape(row.shape):
            found.append(row)
            continue
        number = row.place.rpartition(":")[2]
        left = "it was left out" if table == "grids" else "it has the land of what lies in it"
        sentence = f"the shape of row {number} cannot be read ({row.place}); {left}"
        findings.add("unreadable-shape", "error", sentence, (row.place,))
        if table != "grids":
            found.append(replace(row, shape=None))
    return found


def _is_shape(shape: Any) -> bool:
    """Whether it has the form of a shape. Whether it is land, and sound, is judged where land is made of it."""
    if isinstance(shape, str):
        text = shape.partition(";")[2] if shape.upper().startswith("SRID=") else shape
        return not shapely.is_missing(shapely.from_wkt(text, on_invalid="ignore"))
    try:
        return _has_form(shape, DEEPEST)
    except (ValueError, TypeError, LookupError, OverflowError, AttributeError):
        return False


def _has_form(shape: Any, depth: int) -> bool:
    kind = shape["type"]
    if not isinstance(kind, str) or not depth or len(kind) > LONGEST:
        return False
    if kind == "GeometryCollection":
        return all(part is None or _has_form(part, depth - 1) for part in shape["geometries"])
    if kind in {"Polygon", "MultiPolygon"}:
        for solid in [shape.get("coordinates")] if kind == "Polygon" else shape.get("coordinates"):
            for ring in solid:
                for point in ring:
                    _ = float(point[0]), float(point[1])
    return True
