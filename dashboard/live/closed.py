"""Closed: the newest events that are done, so that a late word on one never opens it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from dashboard.live.ring import Ring

__all__ = ["Closed", "Mark", "Stamp"]

#: (updated_at, step): of two words of a source on an event the greater is the present.
Stamp = tuple[int, int]
#: (updated_at, step, version): of two words of the ledger the one of the higher version is.
Mark = tuple[int, int, int]

CHUNK, CHUNKS = 512, 256


class Closed:
    """131,072 stamps by 64 bits of the id's digest."""

    def __init__(self) -> None:
        self.ring = Ring("closed", {"id": "u8", "updated": "i8", "step": "u1", "version": "u4"}, CHUNK, CHUNKS)
        self._id, *self._mark = self.ring.columns.values()
        self._place: dict[int, int] = {}

    def get(self, event_id: str) -> Mark | None:
        place = self._place.get(_digest(event_id))
        if place is None:
            return None
        updated, step, version = (int(column[place]) for column in self._mark)
        return updated, step, version

    def put(self, event_id: str, mark: Mark) -> None:
        digest = _digest(event_id)
        place = self._place.get(digest)
        if place is None:
            place = self.ring.take_place()
            self._place.pop(int(self._id[place]), None)
            self._place[digest] = place
        self.ring.write(place, (digest, *mark))

    def drop(self, event_id: str) -> None:
        """It was opened again."""
        place = self._place.pop(_digest(event_id), None)
        if place is not None:
            self.ring.write(place, (0, 0, 0, 0))

    def load(self, fields: Mapping[str, bytes], next_: int) -> None:
        self.ring.load(fields, next_)
        self._place = {int(self._id[place]): int(place) for place in np.flatnonzero(self._id)}


def _digest(event_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(event_id.encode(), digest_size=8).digest(), "little") or 1
