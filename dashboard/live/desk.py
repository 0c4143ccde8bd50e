"""Desk: a district's frames, numbered: the whole picture once, then only what changed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TypeVar

import msgspec
import numpy as np

from dashboard.live.district import District, Tables
from dashboard.live.frame import DELTA, WHOLE, Frame, encode
from feeds.record import FIX, CameraStatus, EventReport

__all__ = ["Desk"]

log = logging.getLogger(__name__)

Record = TypeVar("Record", EventReport, CameraStatus)

_events = msgspec.msgpack.Decoder(list[EventReport])
_cameras = msgspec.msgpack.Decoder(list[CameraStatus])


class Desk:
    """Takes packed records, gives packed frames. Browser frames and facts are numbered each for itself."""

    def __init__(self, state: District, epoch: int) -> None:
        self.state, self.epoch = state, epoch
        self.city = int(state.city.version[:8], 16)
        self.seq = self.facts_seq = 0
        self._whole = self._whole_facts = True

    def fold(self, kind: str, payloads: Sequence[bytes]) -> None:
        if kind == "fixes":
            self.state.fold_fixes(np.frombuffer(self.readable(payloads), FIX))
            return
        if kind == "events":
            self.state.fold_events(self._decoded(kind, _events, payloads))
        else:
            self.state.fold_cameras(self._decoded(kind, _cameras, payloads))

    def _decoded(
        self, kind: str, decoder: msgspec.msgpack.Decoder[list[Record]], payloads: Sequence[bytes]
    ) -> list[Record]:
        records: list[Record] = []
        for payload in payloads:
            try:
                records += decoder.decode(payload)
            except msgspec.DecodeError as error:
                # What the door wrote it could read: this is another version's, or damage. The line goes on.
                log.warning("a batch of %s cannot be read: %s", kind, error)
                self.state.counters.add("unreadable")
        return records

    def readable(self, payloads: Sequence[bytes]) -> bytes:
        """Packed fixes of all payloads but those that are damaged, which are counted."""
        whole = [payload for payload in payloads if len(payload) % FIX.itemsize == 0]
        self.state.counters.add("unreadable", len(payloads) - len(whole))
        return b"".join(whole)

    def show_all(self) -> None:
        """The next frames are whole."""
        self._whole = self._whole_facts = True

    def frame(self, now_ms: float, beat: bool) -> bytes | None:
        """What changed since the last one; nothing when nothing did, unless it is time for a heartbeat."""
        tables, whole = self.state.tables(self._whole), self._whole
        if not (whole or beat or _any(tables)):
            return None
        self.seq, self._whole = self.seq + 1, False
        return self._encode(WHOLE if whole else DELTA, self.seq, now_ms, tables)

    def facts(self, now_ms: float) -> bytes | None:
        tables, whole = self.state.facts(self._whole_facts), self._whole_facts
        if not (whole or _any(tables)):
            return None
        self.facts_seq, self._whole_facts = self.facts_seq + 1, False
        return self._encode(WHOLE if whole else DELTA, self.facts_seq, now_ms, tables)

    def _encode(self, kind: int, seq: int, now_ms: float, tables: Tables) -> bytes:
        return encode(Frame(kind, seq, self.epoch, self.state.district, now_ms, self.city, tables))


def _any(tables: Tables) -> bool:
    return any(len(next(iter(table.values()))) for table in tables.values())
