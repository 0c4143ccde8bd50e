"""Tracks: the last hour of every worker, a point for each 20 seconds of the clock; late fixes find their place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from dashboard.live.arrivals import Arrivals
from dashboard.live.beside import Beside

__all__ = ["MINUTES", "TRACK", "Tracks", "names", "read"]

#: One point of a track. worker: row of the city; at: second; lon, lat: 1e-7 degrees.
TRACK = np.dtype([("worker", "<u4"), ("at", "<u4"), ("lon", "<i4"), ("lat", "<i4")])

MINUTES = 60

Rows = npt.NDArray[np.int64]


class Tracks(Beside):
    """at[minute % 60 · n + part of it, worker]. The earliest fix of a part stays: order of arrival is all one."""

    EMPTY: ClassVar = {"at": 0, "lon": 0, "lat": 0}
    PLACED = ("dirty",)

    def __init__(self, track_seconds: int, workers: Rows, home: Rows, places: int = 1) -> None:
        """workers: their rows in the city; home: place of each one's district, of so many."""
        self.workers, self.home = workers.astype(np.uint32), home
        self.every = min(max(track_seconds, 1), 60)
        self.parts = -(-60 // self.every)
        shape = (MINUTES * self.parts, len(workers))
        self.at = np.zeros(shape, np.uint32)
        self.lon = np.zeros(shape, np.int32)
        self.lat = np.zeros(shape, np.int32)
        self.dirty = np.zeros((places, MINUTES), np.bool_)

    def part(self, here: slice, place: int) -> Self:
        part = super().part(here, place)
        part.workers = self.workers[here]
        return part

    def fold(self, new: Arrivals) -> Rows:
        """Index of the fixes that the track took as points of their own."""
        assert self.whole
        worker, second, minute = new.worker, new.second, new.minute
        part = minute * self.parts + new.within // self.every
        place = (part % len(self.at)) * len(self.workers) + worker
        at = self.at.reshape(-1)
        stored, begin = at.take(place), minute * 60
        empty = stored < begin  # or of an hour ago
        news = empty | (second < stored)
        if not new.alone:
            news[1:] &= new.head[1:] | (part[1:] != part[:-1])
        take = np.flatnonzero(news)
        take = take.compress(stored.take(take) < begin.take(take) + 60)
        place, fix, worker = place.take(take), new.fix.take(take), worker.take(take)
        at[place] = second.take(take)
        self.lon.reshape(-1)[place], self.lat.reshape(-1)[place] = fix["lon"], fix["lat"]
        self.dirty[self.home.take(worker), minute.take(take) % MINUTES] = True
        return take.compress(empty.take(take))

    def rows(self, slot: int) -> npt.NDArray[Any]:
        """All points of one minute of the hour."""
        block = slice(slot * self.parts, (slot + 1) * self.parts)
        part, worker = np.nonzero(self.at[block])
        out = np.empty(len(part), TRACK)
        out["worker"], out["at"] = self.workers[worker], self.at[block][part, worker]
        out["lon"], out["lat"] = self.lon[block][part, worker], self.lat[block][part, worker]
        return out

    def fields(self, everything: bool) -> dict[str, bytes]:
        slots = range(MINUTES) if everything else map(int, np.flatnonzero(self.dirty.any(axis=0)))
        self.dirty[:] = False
        bodies = {f"track:{slot:02d}": self.rows(slot).tobytes() for slot in slots}
        return {name: body for name, body in bodies.items() if body}

    def load(self, fields: Mapping[str, bytes], local: Rows) -> None:
        """local: row of the city → row here, -1 for those of other districts."""
        for name in _names(fields):
            rows = np.frombuffer(fields[name], TRACK)
            worker = local[rows["worker"]]
            rows, worker = rows[worker >= 0], worker[worker >= 0]
            at = rows["at"].astype(np.int64)
            place = (at // 60 * self.parts + at % 60 // self.every) % len(self.at)
            self.at[place, worker], self.lon[place, worker], self.lat[place, worker] = (
                rows["at"],
                rows["lon"],
                rows["lat"],
            )


def names(since: float, until: float) -> list[str]:
    """Fields of a checkpoint that may hold points of this time."""
    first, last = int(since) // 60, int(until) // 60
    return [f"track:{minute % MINUTES:02d}" for minute in range(first, min(last, first + MINUTES - 1) + 1)]


def read(fields: Mapping[str, bytes], workers: Collection[int] | None, since: float, until: float) -> npt.NDArray[Any]:
    """Points of these workers (None: of all) from since to until, by worker and time."""
    parts = [np.frombuffer(fields[name], TRACK) for name in _names(fields)]
    rows = np.concatenate(parts) if parts else np.zeros(0, TRACK)
    keep = (rows["at"] >= since) & (rows["at"] <= until)
    if workers is not None:
        keep &= np.isin(rows["worker"], np.fromiter(workers, np.uint32, len(workers)))
    rows = rows[keep]
    return rows[np.lexsort((rows["at"], rows["worker"]))]


def _names(fields: Mapping[str, bytes]) -> list[str]:
    return sorted(name for name in fields if name.startswith("track:"))
