"""Importer: a city out of the GeoJSON and CSV files that people have, with a sentence for everything that is wrong.

A folder holds (each .geojson or .csv; UTF-8, UTF-16 or GB18030; headings in English or Chinese, see sheets.HEADINGS):

    grids     required: grid_id, name, kind (urban, rural, scenic, dedicated), area_id, households; a shape
    areas     area_id, name, level (district, street, community), parent_id; a shape, or the sum of its grids
    workers   worker_id, name, role (full_time, part_time), grid_id, terminal (0: has no device)
    cameras   camera_id, name, lon, lat, owner, platform, switch, and grid_id where the position does not say it
    classes   class_code, parent, name, name_en, limit_hours, level
    streets   lines for the map, with rank 0 to 2 (GeoJSON)
    city.json city_id, name, name_en, zone, datum, valid_from

In a CSV the shape is WKT under `wkt`. A single file is taken as grids; county outlines are grids too, one a county.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import shapely

from feeds import sheets
from feeds.city import City
from feeds.classes import load
from feeds.datum import DATUMS, Datum, convert
from feeds.findings import Finding, Findings, NotACity
from feeds.ground import Ground, ground
from feeds.reference import recognise
from feeds.roster import cameras, workers

__all__ = ["Finding", "Findings", "NotACity", "read_city"]

NAMES: dict[Datum, str] = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass
class _Source:
    path: Path
    facts: dict[str, Any]
    findings: Findings = field(default_factory=Findings)

    def rows(self, name: str) -> list[sheets.Row]:
        if not self.path.is_dir():
            return sheets.read(self.path) if name == "grids" else []
        found = sheets.find(self.path, name)
        return sheets.read(found) if found else []


def read_city(
    path: Path | str,
    *,
    datum: Datum | None = None,
    reference: list[shapely.Geometry] | None = None,
    city_id: str = "",
    valid_from: str = "",
    previous: City | None = None,
    told: Callable[[float], object] = lambda share: None,
) -> tuple[City, Findings]:
    """The city in a folder or file, in WGS-84, and what had to be said about it. Raises NotACity with a sentence.

    datum: what the file is in; without it an outline that turns out to be shifted is refused.
    reference: outlines in WGS-84 to recognise a shift by; without it, the county outlines that we know.
    valid_from: the day (2026-01-31) from which this state counts.
    previous: the state before it; its workers keep their rows.
    told: hears now and then which share of the work is done.
    """
    path = Path(path)
    source = _Source(path, _facts(path))
    datum = datum or _said_datum(source)
    rows = source.rows("grids")
    if not rows:
        raise NotACity(f"{path.name} has no grids: bring grids.geojson or grids.csv with one row a grid")
    land = ground(
        rows, source.rows("areas"), city_id or source.facts.get("city_id") or path.stem, source.facts, source.findings
    )
    told(0.3)
    datum = _settled(land, datum, reference, source.findings)
    land = land.converted(datum)
    told(0.4)
    land.check(source.findings)
    told(0.7)
    city = _city(source, land, datum, valid_from, previous)
    told(1.0)
    return city, source.findings


def _city(source: _Source, land: Ground, datum: Datum, valid_from: str, previous: City | None) -> City:
    facts, grids = source.facts, land.grids()
    own_classes = source.path / "classes.csv" if source.path.is_dir() else source.path
    classes, _ = load(own_classes if own_classes.name == "classes.csv" and own_classes.is_file() else None)
    streets, rank = _streets(source, datum)
    return City(
        land.city_id,
        str(facts.get("name") or land.city_id),
        str(facts.get("name_en") or facts.get("name") or land.city_id),
        valid_from or str(facts.get("valid_from") or "1970-01-01"),
        land.areas(),
        grids,
        workers(source.rows("workers"), grids, previous, source.findings),
        cameras(source.rows("cameras"), grids, datum, source.findings),
        classes,
        streets,
        rank,
        zone=str(facts.get("zone") or "Asia/Shanghai"),
    )


def _facts(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise NotACity(f"there is no file or folder called {path}")
    file = path / "city.json"
    if not path.is_dir() or not file.is_file():
        return {}
    try:
        facts = json.loads(file.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise NotACity(f"city.json is broken: {error}") from error
    if not isinstance(facts, dict):
        raise NotACity("city.json should be one object with city_id, name and zone")
    return cast("dict[str, Any]", facts)


def _said_datum(source: _Source) -> Datum | None:
    said = str(source.facts.get("datum") or "").lower()
    if said and said not in DATUMS:
        raise NotACity(f"city.json names the datum {said}; it must be one of {', '.join(DATUMS)}")
    return cast("Any", said or None)


def _settled(land: Ground, datum: Datum | None, reference: list[shapely.Geometry] | None, findings: Findings) -> Datum:
    """The datum to read the file in. What is said wins; what nobody said must not be contradicted by the outlines."""
    verdict = recognise(land.outline(), reference)
    if verdict is None:
        if datum is None:
            findings.add("datum-unknown", "note", "no known county outline to compare with; taken as WGS-84")
        return datum or "wgs84"
    if datum is None and verdict.datum != "wgs84":
        raise NotACity(
            f"its outlines run {verdict.off_as_wgs84:,.0f} m beside the known ones, but {verdict.off:,.0f} m beside "
            f"them when read as {NAMES[verdict.datum]} (a shift of {verdict.shift:,.0f} m): say datum {verdict.datum} "
            f"to convert them, or datum wgs84 if they are right as they are"
        )
    if datum is not None and datum != verdict.datum:
        findings.add(
            "datum-doubt", "warning", f"read as {NAMES[datum]} as you said, but the outlines fit {NAMES[verdict.datum]}"
        )
    if datum is not None and datum != "wgs84":
        findings.add("datum-converted", "note", f"converted from {NAMES[datum]} to WGS-84")
    return datum or "wgs84"


def _streets(source: _Source, datum: Datum) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.uint8]]:
    lines: list[shapely.Geometry] = []
    rank: list[int] = []
    for row in source.rows("streets"):
        try:
            shape = (
                shapely.from_wkt(row.shape)
                if isinstance(row.shape, str)
                else shapely.from_geojson(json.dumps(row.shape))
            )
        except (shapely.GEOSException, TypeError) as error:
            source.findings.add(
                "unreadable-street", "warning", f"the street at {row.place} was left out: {error}", (row.place,)
            )
            continue
        for part in shapely.get_parts(shape):
            lines.append(
                shapely.transform(part, lambda points: np.stack(convert(points[:, 0], points[:, 1], datum), axis=1))
            )
            rank.append(_rank(row.values.get("rank")))
    found = np.empty(len(lines), object)
    found[:] = lines
    return found, np.array(rank, np.uint8)


def _rank(value: object) -> int:
    return int(str(value)) if str(value) in {"0", "1", "2"} else 2
