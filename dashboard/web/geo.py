"""Geo: the city's outlines for the map, made once a version and kept by browsers for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import gevent
import numpy as np
from flask import Flask, Response
from gevent.lock import BoundedSemaphore

from dashboard.settings import Settings
from dashboard.web.errors import NotFound
from dashboard.web.files import FOR_EVER, Packed, answer, pack
from dashboard.web.scene import Scene
from dashboard.web.shapes import geometry
from dashboard.web.wire import encode
from feeds.city import GRID_KINDS, ROLES, City
from feeds.hexes import cell_size

__all__ = ["FILES", "Geo", "register"]

#: What painters must know of the settings.
PAINTED = (
    "fresh_seconds", "ageing_seconds", "old_seconds", "camera_off_seconds", "camera_unknown_minutes", "camera_target",
    "soon_minutes", "long_open_hours", "heat_half_life", "feed_quiet_seconds", "feed_dead_seconds", "tick_seconds",
)  # fmt: skip


class Geo:
    """The files of the city in force, packed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._kept: dict[tuple[str, str], Packed] = {}
        self._making = BoundedSemaphore(1)

    def file(self, version: str, name: str) -> Packed:
        city = self.scene.city
        if version != city.version or name not in FILES:
            raise NotFound(f"there is no {name} of city version {version}; the one in force is {city.version}")
        with self._making:
            if (version, name) not in self._kept:
                self._kept = {key: packed for key, packed in self._kept.items() if key[0] == version}
                self._kept[version, name] = gevent.get_hub().threadpool.apply(_make, (name, city, self.scene.settings))
        return self._kept[version, name]


def register(server: Flask, scene: Scene) -> None:
    geo = Geo(scene)

    @server.get("/geo/<version>/<name>", endpoint="geo")
    def file(version: str, name: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        # The settings of a hall may change while its city stays.
        return answer(geo.file(version, name), "no-cache" if name == "city.json" else FOR_EVER)


def _make(name: str, city: City, settings: Settings) -> Packed:
    mime = "application/geo+json" if name.endswith(".geojson") else "application/json"
    return pack(encode(FILES[name](city, settings)), mime)


def _city(city: City, settings: Settings) -> dict[str, Any]:
    areas, classes = city.areas, city.classes
    kinds = zip(classes.class_code, classes.name, classes.name_en, classes.parent, strict=True)
    rows = zip(areas.area_id, areas.name, areas.level, areas.parent, areas.lon, areas.lat, strict=True)
    return {
        "city_id": city.city_id, "name": city.name, "name_en": city.name_en, "version": city.version,
        "valid_from": city.valid_from, "bounds": city.bounds, "zone": city.zone,
        "areas": [
            {"id": str(i), "name": str(n), "level": level, "parent": parent, "lon": _short(x), "lat": _short(y)}
            for i, n, level, parent, x, y in rows
        ],
        "classes": [
            {"code": str(code), "name": str(name), "name_en": str(english), "parent": parent}
            for code, name, english, parent in kinds
        ],
        "grid_kinds": GRID_KINDS, "roles": ROLES,
        "cell_size": cell_size(city),
        "settings": {name: getattr(settings, name) for name in PAINTED}
        | {"targets": {kind: getattr(settings, f"patrol_target_{kind}") for kind in GRID_KINDS}},
        "heat_half_life": settings.heat_half_life,
    }  # fmt: skip


def _grids(city: City, _settings: Settings) -> dict[str, Any]:
    # A metre is enough where nobody can see half of one.
    grids, digits = city.grids, 5 if len(city.grids.shape) > 2000 else 6
    return _collection(
        _feature(row, shape, digits, {"kind": int(kind), "area": int(area), "name": str(name)})
        for row, (shape, kind, area, name) in enumerate(
            zip(grids.shape, grids.kind, grids.area, grids.name, strict=True)
        )
    )


def _areas(city: City, _settings: Settings) -> dict[str, Any]:
    areas = city.areas
    return _collection(
        _feature(row, areas.shape[row], 5, {"row": row, "level": int(areas.level[row]), "name": str(areas.name[row])})
        for row in range(len(areas.level))
    )


def _streets(city: City, _settings: Settings) -> dict[str, Any]:
    return _collection(
        _feature(row, shape, 5, {"rank": int(rank)})
        for row, (shape, rank) in enumerate(zip(city.streets, city.street_rank, strict=True))
    )


def _workers(city: City, _settings: Settings) -> dict[str, Any]:
    return {"grid": city.workers.grid, "role": city.workers.role}


def _cameras(city: City, _settings: Settings) -> dict[str, Any]:
    return {"lon": np.round(city.cameras.lon, 6), "lat": np.round(city.cameras.lat, 6), "grid": city.cameras.grid}


FILES: dict[str, Callable[[City, Settings], dict[str, Any]]] = {
    "city.json": _city,
    "grids.geojson": _grids,
    "areas.geojson": _areas,
    "streets.geojson": _streets,
    "workers.json": _workers,
    "cameras.json": _cameras,
}


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(row: int, shape: Any, digits: int, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": row, "properties": properties, "geometry": geometry(shape, digits)}


def _short(degrees: float) -> float:
    return round(float(degrees), 6)
