"""Watching: load and viewers on a hall for a while, and what it cost."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dashboard.bench.crew import Hand, hire
from dashboard.bench.load import Order
from dashboard.bench.rig import HOST, Rig
from dashboard.bench.usage import Usage
from dashboard.bench.viewers import Seen, Sight
from dashboard.progress import wait

__all__ = ["Ages", "Audience", "View", "audience", "loaded", "looked_at"]

Times = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ages:
    """sent, heard: moments; ms: how long each was on its way."""

    sent: Times
    heard: Times

    @property
    def ms(self) -> Times:
        return (self.heard - self.sent) * 1000

    def between(self, since: float, until: float) -> Ages:
        chosen = (self.sent >= since) & (self.sent < until)
        return Ages(self.sent[chosen], self.heard[chosen])


@dataclass(frozen=True)
class View:
    """What viewers saw from one moment to another, and the cores that each process took meanwhile."""

    clients: int
    since: float
    until: float
    seen: list[Seen]
    ages: Ages
    cores: dict[str, float]

    def total(self, column: int) -> int:
        """Of Seen.curve: 1 frames, 2 bytes of frames, 3 bytes of parts, between the two moments."""
        return sum(int(rows[-1][column] - rows[0][column]) for rows in self._rows())

    @property
    def seconds(self) -> float:
        """Of which `total` tells."""
        return max((rows[-1][0] - rows[0][0] for rows in self._rows()), default=0.0)

    @property
    def cuts(self) -> int:
        return sum(seen.cuts for seen in self.seen)

    @property
    def refused(self) -> str:
        return next((seen.refused for seen in self.seen if seen.refused), "")

    def _rows(self) -> list[list[tuple[float, int, int, int]]]:
        parts = [[row for row in seen.curve if self.since <= row[0] <= self.until] for seen in self.seen]
        return [rows for rows in parts if rows]

    @property
    def busy(self) -> float:
        """Cores of all processes together."""
        return sum(self.cores.values())


@contextmanager
def loaded(rig: Rig, phases: list[tuple[float, float]], **given: object) -> Generator[Hand]:
    """A load generator at work; ended with the block."""
    order = Order(HOST, int(rig.settings.ingest_port), str(rig.city_file), str(rig.table), phases)
    for name, value in given.items():
        setattr(order, name, value)
    with hire("load", order) as hand:
        yield hand


@dataclass
class Audience:
    """Viewers at work: one that reads, in a process of its own where nobody keeps it waiting, and the rest."""

    hands: list[Hand]
    file: Path

    def answer(self) -> tuple[list[Seen], Ages]:
        """When they are done: what each process saw, and how old the fixes were."""
        seen = [hand.answer(Seen, 60.0) for hand in self.hands]
        sent, heard = np.load(self.file)
        return seen, Ages(sent, heard)


@contextmanager
def audience(rig: Rig, clients: int, seconds: float, *, wholes: bool = False) -> Generator[Audience]:
    """So many viewers for so long; ended with the block. wholes: what is first seen in a whole picture counts too."""
    file = rig.folder / f"ages-{time.monotonic_ns()}.npy"
    reader = Sight(rig.socket_url, 1, seconds, str(rig.table), rig.workers, str(file), wholes)
    rest = Sight(rig.socket_url, clients - 1, seconds, str(rig.table), rig.workers)
    with ExitStack() as stack:
        yield Audience([stack.enter_context(hire("viewers", sight)) for sight in (reader, rest)], file)


def looked_at(rig: Rig, usage: Usage, clients: int, seconds: float, settle: float) -> View:
    """So many viewers for so long, after a while in which they join."""
    began = time.monotonic()
    with audience(rig, clients, settle + seconds + 1.0) as viewers:
        wait(settle + seconds, f"{clients} clients")
        seen, ages = viewers.answer()
    since, until = began + settle, began + settle + seconds
    return View(clients, since, until, seen, ages.between(since, until - 1.0), usage.cores(since, until))
