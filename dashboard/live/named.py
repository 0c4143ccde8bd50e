"""Named: what of a city is looked up again and again, worked out when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.live.heat import Cells
from feeds import hexes
from feeds.city import City

__all__ = ["Named"]

Column = npt.NDArray[Any]


class Named:
    def __init__(self, city: City) -> None:
        self.city = city
        self.cells = Cells(city)

    @cached_property
    def cell_grid(self) -> Column:
        """Grid row of the middle of each hex cell, -1 where there is none."""
        grid = np.full(self.cells.count, -1, np.int32)
        q, r = self.cells.axial(np.arange(self.cells.count))
        points = shapely.points(*hexes.centres(q, r, self.cells.size))
        cell, row = shapely.STRtree(self.city.grids.shape).query(points, predicate="intersects")
        grid[cell] = row
        return grid

    @cached_property
    def platforms(self) -> tuple[Column, Column]:
        """Names of the cameras' platforms, and the place of each camera's platform among them."""
        return np.unique(self.city.cameras.platform, return_inverse=True)

    @cached_property
    def switches(self) -> tuple[Column, Column]:
        return np.unique(self.city.cameras.switch, return_inverse=True)

    @cached_property
    def owners(self) -> tuple[Column, Column]:
        return np.unique(self.city.cameras.owner, return_inverse=True)
