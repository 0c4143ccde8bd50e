"""Viewer: one browser without a screen: Socket.IO over a websocket, draws nothing and says it has drawn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect

__all__ = ["Seen", "Viewer"]

#: (bundle, when it was here)
Seen = Callable[[bytes, float], None]

#: Of Engine.IO, as text: what we hear and say. Of Socket.IO, as MessagePack: the types of its packets.
OPEN, PING, PONG = "0", "2", "3"
CONNECT, EVENT, ACK = 0, 2, 3

_pack, _unpack = msgspec.msgpack.encode, msgspec.msgpack.decode

#: A page says what it has drawn after so many frames, or so many seconds.
TELL_FRAMES, TELL_SECONDS = 8, 1.9


@dataclass
class Viewer:
    """Joins, and joins again when the line was cut."""

    url: str
    watch: dict[str, str]
    see: Seen = lambda _body, _at: None
    frames: int = 0
    bytes: int = 0
    parts: int = 0
    part_bytes: int = 0
    joins: int = 0
    cuts: int = 0
    refused: str = ""
    _told: int = field(default=0, repr=False)
    _told_at: float = field(default=0.0, repr=False)

    async def run(self, until: float) -> None:
        """Until that moment of the monotonic clock."""
        while (left := until - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._once(), left)
            except TimeoutError:
                return
            except (OSError, websockets.WebSocketException):
                self.cuts += 1
                await asyncio.sleep(0.05)

    async def _once(self) -> None:
        line = connect(self.url, compression=None, max_size=None, ping_interval=None, open_timeout=3, close_timeout=0.5)
        async with line as socket:
            async for message in socket:
                if isinstance(message, bytes):
                    await self._packet(socket, _unpack(message), len(message))
                elif message == PING:
                    await socket.send(PONG)
                elif message.startswith(OPEN):
                    await socket.send(_pack({"type": CONNECT, "nsp": "/"}))

    async def _packet(self, socket: ClientConnection, packet: dict[str, Any], size: int) -> None:
        data: Any
        kind, data = packet["type"], packet.get("data")
        if kind == CONNECT:
            await self._say(socket, "watch", self.watch, 0)
        elif kind == ACK:
            self._answered(data[0])
        elif kind == EVENT and data[0] == "frame":
            await self._frame(socket, data[1], data[2])
        elif kind == EVENT:
            self.parts += 1
            self.part_bytes += size

    async def _say(self, socket: ClientConnection, name: str, word: Any, number: int | None = None) -> None:
        asked = {} if number is None else {"id": number}
        await socket.send(_pack({"type": EVENT, "nsp": "/", "data": [name, word]} | asked))

    def _answered(self, answer: dict[str, Any]) -> None:
        self.joins += 1
        if not answer.get("ok"):
            self.refused = str(answer.get("why"))
            raise OSError(self.refused)

    async def _frame(self, socket: ClientConnection, number: int, body: bytes) -> None:
        self.see(body, time.monotonic())
        self.frames += 1
        self.bytes += len(body)
        # As the page does: every other second it says what is drawn.
        now = time.monotonic()
        if self.frames - self._told >= TELL_FRAMES or now - self._told_at >= TELL_SECONDS:
            self._told, self._told_at = self.frames, now
            await self._say(socket, "drawn", number)
