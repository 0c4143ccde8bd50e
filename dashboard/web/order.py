"""Order: which frame of each district comes next. Frames that do not fit are not shown to anyone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dashboard.live.frame import Head

__all__ = ["Order"]

Fit = Literal["fits", "old", "gap", "anew"]


@dataclass
class _Place:
    epoch: int
    seq: int | None  # None: broken, only a whole frame heals it
    heard: float


class Order:
    """One of these for frames, one for facts: their numbers run apart."""

    def __init__(self, patience: float) -> None:
        # A lower epoch is a deposed fold that has not noticed yet; but if the higher one has been silent for long,
        # the hall was built anew, and its epochs begin again.
        self.patience = patience
        self.places: dict[int, _Place] = {}

    def take(self, frame: Head, now: float) -> Fit:
        place = self.places.get(frame.district)
        if place is not None and frame.epoch < place.epoch:
            return "old" if now - place.heard < self.patience else "anew"
        if frame.whole:
            self.places[frame.district] = _Place(frame.epoch, frame.seq, now)
            return "fits"
        if place is None or place.epoch != frame.epoch or place.seq is None:
            self.places[frame.district] = _Place(frame.epoch, None, now)
            return "gap"
        return self._next(place, frame.seq, now)

    def _next(self, place: _Place, seq: int, now: float) -> Fit:
        place.heard = now
        assert place.seq is not None
        if seq <= place.seq:
            return "old"
        fits = seq == place.seq + 1
        place.seq = seq if fits else None
        return "fits" if fits else "gap"

    def lost(self, districts: Iterable[int]) -> list[int]:
        """Those of the districts that wait for a whole frame."""
        return [d for d in districts if (place := self.places.get(d)) is None or place.seq is None]

    def forget(self) -> None:
        """The line was cut: whatever comes next has to start with a whole frame."""
        for place in self.places.values():
            place.seq = None
