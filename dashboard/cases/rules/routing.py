"""Routing: class × area × level → department and seat; the lowest level that can solve a case has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from feeds.record import LEVELS

__all__ = ["ANY", "Department", "Route", "Routes"]

ANY = "*"


class Department(NamedTuple):
    """Who can be given a case: an id, its names, and the level it works on."""

    department: str
    name: str
    name_en: str
    level: str


class Route(NamedTuple):
    """Where a case goes. level: of LEVELS; seat: empty when any of the department may take it."""

    department: str
    seat: str
    level: str


class Routes:
    """The routing table. Keys: class_code (or *), level, area_id (or *)."""

    def __init__(self, rows: Iterable[tuple[str, str, Route]] = ()) -> None:
        self._rows: dict[str, dict[str, dict[str, Route]]] = {}
        for class_code, area_id, route in rows:
            for level in LEVELS if route.level == ANY else (route.level,):
                here = self._rows.setdefault(class_code, {}).setdefault(level, {})
                here[area_id] = route._replace(level=level)

    def find(self, lineage: Sequence[str], area_ids: Sequence[str], level: str) -> Route | None:
        """The route for a class (itself first, then those above it) in areas (lowest first), at `level` or above it.

        What is said of the class itself goes before what is said of those above it; then the lowest level that has a
        route; then the smallest area. None: unrouted.
        """
        for class_code in (*lineage, ANY):
            levels = self._rows.get(class_code, {})
            for higher in LEVELS[LEVELS.index(level) :]:
                areas = levels.get(higher, {})
                for area_id in (*area_ids, ANY):
                    if area_id in areas:
                        return areas[area_id]
        return None
