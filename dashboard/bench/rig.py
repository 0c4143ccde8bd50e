"""Rig: a hall to be measured: what `gridhall up` runs, in a folder of its own, on free ports, on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from dashboard.bench import tally, usage
from dashboard.bench.crowd import NUMBERS
from dashboard.bench.trouble import CannotMeasure
from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.hall import Hall
from dashboard.progress import tell
from dashboard.settings import Settings, load
from dashboard.supervise import Child, environment, gridhall
from feeds.city import City

__all__ = ["HOST", "Rig", "built", "free_port", "hall_of", "launched", "until_open", "until_ready", "workshop"]

READY_SECONDS = 90.0
HOST = "127.0.0.1"
#: Longer than the hall's own patience with its processes.
STOP_SECONDS = 20.0


@contextlib.contextmanager
def workshop() -> Generator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gridhall-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def built(name: str) -> City:
    from feeds import cities  # noqa: PLC0415 - heavy, and not every measurement needs it

    tell(f"building {name}")
    return cities.build(name)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])


@dataclass
class Rig:
    """A running hall."""

    folder: Path
    city: City
    settings: Settings
    child: Child

    @property
    def pid(self) -> int:
        assert self.child.process
        return self.child.process.pid

    @property
    def city_file(self) -> Path:
        return self.folder / "city.bin"

    @property
    def table(self) -> Path:
        """Where senders write when they sent what (crowd.sent_table)."""
        return self.folder / "sent.bin"

    @property
    def socket_url(self) -> str:
        return f"ws://{HOST}:{self.settings.port}/socket.io/?EIO=4&transport=websocket"

    @property
    def pages(self) -> str:
        return f"http://{HOST}:{self.settings.port}"

    @property
    def workers(self) -> int:
        return len(self.city.workers.worker_id)

    def redis(self) -> Redis:
        return connect(self.settings.redis_url or Embedded(Path(self.settings.data)).url)

    def fixes_written(self) -> int:
        """To the streams, ever."""
        return tally.written(self.redis(), self.city)["fixes"]

    def processes(self) -> Iterator[tuple[str, psutil.Process]]:
        return usage.named(self.pid)

    def forget_sent(self) -> None:
        """An empty table, all zeros."""
        with self.table.open("wb") as file:
            file.truncate(self.workers * NUMBERS * 8)


@contextlib.contextmanager
def hall_of(city: City, folder: Path, **given: object) -> Generator[Rig]:
    """A hall for a city, as `gridhall up` runs it."""
    data = folder / "hall"
    # Viewers and pollers of a measurement do not sign in.
    ours: dict[str, object] = {"data": str(data), "port": free_port(), "ingest_port": free_port(), "guest": "leader"}
    settings = load({}, **ours | given)
    with Embedded(data, settings.redis_server) as server:
        Hall(connect(server.start())).put_city(city)
    with launched(gridhall("up"), settings, folder / "hall.log") as child:
        rig = Rig(folder, city, settings, child)
        rig.city_file.write_bytes(city.to_bytes())
        rig.forget_sent()
        until_ready(rig.pages, settings.ingest_port, child, folder / "hall.log")
        yield rig


@contextlib.contextmanager
def launched(command: list[str], settings: Settings, log: Path) -> Generator[Child]:
    """A command of ours, its words in a file; stopped, and seen to be gone with all its family, afterwards."""
    # The shell is gone at once: it only turns the output away.
    child = Child("hall", ["/bin/sh", "-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", str(log), *command])
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GRIDHALL_")}
    child.start(environment(settings, plain), 0.0)
    try:
        yield child
    finally:
        end(child)


def until_ready(pages: str, ingest_port: int, child: Child, log: Path) -> float:
    """Seconds until pages are served and the door is open."""
    began = time.monotonic()
    while time.monotonic() - began < READY_SECONDS:
        if child.gone():
            break
        if _healthy(pages) and _open(ingest_port):
            return time.monotonic() - began
        time.sleep(0.05)
    words = log.read_text("utf-8", "replace").splitlines()[-8:] if log.exists() else []
    raise CannotMeasure("the hall did not come up: " + " / ".join(words))


def until_open(name: str, port: int, child: Child) -> None:
    """Until something listens there."""
    until = time.monotonic() + READY_SECONDS
    while not _open(port):
        if child.gone() or time.monotonic() > until:
            raise CannotMeasure(f"{name} did not come up")
        time.sleep(0.05)


def end(child: Child) -> None:
    """As Ctrl-C does; whatever is left after that is ended the hard way."""
    assert child.process
    family = usage.kin(child.process.pid)
    child.stop(signal.SIGTERM)
    _, left = psutil.wait_procs(family, STOP_SECONDS)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    child.process.wait()


def _healthy(pages: str) -> bool:
    try:
        with urllib.request.urlopen(f"{pages}/healthz", timeout=1) as answer:  # noqa: S310
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _open(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex((HOST, port)) == 0
