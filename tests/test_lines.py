"""Lines: what many are sent arrives whole and in order at each of them, however slowly they read and whoever leaves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import subprocess
import sys
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from ports import free_port
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

from dashboard.web.ear import short
from dashboard.web.lines import Lines, framed

SAID = 250
#: A server that says numbers to all, of sizes that fit into a line's buffer and of sizes that do not, with pings of
#: both kinds in between, to all and to single ones; what was not straight for anybody it says at the end.
SERVER = """
from gevent import monkey; monkey.patch_all()
import random, socket, sys, zlib, json, gevent, socketio
from gevent.pywsgi import WSGIServer
from geventwebsocket.handler import WebSocketHandler
from dashboard.web import line
from dashboard.web.lines import Lines
from dashboard.web.packet import OnePacket
port, clients, said, straight, patience = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
line.PATIENCE = float(patience)
lines, dice = Lines(), random.Random(7)
io = socketio.Server(async_mode="gevent", serializer=OnePacket, client_manager=lines, ping_interval=0.2,
                     ping_timeout=60, transports=["websocket"], async_handlers=False)
if straight == "straight":
    lines.lay(io.eio)
ready, done, quick = set(), set(), []
io.on("ready", lambda sid, first: (io.enter_room(sid, "all"), ready.add(sid)))
lines.at_once["ready"] = lambda sid, first: (io.enter_room(sid, "all"), ready.add(sid), quick.append(first))
io.on("done", lambda sid, number: done.add(sid))
io.on("disconnect", lambda sid, why: done.add(sid))
door = socket.create_server(("127.0.0.1", port))
door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 60_000)
door.setblocking(False)
gevent.spawn(WSGIServer(door, socketio.WSGIApp(io), handler_class=WebSocketHandler, log=None).serve_forever)
print("open", flush=True)
while len(ready) < clients:
    gevent.sleep(0.01)
began = set(ready)
for number in range(said):
    body = dice.randbytes(dice.choice([10, 120, 300, 9_000, 31_000, 66_000] + [300_000] * (number % 20 == 0)))
    word = (number, zlib.crc32(body), body) if number % 3 else (number, zlib.crc32(body.hex().encode()), body.hex())
    if number % 5 == 0:  # as answers and pings go: right before it stands in the queue what was said before
        socketio.Manager.emit(lines, "frame" if number % 3 else "parts", word, "/", to="all")
        continue
    if number % 5 == 1:  # with the next
        lines.soon("frame" if number % 3 else "parts", word, "all")
    elif number % 7:
        io.emit("frame" if number % 3 else "parts", word, to="all")
    else:
        for sid, _ in io.manager.get_participants("/", "all"):
            io.emit("frame", word, to=sid)
    gevent.sleep(dice.choice([0, 0, 0.01, 0.04]))
io.emit("end", said, to="all")
with gevent.Timeout(60, False):
    while not began <= done or lines.lines:
        gevent.sleep(0.01)
counts = {"straight": lines.straight, "queued": lines.queued, "left": len(lines.lines), "quick": len(quick)}
print(json.dumps(counts), flush=True)
"""


@dataclass
class Said:
    """The server's own account of it."""

    process: subprocess.Popen[bytes]
    url: str

    def counts(self) -> dict[str, int]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())


@contextmanager
def saying(clients: int, straight: str = "straight", patience: float = 60.0, said: int = SAID) -> Iterator[Said]:
    port = free_port()
    command = [sys.executable, "-c", SERVER, str(port), str(clients), str(said), straight, str(patience)]
    with subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout and process.stdout.readline() == b"open\n"
            yield Said(process, f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket")
        finally:
            process.kill()


@dataclass
class Reader:
    """A browser that checks each byte it is sent. reads: what it does before it reads the next message."""

    url: str
    reads: Any = None
    leaves: int = -1
    pings: float | None = 0.05
    numbers: list[int] = field(default_factory=list)
    whole: bool = False

    @contextlib.asynccontextmanager
    async def line(self) -> AsyncGenerator[ClientConnection]:
        pipe = socket.create_connection(("127.0.0.1", int(self.url.split(":")[2].split("/")[0])))
        pipe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 60_000)
        # It pings, too: the server's answers must not come into the middle of a message.
        kept: dict[str, Any] = {"compression": None, "max_size": None, "max_queue": 1, "ping_interval": self.pings}
        async with connect(self.url, sock=pipe, ping_timeout=None, close_timeout=0.5, **kept) as line:
            yield line

    async def run(self) -> None:
        async with self.line() as line:
            async for message in line:
                await self.hear(line, message)
                if self.whole or len(self.numbers) == self.leaves:
                    break
                if self.reads:
                    await self.reads()
            if not self.whole:
                line.transport.abort()

    async def hear(self, line: ClientConnection, message: str | bytes) -> None:
        if message == "2":
            await line.send("3")
        elif isinstance(message, str):
            await line.send(pack({"type": 0, "nsp": "/"}))
        elif (packet := msgspec.msgpack.decode(message))["type"] == 0:
            await line.send(pack({"type": 2, "nsp": "/", "data": ["ready", 1]}))
        else:
            await self.said(line, *packet["data"])

    async def said(self, line: ClientConnection, event: str, number: int, *checked: Any) -> None:
        if event == "end":
            self.whole = True
            await line.send(pack({"type": 2, "nsp": "/", "data": ["done", number]}))
            return
        mark, body = checked
        assert zlib.crc32(body if isinstance(body, bytes) else body.encode()) == mark
        self.numbers.append(number)


pack = msgspec.msgpack.encode


def slowly(seed: int, longest: float) -> Any:
    dice = random.Random(seed)

    async def rest() -> None:
        if dice.random() < 0.15:
            await asyncio.sleep(dice.random() * longest)

    return rest


@pytest.mark.parametrize("way", ["straight", "ordinary"])
def test_all_arrives_whole_and_in_order_however_slowly_one_reads(way: str) -> None:
    # Left to itself, gevent-websocket answers a ping in the middle of a message that it is still writing.
    pings = 0.05 if way == "straight" else None

    async def all_of() -> list[Reader]:
        quick = [Reader(said.url, pings=pings) for _ in range(8)]
        slow = [Reader(said.url, slowly(seed, 0.1), pings=pings) for seed in range(8)]
        gone = [Reader(said.url, slowly(seed, 0.02), 20 + 25 * seed, pings) for seed in range(8)]
        await asyncio.gather(*(reader.run() for reader in quick + slow + gone))
        assert all(reader.numbers == list(range(reader.leaves)) for reader in gone), "up to where they left"
        return quick + slow

    with saying(24, way) as said:
        readers = asyncio.run(all_of())
        assert all(reader.whole and reader.numbers == list(range(SAID)) for reader in readers)
        counts = said.counts()
    assert counts["left"] == 0
    assert counts["quick"] > 12 if way == "straight" else not counts["quick"], "heard at once, unless pings came along"
    if way == "straight":
        assert counts["straight"] > 500 and counts["queued"] > 500, "both ways were gone, often"
    else:
        assert counts["straight"] == 0


def test_who_does_not_read_at_all_is_cut_off_and_keeps_nobody_waiting() -> None:
    async def both() -> list[Reader]:
        quick = [Reader(said.url) for _ in range(3)]
        task = asyncio.create_task(stall(Reader(said.url)))
        await asyncio.gather(*(reader.run() for reader in quick))
        counts = await asyncio.to_thread(said.counts)
        assert counts["left"] == 0, "its line is gone at the server's, though it is still here"
        task.cancel()
        return quick

    async def stall(reader: Reader) -> None:
        async with reader.line() as line:
            for _ in range(2):
                await reader.hear(line, await line.recv())
            line.transport.pause_reading()
            await asyncio.sleep(60)

    with saying(4, patience=1.0) as said:
        assert all(reader.numbers == list(range(SAID)) for reader in asyncio.run(both()))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 40, 125, 126, 200])
def test_a_short_word_of_a_browser_is_read_as_it_was_said(size: int) -> None:
    dice = random.Random(size)
    for word in (dice.randbytes(size), bytes(size)):
        sent = said_by_a_browser(word)
        assert short(sent) == (word if 1 <= size <= 125 else None)
        assert short(sent[:-1]) is None and short(sent + b"x") is None, "one whole message, and nothing else"


@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.CLOSE, Opcode.PING, Opcode.CONT])
def test_what_is_no_binary_message_is_left_to_those_who_know(opcode: Opcode) -> None:
    assert short(said_by_a_browser(b"3 or more", opcode)) is None
    assert short(said_by_a_browser(b"3 or more", fin=False)) is None
    assert short(Frame(Opcode.BINARY, b"not masked").serialize(mask=False)) is None


def said_by_a_browser(word: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True) -> bytes:
    return Frame(opcode, word, fin).serialize(mask=True)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("kind", [str, bytes])
def test_a_message_is_framed_as_the_library_frames_it(size: int, kind: type[str | bytes]) -> None:
    from geventwebsocket.websocket import WebSocket

    said = b"a" * size if kind is bytes else "a" * size
    out: list[bytes] = []
    stream = SimpleNamespace(write=lambda data: out.append(bytes(data)), read=None)
    line = WebSocket({}, stream, SimpleNamespace(logger=SimpleNamespace(debug=print)))
    line.send(said)
    assert framed(said) == out[0]


def test_libraries_of_another_shape_are_left_alone_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    other = SimpleNamespace(_async={"thread": None})
    Lines().lay(other)
    assert "no table of its drivers" in caplog.text
    assert other._async == {"thread": None}


def test_whoever_is_no_engine_at_all_is_no_reason_to_break(caplog: pytest.LogCaptureFixture) -> None:
    Lines().lay(object())
    assert "the ordinary way" in caplog.text
