"""Staff: the people as this process asks for them: on threads of their own, so that no frame waits for a disk.

Each thread has its own connections: a driver whose sockets gevent has patched belongs to the thread that opened them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from gevent.threadpool import ThreadPool

from dashboard.people.limits import Limits
from dashboard.people.people import People
from dashboard.settings import Settings
from dashboard.sql import engine as sql
from dashboard.sql.migrate import upgrade
from dashboard.web.threads import apply

__all__ = ["Staff"]

Answer = TypeVar("Answer")

#: Threads that look up sessions; and those that weigh passwords, 64 MB each: nobody waits behind a wrong password.
QUICK, SLOW = 2, 2


class Staff:
    def __init__(self, settings: Settings) -> None:
        self.settings, self.limits = settings, Limits.of(settings)
        self._here = threading.local()
        self._quick, self._slow = ThreadPool(QUICK), ThreadPool(SLOW)

    def open(self) -> None:
        """Bring the tables to this version. Raises what the database says."""
        apply(self._quick, lambda: upgrade(self._engine()))

    def ask(self, work: Callable[[People], Answer]) -> Answer:
        """Whatever is quick: sessions, keys, looks."""
        return apply(self._quick, lambda: work(self._people()))

    def weigh(self, work: Callable[[People], Answer]) -> Answer:
        """What weighs a password."""
        return apply(self._slow, lambda: work(self._people()))

    def close(self) -> None:
        """Wait for the threads: none may outlive the interpreter."""
        for pool in (self._quick, self._slow):
            pool.kill()

    def _people(self) -> People:
        if not hasattr(self._here, "people"):
            self._here.people = People(self._engine(), limits=self.limits)
        return self._here.people

    def _engine(self) -> Any:
        if not hasattr(self._here, "engine"):
            self._here.engine = sql.connect(self.settings.database_url, self.settings.data)
        return self._here.engine
