"""Watching: load and viewers on a hall for a while, and what it cost."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dashboard.bench.crew import Hand, hire
from dashboard.bench.load import Order
from dashboard.bench.progress import wait
from dashboard.bench.rig import HOST, Rig
from dashboard.bench.usage import Usage
from dashboard.bench.viewers import Seen, Sight

__all__ = ["Ages", "View", "loaded", "looked_at"]

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
    seen: Seen
    ages: Ages
    cores: dict[str, float]

    def total(self, column: int) -> int:
        """Of Seen.curve: 1 frames, 2 bytes of frames, 3 bytes of parts, between the two moments."""
        rows = [row for row in self.seen.curve if self.since <= row[0] <= self.until]
        return int(rows[-1][column] - rows[0][column]) if rows else 0

    @property
    def seconds(self) -> float:
        rows = [row[0] for row in self.seen.curve if self.since <= row[0] <= self.until]
        return rows[-1] - rows[0] if rows else 0.0

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


def viewers(rig: Rig, clients: int, seconds: float, *, wholes: bool = False) -> tuple[Hand, Path]:
    file = rig.folder / f"ages-{clients}-{time.monotonic_ns()}.npy"
    sight = Sight(rig.socket_url, clients, seconds, str(rig.table), rig.workers, str(file), wholes)
    return hire("viewers", sight), file


def looked_at(rig: Rig, usage: Usage, clients: int, seconds: float, settle: float) -> View:
    """So many viewers for so long, after a while in which they join."""
    began = time.monotonic()
    hand, file = viewers(rig, clients, settle + seconds + 1.0)
    with hand:
        wait(settle + seconds, f"{clients} clients")
        seen = hand.answer(Seen, 60.0)
    since, until = began + settle, began + settle + seconds
    return View(clients, since, until, seen, read_ages(file).between(since, until - 1.0), usage.cores(since, until))


def read_ages(file: Path) -> Ages:
    sent, heard = np.load(file)
    return Ages(sent, heard)
