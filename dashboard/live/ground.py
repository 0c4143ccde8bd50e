"""Ground: what all districts of a city share: where the grids lie, and the hex cells."""

from __future__ import annotations

from pathlib import Path

from dashboard.live.heat import Cells
from dashboard.live.locate import Locator
from feeds.city import City

__all__ = ["Ground"]


class Ground:
    """`folder`: where the raster is kept."""

    def __init__(self, city: City, folder: Path | None = None) -> None:
        self.city = city
        self.locator = Locator(city, folder)
        self.cells = Cells(city)
