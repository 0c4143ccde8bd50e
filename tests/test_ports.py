"""Ports and servers of the tests: none is given to two runs, and none outlives the run that it was for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from postgres import binaries
from serving import until

HERE = Path(__file__).parent

PORTS = "from ports import free_port; print(*(free_port() for _ in range(50)), flush=True); input()"
SERVER = "from postgres import running\nwith running() as url: print(url.rpartition(':')[2], flush=True); input()"


@contextmanager
def run(script: str, folder: str = "") -> Iterator[tuple[subprocess.Popen[str], set[int]]]:
    """A run of its own, with its files in `folder`, and the ports that it says it has. It is killed in the end."""
    place = os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"} | ({"TMPDIR": folder} if folder else {})
    command = (sys.executable, "-c", script)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=place) as process:
        try:
            assert process.stdout
            yield process, {int(word) for word in process.stdout.readline().split()}
        finally:
            process.kill()


def open_(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_runs_side_by_side_are_never_given_the_same_port() -> None:
    with run(PORTS) as (_, first), run(PORTS) as (_, second):
        assert len(first) == len(second) == 50 and not first & second


@pytest.mark.skipif(not binaries(), reason="there is no PostgreSQL on this machine")
def test_a_database_ends_with_the_run_that_started_it_however_that_ends() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server may be another user's
        with run(SERVER, folder) as (process, (port, *_)):
            assert open_(port)
            process.kill()
            assert until(lambda: not open_(port))
