"""Rings: land out of whatever shapes a file holds, repaired where that is possible, and every repair told."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from feeds.findings import Findings, NotACity
from feeds.sheets import Row

__all__ = ["joined", "lands", "square_metres"]

Shapes = npt.NDArray[np.object_]

NOTHING = shapely.Polygon()
#: Where China lies when longitude and latitude have been swapped.
SWAPPED = (0.8, 72.0, 55.9, 137.9)


def square_metres(shapes: Any) -> npt.NDArray[np.float64]:
    """Areas, good to a per mille for anything of a city's size."""
    lat = shapely.bounds(shapes)[..., [1, 3]].mean(axis=-1)
    return np.nan_to_num(shapely.area(shapes) * 111_320.0 * 110_574.0 * np.cos(np.radians(lat)))


def joined(shapes: Any) -> shapely.Geometry:
    """The sum of shapes; quick where they already share every corner."""
    shapes = np.asarray(shapes, object)
    if len(shapes) > 1 and shapely.coverage_is_valid(shapes):
        return shapely.normalize(shapely.coverage_union_all(shapes))
    return shapely.union_all(shapes)


def lands(rows: list[Row], names: list[str], findings: Findings) -> Shapes:
    """One valid Polygon or MultiPolygon a row, empty where there is none."""
    found = np.empty(len(rows), object)
    for n, (row, name) in enumerate(zip(rows, names, strict=True)):
        found[n] = _land(row, name, findings)
    found = _turned(found, findings)
    _tell_kinds(found, names, findings)
    return found


def _land(row: Row, name: str, findings: Findings) -> shapely.Geometry:
    try:
        shape = _wkt(row.shape) if isinstance(row.shape, str) else _polygon(row.shape, name, findings)
    except (ValueError, TypeError, LookupError, OverflowError, shapely.GEOSException) as error:
        findings.add("unreadable-shape", "error", f"the shape of {name} ({row.place}) cannot be read: {error}", (name,))
        return NOTHING
    if shape is None or shapely.is_empty(shape):
        findings.add("no-shape", "error", f"{name} ({row.place}) has no shape", (name,))
        return NOTHING
    return _repaired(shape, name, findings)


def _wkt(text: str) -> shapely.Geometry:
    shape = shapely.from_wkt(text.partition(";")[2] if text.upper().startswith("SRID=") else text)
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ValueError("it has a coordinate that is no number")
    return shape


def _polygon(body: Any, name: str, findings: Findings) -> shapely.Geometry | None:
    if body is None:
        return None
    kind, coordinates = body["type"], body.get("coordinates")
    if kind == "GeometryCollection":
        parts = [_polygon(part, name, findings) for part in body["geometries"]]
        return shapely.union_all([part for part in parts if part is not None])
    if kind not in {"Polygon", "MultiPolygon"}:
        raise ValueError(f"it is a {kind}, not land")
    solids = [coordinates] if kind == "Polygon" else coordinates
    built = [shapely.Polygon(rings[0], rings[1:]) for solid in solids if (rings := _closed(solid, name, findings))]
    return shapely.MultiPolygon(built) if len(built) > 1 else built[0] if built else None


def _closed(solid: Iterable[Any], name: str, findings: Findings) -> list[list[tuple[float, float]]]:
    rings: list[list[tuple[float, float]]] = []
    for number, ring in enumerate(solid):
        points = [(float(point[0]), float(point[1])) for point in ring]
        if not all(math.isfinite(value) for point in points for value in point):
            raise ValueError("it has a coordinate that is no number")
        if points and points[0] != points[-1]:
            findings.add(
                "unclosed-ring", "warning", f"a ring of {name} did not end where it began; it was closed", (name,)
            )
            points.append(points[0])
        if len(points) < 4:
            findings.add(
                "thin-ring", "warning", f"a ring of {name} has fewer than three corners; it was left out", (name,)
            )
            if number == 0:
                return []
            continue
        rings.append(points)
    return rings


def _repaired(shape: shapely.Geometry, name: str, findings: Findings) -> shapely.Geometry:
    shape = shapely.force_2d(shape)
    if shapely.is_valid(shape) and shapely.get_dimensions(shape) == 2:
        return shape
    reason = shapely.is_valid_reason(shape)
    mended = shapely.make_valid(shape)
    solids = [part for part in shapely.get_parts(shapely.get_parts(mended)) if shapely.get_dimensions(part) == 2]
    if not solids:
        findings.add("no-land", "error", f"the shape of {name} covers no land", (name,))
        return NOTHING
    findings.add(
        "invalid-ring", "warning", f"the outline of {name} crosses itself ({reason}); it was repaired", (name,)
    )
    return shapely.union_all(solids)


def _turned(shapes: Shapes, findings: Findings) -> Shapes:
    """Longitude first, in degrees: turned round where it is plain, refused where it is metres."""
    west, south, east, north = bounds = shapely.total_bounds(shapes)
    if not np.isfinite(west):
        raise NotACity("there is no land in it: not one shape could be read")
    if max(abs(west), abs(east)) > 360 or max(abs(south), abs(north)) > 360:
        raise NotACity("its coordinates are metres of a projection; export it in degrees (EPSG:4326 or EPSG:4490)")
    turned = _swapped(shapes, bounds)
    if turned.any():
        findings.add("swapped", "warning", f"latitude stands before longitude in {turned.sum():,} shapes; turned round")
        shapes[turned] = shapely.transform(shapes[turned], lambda points: points[:, ::-1])
        west, south, east, north = shapely.total_bounds(shapes)
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise NotACity("some of its coordinates lie outside the world, whichever way round they are read")
    return shapes


def _swapped(shapes: Shapes, bounds: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Shapes beyond the poles; or all, where every one lies in China once turned round."""
    west, south, east, north = SWAPPED
    if west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north:
        return np.ones(len(shapes), np.bool_)
    each = shapely.bounds(shapes)
    return (each[:, 3] > 90) | (each[:, 1] < -90)


def _tell_kinds(shapes: Shapes, names: list[str], findings: Findings) -> None:
    several = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    if len(several):
        findings.add(
            "multipolygon", "note", f"{len(several):,} shapes lie in several pieces", [names[n] for n in several[:50]]
        )
    parts, of = shapely.get_parts(shapes, return_index=True)
    holed = np.unique(of[shapely.get_num_interior_rings(parts) > 0]) if len(parts) else np.empty(0, int)
    if len(holed):
        findings.add("hole", "note", f"{len(holed):,} shapes have holes", [names[n] for n in holed[:50]])
