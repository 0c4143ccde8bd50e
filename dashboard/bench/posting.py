"""Posting: one kept HTTP connection of a load generator. The same batch goes again until it was answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

__all__ = ["Line"]

JSON, MSGPACK = "application/json", "application/msgpack"
PAUSE = 0.05


class _Answer(msgspec.Struct):
    accepted: int = 0
    rejected: list[msgspec.Raw] = []


class Line:
    """`counts` takes what became of the records; it is shared by all lines of a process."""

    def __init__(self, host: str, port: int, counts: dict[str, int], over: Callable[[], bool]) -> None:
        self.host, self.port, self.counts, self.over = host, port, counts, over
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def deliver(self, kind: str, body: bytes, content: str) -> bool:
        """False: nobody had answered when the time was over."""
        head = (
            f"POST /ingest/v1/{kind} HTTP/1.1\r\nHost: bench\r\nX-Source: bench\r\n"
            f"Content-Type: {content}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        request = head.encode() + body
        while not self.over():
            try:
                status, text = await asyncio.wait_for(self._ask(request), 15.0)
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                await self.close()
                status, text = 0, b""
            if status == 200:
                self._count(kind, text)
                return True
            self.counts["retries"] += 1
            self.counts[f"status_{status}"] = self.counts.get(f"status_{status}", 0) + 1
            if 400 <= status < 500 and status != 429:
                return True
            await asyncio.sleep(PAUSE)
        return False

    async def close(self) -> None:
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return int(head[9:12]), await self._reader.readexactly(int(length))

    def _count(self, kind: str, text: bytes) -> None:
        answer = msgspec.json.decode(text, type=_Answer)
        self.counts[f"{kind}_accepted"] += answer.accepted
        self.counts[f"{kind}_rejected"] += len(answer.rejected)
