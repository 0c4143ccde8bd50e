"""Sender: carries records to the door of a hall over HTTP. A batch goes again, the same, until it was answered."""

from __future__ import annotations

import gzip
import http.client
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

__all__ = ["Answer", "Door", "NotHeard", "Parcel", "Sender", "heartbeat", "parcel"]

log = logging.getLogger(__name__)

MSGPACK, JSON = "application/msgpack", "application/json"
#: Seconds to wait before the second, third … try.
PATIENCE = (0.1, 0.2, 0.5, 1.0, 2.0)
TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class NotHeard(Exception):
    """The door is away or asks us to wait; after `seconds` the same batch may be tried again."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True)
class Parcel:
    """One request: what goes to /ingest/v1/{kind}."""

    kind: str
    body: bytes
    rows: int
    content: str


@dataclass(frozen=True)
class Answer:
    """accepted, and (index, reason) of each that was refused. status: of HTTP."""

    accepted: int
    rejected: tuple[tuple[int, str], ...] = ()
    status: int = 200


def parcel(kind: str, body: Any, rows: int) -> Parcel:
    """Columns (a mapping of lists) travel as msgpack, records as JSON."""
    if isinstance(body, Mapping):
        return Parcel(kind, msgspec.msgpack.encode(body), rows, MSGPACK)
    return Parcel(kind, msgspec.json.encode(body), rows, JSON)


def heartbeat(kind: str) -> Parcel:
    """A source has nothing to tell, and is alive."""
    return Parcel("heartbeat", msgspec.json.encode({"kind": kind}), 0, JSON)


class Door:
    """One connection to ingest, kept open."""

    def __init__(self, url: str, source: str, key: str = "", *, packed: bool = False, timeout: float = 15.0) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.line = kind(parts.hostname or "127.0.0.1", parts.port, timeout=timeout)
        self.base, self.packed = parts.path.rstrip("/"), packed
        self.headers = {"X-Source": source} | ({"Authorization": f"Bearer {key}"} if key else {})

    def post(self, sent: Parcel) -> Answer:
        """Raises NotHeard when it may be tried again; any other answer is an Answer."""
        body = gzip.compress(sent.body, 1) if self.packed else sent.body
        headers = self.headers | {"Content-Type": sent.content} | ({"Content-Encoding": "gzip"} if self.packed else {})
        try:
            self.line.request("POST", f"{self.base}/ingest/v1/{sent.kind}", body, headers)
            reply = self.line.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.line.close()
            raise NotHeard(f"the door does not answer: {error!r}") from error
        if reply.status in TRY_AGAIN:
            raise NotHeard(f"the door says {reply.status}", _seconds(reply.getheader("Retry-After")))
        return _answer(reply.status, text, sent.rows)

    def close(self) -> None:
        self.line.close()


def _seconds(text: str | None) -> float:
    return float(text) if text and text.replace(".", "", 1).isdigit() else 0.0


class _Refused(msgspec.Struct):
    index: int = 0
    reason: str = ""


class _Reply(msgspec.Struct):
    accepted: int = 0
    rejected: list[_Refused] = []


def _answer(status: int, text: bytes, rows: int) -> Answer:
    try:
        reply = msgspec.json.decode(text, type=_Reply)
    except msgspec.DecodeError:
        return Answer(0, tuple((row, f"http_{status}") for row in range(rows)), status)
    if status >= 400 and not reply.rejected:
        return Answer(0, tuple((row, f"http_{status}") for row in range(rows)), status)
    return Answer(reply.accepted, tuple((refused.index, refused.reason) for refused in reply.rejected), status)


class Sender:
    """A thread that empties a bounded buffer through the door, in order. Counts what became of each record."""

    def __init__(self, door: Door, *, limit: int = 2_000_000, wait: Callable[[float], object] | None = None) -> None:
        self.door, self.limit = door, limit
        self.waiting: deque[Parcel] = deque()
        self.rows = 0
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.changed = threading.Condition()
        self.closing = threading.Event()
        self.wait = wait or self.closing.wait
        self.thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def __enter__(self) -> Sender:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, sent: Parcel, *, patient: bool = False) -> None:
        """Queue a parcel. A full buffer makes a patient caller wait; otherwise the oldest is given up, as phones do."""
        with self.changed:
            while patient and self.rows + sent.rows > self.limit and self.waiting and not self.closing.is_set():
                self.changed.wait(0.5)
            while not patient and len(self.waiting) > 1 and self.rows + sent.rows > self.limit:
                self._give_up()
            self.waiting.append(sent)
            self.rows += sent.rows
            self.changed.notify_all()

    def _give_up(self) -> None:
        # Not the first: it may be on its way already.
        dropped = self.waiting[1]
        del self.waiting[1]
        self.rows -= dropped.rows
        self.counts["given_up"] += dropped.rows

    def flush(self, seconds: float) -> bool:
        """Wait until all is answered, at most so long."""
        until = time.monotonic() + seconds
        with self.changed:
            while self.waiting and (left := until - time.monotonic()) > 0:
                self.changed.wait(left)
            return not self.waiting

    def close(self) -> None:
        self.closing.set()
        with self.changed:
            self.changed.notify_all()
        self.thread.join(5.0)
        self.door.close()

    def _run(self) -> None:
        while not self.closing.is_set():
            with self.changed:
                while not self.waiting and not self.closing.is_set():
                    self.changed.wait(1.0)
                first = self.waiting[0] if self.waiting else None
            if first is not None and self._deliver(first):
                with self.changed:
                    self.waiting.popleft()
                    self.rows -= first.rows
                    self.changed.notify_all()

    def _deliver(self, sent: Parcel) -> bool:
        """True when it was answered; False only when we are closing."""
        tries = 0
        while not self.closing.is_set():
            try:
                self._count(sent, self.door.post(sent))
                return True
            except NotHeard as silence:
                if tries == len(PATIENCE):
                    log.warning("%s; %d records wait", silence, self.rows)
                self.counts["tries"] += 1
                self.wait(max(silence.seconds, PATIENCE[min(tries, len(PATIENCE) - 1)]))
                tries += 1
        return False

    def _count(self, sent: Parcel, answer: Answer) -> None:
        self.counts["sent"] += sent.rows
        self.counts["accepted"] += answer.accepted
        self.counts["rejected"] += len(answer.rejected)
        new = {reason for _, reason in answer.rejected} - self.reasons.keys()
        self.reasons.update(reason for _, reason in answer.rejected)
        for reason in sorted(new):
            log.warning("the door refuses %s: %s", sent.kind, reason)
