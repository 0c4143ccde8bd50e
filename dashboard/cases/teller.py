"""Teller: publishes in a thread of its own what was committed, so that nobody waits for Redis to have it on disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence

from dashboard.bus.connect import AWAY
from dashboard.cases.publish import Publisher
from dashboard.cases.store.lines import News

__all__ = ["Teller"]

log = logging.getLogger(__name__)

#: Seconds until it is tried again when Redis or the database does not answer.
PAUSE = 0.5
#: Seconds between two rounds: what is committed in between is told together. The first is told at once.
PACE = 0.15


class Teller:
    """Give `hear` to `Ledger.news`, or `tell` to `Ledger.committed`.

    What cannot be told now is told when Redis is back, or by the steward.
    """

    def __init__(self, publisher: Publisher, pace: float = PACE) -> None:
        self.publisher, self._pace = publisher, pace
        self.trouble = ""
        self._waiting: set[str] = set()
        self._news: dict[str, list[News]] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._busy = False
        self._free = 0.0
        self._thread = threading.Thread(target=self._run, name="teller", daemon=True)
        self._thread.start()

    def tell(self, districts: Iterable[str]) -> None:
        """There is news in these. Returns at once."""
        with self._changed:
            self._wake()
            self._waiting |= set(districts)

    def hear(self, news: Mapping[str, Sequence[News]]) -> None:
        """This was committed. Returns at once."""
        with self._changed:
            self._wake()
            for district, some in news.items():
                self._news.setdefault(district, []).extend(some)

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until all is told, at most so long."""
        until = time.monotonic() + seconds
        with self._changed:
            while (self._left() or self._busy) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return not (self._left() or self._busy)

    def close(self, seconds: float = 5.0) -> None:
        """Tell what is left, if it can be told in that time, and end."""
        self.flush(seconds)
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        while (taken := self._next()) is not None:
            districts, news = taken
            try:
                if news:
                    self.publisher.hand_over(news)
                if districts:
                    self.publisher.publish(districts)
                self.trouble = ""
            except Exception as error:  # noqa: BLE001 - this thread must go on, and the steward sweeps behind it
                self._report(error)
                self._again(districts | news.keys())
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _next(self) -> tuple[set[str], dict[str, list[News]]] | None:
        """Districts that are to be looked at, and entries that are at hand; None: it is time to end."""
        with self._changed:
            while not self._closing and (not self._left() or time.monotonic() < self._free):
                self._changed.wait(self._free - time.monotonic() if self._left() else None)
            if self._closing:
                return None
            taken = self._waiting, self._news
            self._waiting, self._news, self._busy = set(), {}, True
            self._free = time.monotonic() + self._pace
            return taken

    def _left(self) -> bool:
        return bool(self._waiting or self._news)

    def _wake(self) -> None:
        """Who waits for the next round has no need to hear of each commit until then."""
        if not self._left():
            self._changed.notify_all()

    def _report(self, error: Exception) -> None:
        if not self.trouble:
            log.warning("what was committed is not told yet: %s", error, exc_info=not isinstance(error, AWAY))
        self.trouble = str(error) or type(error).__name__

    def _again(self, districts: set[str]) -> None:
        time.sleep(PAUSE)
        with self._changed:
            self._waiting |= districts
