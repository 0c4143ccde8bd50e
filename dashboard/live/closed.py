"""Closed: the newest events that are done, so that a late word on one never opens it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from dashboard.live import columns

__all__ = ["CHUNKS", "Closed", "Mark", "Stamp"]

#: (updated_at, step): of two words of a source on an event the greater is the present.
Stamp = tuple[int, int]
#: (updated_at, step, version): of two words of the ledger the one of the higher version is.
Mark = tuple[int, int, int]

CHUNK, CHUNKS = 512, 256


class Closed:
    """A ring of 131,072 stamps by 64 bits of the id's digest; only the chunk being written is saved again."""

    def __init__(self) -> None:
        self.id = np.zeros(CHUNK * CHUNKS, np.uint64)
        self.updated = np.zeros(CHUNK * CHUNKS, np.int64)
        self.step = np.zeros(CHUNK * CHUNKS, np.uint8)
        self.version = np.zeros(CHUNK * CHUNKS, np.uint32)
        self.next = 0
        self._place: dict[int, int] = {}
        self._dirty: set[int] = set()

    def get(self, event_id: str) -> Mark | None:
        place = self._place.get(_digest(event_id))
        return None if place is None else (int(self.updated[place]), int(self.step[place]), int(self.version[place]))

    def put(self, event_id: str, mark: Mark) -> None:
        digest = _digest(event_id)
        place = self._place.get(digest)
        if place is None:
            place, self.next = self.next, (self.next + 1) % len(self.id)
            self._place.pop(int(self.id[place]), None)
            self._place[digest] = place
        self.id[place], self.updated[place], self.step[place], self.version[place] = digest, *mark
        self._dirty.add(place // CHUNK)

    def drop(self, event_id: str) -> None:
        """It was opened again."""
        place = self._place.pop(_digest(event_id), None)
        if place is not None:
            self.id[place] = 0
            self._dirty.add(place // CHUNK)

    def fields(self, everything: bool) -> dict[str, bytes]:
        chunks = filter(self._used, range(CHUNKS)) if everything else sorted(self._dirty)
        fields = {f"closed:{chunk:02d}": self._chunk(chunk) for chunk in chunks}
        self._dirty.clear()
        return fields

    def load(self, fields: Mapping[str, bytes], next_: int) -> None:
        self.next = next_
        for chunk in range(CHUNKS):
            if body := fields.get(f"closed:{chunk:02d}"):
                saved = columns.read(body)
                size = len(saved["id"])
                if size != CHUNK:  # an older checkpoint has fewer and larger ones: all are written anew
                    self._dirty.update(range(CHUNKS))
                part = slice(chunk * size, (chunk + 1) * size)
                self.id[part], self.updated[part], self.step[part] = saved["id"], saved["updated"], saved["step"]
                self.version[part] = saved.get("version", 0)  # an older checkpoint has none
        self._place = {int(self.id[place]): int(place) for place in np.flatnonzero(self.id)}

    def _used(self, chunk: int) -> bool:
        return bool(self.id[chunk * CHUNK : (chunk + 1) * CHUNK].any()) or chunk == self.next // CHUNK

    def _chunk(self, chunk: int) -> bytes:
        part = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
        kept = {"id": self.id, "updated": self.updated, "step": self.step, "version": self.version}
        return columns.write({name: column[part] for name, column in kept.items()})


def _digest(event_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(event_id.encode(), digest_size=8).digest(), "little") or 1
