"""Usage: CPU and memory of each process of a hall, looked at once a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import psutil

__all__ = ["Usage", "kin", "named"]

#: Word of a command line → name of the process. The supervisor is what is left.
NAMES = ("ingest", "fold", "serve", "steward", "simulate", "play")
SERVERS = ("valkey-server", "redis-server")


def kin(pid: int) -> list[psutil.Process]:
    """A process and all below it that live."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def named(pid: int) -> Iterator[tuple[str, psutil.Process]]:
    """The processes of the hall that `gridhall up` with this pid runs."""
    for process in kin(pid):
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if words and words[0].split(" ")[0].rpartition("/")[2] in SERVERS:
            # A server that rewrites its file has a child of the same name for a moment.
            yield "server" if process.ppid() == pid else "server's writer", process
        else:
            yield next((name for name in NAMES if name in words), "supervisor"), process


@dataclass
class Usage:
    """Samples in the background: (moment, name → CPU seconds so far, name → resident bytes)."""

    processes: Callable[[], Iterator[tuple[str, psutil.Process]]]
    every: float = 1.0
    samples: list[tuple[float, dict[str, float], dict[str, int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._cpu: dict[str, float] = {}
        self._last: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Usage:
        self.look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.look()

    def _run(self) -> None:
        while not self._stop.wait(self.every):
            self.look()

    def look(self) -> None:
        memory: dict[str, int] = {}
        for name, process in self.processes():
            try:
                times, resident = process.cpu_times(), process.memory_info().rss
            except psutil.Error:
                continue
            spent = times.user + times.system
            self._cpu[name] = self._cpu.get(name, 0.0) + spent - self._last.get(process.pid, 0.0)
            self._last[process.pid] = spent
            memory[name] = memory.get(name, 0) + resident
        self.samples.append((time.monotonic(), dict(self._cpu), memory))

    def cores(self, since: float, until: float) -> dict[str, float]:
        """Cores that each process kept busy between two moments."""
        first, last = self._at(since), self._at(until)
        seconds = max(last[0] - first[0], 1e-9)
        return {name: (spent - first[1].get(name, 0.0)) / seconds for name, spent in last[1].items()}

    def memory(self, since: float, until: float) -> dict[str, float]:
        """Megabytes, median of the samples between two moments."""
        rows = [memory for at, _, memory in self.samples if since <= at <= until] or [self._at(until)[2]]
        return {name: _middle([row[name] for row in rows if name in row]) / 1e6 for name in rows[-1]}

    def _at(self, moment: float) -> tuple[float, dict[str, float], Mapping[str, int]]:
        return min(self.samples, key=lambda sample: abs(sample[0] - moment))


def _middle(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]
