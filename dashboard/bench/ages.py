"""Ages: how long each fix was on its way, read from the frames that show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dashboard.bench.crowd import NUMBERS, sent_table
from dashboard.live.frame import decode, unbundle

__all__ = ["Ages"]

Times = npt.NDArray[np.float64]


@dataclass
class Ages:
    """`table`: when each fix was sent. A fix counts once, in the first frame that shows it."""

    table: Path
    workers: int
    wholes: bool = False
    sent: list[Times] = field(default_factory=list)
    heard: list[Times] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._sent = sent_table(self.table, self.workers)
        self._shown = np.full(self.workers, -1, np.int64)

    def see(self, body: bytes, at: float) -> None:
        for view in unbundle(body):
            frame = decode(view)
            rows = frame.tables.get("workers")
            if rows is not None and len(rows["slot"]):
                self._take(rows["slot"], rows["lat"], at, keep=self.wholes or not frame.whole)

    def _take(self, slot: npt.NDArray[np.uint32], lat: npt.NDArray[np.int32], at: float, keep: bool) -> None:
        number = lat.astype(np.int64) % NUMBERS
        new = self._shown[slot] != number
        slot, number = slot[new], number[new]
        self._shown[slot] = number
        sent = np.asarray(self._sent[slot, number])
        known = sent > 0
        if keep and known.any():
            self.sent.append(sent[known])
            self.heard.append(np.full(int(known.sum()), at))

    def columns(self) -> tuple[Times, Times]:
        """When each was sent, and when it was here."""
        if not self.sent:
            return np.zeros(0), np.zeros(0)
        return np.concatenate(self.sent), np.concatenate(self.heard)
