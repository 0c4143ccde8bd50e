"""PostgreSQL for a measurement: a server of its own, as it comes, on a free port of the loopback, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

from dashboard.bench.rig import HOST, free_port

__all__ = ["binaries", "ending", "running"]

#: What whoever installs it would set first; every commit waits for the disk.
CONFIG = ("shared_buffers=256MB", "max_wal_size=4GB", f"listen_addresses={HOST}")


def binaries() -> Path | None:
    """Folder of Debian's newest server, or of the one on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


@contextlib.contextmanager
def running(home: Path) -> Generator[tuple[str, Path]]:
    """(address of its database, folder of its data)"""
    # It refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    folder, port = Path(tempfile.mkdtemp(prefix="gridhall-bench-pg-")), free_port()
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)

    def run(name: str, *words: str) -> None:
        command = [str(home / name), "-D", str(folder / "data"), *words]
        subprocess.run(command, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL, timeout=300)

    try:
        run("initdb", "-U", "gridhall", "-A", "trust", "-E", "UTF8")
        options = " ".join(f"-c {line}" for line in (*CONFIG, f"unix_socket_directories={folder}"))
        try:
            run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-p {port} {options}", "start")
            yield f"postgresql://gridhall@{HOST}:{port}/postgres", folder / "data"
        finally:
            # Also if we were told to end while it started.
            if (folder / "data" / "postmaster.pid").exists():
                run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def ending() -> Generator[None]:
    """Whoever is told to end (SIGTERM) puts away what it has set up, and is not hurried by being told again."""
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
