"""Lines: what many are sent is made into one websocket message, and written at once on each line that is idle.

The ordinary way wakes a greenlet for each browser, which waits with a timeout, makes the message anew and asks for the
size of a buffer. Whoever is not idle, or whose line we do not know, is still sent to in that way, so that all arrives
in the order in which it was said.
"""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any

import engineio.packet
import engineio.socket
import gevent
import gevent.socket
import msgspec
import socketio
import socketio.packet
from geventwebsocket.websocket import WebSocket

from dashboard.web.ear import Ear
from dashboard.web.line import Line, Said

__all__ = ["Lines", "framed"]

log = logging.getLogger(__name__)

#: Seconds that what may go out later waits for company: more than a beat.
SOON = 0.3

TEXT, BINARY = 0x81, 0x82  # each the whole of its message


class _Word(msgspec.Struct):
    """What a browser says in one word and a number."""

    type: int
    nsp: str
    data: tuple[str, int]
    id: int | None = None


_word = msgspec.msgpack.Decoder(_Word).decode


class Lines(socketio.Manager):
    """Knows who is in which room, as any manager of python-socketio does, and the line of each."""

    server: Any  # python-socketio has no types

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, Line] = {}
        self.straight = self.queued = 0  # messages that went the one way and the other
        #: Events whose handlers never wait: they are called where the word arrives.
        self.at_once: dict[str, Callable[[str, int], None]] = {}

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

    def _run(self, socket: Any, run: Any, environ: Any, start: Any) -> Any:
        websocket = environ["wsgi.websocket"]
        self.lines[socket.sid] = Line(socket, websocket)
        ear = Ear(websocket, lambda word: self._heard(socket, word))
        run.wait = ear.wait
        try:
            return run(environ, start)
        finally:
            ear.close()
            del self.lines[socket.sid]

    def _heard(self, socket: Any, word: bytes) -> bool:
        """Whether it is one of those that are handled at once; whatever is wrong with others is the libraries' word."""
        try:
            said = _word(word)
        except msgspec.DecodeError:
            return False
        handler = self.at_once.get(said.data[0])
        sid: str = self.sid_from_eio_sid(socket.sid, said.nsp) or ""
        if handler is None or said.type != socketio.packet.EVENT or said.id is not None or socket.closing:
            return False
        if not self.is_connected(sid, said.nsp):
            return False
        try:
            handler(sid, said.data[1])
        except Exception:  # noqa: BLE001 - the libraries say it again, and there it is told
            return False
        return True

    def emit(
        self, event: str, data: Any, namespace: str, room: Any = None, skip_sid: Any = None,
        callback: Any = None, to: Any = None, **given: Any,
    ) -> None:  # fmt: skip
        """To all in a room, or to one."""
        said = None if not self.lines or skip_sid or callback else self._said(event, data, namespace, to or room)
        if said is None:
            super().emit(event, data, namespace, room, skip_sid, callback, to, **given)
            return
        those: list[str] = [sid for _, sid in self.get_participants(namespace, said.room)]
        self._send([self.lines.get(sid, sid) for sid in those], said)

    def soon(self, event: str, data: Any, room: str, namespace: str = "/") -> None:
        """The same, but there is time: it goes out with what each is sent next, in one piece, or a moment later.

        Who leaves the room before that is not told any more.
        """
        said = self._said(event, data, namespace, room) if self.lines else None
        if said is None:
            self.emit(event, data, namespace, room)
            return
        for _, sid in self.get_participants(namespace, room):
            if line := self.lines.get(sid):
                line.held += (said,)
            else:
                self.server.eio.send_packet(sid, said.packet)
        gevent.spawn_later(SOON, self.release)

    def release(self) -> None:
        """What still waits for company goes out alone."""
        self._send([line for line in self.lines.values() if line.held])

    def leave_room(self, sid: str, namespace: str, room: Any) -> None:
        line = self.lines.get(self.eio_sid_from_sid(sid, namespace) or "")
        if line and line.held:
            line.held = tuple(said for said in line.held if said.room != room)
        super().leave_room(sid, namespace, room)

    def _said(self, event: str, data: Any, namespace: str, room: Any) -> Said | None:
        """None: it is not one message."""
        words = list(data) if isinstance(data, tuple) else [data]
        body = self.server.packet_class(socketio.packet.EVENT, namespace=namespace, data=[event, *words]).encode()
        if isinstance(body, list):
            return None
        packet = engineio.packet.Packet(engineio.packet.MESSAGE, body)
        encoded: Any = packet.encode()
        return Said(packet, framed(encoded), room)

    def _send(self, lines: Iterable[Line | str], *said: Said) -> None:
        """To each line, or to whom no line is known of; what it holds goes before."""
        engine, now = self.server.eio, time.time()
        joined: dict[tuple[Said, ...], bytes] = {(): b"".join(one.body for one in said)}
        for line in lines:
            if isinstance(line, str):
                self._queue(engine, line, said)
                continue
            held, line.held = line.held, ()
            if held not in joined:
                joined[held] = b"".join(one.body for one in (*held, *said))
            if line.idle(now) and line.put(joined[held]):
                self.straight += 1
            else:
                self._queue(engine, line.engine.sid, (*held, *said))

    def _queue(self, engine: Any, sid: str, said: Iterable[Said]) -> None:
        self.queued += 1
        for one in said:
            engine.send_packet(sid, one.packet)


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
        "engineio does not read by waiting": "wait" in _names(writer),
        "gevent-websocket does not write through raw_write": "raw_write" in _names(WebSocket.send_frame),
        "gevent-websocket does not read through raw_read": "raw_read" in _names(WebSocket.read_frame),
        "gevent has no socket of Python's": "_sock" in _names(gevent.socket.socket.send),
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
