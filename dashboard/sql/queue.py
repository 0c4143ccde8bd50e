"""Queue: SQLite's writers of all processes come one after the other, in the order in which they came."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Generator

from sqlalchemy import Engine

__all__ = ["turn"]


@contextlib.contextmanager
def turn(engine: Engine) -> Generator[None]:
    """Hold the turn to write. SQLite's own waiting sleeps and tries again: the unlucky wait a hundred times as long.

    Two locks: who waits for the turn holds the gate, so that the one who has just written cannot overtake it. A process
    that dies gives both back.
    """
    database = engine.url.database
    if not database:  # in memory: nobody else is there
        yield
        return
    with _held(f"{database}-gate") as gate, _held(f"{database}-turn"):
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


@contextlib.contextmanager
def _held(path: str) -> Generator[int]:
    # Opened anew each time: a lock belongs to the opening, and threads of one process must wait for each other too.
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)
