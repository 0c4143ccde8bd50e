"""Reference: known county outlines in WGS-84, against which an outline in another datum gives itself away."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import shapely

from feeds.datum import DATUMS, Datum, convert, metres_between

__all__ = ["Verdict", "known_outlines", "recognise"]

#: A county counts as covered when this much of it is.
COVERED = 0.7
#: An outline that fits runs this near (metres, in the middle of all distances) to the reference.
NEAR = 150.0
CORNERS = 800


@dataclass(frozen=True)
class Verdict:
    """The datum in which an outline fits, how far that moves it, how far off it lies as WGS-84 and in it (metres)."""

    datum: Datum
    shift: float
    off_as_wgs84: float
    off: float


@cache
def known_outlines() -> tuple[shapely.Geometry, ...]:
    """The county outlines that ship with the demo cities."""
    found: list[shapely.Geometry] = []
    for file in sorted((resources.files("feeds.cities") / "data").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            districts = json.loads(file.read_text(encoding="utf-8"))["districts"]
            found += [shapely.MultiPolygon([shapely.Polygon(ring) for ring in rings]) for _, _, rings in districts]
    return tuple(found)


def recognise(land: shapely.Geometry, reference: Iterable[Any] | None = None) -> Verdict | None:
    """In which datum the outline of land fits the counties it covers; None where there is nothing to compare with."""
    counties = [shape for shape in (known_outlines() if reference is None else reference) if _covers(land, shape)]
    if not counties:
        return None
    line = _metres(shapely.boundary(shapely.union_all(counties)))
    shapely.prepare(line)
    corners = shapely.get_coordinates(shapely.boundary(land))
    corners = corners[:: max(1, len(corners) // CORNERS)]
    off: dict[Datum, float] = {}
    shift: dict[Datum, float] = {}
    for datum in DATUMS:
        there = np.stack(convert(corners[:, 0], corners[:, 1], datum), axis=1)
        shift[datum] = float(np.mean(metres_between(*corners.T, *there.T)))
        off[datum] = float(np.median(shapely.distance(shapely.points(_scaled(there)), line)))
    best = min(DATUMS, key=lambda datum: off[datum])
    if off[best] > NEAR or (best != "wgs84" and off[best] > 0.5 * off["wgs84"]):
        return None
    return Verdict(best, shift[best], off["wgs84"], off[best])


def _covers(land: shapely.Geometry, county: shapely.Geometry) -> bool:
    if not shapely.intersects(shapely.box(*shapely.bounds(land)), county):
        return False
    return bool(shapely.area(shapely.intersection(land, county)) > COVERED * shapely.area(county))


def _metres(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, _scaled)


def _scaled(points: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return points * np.stack([111_320.0 * np.cos(np.radians(points[:, 1])), np.full(len(points), 110_574.0)], axis=1)
