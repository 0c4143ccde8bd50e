"""Counters: what a fold has counted since its district began; kept in the checkpoint, so nothing is counted twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["ACCEPTED", "COUNTERS", "Counters", "Tally"]

#: Index is the code on the wire; new ones come at the end.
COUNTERS = (
    "fixes",  # new, and the newest of its worker
    "late",  # new, but behind the worker's newest
    "duplicate",  # same worker, same second
    "too_late",  # too far behind the worker's newest
    "unknown_worker",  # of nobody in this district
    "teleports",
    "splits",
    "events",
    "events_duplicate",
    "events_late",  # an older word on an event
    "cameras",
    "cameras_duplicate",
    "cameras_late",
    "unknown_camera",
    "events_new",  # first word on an event
    "events_archived",
    "unknown_class",
    "without_position",
    "unreadable",  # batches that could not be decoded
)

#: What a batch at the door became: these add up to the records that were written for a district.
ACCEPTED = {
    "fixes": ("fixes", "late", "duplicate", "too_late", "unknown_worker"),
    "events": ("events", "events_duplicate", "events_late"),
    "cameras": ("cameras", "cameras_duplicate", "cameras_late", "unknown_camera"),
}

_INDEX = {name: index for index, name in enumerate(COUNTERS)}


class Counters:
    """One number a name, and which of them moved since the last frame."""

    def __init__(self, values: npt.NDArray[np.uint64] | None = None) -> None:
        self.values = np.zeros(len(COUNTERS), np.uint64) if values is None else values
        self.sent = np.zeros(len(COUNTERS), np.uint64)

    def add(self, name: str, count: int = 1) -> None:
        if count:
            self.values[_INDEX[name]] += np.uint64(count)

    def __getitem__(self, name: str) -> int:
        return int(self.values[_INDEX[name]])

    def as_dict(self) -> dict[str, int]:
        return dict(zip(COUNTERS, self.values.tolist(), strict=True))

    def table(self, whole: bool) -> dict[str, npt.NDArray[np.uint32]]:
        """Rows for a frame; what is in it counts as sent."""
        rows = np.arange(len(COUNTERS)) if whole else np.flatnonzero(self.values != self.sent)
        self.sent[:] = self.values
        values = self.values[rows]
        return {
            "counter": rows.astype(np.uint32),
            "low": (values & np.uint64(0xFFFFFFFF)).astype(np.uint32),
            "high": (values >> np.uint64(32)).astype(np.uint32),
        }

    def load(self, values: npt.NDArray[np.uint64]) -> None:
        """An older checkpoint may know fewer counters."""
        self.values[: len(values)] = values[: len(self.values)]


class Tally:
    """The counters of several districts: a row of `values` for each."""

    def __init__(self, places: int) -> None:
        self.values = np.zeros((places, len(COUNTERS)), np.uint64)

    def add(self, name: str, place: npt.NDArray[np.int64], less: npt.NDArray[np.int64] | None = None) -> None:
        """One for each district in `place`, and one less for each in `less`."""
        if not len(place):
            return
        count = np.bincount(place, minlength=len(self.values))
        if less is not None:
            count -= np.bincount(less, minlength=len(self.values))
        self.values[:, _INDEX[name]] += count.astype(np.uint64)
