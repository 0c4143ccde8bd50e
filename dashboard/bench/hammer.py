"""Hammer: a process that asks one server again and again over kept connections, each as soon as it was answered.

Told what to do by one JSON argument; says what became of it in one JSON line.
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from dashboard.bench.percentiles import spread

__all__ = ["Blow", "Struck", "requests_file"]


class Blow(msgspec.Struct):
    """requests: file of a msgpack list of whole HTTP requests, used in turn."""

    host: str
    port: int
    requests: str
    seconds: float
    lines: int = 16
    warm: float = 0.5


class Struck(msgspec.Struct):
    answered: int = 0
    refused: int = 0
    seconds: float = 0.0
    answer_ms: tuple[float, float, float] = (0.0, 0.0, 0.0)
    #: What a server said that refused.
    words: str = ""


@dataclass
class _Line:
    socket: socket.socket
    began: float = 0.0
    heard: bytes = b""


def requests_file(path: Path, bodies: list[bytes], kind: str, content: str) -> Path:
    head = f"POST /ingest/v1/{kind} HTTP/1.1\r\nHost: bench\r\nX-Source: bench\r\nContent-Type: {content}\r\n"
    whole = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    path.write_bytes(msgspec.msgpack.encode(whole))
    return path


class Hammer:
    def __init__(self, blow: Blow) -> None:
        self.requests = msgspec.msgpack.decode(Path(blow.requests).read_bytes(), type=list[bytes])
        self.blow, self.next = blow, 0
        self.struck = Struck()
        self.took: list[float] = []

    def run(self) -> Struck:
        end = time.monotonic() + self.blow.warm + self.blow.seconds
        counted = time.monotonic() + self.blow.warm
        with selectors.DefaultSelector() as ready:
            for line in [self._open() for _ in range(self.blow.lines)]:
                ready.register(line.socket, selectors.EVENT_READ, line)
                self._ask(line)
            while (now := time.monotonic()) < end:
                for key, _ in ready.select(1.0):
                    self._hear(key.data, counted)
            for key in list(ready.get_map().values()):
                key.data.socket.close()
        self.struck.seconds = now - counted
        self.struck.answer_ms = spread(np.array(self.took) * 1000)
        return self.struck

    def _open(self) -> _Line:
        line = socket.create_connection((self.blow.host, self.blow.port), timeout=10)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Line(line)

    def _ask(self, line: _Line) -> None:
        line.began, line.heard = time.monotonic(), b""
        line.socket.sendall(self.requests[self.next])
        self.next = (self.next + 1) % len(self.requests)

    def _hear(self, line: _Line, counted: float) -> None:
        part = line.socket.recv(65536)
        if not part:
            raise OSError("the server closed the connection")
        line.heard += part
        head, end, body = line.heard.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]):
            return
        now = time.monotonic()
        if now >= counted:
            self._count(line, head, body, now)
        self._ask(line)

    def _count(self, line: _Line, head: bytes, body: bytes, now: float) -> None:
        if head[9:12] == b"200" and b'"rejected":[]' in body.replace(b" ", b""):
            self.struck.answered += 1
            self.took.append(now - line.began)
        else:
            self.struck.refused += 1
            self.struck.words = self.struck.words or f"{head[9:12].decode()} {body[:200].decode(errors='replace')}"


def main() -> None:
    struck = Hammer(msgspec.json.decode(sys.argv[1], type=Blow)).run()
    sys.stdout.write(msgspec.json.encode(struck).decode() + "\n")


if __name__ == "__main__":
    main()
