"""Cuts: what changed of the workers of all districts, gathered at once; each district takes its part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Cuts"]

Columns = dict[str, npt.NDArray[Any]]
Rows = npt.NDArray[np.int64]


class Cuts:
    """mark: workers of whom something is to be told; here: those of each district; columns: what is told of some."""

    def __init__(self, mark: npt.NDArray[np.bool_], here: Sequence[slice], columns: Callable[[Rows], Columns]) -> None:
        self._mark, self._columns = mark, columns
        self._bounds = [part.start for part in here] + [len(mark)]
        self._who = np.zeros(0, np.int64)
        self._gathered: Columns = {}
        self._waiting: dict[int, slice] = {}

    def take(self, place: int) -> Columns:
        """What is to be told of the district at `place`; it counts as told."""
        if place not in self._waiting:
            self._gather()
        part = self._waiting.pop(place)
        return {name: column[part] for name, column in self._gathered.items()}

    def drop(self, place: int) -> None:
        """What waits for this district is of no use any more."""
        self._waiting.pop(place, None)

    def _gather(self) -> None:
        # What a district has not taken yet is told with what came since.
        for part in self._waiting.values():
            self._mark[self._who[part]] = True
        self._who = np.flatnonzero(self._mark)
        self._mark[self._who] = False
        self._gathered = self._columns(self._who)
        ends = np.searchsorted(self._who, self._bounds).tolist()
        self._waiting = {place: slice(*ends[place : place + 2]) for place in range(len(ends) - 1)}
