"""PostgreSQL for the tests: Debian's server in a folder of its own, on a free port of the loopback; it ends with us."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ports import free_port

__all__ = ["binaries", "running"]

HOST = "127.0.0.1"
#: A throwaway server: what it loses at a power cut nobody misses.
CONFIG = ("fsync=off", f"listen_addresses={HOST}", "max_connections=60")
#: "At once, and with all its children", as the server understands it.
END = signal.SIGQUIT
READY_SECONDS, END_SECONDS = 60.0, 30.0

_kernel = ctypes.CDLL(None)


def binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).parent if named else None


@contextmanager
def running() -> Iterator[str]:
    """A fresh server; its address, without a database: postgresql://gridhall@127.0.0.1:PORT"""
    home = binaries()
    assert home, "there is no PostgreSQL on this machine"
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="gridhall-pg-"))
    data, port = str(folder / "data"), str(free_port())
    make = (str(home / "initdb"), "-D", data, "-U", "gridhall", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = (f"-c{one}" for one in (*CONFIG, f"unix_socket_directories={folder}"))
    try:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        subprocess.run(make, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL, timeout=120)
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [str(home / "postgres"), "-D", data, "-p", port, *options],
                cwd=folder, user=user, stdout=log, stderr=log,
                preexec_fn=_ends_with_us,  # noqa: PLW1509 - a single call into the kernel, which waits for no thread
            ) as server,
        ):  # fmt: skip
            try:
                _until_ready((str(home / "pg_isready"), "-q", "-h", HOST, "-p", port), server, folder / "log")
                yield f"postgresql://gridhall@{HOST}:{port}"
            finally:
                server.send_signal(END)
                server.wait(END_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ends_with_us() -> None:
    """In the child, when it is its user already: should we be killed, the kernel ends it. Linux only."""
    if sys.platform == "linux":
        _kernel.prctl(1, END)


def _until_ready(ask: tuple[str, ...], server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while subprocess.run(ask, check=False).returncode:
        assert server.poll() is None and time.monotonic() < end, log.read_text(errors="replace")
        time.sleep(0.05)
