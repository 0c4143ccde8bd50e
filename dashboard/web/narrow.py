"""Narrow: frames are made by districts; who may see only a part of one is sent only that part of each frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.live.frame import NOWHERE, decode, encode
from feeds.city import City
from feeds.hexes import cell_size, centres
from feeds.record import STEPS

__all__ = ["Part"]

Columns = dict[str, npt.NDArray[Any]]

#: What stands in a row that is to be forgotten: nothing that says anything.
BLANK = {"lon": NOWHERE, "lat": NOWHERE, "grid": 0xFFFFFFFF, "area": 0xFFFFFFFF, "step": STEPS.index("archived")}


class Part:
    """A street or a community of a city, by its row, and what lies in it: workers and cameras of its grids."""

    def __init__(self, city: City, area: int) -> None:
        self._areas = (city.path == area).any(axis=1)
        grids = self._areas[city.grids.area]
        self._workers, self._cameras = grids[city.workers.grid], grids[city.cameras.grid]
        self._shape, self._size = city.areas.shape[area], cell_size(city)
        shapely.prepare(self._shape)

    def of(self, views: Iterable[bytes | memoryview]) -> list[bytes]:
        """The same frames, under the same numbers, with what lies elsewhere left out."""
        return [self._frame(view) for view in views]

    def _frame(self, view: bytes | memoryview) -> bytes:
        frame = decode(view)
        for name, keep in (("workers", self._workers), ("cameras", self._cameras)):
            if table := frame.tables.get(name):
                frame.tables[name] = _chosen(table, keep[table["slot"]])
        if events := frame.tables.get("events"):
            frame.tables["events"] = self._events(events, whole=frame.whole)
        if heat := frame.tables.get("heat"):
            lon, lat = centres(heat["q"], heat["r"], self._size)
            frame.tables["heat"] = _chosen(heat, shapely.contains_xy(self._shape, lon, lat))
        return encode(frame)

    def _events(self, events: Columns, *, whole: bool) -> Columns:
        """An event that has moved elsewhere is to be forgotten here: its key stays, and nothing else of it."""
        known = events["area"] < len(self._areas)
        inside = known & self._areas[np.where(known, events["area"], 0)]
        if whole:
            return _chosen(events, inside)
        return {
            name: column if name == "key" else np.where(inside, column, BLANK.get(name, 0)).astype(column.dtype)
            for name, column in events.items()
        }


def _chosen(table: Columns, keep: npt.NDArray[np.bool_]) -> Columns:
    return {name: column[keep] for name, column in table.items()}
