"""Seams: where the pieces of a city overlap or leave land to nobody."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from feeds.findings import Findings
from feeds.rings import joined, square_metres

__all__ = ["check_seams"]

Shapes = npt.NDArray[np.object_]

#: Smaller than this (square metres) is a matter of digits.
SPECK = 1.0


def check_seams(shapes: Shapes, names: list[str], findings: Findings, outline: shapely.Geometry | None = None) -> None:
    """Overlaps between pieces; gaps inside the outline, or without one, holes that the pieces enclose."""
    if not shapely.coverage_is_valid(shapes):
        _overlaps(shapes, names, findings)
    _gaps(shapes, names, findings, outline)


def _overlaps(shapes: Shapes, names: list[str], findings: Findings) -> None:
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    if not len(a):
        return
    common = square_metres(shapely.intersection(shapes[a], shapes[b]))
    for n in np.argsort(-common, kind="stable"):
        if common[n] < SPECK:
            break
        first, second = names[a[n]], names[b[n]]
        findings.add(
            "overlap", "warning", f"{first} and {second} overlap by {_size(float(common[n]))}", (first, second)
        )


def _gaps(shapes: Shapes, names: list[str], findings: Findings, outline: shapely.Geometry | None) -> None:
    land = joined(shapes)
    gaps = shapely.difference(_filled(land) if outline is None else outline, land)
    parts = shapely.get_parts(gaps)
    sizes = square_metres(parts) if len(parts) else np.empty(0)
    tree = shapely.STRtree(shapes)
    for n in np.argsort(-sizes, kind="stable"):
        if sizes[n] < SPECK:
            break
        near = [names[m] for m in tree.query(shapely.buffer(parts[n], 1e-6), predicate="intersects")[:6]]
        at = shapely.get_coordinates(shapely.point_on_surface(parts[n]))[0]
        beside = f" beside {', '.join(near)}" if near else ""
        findings.add(
            "gap", "warning", f"{_size(float(sizes[n]))} at {at[0]:.5f}, {at[1]:.5f}{beside} belong to nobody", near
        )


def _filled(land: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(land))))


def _size(square_metres: float) -> str:
    return f"{square_metres / 1e6:,.2f} km²" if square_metres >= 1e5 else f"{square_metres:,.0f} m²"
