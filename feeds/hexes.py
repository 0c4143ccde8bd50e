"""Hexes: axial cells on the spherical Mercator plane, in degrees. assets/js/hexes.js draws the same."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from feeds.city import City

__all__ = ["cell", "cell_size", "cells", "centres", "corners", "mercator"]

Degrees = npt.NDArray[np.float64]
Axial = npt.NDArray[np.int32]

METRES = 111_195.0
SMALLEST_METRES = 150.0
CELLS_ACROSS = 250.0
ROOT3 = float(np.sqrt(3.0))


def mercator(lat: npt.ArrayLike) -> Degrees:
    return np.degrees(np.arcsinh(np.tan(np.radians(np.asarray(lat, np.float64)))))


def latitude(y: npt.ArrayLike) -> Degrees:
    return np.degrees(np.arctan(np.sinh(np.radians(np.asarray(y, np.float64)))))


def cell_size(city: City) -> float:
    """Degrees of a hexagon's side: it is 150 m wide, or a 250th of the city where that is more."""
    west, south, east, north = city.bounds
    metres = METRES * float(np.cos(np.radians((south + north) / 2)))
    extent = max((east - west) * metres, (north - south) * METRES)
    return max(SMALLEST_METRES, extent / CELLS_ACROSS) / metres / ROOT3


def cells(lon: npt.ArrayLike, lat: npt.ArrayLike, size: float) -> tuple[Axial, Axial]:
    """q and r of the cell that each point lies in."""
    x, y = np.asarray(lon, np.float64), mercator(lat)
    q, r = (ROOT3 / 3 * x - y / 3) / size, (2 / 3 * y) / size
    a, b, c = np.rint(q), np.rint(r), np.rint(-q - r)
    off_q, off_r, off_s = np.abs(a - q), np.abs(b - r), np.abs(c + q + r)
    first = (off_q > off_r) & (off_q > off_s)
    second = ~first & (off_r > off_s)
    return np.where(first, -b - c, a).astype(np.int32), np.where(second, -a - c, b).astype(np.int32)


def cell(lon: float, lat: float, size: float) -> tuple[int, int]:
    """`cells` for one point."""
    y = math.degrees(math.asinh(math.tan(math.radians(lat))))
    q, r = (ROOT3 / 3 * lon - y / 3) / size, (2 / 3 * y) / size
    a, b, c = round(q), round(r), round(-q - r)
    off_q, off_r, off_s = abs(a - q), abs(b - r), abs(c + q + r)
    if off_q > off_r and off_q > off_s:
        return -b - c, b
    return (a, -a - c) if off_r > off_s else (a, b)


def centres(q: npt.NDArray[Any], r: npt.NDArray[Any], size: float) -> tuple[Degrees, Degrees]:
    """Longitude and latitude of the middle of each cell."""
    return size * ROOT3 * (q + r / 2), latitude(size * 1.5 * np.asarray(r, np.float64))


def corners(q: npt.NDArray[Any], r: npt.NDArray[Any], size: float) -> Degrees:
    """(cells, 6, 2): the corners of each cell, degrees."""
    angle = np.radians(30 + 60 * np.arange(6))
    x = size * ROOT3 * (np.asarray(q) + np.asarray(r) / 2)[..., None] + size * np.cos(angle)
    y = size * 1.5 * np.asarray(r)[..., None] + size * np.sin(angle)
    return np.stack([x, latitude(y)], axis=-1)
