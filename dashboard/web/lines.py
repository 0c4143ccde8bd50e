"""Lines: what many are sent is made into one websocket message, and written at once on each line that is idle.

The ordinary way wakes a greenlet for each browser, which waits with a timeout, makes the message anew and asks for the
size of a buffer. Whoever is not idle, or whose line we do not know, is still sent to in that way, so that all arrives
in the order in which it was said.
"""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Callable
from types import CodeType
from typing import Any

import engineio.packet
import engineio.socket
import socketio
import socketio.packet
from geventwebsocket.websocket import WebSocket

from dashboard.web.line import Line

__all__ = ["Lines", "framed"]

log = logging.getLogger(__name__)

TEXT, BINARY = 0x81, 0x82  # each the whole of its message


class Lines(socketio.Manager):
    """Knows who is in which room, as any manager of python-socketio does, and the line of each."""

    server: Any  # python-socketio has no types

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, Line] = {}
        self.straight = self.queued = 0  # messages that went the one way and the other

    def lay(self, engine: Any) -> None:
        """Learn the line of each who connects from now on. engine: engineio.Server."""
        if why := _strange(engine):
            log.warning("frames are sent in the ordinary way, which costs more: %s", why)
            return
        ordinary = engine._async["websocket"]

        def begin(handler: Any, server: Any) -> Callable[..., Any]:
            run = ordinary(handler, server)
            return lambda environ, start: self._run(handler.__self__, run, environ, start)

        engine._async = engine._async | {"websocket": begin}

    def _run(self, socket: Any, run: Callable[..., Any], environ: Any, start: Any) -> Any:
        self.lines[socket.sid] = Line(socket, environ["wsgi.websocket"])
        try:
            return run(environ, start)
        finally:
            del self.lines[socket.sid]

    def emit(
        self, event: str, data: Any, namespace: str, room: Any = None, skip_sid: Any = None,
        callback: Any = None, to: Any = None, **given: Any,
    ) -> None:  # fmt: skip
        """To all in a room, or to one."""
        words = list(data) if isinstance(data, tuple) else [data]
        packet = self.server.packet_class(socketio.packet.EVENT, namespace=namespace, data=[event, *words]).encode()
        if not self.lines or skip_sid or callback or isinstance(packet, list):
            super().emit(event, data, namespace, room, skip_sid, callback, to, **given)
            return
        self._send(engineio.packet.Packet(engineio.packet.MESSAGE, packet), namespace, to or room)

    def _send(self, packet: Any, namespace: str, room: Any) -> None:
        engine, message, now = self.server.eio, framed(packet.encode()), time.time()
        for _, sid in self.get_participants(namespace, room):
            line = self.lines.get(sid)
            if line and line.idle and not _late(line, now) and line.put(message):
                self.straight += 1
                continue
            self.queued += 1
            engine.send_packet(sid, packet)


def _late(line: Line, now: float) -> bool:
    """Whether it has not answered a ping for too long: the ordinary way closes it then."""
    asked = line.engine.last_ping
    return bool(asked) and now - asked > line.engine.server.ping_timeout


def framed(said: str | bytes) -> bytes:
    """A websocket message as a server sends it: in one piece, not masked."""
    kind, body = (BINARY, said) if isinstance(said, bytes) else (TEXT, said.encode())
    size = len(body)
    if size < 126:
        return struct.pack(">BB", kind, size) + body
    return struct.pack(*((">BBH", kind, 126, size) if size < 1 << 16 else (">BBQ", kind, 127, size))) + body


def _strange(engine: Any) -> str:
    """What the libraries have not as we know it: python-engineio 4, gevent-websocket 0.10; "" if all is."""
    drivers = getattr(engine, "_async", None)
    writer = vars(engineio.socket.Socket).get("_websocket_handler")
    known = {
        "engineio has no table of its drivers": isinstance(drivers, dict) and "websocket" in drivers,
        "engineio's writer does not poll": {"poll", "send"} <= _names(writer),
        "gevent-websocket does not write through raw_write": "raw_write" in _names(WebSocket.send_frame),
    }
    return "; ".join(what for what, so in known.items() if not so)


def _names(function: Any) -> set[str]:
    """What a function, and those in it, ask for by name."""
    todo, names = [code] if (code := getattr(function, "__code__", None)) else [], set[str]()
    while todo:
        code = todo.pop()
        names |= set(code.co_names)
        todo += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    return names
