"""Books: the ledger as this process uses it. SQL runs on threads of its own, so that no frame ever waits for a disk.

Each thread has its own connections: a driver whose sockets gevent has patched belongs to the thread that opened them.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import gevent
from gevent.threadpool import ThreadPool

from dashboard.bus.connect import AWAY, connect
from dashboard.bus.hall import NoCity
from dashboard.cases.ledger import Ledger
from dashboard.cases.publish import Publisher
from dashboard.cases.rules.in_force import InForce
from dashboard.cases.rules.rules import Rules
from dashboard.cases.store.away import away
from dashboard.kpi.bands import Bands
from dashboard.kpi.register import Register
from dashboard.kpi.tree import tree
from dashboard.settings import Settings
from dashboard.sql import engine as sql
from dashboard.sql.migrate import upgrade
from dashboard.web.threads import apply
from feeds.city import City

__all__ = ["Away", "Book", "Books", "Loading"]

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

#: Threads that read and write; one more counts.
THREADS = 4
#: Seconds between two looks at what others wrote, until all was read once and then. Whoever asks looks for themselves;
#: five seconds of a busy city are read in as many milliseconds, and cost little more than one of them.
SOON, EVERY = 1.0, 5.0
#: Of these looks, every how many is also one at the files of rules.
RULES_EVERY = 4
#: Seconds that who asks waits for the first reading of all cases, before they are told to come again.
PATIENCE = 5.0


class Away(Exception):
    """The database cannot be reached, or was lost in the middle; the same may be asked again, with the same key."""


class Loading(Away):
    """The hall has just started, and the cases are still being read: what there is so far would be a wrong number."""


@dataclass(frozen=True)
class Book:
    """What one thread works with."""

    engine: Any
    ledger: Ledger
    rules: Rules


class Books:
    """now: hall time. city: the one in force; asked again and again, it may change."""

    def __init__(self, settings: Settings, now: Callable[[], float], city: Callable[[], City]) -> None:
        self.settings, self.now, self.city = settings, now, city
        self.bands = Bands(settings.soon_minutes, settings.long_open_hours)
        self._in_force = InForce(settings.data, settings.classes)
        self._rules: Rules | None = None
        self._here = threading.local()
        self._writers, self._counter, self._teller = ThreadPool(THREADS), ThreadPool(1), ThreadPool(1)
        self._register: Register | None = None
        self._read = False  # whether all cases were, once
        self._reading: gevent.Greenlet[..., Any] | None = None
        self._grown: Rules | None = None  # whose tree of classes the register has
        self._publisher: Publisher | None = None
        self._untold: deque[set[str]] = deque()  # districts that were written in, and the screens do not know it yet
        self._telling: gevent.Greenlet[..., Any] | None = None

    @property
    def rules(self) -> Rules:
        """Limits, clocks and routes. Raises NoCity while there is none: its classes and its zone are part of them."""
        if self._rules is None:
            self._rules = self._in_force.look(self.city())
        return self._rules

    def open(self) -> None:
        """Bring the tables to this version. Raises what the database says."""
        _apply(self._writers, lambda: upgrade(self._engine()))

    def aside(self, work: Callable[[Book], Answer]) -> Answer:
        """Do work with the ledger on another thread; whatever it raises is raised here."""
        try:
            return _apply(self._writers, lambda: work(self._book()))
        finally:
            if self._untold and not self._telling:
                self._telling = gevent.spawn(self._tell)

    def count(self, work: Callable[[Register], Answer]) -> Answer:
        """Do work over all cases, as they are committed at this moment. One at a time: it is quick. Raises Loading."""
        self._wait()
        return _apply(self._counter, lambda: work(self._fresh()))

    def keep(self) -> None:
        """For ever: read what other processes wrote, so that nobody who asks has to wait long for it."""
        for beat in itertools.count():
            try:
                _apply(self._counter, self._fresh)
                if beat % RULES_EVERY == 0:
                    self._rules = _apply(self._counter, lambda: self._in_force.look(self.city()))
            except NoCity:
                pass
            except Exception:
                log.exception("the ledger could not be read")
            gevent.sleep(EVERY if self._read else SOON)

    def new_city(self, _city: City) -> None:
        """Another city, or another set of grids: the rules are read again when they are next asked for."""
        self._rules = None

    def close(self) -> None:
        """Wait for the threads: none may outlive the interpreter."""
        for pool in (self._writers, self._counter, self._teller):
            pool.kill()

    def _wait(self) -> None:
        """Until all cases were read once, but not for long."""
        if self._read:
            return
        if self._reading is None or self._reading.ready():
            self._reading = gevent.spawn(self._first)
        self._reading.join(PATIENCE)
        if not self._reading.ready():
            raise Loading("the cases are still being read")

    def _first(self) -> None:
        # What goes wrong here is told to whoever asks: they try it themselves.
        with contextlib.suppress(NoCity, Away):
            _apply(self._counter, self._fresh)

    def _fresh(self) -> Register:
        if self._register is None:
            self._register = Register(self._engine(), bands=self.bands)
        if self._grown is not self.rules:
            self._grown = self.rules
            self._register.tree, self._register.calendar = tree(self.rules.classes), self.rules.calendar
        self._register.refresh()
        self._read = True
        return self._register

    def _book(self) -> Book:
        """The book of this thread."""
        book: Book | None = getattr(self._here, "book", None)
        if book is None or book.rules is not self.rules:
            ledger = Ledger(self._engine(), self.rules, self.now)
            ledger.committed.append(self._untold.append)
            book = self._here.book = Book(self._engine(), ledger, self.rules)
        return book

    def _engine(self) -> Any:
        """The engine of this thread."""
        if not hasattr(self._here, "engine"):
            self._here.engine = sql.connect(self.settings.database_url, self.settings.data)
        return self._here.engine

    def _tell(self) -> None:
        """Tell the screens what was committed. What fails here the steward tells later."""
        try:
            while self._untold:
                districts = set[str]().union(*(self._untold.popleft() for _ in range(len(self._untold))))
                _apply(self._teller, lambda districts=districts: self._publish(districts))
        except AWAY as error:
            log.warning("commits wait to be told, Redis is away: %s", error)
        except Exception:
            log.exception("commits could not be told")
        finally:
            self._telling = None

    def _publish(self, districts: set[str]) -> None:
        if self._publisher is None:
            self._publisher = Publisher(self._engine(), connect(self.settings.redis_url, patience=1))
        self._publisher.publish(districts)


def _apply(pool: ThreadPool, work: Callable[[], Answer]) -> Answer:
    try:
        return apply(pool, work)
    except Exception as error:
        if away(error):
            raise Away(str(error)) from error
        raise
