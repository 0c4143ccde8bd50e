"""Filing: words on events that come together go into the ledger together; nobody is answered before the commit."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

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


class Filing:
    """Files at once when idle; what comes during a commit goes with the next one."""

    def __init__(self, ledger: Ledger, limit: int, timed: Callable[[float], None] = lambda seconds: None) -> None:
        self.ledger, self._limit, self._timed = ledger, limit, timed
        self._callers: list[_Caller] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="filing")
        self.waiting = 0

    async def file(self, told: Sequence[Told]) -> list[int]:
        """Returns when it is committed: the places of those that the ledger cannot take. Raises Full or Unfiled."""
        if self.waiting and self.waiting + len(told) > self._limit:
            raise Full
        caller = _Caller(told, asyncio.get_running_loop().create_future())
        self.waiting += len(told)
        self._callers.append(caller)
        if self._writer is None:
            self._writer = asyncio.create_task(self._run())
        try:
            return await caller.filed
        finally:
            self.waiting -= len(told)

    def close(self) -> None:
        self._thread.shutdown()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._callers:
            together = self._take()
            begun = time.perf_counter()
            try:
                refused = await loop.run_in_executor(self._thread, self._file, [c.told for c in together])
            except Exception as error:  # this loop must go on: callers are waiting behind it
                log.warning("nothing was filed: %s", error, exc_info=not away(error))
                _answer(together, error=Unfiled(str(error)))
                continue
            self._timed(time.perf_counter() - begun)
            _answer(together, refused)
        self._writer = None

    def _take(self) -> list[_Caller]:
        """The callers who go into the next transaction; one alone may be larger, and is cut."""
        taken, count = [self._callers.pop(0)], 0
        count = len(taken[0].told)
        while self._callers and count + len(self._callers[0].told) <= MOST:
            taken.append(self._callers.pop(0))
            count += len(taken[-1].told)
        return taken

    def _file(self, requests: Sequence[Sequence[Told]]) -> list[list[int]]:
        """In the thread. For each request the places of those that were refused."""
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


def _answer(callers: Sequence[_Caller], refused: Sequence[list[int]] = (), error: Unfiled | None = None) -> None:
    for number, caller in enumerate(callers):
        if caller.filed.done():
            continue
        if error:
            caller.filed.set_exception(error)
        else:
            caller.filed.set_result(refused[number])
