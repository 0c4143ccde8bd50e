"""The sender: a batch goes again, the same, until the door has answered; nothing is lost or blocks for ever."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from feeds.sender import Door, NotHeard, Parcel, Sender, heartbeat, parcel


class Hall:
    """A door that writes down what it hears and answers as `answers` says, the last of them for ever."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes, dict[str, str]]] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = [(200, b'{"accepted":1,"rejected":[]}', {})]
        hall = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hall.heard.append((self.path, body, dict(self.headers)))
                status, text, headers = hall.answers.pop(0) if len(hall.answers) > 1 else hall.answers[0]
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in {"Content-Length": str(len(text)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall()
    yield hall
    hall.server.shutdown()
    hall.server.server_close()


@pytest.fixture
def send(hall: Hall) -> Iterator[Callable[..., Sender]]:
    with Sender(Door(hall.url, "test")) as sender:

        def put(*parcels: Parcel) -> Sender:
            for one in parcels:
                sender.put(one)
            assert sender.flush(10)
            return sender

        yield put


def one(name: str = "W1") -> Parcel:
    return parcel("fixes", {"worker_id": [name], "at": [1], "lon": [1.0], "lat": [2.0]}, 1)


def test_columns_travel_as_msgpack_and_records_as_json(hall: Hall, send: Callable[..., Sender]) -> None:
    send(one(), parcel("events", [{"event_id": "E1"}], 1), heartbeat("cameras"))
    assert [path for path, _, _ in hall.heard] == ["/ingest/v1/fixes", "/ingest/v1/events", "/ingest/v1/heartbeat"]
    assert msgspec.msgpack.decode(hall.heard[0][1])["worker_id"] == ["W1"]
    assert hall.heard[0][2]["Content-Type"] == "application/msgpack"
    assert msgspec.json.decode(hall.heard[1][1]) == [{"event_id": "E1"}]


@pytest.mark.parametrize("trouble", [(429, b"", {"Retry-After": "0"}), (503, b"", {}), (0, b"", {}), (500, b"oh", {})])
def test_the_same_batch_goes_again_when_the_door_asks_to_wait_or_is_gone(
    hall: Hall, send: Callable[..., Sender], trouble: tuple[int, bytes, dict[str, str]]
) -> None:
    hall.answers = [trouble, trouble, *hall.answers]
    sender = send(one("W1"), one("W2"))
    bodies = [body for _, body, _ in hall.heard]
    assert bodies[0] == bodies[1] == bodies[2] != bodies[3]
    assert sender.counts["accepted"] == 2
    assert sender.counts["tries"] == 2


def test_a_refusal_is_counted_by_reason_and_not_sent_again(hall: Hall, send: Callable[..., Sender]) -> None:
    hall.answers = [(200, b'{"accepted":0,"rejected":[{"index":0,"reason":"unknown_worker"}]}', {})]
    sender = send(one())
    assert len(hall.heard) == 1
    assert sender.reasons == {"unknown_worker": 1}


def test_a_body_that_can_never_be_taken_does_not_hold_up_the_rest(hall: Hall, send: Callable[..., Sender]) -> None:
    hall.answers = [(413, b"too large", {}), *hall.answers]
    sender = send(one(), one())
    assert sender.reasons == {"http_413": 1}
    assert sender.counts["accepted"] == 1


def test_a_door_that_is_not_there_is_waited_for(hall: Hall) -> None:
    door = Door("http://127.0.0.1:9", "test")
    with pytest.raises(NotHeard):
        door.post(one())


def test_a_full_buffer_gives_up_the_oldest_and_counts_it(hall: Hall) -> None:
    sender = Sender(Door("http://127.0.0.1:9", "test"), limit=3)
    for number in range(6):
        sender.put(one(f"W{number}"))
    names = [msgspec.msgpack.decode(waiting.body)["worker_id"][0] for waiting in sender.waiting]
    assert names == ["W0", "W4", "W5"]
    assert sender.counts["given_up"] == 3


def test_it_can_pack_what_it_sends_and_show_its_key(hall: Hall) -> None:
    Door(hall.url, "test", "secret", packed=True).post(one())
    _, body, headers = hall.heard[0]
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == one().body
    assert "secret" in headers["Authorization"]
