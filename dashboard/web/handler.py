"""Handler: how an answer goes out: who takes nothing of it for long is hung up on, and holds up nobody else."""

from __future__ import annotations

from typing import Any

import gevent
from geventwebsocket.handler import WebSocketHandler

__all__ = ["PATIENCE", "Handler"]

#: Seconds that one piece of an answer may take: a table writes no more than some hundred kilobytes at once.
PATIENCE = 60.0


class Handler(WebSocketHandler):
    def _sendall(self, data: Any) -> None:
        with gevent.Timeout(PATIENCE, TimeoutError("nothing is read at the other end")):
            ordinary: Any = super()
            ordinary._sendall(data)
