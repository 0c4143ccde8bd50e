"""Queue: SQLite's writers of all processes come one after the other, in the order in which they came."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Generator

from sqlalchemy import Engine

__all__ = ["Place", "turn"]


class Place:
    """One writer's place in the queue, to be held again and again. SQLite's own waiting sleeps and tries again: the
    unlucky wait a hundred times as long.

    Two locks: who waits for the turn holds the gate, so that the one who has just written cannot overtake it. A process
    that dies gives both back. A lock belongs to an opening of its file: each thread needs a place of its own.
    """

    def __init__(self, engine: Engine) -> None:
        database = engine.url.database  # none in memory: nobody else is there
        self._names = (f"{database}-gate", f"{database}-turn") if database else ()
        self._files = [os.open(name, os.O_RDWR | os.O_CREAT, 0o600) for name in self._names]

    @contextlib.contextmanager
    def held(self) -> Generator[None]:
        if not self._files:
            yield
            return
        gate, turn = self._files
        fcntl.flock(gate, fcntl.LOCK_EX)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)

    def there(self) -> bool:
        """Whether others queue here too: not if somebody has removed the files."""
        return all(os.fstat(file).st_nlink for file in self._files)

    def close(self) -> None:
        files, self._files = self._files, []
        for file in files:
            os.close(file)

    def __del__(self) -> None:
        self.close()


@contextlib.contextmanager
def turn(engine: Engine) -> Generator[None]:
    """Hold the turn to write, once."""
    place = Place(engine)
    try:
        with place.held():
            yield
    finally:
        place.close()
