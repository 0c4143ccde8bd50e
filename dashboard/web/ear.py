"""Ear: what one browser says. A short word that needs no waiting is taken where it arrives, without waking anybody.

All else goes the way of the libraries, byte by byte as it came: they know what a websocket may say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import Event

__all__ = ["Ear", "short"]

#: Bytes taken from the line at once.
MOST = 65_536
#: First byte of a binary message in one piece; bit of the second that says that it is masked.
WHOLE_BINARY, MASKED = 0x82, 0x80
HEAD, SHORTEST, LONGEST = 6, 1, 125


class Ear:
    """`websocket`: of gevent-websocket, which reads through here. `take`: whether a short message was all it needed."""

    def __init__(self, websocket: Any, take: Callable[[bytes], bool]) -> None:
        self._websocket, self._take = websocket, take
        self._pipe = websocket.handler.socket._sock
        self._kept = _ahead(websocket.handler)
        self._between = False  # nothing of the next message has been handed on
        self._ended = False
        self._come = Event()
        self._watch = gevent.get_hub().loop.io(self._pipe.fileno(), 1)
        websocket.raw_read = websocket.stream.read = self.read

    def wait(self) -> Any:
        """The next message that is not short, or is not taken; None: there will be none."""
        self._between = not self._kept
        return self._websocket.receive()

    def read(self, size: int) -> bytes:
        """As a file does: so many bytes, fewer at the end."""
        while len(self._kept) < size and not self._ended:
            self._come.clear()
            self._watch.start(self._arrived)
            try:
                self._come.wait()
            finally:
                self._watch.stop()
        self._between = False
        read = bytes(self._kept[:size])
        del self._kept[:size]
        return read

    def close(self) -> None:
        self._watch.close()

    def _arrived(self) -> None:
        """Called by the hub itself, which must not wait."""
        try:
            said = self._pipe.recv(MOST)
        except BlockingIOError:
            return
        except OSError:  # as good as its end
            said = b""
        if self._between and (word := short(said)) is not None and self._take(word):
            return
        self._between = False
        self._kept += said
        self._ended = not said
        self._come.set()


def short(said: bytes) -> bytes | None:
    """What is said, if that is one whole binary message of a browser, and a short one."""
    size = len(said) - HEAD
    if not SHORTEST <= size <= LONGEST or said[0] != WHOLE_BINARY or said[1] != MASKED | size:
        return None
    mask = (said[2:HEAD] * (LONGEST // 4 + 1))[:size]
    return (int.from_bytes(said[HEAD:]) ^ int.from_bytes(mask)).to_bytes(size)


def _ahead(handler: Any) -> bytearray:
    """What was read together with the request, and lies in its reader."""
    socket, patience = handler.socket, handler.socket.gettimeout()
    socket.settimeout(0.0)  # else it would wait for more
    try:
        return bytearray(handler.rfile.peek())
    finally:
        socket.settimeout(patience)
