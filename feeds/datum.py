"""Datum: WGS-84, GCJ-02 and BD-09, forth and back, as columns. What a source speaks is a setting of that source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["DATUMS", "Datum", "convert", "in_china", "metres_between"]

Datum = Literal["wgs84", "gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")

Degrees = npt.NDArray[np.float64]
Points = tuple[Degrees, Degrees]
Step = Callable[[Degrees, Degrees], Points]

#: The ellipsoid of Krasovsky, on which the shift was drawn up.
AXIS, ECCENTRICITY_2 = 6378245.0, 0.00669342162296594323
#: The box that published formulas use; Seoul and Hanoi lie in it too, so it is only for sources that use it themselves.
BOX = (72.004, 0.8293, 137.8347, 55.8271)
EARTH = 6371008.8


def convert(
    lon: npt.ArrayLike, lat: npt.ArrayLike, source: Datum, target: Datum = "wgs84", *, box: bool = True
) -> Points:
    """The same places in another datum. box: leave points outside the China box as they are."""
    start = np.asarray(lon, float), np.asarray(lat, float)
    for step in _STEPS[source, target]:
        start = step(*start) if not box else _boxed(step, *start)
    return start


def in_china(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    west, south, east, north = BOX
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def metres_between(
    lon: npt.ArrayLike, lat: npt.ArrayLike, other_lon: npt.ArrayLike, other_lat: npt.ArrayLike
) -> Degrees:
    """Great-circle distance."""
    lon, lat, other_lon, other_lat = (
        np.radians(np.asarray(value, float)) for value in (lon, lat, other_lon, other_lat)
    )
    half = np.sin((other_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(other_lat) * np.sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def _boxed(step: Step, lon: Degrees, lat: Degrees) -> Points:
    inside = in_china(lon, lat)
    moved = step(lon, lat)
    return np.where(inside, moved[0], lon), np.where(inside, moved[1], lat)


def _wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> Points:
    x, y = lon - 105.0, lat - 35.0
    root, wave = np.sqrt(np.abs(x)), 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + _waves(x, (20, 40), (1, 1 / 3)) + _waves(x, (150, 300), (1 / 12, 1 / 30))) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + _waves(y, (20, 40), (1, 1 / 3)) + _waves(y, (160, 320), (1 / 12, 1 / 30))) * 2 / 3
    slant = 1 - ECCENTRICITY_2 * np.sin(np.radians(lat)) ** 2
    meridian = AXIS * (1 - ECCENTRICITY_2) / (slant * np.sqrt(slant))
    parallel = AXIS / np.sqrt(slant) * np.cos(np.radians(lat))
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def _waves(t: Degrees, heights: tuple[float, float], rates: tuple[float, float]) -> Degrees:
    return sum(
        (height * np.sin(rate * np.pi * t) for height, rate in zip(heights, rates, strict=True)), np.zeros_like(t)
    )


def _gcj02_to_bd09(lon: Degrees, lat: Degrees) -> Points:
    turn = np.pi * 3000 / 180
    far = np.hypot(lon, lat) + 0.00002 * np.sin(lat * turn)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * turn)
    return far * np.cos(angle) + 0.0065, far * np.sin(angle) + 0.006


def _inverse(forward: Step) -> Step:
    """Back by asking again and again how far off we are: far below a millimetre after a few rounds."""

    def back(lon: Degrees, lat: Degrees) -> Points:
        x, y = lon, lat
        for _ in range(8):
            there = forward(x, y)
            x, y = x - (there[0] - lon), y - (there[1] - lat)
        return x, y

    return back


_gcj02_to_wgs84 = _inverse(_wgs84_to_gcj02)
_bd09_to_gcj02 = _inverse(_gcj02_to_bd09)

_STEPS: dict[tuple[Datum, Datum], tuple[Step, ...]] = {
    ("wgs84", "wgs84"): (),
    ("gcj02", "gcj02"): (),
    ("bd09", "bd09"): (),
    ("wgs84", "gcj02"): (_wgs84_to_gcj02,),
    ("wgs84", "bd09"): (_wgs84_to_gcj02, _gcj02_to_bd09),
    ("gcj02", "bd09"): (_gcj02_to_bd09,),
    ("gcj02", "wgs84"): (_gcj02_to_wgs84,),
    ("bd09", "gcj02"): (_bd09_to_gcj02,),
    ("bd09", "wgs84"): (_bd09_to_gcj02, _gcj02_to_wgs84),
}
