"""Bands: how an open case stands to its due time: in time, due soon, overdue, long-open; each is in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["BANDS", "Bands"]

Column = npt.NDArray[Any]

#: As on the wall (dashboard.live.situation), in its order.
BANDS = ("due", "soon", "overdue", "long_open")
WEEK = 168 * 3600.0


@dataclass(frozen=True)
class Bands:
    """The settings of these names: minutes before the due time, hours past it (without due time: a week more)."""

    soon_minutes: float = 60
    long_open_hours: float = 24

    def of(self, due_at: Column, reported_at: Column, paused_at: Column, now: float) -> Column:
        """Index of BANDS row by row. A clock that is paused stands where it was stopped."""
        at, band = np.fmin(paused_at, now), np.zeros(len(due_at), np.uint8)
        for begins in self.begin(due_at, reported_at):
            band += begins < at
        return band

    def begin(self, due_at: Column, reported_at: Column) -> Iterator[Column]:
        """When each band but the first begins, one after the other. Without due time, a case falls into the last."""
        long = self.long_open_hours * 3600.0
        undated = np.flatnonzero(np.isnan(due_at))
        for after in sorted((-self.soon_minutes * 60.0, 0.0, long)):
            moments = due_at + after
            moments[undated] = reported_at[undated] + (WEEK + long)
            yield moments
