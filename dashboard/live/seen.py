"""Seen: which second of which worker has been counted, one bit each, so that the same fix twice counts once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dashboard.live import columns
from dashboard.live.beside import Beside

__all__ = ["MINUTES", "Seen"]

#: Minutes that are remembered behind each worker's newest fix: an hour, and some.
MINUTES = 64
ROUND = 6
BITS = np.uint64(1) << np.arange(60, dtype=np.uint64)

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Seen(Beside):
    """bits[minute % 64, worker]: the 60 seconds of a minute; round[...]: which of the minutes that share the slot."""

    EMPTY: ClassVar = {"bits": 0, "round": 0}
    PLACED = ("dirty",)

    def __init__(self, home: Rows, places: int = 1) -> None:
        """home: place of each worker's district, of so many places."""
        self.home = home
        self.bits = np.zeros((MINUTES, len(home)), np.uint64)
        self.round = np.zeros((MINUTES, len(home)), np.uint16)
        self.dirty = np.zeros((places, MINUTES), np.bool_)

    def take(self, worker: Rows, minute: Rows, within: Rows, head: Mask) -> Mask:
        """Which are new; they are remembered. Sorted by worker and second, each pair once.

        within: second of the minute; head: whether it is the first of its worker.
        """
        assert self.whole
        bit = BITS.take(within)
        slot, turn = minute & (MINUTES - 1), (minute >> ROUND).astype(np.uint16)
        place = slot * len(self.home) + worker
        bits, round_ = self.bits.reshape(-1), self.round.reshape(-1)
        if head.all():
            known = np.where(round_.take(place) == turn, bits.take(place), np.uint64(0))
            news = (known & bit) == 0
            bits[place], round_[place] = known | bit, turn
        else:
            # Of minutes that share a slot the newer one is laid last; the older is too late to matter any more.
            head = head.copy()
            head[1:] |= minute[1:] != minute[:-1]
            first, group = np.flatnonzero(head), np.cumsum(head) - 1
            known = np.where(round_[place[first]] == turn[first], bits[place[first]], np.uint64(0))
            news = (known[group] & bit) == 0
            bits[place[first]] = known | np.bitwise_or.reduceat(bit, first)
            round_[place[first]] = turn[first]
        self.dirty[self.home.take(worker), slot] = True
        return news

    def fields(self, everything: bool) -> dict[str, bytes]:
        """Checkpoint fields of the slots that changed."""
        slots = np.flatnonzero(self.bits.any(axis=1) if everything else self.dirty.any(axis=0))
        self.dirty[:] = False
        return {
            f"seen:{slot:02d}": columns.write({"bits": self.bits[slot], "round": self.round[slot]}) for slot in slots
        }

    def load(self, fields: dict[str, bytes], take: npt.NDArray[Any], put: npt.NDArray[Any]) -> None:
        """take: rows in the checkpoint; put: where they stand now."""
        for slot in range(MINUTES):
            if body := fields.get(f"seen:{slot:02d}"):
                saved = columns.read(body)
                self.bits[slot, put], self.round[slot, put] = saved["bits"][take], saved["round"][take]
