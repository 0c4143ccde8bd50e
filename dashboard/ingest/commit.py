"""Commit: requests that come together are written together; nobody is answered before the write."""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from collections.abc import Callable

from dashboard.bus.connect import AWAY
from dashboard.bus.streams import AsyncInlet, Parcel
from dashboard.ingest.taken import Taken

__all__ = ["Away", "Committer", "Full"]

log = logging.getLogger(__name__)

#: Seconds after which a door has had a rest, and how long the first who comes then waits for company: records of one
#: moment come on several lines, and each write wakes the server and its disk. Who sends without a pause never waits.
REST, COMPANY = 0.01, 0.002


class Full(Exception):
    """More waits for the write than may."""


class Away(Exception):
    """Redis did not answer: whether it was written is not certain, so it was not accepted."""


class Committer:
    """Writes what comes at one moment at once; what comes during a write goes with the next one."""

    def __init__(self, inlet: AsyncInlet, limit: int, timed: Callable[[float], None] = lambda seconds: None) -> None:
        self._inlet, self._limit, self._timed = inlet, limit, timed
        self._parts: dict[tuple[str, str], tuple[list[bytes], int]] = {}
        self._callers: list[asyncio.Future[None]] = []
        self._writer: asyncio.Task[None] | None = None
        self._wrote = 0.0
        self.waiting = 0

    async def write(self, taken: Taken) -> None:
        """Returns when it is written. Raises Full or Away."""
        rows = taken.accepted
        if self.waiting and self.waiting + rows > self._limit:
            raise Full
        for key, (pieces, count) in taken.parts.items():
            waiting, had = self._parts.setdefault(key, ([], 0))
            waiting += pieces
            self._parts[key] = (waiting, had + count)
        self.waiting += rows
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._callers.append(written)
        if self._writer is None:
            self._writer = asyncio.create_task(self._run())
        try:
            await written
        finally:
            self.waiting -= rows

    async def _run(self) -> None:
        # What came at the same moment on other lines is read by the loop meanwhile: it goes with this one.
        await asyncio.sleep(COMPANY if time.monotonic() - self._wrote > REST else 0)
        while self._callers:
            parts, self._parts = self._parts, {}
            callers, self._callers = self._callers, []
            error = await self._flush([_parcel(*key, *part) for key, part in parts.items()])
            for caller in callers:
                if not caller.done():
                    caller.set_exception(error) if error else caller.set_result(None)
        self._writer, self._wrote = None, time.monotonic()

    async def _flush(self, parcels: list[Parcel]) -> Away | None:
        begun = time.perf_counter()
        try:
            await self._inlet.write(parcels)
        except AWAY as error:
            log.warning("nothing was written: %s", error)
            return Away(str(error))
        except Exception as error:  # this loop must go on: callers are waiting behind it
            log.exception("nothing was written")
            return Away(str(error))
        self._timed(time.perf_counter() - begun)
        return None


def _parcel(kind: str, district: str, pieces: list[bytes], rows: int) -> Parcel:
    head = b"" if kind == "fixes" else _array(rows)
    return kind, district, head + b"".join(pieces), rows


def _array(size: int) -> bytes:
    """Head of a MessagePack array."""
    if size < 16:
        return bytes([0x90 | size])
    return struct.pack(">BH", 0xDC, size) if size < 65536 else struct.pack(">BI", 0xDD, size)
