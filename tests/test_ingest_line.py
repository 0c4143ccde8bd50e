"""A sender's line, byte by byte: whatever way requests come over it, each is answered once and in turn."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from dashboard.bus.connect import Redis
from dashboard.bus.hall import Hall
from dashboard.bus.streams import accepted
from dashboard.ingest.process import server
from dashboard.settings import load
from feeds.lattice import lattice

CITY = lattice("town", (120.0, 30.0, 120.1, 30.1), districts=("west",), worker_ids=["w0", "w1"], cameras=8)


@pytest.fixture
def line(redis: Redis, redis_url: str, free_port: int, tmp_path: Path) -> Iterator[socket.socket]:
    Hall(redis).put_city(CITY)
    runner = server(load({}, redis_url=redis_url, ingest_port=free_port, data=str(tmp_path)), redis_url)
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not runner.started and time.monotonic() < until:
        time.sleep(0.01)
    with socket.create_connection(("127.0.0.1", free_port), timeout=10) as one:
        yield one
    runner.should_exit = True
    thread.join(15)
    assert not thread.is_alive()


def request(fixes: int = 1, kind: str = "fixes", version: str = "1.1", **headers: str) -> bytes:
    fix = {"worker_id": "w0", "lon": 120.05, "lat": 30.05, "at": time.time() * 1000}
    body = msgspec.json.encode([fix] * fixes)
    lines = {"Host": "hall", "Content-Length": str(len(body))} | {
        name.replace("_", "-"): v for name, v in headers.items()
    }
    head = [f"POST /ingest/v1/{kind} HTTP/{version}", *(f"{name}: {value}" for name, value in lines.items())]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def answer(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The next one: status, headers, body."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += _more(line)
    head, _, body = heard.partition(b"\r\n\r\n")
    status, *rows = head.decode().split("\r\n")
    headers = dict(row.lower().split(": ", 1) for row in rows)
    while len(body) < int(headers["content-length"]):
        body += _more(line)
    return int(status.split()[1]), headers, body


def _more(line: socket.socket) -> bytes:
    """One byte, so that nothing of the next answer is taken."""
    said = line.recv(1)
    assert said, "the line was closed"
    return said


def count(body: bytes) -> int:
    return msgspec.json.decode(body)["accepted"]


def test_requests_one_behind_the_other_are_answered_in_turn(line: socket.socket, redis: Redis) -> None:
    line.sendall(b"".join(request(fixes) for fixes in (1, 2, 3)) + request(kind="moods") + request(4))
    answers = [answer(line) for _ in range(5)]
    assert [status for status, _, _ in answers] == [200, 200, 200, 404, 200]
    assert [count(body) for status, _, body in answers if status == 200] == [1, 2, 3, 4]
    assert accepted(redis, ["west"])["west"]["fixes"] == 10


def test_a_request_may_come_in_any_pieces(line: socket.socket) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sent = request(2)
    for first in range(0, len(sent), 40):
        line.sendall(sent[first : first + 40])
        time.sleep(0.002)
    assert count(answer(line)[2]) == 2
    line.sendall(request(3))
    assert count(answer(line)[2]) == 3


def test_whoever_wants_the_line_closed_or_speaks_an_older_tongue_is_answered_too(line: socket.socket) -> None:
    host, port = line.getpeername()
    for sent in (request(Connection="close"), request(version="1.0")):
        with socket.create_connection((host, port), timeout=10) as other:
            other.sendall(sent)
            status, headers, body = answer(other)
            assert (status, headers["connection"], count(body)) == (200, "close", 1)
            assert other.recv(1) == b""


def test_whoever_asks_before_it_sends_is_told_to_go_on(line: socket.socket) -> None:
    head, _, body = request(Expect="100-continue").partition(b"\r\n\r\n")
    line.sendall(head + b"\r\n\r\n")
    assert line.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.sendall(body)
    assert count(answer(line)[2]) == 1


def test_whoever_hangs_up_in_the_middle_leaves_nothing_behind(line: socket.socket, redis: Redis) -> None:
    with socket.create_connection(line.getpeername(), timeout=10) as other:
        other.sendall(request(2)[:-9])
    with socket.create_connection(line.getpeername(), timeout=10) as other:
        other.sendall(request(3))
    line.sendall(request(4))
    assert count(answer(line)[2]) == 4
    assert accepted(redis, ["west"])["west"]["fixes"] in (4, 7)


def test_a_plain_request_is_turned_away_with_the_same_sentence(line: socket.socket) -> None:
    line.sendall(request(Authorization="Bearer nobody"))
    status, headers, body = answer(line)
    assert (status, headers["content-type"], b"not known here" in body) == (403, "application/json", True)
    line.sendall(request(Content_Encoding="br"))
    assert answer(line)[0] == 415
    line.sendall(request(0))
    assert msgspec.json.decode(answer(line)[2]) == {"accepted": 0, "rejected": []}


def test_what_breaks_unexpectedly_is_said_and_the_next_line_is_good(
    line: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*given: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("dashboard.ingest.app.read_fixes", breaks)
        line.sendall(request())
        status, headers, _ = answer(line)
        assert (status, headers["connection"]) == (500, "close")
    with socket.create_connection(line.getpeername(), timeout=10) as other:
        other.sendall(request())
        assert count(answer(other)[2]) == 1
