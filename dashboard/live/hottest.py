"""Hottest: the places that weigh most now, for the tour and its list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.mirror import Mirror

__all__ = ["Hot", "hottest"]

Column = npt.NDArray[Any]

SHOWN = 8
#: Steps between two places that are told apart, and what a place must weigh at least.
APART, LEAST = 3, 0.05


@dataclass(frozen=True)
class Hot:
    """The middle of a cell, its weight now, and the row of the area that it lies in."""

    lon: float
    lat: float
    weight: float
    area: int


def hottest(mirror: Mirror, cells: Column, now: float, half_life: float) -> list[Hot]:
    """Up to eight, the hottest first; neighbours of one that is told are not told again."""
    warm = cells[mirror.heat_weight[cells] > LEAST]
    weight = mirror.heat_weight[warm] * np.exp2((mirror.heat_at[warm] - float(now)) / half_life)
    order = np.argsort(-weight, kind="stable")
    q, r = (axis.astype(np.int64) for axis in mirror.cells.axial(warm))
    taken: list[int] = []
    for place in order[:500].tolist():
        if weight[place] < LEAST or len(taken) == SHOWN:
            break
        east, south = q[place] - q[taken], r[place] - r[taken]
        steps = np.maximum.reduce([abs(east), abs(south), abs(east + south)])
        if not taken or steps.min() >= APART:
            taken.append(place)
    area = mirror.city.grids.area[mirror.cell_grid[warm[taken]]]
    lon, lat = mirror.cells.centre(warm[taken])
    return [Hot(*row) for row in zip(lon.tolist(), lat.tolist(), weight[taken].tolist(), area.tolist(), strict=True)]
