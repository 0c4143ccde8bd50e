"""Holding: a district in a fold's hands: its lease, its state, its place in the streams, and how they are saved."""

from __future__ import annotations

import msgspec

from dashboard.bus.checkpoint import POSITIONS, Checkpoint, Lease
from dashboard.bus.connect import Redis
from dashboard.live.desk import Desk
from dashboard.live.district import SLOTS

__all__ = ["Holding"]


class Holding:
    """A district in this fold's hands: its lease, its state, and its place in the streams."""

    def __init__(self, redis: Redis, lease: Lease, desk: Desk) -> None:
        self.lease, self.desk, self.name = lease, desk, lease.district
        self.checkpoint = Checkpoint(redis, lease.district)
        self.positions: dict[str, str] = {}
        self.asked: bytes | None = None
        self.everything = False
        self.moved = False  # events did, since the last facts
        self.save_at = 0.0

    def load(self) -> None:
        fields = self.checkpoint.load()
        self.everything = self.desk.state.load(fields)
        self.positions = msgspec.json.decode(fields.get(POSITIONS, b"{}"), type=dict[str, str])

    def answer(self, asked: bytes | None) -> None:
        """Whoever has asked gets the whole picture. asked: how often that was."""
        if asked != self.asked:
            self.asked = asked
            self.desk.show_all()

    def save(self) -> bool:
        """False: the district is another's now."""
        everything, self.everything = self.everything, True
        fields = self.desk.state.fields(everything)
        drop = sorted(SLOTS - fields.keys()) if everything else []
        if not self.checkpoint.save(fields, drop, epoch=self.lease.epoch, positions=self.positions, trim=True):
            return False
        self.everything = False
        return True
