"""Line: one connection of a sender. A plain request is heard as a whole and answered with one write.

The server makes much of a request before any application may hear it, and of each part of an answer; for what senders
send all day that costs as much as the records in it. All else goes the server's ordinary way, to the same rooms.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dashboard.ingest.app import KINDS, PREFIX, Answer, Ingest
from dashboard.ingest.door import Headers, TurnedAway

__all__ = ["Line"]

log = logging.getLogger(__name__)

KIND_OF_URL = {(PREFIX + kind).encode(): kind for kind in KINDS}
#: Bytes of a body that are kept before anybody has asked for them.
MOST = 1_000_000


class _Call:
    """A plain request, until it is answered. The server asks of what a line is busy with whether it is done, and says
    that the line is to be closed after it."""

    def __init__(self, kind: str, source: str, headers: Headers) -> None:
        self.kind, self.source, self.headers = kind, source, headers
        self.pieces: list[bytes] = []
        self.response_complete, self.keep_alive = False, True


class Line(HttpToolsProtocol):
    """The server calls what begins with on_, as it reads."""

    _call: _Call | None = None

    def on_headers_complete(self) -> None:
        self._call = call = self._plain()
        if call is None:
            super().on_headers_complete()
        else:
            self.cycle = call  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        if self._call is None:
            super().on_body(body)
        else:
            self._call.pieces.append(body)

    def on_message_complete(self) -> None:
        if (call := self._call) is None:
            super().on_message_complete()
            return
        self._call = None
        task = self.loop.create_task(self._answer(call))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(self.cycle, _Call):
            self.cycle = None  # type: ignore[assignment]
        super().connection_lost(exc)

    def _plain(self) -> _Call | None:
        """None: it is not plain, or nobody may send it; whoever answers then knows the sentence."""
        kind = KIND_OF_URL.get(self.url)
        parser: Any = self.parser
        before: Any = self.cycle
        busy = before is not None and not before.response_complete
        if kind is None or busy or self.expect_100_continue or not isinstance(self.app, Ingest):
            return None
        if parser.get_method() != b"POST" or parser.get_http_version() != "1.1" or not parser.should_keep_alive():
            return None
        headers = dict(self.headers)
        if parser.should_upgrade() or not 0 < int(headers.get(b"content-length", b"0")) <= MOST:
            return None
        try:
            return _Call(kind, self.app.source_of(headers, self.client), headers)
        except TurnedAway:
            return None

    async def _answer(self, call: _Call) -> None:
        ingest: Ingest = self.app  # type: ignore[assignment]
        body = call.pieces[0] if len(call.pieces) == 1 else b"".join(call.pieces)
        try:
            answer = await ingest.answer(call.kind, call.source, call.headers, body)
        except Exception:
            log.exception("a request was not answered")
            answer, call.keep_alive = Answer(500, b"Internal Server Error", b"text/plain; charset=utf-8"), False
        if self.flow.write_paused:
            await self.flow.drain()
        if not self.transport.is_closing():
            head = _head(answer.status, answer.content, answer.more, call.keep_alive)
            self.transport.write(b"%scontent-length: %d\r\n\r\n%s" % (head, len(answer.body), answer.body))
            call.response_complete = True
            if not call.keep_alive:
                self.transport.close()
            self.on_response_complete()


@lru_cache
def _head(status: int, content: bytes, more: tuple[tuple[bytes, bytes], ...], keep_alive: bool) -> bytes:
    """All but the length; there are few of them."""
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    lines = [(b"content-type", content), *more, *([] if keep_alive else [(b"connection", b"close")])]
    return first + b"".join(b"%s: %s\r\n" % line for line in lines)
