"""Filing: words on events that come together go into the ledger together; nobody is answered before the commit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from dashboard.cases.ledger import Ledger
from dashboard.cases.store.away import away
from dashboard.cases.told import Told
from dashboard.ingest.commit import Full

__all__ = ["Filing", "Unfiled"]

log = logging.getLogger(__name__)

#: Words in one transaction at most: whoever makes a move meanwhile must not wait long for its end.
MOST = 200


class Unfiled(Exception):
    """The database did not take it, or it is not sure that it did: the same again does nothing twice."""


@dataclass
class _Caller:
    told: Sequence[Told]
    filed: asyncio.Future[list[int]]


@dataclass
class _Done:
    """What became of a transaction. refused: for each caller the places of those that the ledger cannot take."""

    callers: Sequence[_Caller]
    refused: Sequence[list[int]] = ()
    error: Unfiled | None = None
    seconds: float = 0.0


class Filing:
    """Files at once when idle; what comes during a commit goes with the next one.

    The thread is given callers and gives back what became of them: two words across for a transaction, and no more.
    """

    def __init__(self, ledger: Ledger, limit: int, timed: Callable[[float], None] = lambda seconds: None) -> None:
        self.ledger, self._limit, self._timed = ledger, limit, timed
        self._callers: list[_Caller] = []
        self._given: SimpleQueue[list[_Caller] | None] = SimpleQueue()
        self._busy = self._closed = False
        self._thread = threading.Thread(target=self._run, name="filing", daemon=True)
        self._thread.start()
        self.waiting = 0

    async def file(self, told: Sequence[Told]) -> list[int]:
        """Returns when it is committed: the places of those that the ledger cannot take. Raises Full or Unfiled."""
        if self.waiting and self.waiting + len(told) > self._limit:
            raise Full
        caller = _Caller(told, asyncio.get_running_loop().create_future())
        self.waiting += len(told)
        self._callers.append(caller)
        if not self._busy:
            self._go_on()
        try:
            return await caller.filed
        finally:
            self.waiting -= len(told)

    def close(self) -> None:
        """Returns when what was begun is done. Who waits behind it is told that nothing was filed."""
        self._closed = True
        self._given.put(None)
        self._thread.join()

    def _go_on(self) -> None:
        self._busy = bool(self._callers)
        if self._busy:
            together = self._take()
            if self._closed:
                self._answer(_Done(together, error=Unfiled("the ledger is closed")))
            else:
                self._given.put(together)

    def _answer(self, done: _Done) -> None:
        """In the loop."""
        self._go_on()
        if done.error is None:
            self._timed(done.seconds)
        for number, caller in enumerate(done.callers):
            if caller.filed.done():
                continue
            if done.error is not None:
                caller.filed.set_exception(done.error)
            else:
                caller.filed.set_result(done.refused[number])

    def _run(self) -> None:
        """The thread."""
        while (callers := self._given.get()) is not None:
            done = self._filed(callers)
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits for an answer
                callers[0].filed.get_loop().call_soon_threadsafe(self._answer, done)

    def _filed(self, callers: Sequence[_Caller]) -> _Done:
        begun = time.perf_counter()
        try:
            refused = self._file([caller.told for caller in callers])
        except Exception as error:  # this thread must go on: callers are waiting behind it
            log.warning("nothing was filed: %s", error, exc_info=not away(error))
            return _Done(callers, error=Unfiled(str(error)))
        return _Done(callers, refused, seconds=time.perf_counter() - begun)

    def _take(self) -> list[_Caller]:
        """The callers who go into the next transaction; one alone may be larger, and is cut."""
        taken, count = [self._callers.pop(0)], 0
        count = len(taken[0].told)
        while self._callers and count + len(self._callers[0].told) <= MOST:
            taken.append(self._callers.pop(0))
            count += len(taken[-1].told)
        return taken

    def _file(self, requests: Sequence[Sequence[Told]]) -> list[list[int]]:
        """For each request the places of those that were refused."""
        places = [(number, place) for number, told in enumerate(requests) for place in range(len(told))]
        refused: list[list[int]] = [[] for _ in requests]
        for first in range(0, len(places), MOST):
            part = places[first : first + MOST]
            for bad in self._report([requests[number][place] for number, place in part]):
                number, place = part[bad]
                refused[number].append(place)
        return refused

    def _report(self, told: Sequence[Told]) -> list[int]:
        """One transaction. If one of them breaks it, each goes alone: it must not hold back the others for ever."""
        try:
            self.ledger.report(told)
        except Exception as error:
            if away(error):
                raise
            if len(told) == 1:
                log.exception("the ledger cannot take %s of %s", told[0].report.event_id, told[0].origin)
                return [0]
            return [place for place, one in enumerate(told) if self._report([one])]
        return []
