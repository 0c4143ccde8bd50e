"""Shapes: outlines as GeoJSON, rounded to what a map can show."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

__all__ = ["geometry"]


def geometry(shape: Any, digits: int) -> dict[str, Any]:
    parts = shapely.get_parts(shape)
    if shape.geom_type.endswith("LineString"):
        lines = [_points(part, digits) for part in parts]
        return _one_or_many("LineString", lines)
    return _one_or_many("Polygon", [[_points(ring, digits) for ring in shapely.get_rings(part)] for part in parts])


def _one_or_many(kind: str, parts: list[Any]) -> dict[str, Any]:
    if len(parts) == 1:
        return {"type": kind, "coordinates": parts[0]}
    return {"type": f"Multi{kind}", "coordinates": parts}


def _points(line: Any, digits: int) -> list[list[float]]:
    """Rounded; neighbours that fall together are one, but a ring keeps its four points."""
    points = np.round(shapely.get_coordinates(line), digits)
    apart = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
    return points[apart if apart.sum() >= 4 or line.geom_type != "LinearRing" else slice(None)].tolist()
