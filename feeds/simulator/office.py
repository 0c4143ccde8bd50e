"""Office: the people who work on cases: who does what with each one, and when. Same cases, same seed, same work."""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from feeds.simulator.choices import CHOICES, Choice
from feeds.simulator.opening import Opening
from feeds.simulator.seen import Seen
from feeds.simulator.staff import at_work

__all__ = ["Office", "Order"]

#: Seconds over which work is spread that should have been done before anybody was there to do it.
SPREAD = 900.0
#: A move that was refused is thought over after so many seconds; after so many times the case is left alone.
THINK, PATIENCE = 1800.0, 4


@dataclass(order=True)
class Order:
    """A move that somebody makes at a time. who: role, or department:name."""

    at: float
    case_id: str
    version: int
    move: str = field(compare=False)
    who: str = field(compare=False)
    note: str = field(compare=False, default="")
    data: dict[str, Any] = field(compare=False, default_factory=dict[str, Any])

    @property
    def key(self) -> str:
        """The same move asked for again is the same move."""
        return f"{self.case_id}:{self.version}:{self.move}"


class Office:
    """Told what cases look like (`see`), it says what is to be done by now (`due`)."""

    def __init__(self, seed: int, second_of_day: Callable[[float], float]) -> None:
        self.seed, self.second_of_day = seed, second_of_day
        self.cases: dict[str, Seen] = {}
        self.refusals: dict[str, int] = {}
        self.plan: list[Order] = []
        self.opening = Opening()

    def see(self, cases: Iterable[Seen], now: float) -> None:
        """How cases stand. What was planned for an earlier version is forgotten."""
        for case in cases:
            known = self.cases.get(case.case_id)
            if known and known.version >= case.version:
                continue
            if known is None:
                self.opening.meet(case, now)
            self.cases[case.case_id] = case
            self.refusals.pop(case.case_id, None)
            if order := self._next(case, now):
                heapq.heappush(self.plan, order)
            elif case.step in ("archived", "appraised"):
                # Kept as little as can be: its version, so that an older word does not wake it.
                self.cases[case.case_id] = Seen(case.case_id, case.version, case.step)

    def due(self, now: float, most: int = 1000) -> list[Order]:
        """What is to be done by now, in order of time. Given once: say what became of it by `see` or `refused`."""
        orders: list[Order] = []
        while self.plan and self.plan[0].at <= now and len(orders) < most:
            order = heapq.heappop(self.plan)
            if self.cases[order.case_id].version == order.version:
                orders.append(order)
        return orders

    def put_back(self, orders: Iterable[Order]) -> None:
        """Nobody heard them: they are to be done again."""
        for order in orders:
            heapq.heappush(self.plan, order)

    def refused(self, order: Order, now: float) -> None:
        """It may not be done so: something else, or the same later, a few times."""
        case = self.cases[order.case_id]
        tries = self.refusals[order.case_id] = self.refusals.get(order.case_id, 0) + 1
        if case.version != order.version or tries > PATIENCE:
            return
        if again := self._next(case, now, tries):
            again.at = max(again.at, now + THINK * tries)
            heapq.heappush(self.plan, again)

    def _next(self, case: Seen, now: float, tries: int = 0) -> Order | None:
        rng = np.random.default_rng([self.seed, tries, case.version, zlib.crc32(case.case_id.encode())])
        if first := self.opening.next(case, rng):
            at = self._when(case, first, now, rng)
            return Order(at, case.case_id, case.version, first.move, first.who, first.note, first.data)
        choice = CHOICES["parked" if case.parked else case.step](case, rng)
        if choice is None:
            return None
        at = at_work(choice.who, self._when(case, choice, now, rng), case.limit, self.second_of_day, rng)
        return Order(at, case.case_id, case.version, choice.move, choice.who, choice.note, choice.data)

    @staticmethod
    def _when(case: Seen, choice: Choice, now: float, rng: np.random.Generator) -> float:
        since = case.entered_at if choice.from_entry else case.updated_at
        at = since + choice.after
        return at if at > now else now + float(rng.uniform(0.0, min(SPREAD, max(choice.after, 30.0))))
