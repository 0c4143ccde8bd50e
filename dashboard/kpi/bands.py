"""Bands: how an open case stands to its due time: in time, due soon, overdue, long-open; each is in one of them."""

from __future__ import annotations

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
        at = np.fmin(paused_at, now)
        behind = np.where(np.isnan(due_at), -np.inf, at - due_at)
        long = self.long_open_hours * 3600.0
        undated = np.isnan(due_at) & (at - reported_at > WEEK + long)
        band = np.searchsorted([-self.soon_minutes * 60.0, 0.0, long], behind, side="left")
        return np.where(undated, 3, band).astype(np.uint8)
