"""Viewer: one browser without a screen: Socket.IO over a websocket, draws nothing and says it has drawn."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

__all__ = ["Seen", "Viewer"]

#: (bundle, when it was here)
Seen = Callable[[bytes, float], None]

#: Of Engine.IO and Socket.IO: what we hear and say.
OPEN, PING, PONG, JOIN, JOINED, EVENT, BINARY = "0", "2", "3", "40", "40", "42", "45"
WATCH_ACK = "430"

#: A page says at least this often what it has drawn.
TELL_SECONDS = 0.45


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
    _number: int = field(default=0, repr=False)
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
                    await self._frame(socket, message)
                else:
                    await self._text(socket, message)

    async def _text(self, socket: ClientConnection, text: str) -> None:
        if text == PING:
            await socket.send(PONG)
        elif text.startswith(EVENT):
            self.parts += 1
            self.part_bytes += len(text)
        elif text.startswith(BINARY):
            # 451-["frame",<number>,{"_placeholder":true,"num":0}]; the bytes follow.
            self._number = int(text.partition(",")[2].partition(",")[0])
        elif text.startswith(OPEN):
            await socket.send(JOIN)
        elif text.startswith(JOINED):
            await socket.send(f'{EVENT}0["watch",{json.dumps(self.watch)}]')
        elif text.startswith(WATCH_ACK):
            self._answered(json.loads(text[len(WATCH_ACK) :])[0])

    def _answered(self, answer: dict[str, Any]) -> None:
        self.joins += 1
        if not answer.get("ok"):
            self.refused = str(answer.get("error"))
            raise OSError(self.refused)

    async def _frame(self, socket: ClientConnection, body: bytes) -> None:
        self.see(body, time.monotonic())
        self.frames += 1
        self.bytes += len(body)
        # As the page does: every other frame is said to be drawn.
        now = time.monotonic()
        if self._number - self._told >= 2 or now - self._told_at >= TELL_SECONDS:
            self._told, self._told_at = self._number, now
            await socket.send(f'{EVENT}["drawn",{self._number}]')
