"""PostgreSQL for the tests: Debian's server in a folder of its own, on a free port of the loopback, stopped again."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ports import free_port

__all__ = ["binaries", "running"]

#: A throwaway server: what it loses at a power cut nobody misses. Tests of durability set it otherwise.
CONFIG = "-c fsync=off -c listen_addresses=127.0.0.1 -c max_connections=60 -c unix_socket_directories="


def binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).parent if named else None


@contextmanager
def running(options: str = CONFIG) -> Iterator[str]:
    """A fresh server; its address, without a database: postgresql://gridhall@127.0.0.1:PORT"""
    home = binaries()
    assert home, "there is no PostgreSQL on this machine"
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="gridhall-pg-"))
    try:
        if user:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)

        def run(*command: str) -> None:
            subprocess.run(command, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL, timeout=120)

        run(
            str(home / "initdb"), "-D", str(folder / "data"), "-U", "gridhall", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        port = free_port()
        control = (str(home / "pg_ctl"), "-D", str(folder / "data"), "-w", "-l", str(folder / "log"))
        run(
            *control,
            "-o",
            f"-p {port} {options}'{folder}'" if options.endswith("=") else f"-p {port} {options}",
            "start",
        )
        try:
            yield f"postgresql://gridhall@127.0.0.1:{port}"
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
