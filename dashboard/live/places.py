"""Places: which areas, grids, workers, cameras and cells belong to an area. Worked out once a city and area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.mirror import Mirror
from feeds.city import AREA_LEVELS

__all__ = ["Places", "places"]

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """Rows of the city that lie in one area. child: for every area its ancestor just below this one, -1 for none."""

    area: int
    inside: Mask
    districts: Rows
    children: Rows
    child: npt.NDArray[Any]
    grids: Rows
    workers: Rows
    cameras: Rows
    cells: Rows


def places(mirror: Mirror, area: int) -> Places:
    """Kept with the mirror: a mirror is of one city."""
    if area not in mirror.places:
        mirror.places[area] = _places(mirror, area)
    return mirror.places[area]


def _places(mirror: Mirror, area: int) -> Places:
    city = mirror.city
    level = int(city.areas.level[area])
    inside = city.path[:, level] == area
    grids = inside[city.grids.area]
    below = level + 1
    child = city.path[:, below] if below < len(AREA_LEVELS) else np.full(len(inside), -1, np.int32)
    cell_grid = mirror.cell_grid
    return Places(
        area=area,
        inside=inside,
        districts=np.unique(city.district_of_area[inside & (city.district_of_area >= 0)]).astype(np.int64),
        children=np.flatnonzero(inside & (city.areas.level == below)),
        child=child,
        grids=np.flatnonzero(grids),
        workers=np.flatnonzero(grids[city.workers.grid]),
        cameras=np.flatnonzero(grids[city.cameras.grid]),
        cells=np.flatnonzero((cell_grid >= 0) & grids[cell_grid]),
    )
