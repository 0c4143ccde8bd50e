"""Line: one browser's websocket. Whatever is written on it goes through here: whole messages, one after the other.

gevent-websocket itself would answer a ping, or say good-bye, in the middle of a message that it is still writing.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

import gevent
from gevent.lock import BoundedSemaphore

__all__ = ["PATIENCE", "Line", "Said"]

#: Seconds that one message may take. Its reader would long have missed a ping, and been given up.
PATIENCE = 120.0


class Said:
    """One message to many: `packet`, as engine.io sends it, `body`, as the websocket does, and to which room."""

    __slots__ = ("body", "packet", "room")

    def __init__(self, packet: Any, body: bytes, room: Any) -> None:
        self.packet, self.body, self.room = packet, body, room


class Line:
    """`engine`: its engine.io socket; `websocket`: of gevent-websocket, whose way out is led through `write`."""

    def __init__(self, engine: Any, websocket: Any) -> None:
        self.engine, self.queue = engine, engine.queue
        self.out = websocket.handler.socket
        #: What was said and may go out with what is said next.
        self.held: tuple[Said, ...] = ()
        self._send = self.out._sock.send  # gevent's own would wait, and would ask first whether it may
        self._turn = BoundedSemaphore(1)
        self._waiting = False  # its writer has nothing in hand, and waits for more to be queued
        self._poll = engine.poll
        engine.poll = self.poll
        websocket.raw_write = self.write

    def idle(self, now: float) -> bool:
        """Nothing is queued, in the writer's hands or half on its way; and there is somebody at the other end."""
        engine = self.engine
        if not self._waiting or engine.closing or self._turn.locked() or self.queue.qsize():
            return False
        # Who has not answered a ping for too long is closed by the ordinary way.
        return not engine.last_ping or now - engine.last_ping <= engine.server.ping_timeout

    def poll(self) -> Any:
        """What the writer is to write next."""
        self._waiting = True
        try:
            return self._poll()
        finally:
            self._waiting = False

    def write(self, message: bytes | bytearray) -> None:
        """The whole message, however long it takes. Raises OSError: the line is dead."""
        with self._turn:
            self._all(memoryview(message))

    def put(self, message: bytes) -> bool:
        """Write on an idle line without waiting; what it does not take at once follows before all else.

        False: not a byte was written.
        """
        try:
            taken = self._send(message)
        except OSError:  # full, or dead: the ordinary way waits, or finds out
            return False
        if taken < len(message):
            self._turn.acquire()  # at once, as the line was idle
            gevent.spawn(self._rest, memoryview(message)[taken:])
        return True

    def _rest(self, rest: memoryview) -> None:
        try:
            with suppress(OSError):  # whoever reads from it finds the same
                self._all(rest)
        finally:
            self._turn.release()

    def _all(self, message: memoryview) -> None:
        try:
            with gevent.Timeout(PATIENCE, TimeoutError("nothing is read at the other end")):
                self.out.sendall(message)
        except BaseException:
            # Part of it may be on its way: nothing may follow, and whoever reads from it shall know.
            with suppress(OSError):
                self.out.shutdown(socket.SHUT_RDWR)
            raise
