"""Serving: a real serve process, a fold made by hand, and a browser that only listens; for the tests of the web."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import socketio
from ports import free_port
from socketio.exceptions import BadNamespaceError

from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.bus.hall import Hall
from dashboard.live.frame import TABLES, Frame, bundle, decode, encode, unbundle
from dashboard.web.packet import OnePacket
from feeds.city import City
from feeds.lattice import lattice

ROOT = Path(__file__).resolve().parent.parent
RUN = "from dashboard.serve import run; from dashboard.settings import load; run(load())"
EPOCHS = itertools.count(1)


def riverside() -> City:
    """Two districts side by side, 64 grids, 40 workers, 32 cameras on two switches."""
    return lattice(
        "riverside", (116.0, 40.0, 116.16, 40.16), districts=("west", "east"),
        worker_ids=[f"W{number:03d}" for number in range(40)], cameras=32,
    )  # fmt: skip


def until(true: Callable[[], Any], seconds: float = 5.0) -> Any:
    """The first true answer; the last one if it never comes."""
    end = time.monotonic() + seconds
    while not (answer := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer


@dataclass
class Page:
    """An answer over HTTP, whatever its status."""

    status: int
    headers: Any
    body: bytes


def get(url: str, **headers: str) -> Page:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Page(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        return Page(refused.code, refused.headers, refused.read())


@contextmanager
def serving(redis_url: str, log: Path, **settings: object) -> Iterator[str]:
    """The process, and where it listens."""
    port = free_port()
    # Its own folder, and whoever asks from this machine may do everything, unless the test says otherwise.
    settings = {"data": log.parent / "serve-data", "guest": "admin"} | settings
    given = {f"GRIDHALL_{name.upper()}": str(value) for name, value in settings.items()}
    environment = os.environ | {"GRIDHALL_REDIS_URL": redis_url, "GRIDHALL_PORT": str(port)} | given
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", RUN], cwd=ROOT, env=environment, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        assert until(lambda: process.poll() is not None or answers(url), 30) and process.poll() is None, log.read_text()
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, log.read_text()


def answers(url: str) -> bool:
    try:
        return get(f"{url}/healthz").status in (200, 503)
    except OSError:
        return False


def columns(table: str, **values: Any) -> dict[str, Any]:
    """Rows of a table, what is not said is 0."""
    rows = len(next(iter(values.values())))
    return {name: np.array(values.get(name, [0] * rows)).astype(kind) for name, kind in TABLES[table].columns}


@dataclass
class Hand:
    """A fold made by hand: says what it is told to, with the right numbers."""

    redis: Redis
    city: City
    epoch: int = field(default_factory=lambda: next(EPOCHS))
    seq: dict[tuple[str, int], int] = field(default_factory=dict)

    def begin(self) -> Hand:
        """Takes the hall over: whole frames for everybody."""
        for channel in (keys.FRAMES, keys.FACTS):
            self.say(channel, whole=True)
        return self

    def say(
        self, channel: str = keys.FRAMES, *, whole: bool = False, skip: int = 0, districts: Any = None, **tables: Any
    ) -> None:
        rows = [int(row) for row in (self.city.districts if districts is None else districts)]
        self.redis.publish(channel, bundle(self.frame(channel, row, whole, skip, tables) for row in rows))

    def frame(self, channel: str, district: int, whole: bool, skip: int, tables: dict[str, Any]) -> bytes:
        seq = self.seq[channel, district] = self.seq.get((channel, district), 0) + 1 + skip
        version = int(self.city.version[:8], 16)
        return encode(Frame(0 if whole else 1, seq, self.epoch, district, time.time() * 1000, version, tables))


@dataclass
class Viewer:
    """A browser that keeps all it is sent, and draws it unless it is slow."""

    url: str
    draws: bool = True
    frames: list[tuple[int, list[Frame]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Viewer:
        self.io = socketio.Client(reconnection=False, serializer=OnePacket)
        self.io.on("frame", self.frame)
        self.io.on("parts", lambda said: self.parts.append(json.loads(said)))
        self.io.connect(self.url, self.headers, transports=["websocket"], wait_timeout=5)
        return self

    def __exit__(self, *_why: object) -> None:
        self.io.disconnect()

    def watch(self, **wish: object) -> dict[str, Any]:
        return self.io.call("watch", wish, timeout=10)

    def frame(self, number: int, body: bytes) -> None:
        self.bodies.append(body)
        self.frames.append((number, [decode(frame) for frame in unbundle(body)]))
        if self.draws:
            with suppress(BadNamespaceError):  # a frame may still come to a browser that is leaving
                self.io.emit("drawn", number)

    def seqs(self, district: int) -> list[tuple[str, int]]:
        """What came for a district: ("whole" or "delta", seq)."""
        heard = [frame for _, frames in self.frames for frame in frames if frame.district == district]
        return [("whole" if frame.whole else "delta", frame.seq) for frame in heard]


def put_city(redis: Redis, city: City) -> None:
    Hall(redis).put_city(city)
