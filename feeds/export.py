"""Export: a city as the GeoJSON and CSV files that the importer reads: an example to edit, and a way out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from feeds.city import AREA_LEVELS, GRID_KINDS, ROLES, City

__all__ = ["write_city"]


def write_city(city: City, directory: Path) -> list[Path]:
    """Write areas, grids and streets as GeoJSON, workers and cameras as CSV, and city.json; answers with the files."""
    directory.mkdir(parents=True, exist_ok=True)
    facts = {name: getattr(city, name) for name in ("city_id", "name", "name_en", "zone", "valid_from")} | {
        "datum": "wgs84"
    }
    facts |= {"lon": float(city.areas.lon[0]), "lat": float(city.areas.lat[0])}
    (directory / "city.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [
        directory / "city.json",
        _geojson(directory / "areas.geojson", _areas(city), city.areas.shape[1:]),
        _geojson(directory / "grids.geojson", _grids(city), city.grids.shape),
        _geojson(directory / "streets.geojson", ({"rank": int(rank)} for rank in city.street_rank), city.streets),
        _csv(directory / "workers.csv", ("worker_id", "name", "role", "grid_id", "terminal"), _workers(city)),
        _csv(
            directory / "cameras.csv",
            ("camera_id", "name", "lon", "lat", "grid_id", "owner", "platform", "switch"),
            _cameras(city),
        ),
    ]


def _areas(city: City) -> Iterable[dict[str, Any]]:
    areas = city.areas
    for row in range(1, len(areas.area_id)):
        yield {
            "area_id": str(areas.area_id[row]),
            "name": str(areas.name[row]),
            "level": AREA_LEVELS[areas.level[row]],
            "parent_id": str(areas.area_id[areas.parent[row]]),
            "lon": float(areas.lon[row]),
            "lat": float(areas.lat[row]),
        }


def _grids(city: City) -> Iterable[dict[str, Any]]:
    grids = city.grids
    for row in range(len(grids.grid_id)):
        yield {
            "grid_id": str(grids.grid_id[row]),
            "name": str(grids.name[row]),
            "kind": GRID_KINDS[grids.kind[row]],
            "area_id": str(city.areas.area_id[grids.area[row]]),
            "households": int(grids.households[row]),
        }


def _workers(city: City) -> Iterable[Sequence[object]]:
    workers, codes = city.workers, city.grids.grid_id
    roles = np.array(ROLES)[workers.role]
    return zip(workers.worker_id, workers.name, roles, codes[workers.grid], workers.sends.astype(int), strict=True)


def _cameras(city: City) -> Iterable[Sequence[object]]:
    c = city.cameras
    codes = city.grids.grid_id[c.grid]
    return zip(c.camera_id, c.name, c.lon, c.lat, codes, c.owner, c.platform, c.switch, strict=True)


def _geojson(path: Path, properties: Iterable[dict[str, Any]], shapes: Iterable[Any]) -> Path:
    lines = (
        f'{{"type":"Feature","properties":{json.dumps(values, ensure_ascii=False)},'
        f'"geometry":{shapely.to_geojson(shape)}}}'
        for values, shape in zip(properties, shapes, strict=True)
    )
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    return path


def _csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    # The mark at the start tells spreadsheets that it is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)
    return path
