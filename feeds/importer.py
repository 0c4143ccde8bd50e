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

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import shapely

from feeds import sheets
from feeds.city import City, Classes
from feeds.classes import load
from feeds.datum import Datum, convert
from feeds.facts import ALWAYS, city_id_of, day_of, facts_of
from feeds.findings import Finding, Findings, NotACity, cut
from feeds.ground import Ground, ground
from feeds.reference import recognise
from feeds.roster import cameras, workers
from feeds.tidy import tidy

__all__ = ["Finding", "Findings", "NotACity", "read_city"]

NAMES: dict[Datum, str] = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass
class _Source:
    path: Path
    facts: dict[str, Any]
    findings: Findings = field(default_factory=Findings)

    def rows(self, name: str) -> list[sheets.Row]:
        """Tidied where they are a table; streets are but lines."""
        single = self.path if name == "grids" else None
        found = sheets.find(self.path, name) if self.path.is_dir() else single
        rows = sheets.read(found) if found else []
        return rows if name == "streets" else tidy(rows, name, self.findings)


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
    source = _Source(path, facts_of(path))
    valid_from = day_of(valid_from, "the day it comes into force") if valid_from else ""
    named = city_id_of(city_id or source.facts.get("city_id", ""), path)
    classes = _classes(path)
    rows = source.rows("grids")
    if not rows:
        if unread := list(source.findings):
            raise NotACity(f"{path.name} has no grid that can be read: {unread[0].sentence}")
        raise NotACity(f"{path.name} has no grids: bring grids.geojson or grids.csv with one row a grid")
    # Coordinates that are no numbers, or beyond all, are told as findings: numpy need not mutter about them.
    with np.errstate(all="ignore"):
        land = ground(rows, source.rows("areas"), named, source.facts, source.findings)
        told(0.3)
        datum = _settled(land, datum or _said_datum(source), reference, source.findings)
        land = land.converted(datum)
        told(0.4)
        land.check(source.findings)
        told(0.7)
        city = _city(source, land, datum, valid_from, previous, classes)
    told(1.0)
    return city, source.findings


def _city(
    source: _Source, land: Ground, datum: Datum, valid_from: str, previous: City | None, classes: Classes
) -> City:
    facts, grids = source.facts, land.grids()
    streets, rank = _streets(source, datum)
    return City(
        land.city_id,
        str(facts.get("name") or land.city_id),
        str(facts.get("name_en") or facts.get("name") or land.city_id),
        valid_from or str(facts.get("valid_from") or ALWAYS),
        land.areas(),
        grids,
        workers(source.rows("workers"), grids, previous, source.findings),
        cameras(source.rows("cameras"), grids, datum, source.findings),
        classes,
        streets,
        rank,
        zone=str(facts.get("zone") or "Asia/Shanghai"),
    )


def _classes(path: Path) -> Classes:
    """The city's own tree of classes, or the one that ships."""
    file = path / "classes.csv"
    if not path.is_dir() or not file.is_file():
        return load()[0]
    try:
        return load(file)[0]
    except UnicodeDecodeError as error:
        raise NotACity("classes.csv is not text in UTF-8; save it as CSV in UTF-8") from error
    except OSError as error:
        raise NotACity(f"classes.csv cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, csv.Error) as error:
        raise NotACity(f"classes.csv cannot be used: {cut(str(error))}") from error


def _said_datum(source: _Source) -> Datum | None:
    said = str(source.facts.get("datum") or "").lower()
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
        except (shapely.GEOSException, TypeError, ValueError):
            sentence = f"the street at {row.place} cannot be read; it was left out"
            source.findings.add("unreadable-street", "warning", sentence, (row.place,))
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
