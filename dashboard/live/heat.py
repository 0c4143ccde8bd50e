"""Heat: hex cells of the city, warmed by events and cooling with time; and when a patrol was last in each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.beside import Beside
from dashboard.live.frame import NOTHING
from feeds import hexes
from feeds.city import City

__all__ = ["COLD", "Cells", "Heat", "Visits"]

Rows = npt.NDArray[np.int64]

#: A cell that weighs less is not drawn any more.
COLD = 0.01


class Cells:
    """The window of hex cells that a city lies in: axial (q, r) to one flat index."""

    def __init__(self, city: City) -> None:
        west, south, east, north = city.bounds
        self.size = hexes.cell_size(city)
        q, r = hexes.cells([west, east, west, east], [south, south, north, north], self.size)
        self.q0, self.r0 = int(q.min()) - 2, int(r.min()) - 2
        self.columns, self.rows = int(q.max()) - self.q0 + 3, int(r.max()) - self.r0 + 3
        self.count = self.columns * self.rows

    def index(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Rows:
        """Flat index of each point's cell; -1 beyond the window."""
        return self.flat(*hexes.cells(lon, lat, self.size))

    def at(self, lon: float, lat: float) -> int:
        """The same for one point: a tenth of the time."""
        q, r = hexes.cell(lon, lat, self.size)
        column, row = q - self.q0, r - self.r0
        known = 0 <= column < self.columns and 0 <= row < self.rows
        return row * self.columns + column if known else -1

    def flat(self, q: npt.NDArray[Any], r: npt.NDArray[Any]) -> Rows:
        column, row = q.astype(np.int64) - self.q0, r.astype(np.int64) - self.r0
        known = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(known, row * self.columns + column, -1)

    def axial(self, index: Rows) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        row, column = np.divmod(index, self.columns)
        return (column + self.q0).astype(np.int32), (row + self.r0).astype(np.int32)

    def centre(self, index: Rows) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Longitude and latitude of the middle of each cell."""
        return hexes.centres(*self.axial(index), self.size)


class Heat:
    """weight[cell] as it was at second at[cell]; it halves every half_life seconds."""

    def __init__(self, cells: Cells, half_life: float) -> None:
        self.cells, self.half_life = cells, half_life
        self.weight = np.zeros(cells.count)
        self.at = np.zeros(cells.count, np.int64)
        self._ever = np.zeros(cells.count, np.bool_)  # warm: a hundred times as quickly looked through as weights
        self._warmed: set[int] = set()
        self.unsaved = True

    def add(self, lon: float, lat: float, at: int) -> None:
        """One event. An old one adds what is left of it, so the order of arrival is all one."""
        cell = self.cells.at(lon, lat)
        if cell < 0:
            return
        behind = at - int(self.at[cell])
        if behind >= 0:
            self.weight[cell] = self.weight[cell] * 2.0 ** (-behind / self.half_life) + 1.0
            self.at[cell] = at
        else:
            self.weight[cell] += 2.0 ** (behind / self.half_life)
        self._ever[cell] = self.unsaved = True
        self._warmed.add(cell)

    def table(self, whole: bool) -> dict[str, npt.NDArray[Any]]:
        if not (whole or self._warmed):
            return NOTHING["heat"]
        index = self._warm() if whole else np.array(sorted(self._warmed), np.int64)
        self._warmed.clear()
        q, r = self.cells.axial(index)
        return {"q": q, "r": r, "weight": self.weight[index].astype(np.float32), "at": self.at[index].astype(np.uint32)}

    def _warm(self) -> Rows:
        """Cells that are still drawn; most have never been warm."""
        cell = np.flatnonzero(self._ever)
        at = self.at[cell]
        age = (at.max(initial=0) - at) / self.half_life
        return cell[self.weight[cell] * np.exp2(-np.minimum(age, 1000.0)) > COLD]

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        index = self._warm()
        q, r = self.cells.axial(index)
        return {"q": q, "r": r, "weight": self.weight[index], "at": self.at[index]}

    def load(self, saved: dict[str, npt.NDArray[Any]]) -> None:
        index = self.cells.flat(saved["q"], saved["r"])
        known = index >= 0
        self.weight[index[known]], self.at[index[known]] = saved["weight"][known], saved["at"][known]
        self._ever[index[known]] = True


class Visits(Beside):
    """When somebody of each district was last in each cell, as the points of the tracks tell."""

    PLACED = ("at", "dirty", "ever")

    def __init__(self, cells: Cells, places: int = 1) -> None:
        self.cells = cells
        self.at = np.zeros((places, cells.count), np.int64)
        self.dirty = np.zeros((places, cells.count), np.bool_)
        self.ever = np.zeros((places, cells.count), np.bool_)

    def fold(self, lon: npt.NDArray[Any], lat: npt.NDArray[Any], second: Rows, place: Rows) -> None:
        """lon, lat: 1e-7 degrees; place: of the district."""
        assert self.whole
        cell = self.cells.index(lon * 1e-7, lat * 1e-7)
        known = cell >= 0
        index = place[known] * self.cells.count + cell[known]
        np.maximum.at(self.at.reshape(-1), index, second[known])
        self.dirty.reshape(-1)[index] = True
        self.ever.reshape(-1)[index] = True

    def table(self, whole: bool) -> dict[str, npt.NDArray[Any]]:
        """Of one district."""
        (at,), (dirty,), (ever,) = self.at, self.dirty, self.ever
        index = np.flatnonzero(ever if whole else dirty)
        dirty[:] = False
        q, r = self.cells.axial(index)
        return {"q": q, "r": r, "at": at[index].astype(np.uint32)}

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        (at,), (ever,) = self.at, self.ever
        index = np.flatnonzero(ever)
        q, r = self.cells.axial(index)
        return {"q": q, "r": r, "at": at[index]}

    def load(self, saved: dict[str, npt.NDArray[Any]]) -> None:
        index = self.cells.flat(saved["q"], saved["r"])
        self.at[0, index[index >= 0]] = saved["at"][index >= 0]
        self.ever[0, index[index >= 0]] = True
