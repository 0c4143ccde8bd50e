"""Supervise: keeps the processes of a hall running, and leaves none behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from dashboard.parent import bound
from dashboard.settings import SETTINGS, Settings

__all__ = ["Child", "Supervisor", "environment", "gridhall"]

STOP_SECONDS = 8.0
STEADY_SECONDS = 10.0
#: Seconds between two looks when nobody stirs: a child's end is heard of at once, an adopted server's is not.
ROUND = 0.5


def environment(settings: Settings, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a child process needs to load exactly these settings."""
    return dict(base) | {setting.variable: str(getattr(settings, setting.name)) for setting in SETTINGS}


def gridhall(*arguments: str) -> list[str]:
    """One of our own commands, in this very Python; a module of that name in the working folder is not taken."""
    return [sys.executable, "-P", "-m", "dashboard.cli", *arguments]


@dataclass
class Child:
    """One process of the hall. A child that ends is started again, at once the first time, then ever more patiently."""

    name: str
    command: Sequence[str]
    lasting: bool = True  # False: it may end by itself (a replay)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def start(self, env: Mapping[str, str], now: float) -> None:
        # Its own group, so that Ctrl-C reaches the supervisor alone, which then stops all in order.
        self.process = subprocess.Popen(
            bound(self.command), env=dict(env), stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started = now

    def look(self, env: Mapping[str, str], now: float) -> str:
        """Start it when it should run and does not; answer with a line when something happened."""
        if self.process is None:
            return self._start_when_due(env, now)
        code = self.process.poll()
        if code is None:
            return ""
        self.process = None
        if not self.lasting and code == 0:
            self.due = float("inf")
            return f"{self.name} is done"
        self.failures = 0 if now - self.started > STEADY_SECONDS else self.failures + 1
        self.due = now + (0.0 if self.failures < 2 else min(0.5 * 2 ** (self.failures - 2), 10.0))
        return f"{self.name} {_ending(code)}; starting it again"

    def _start_when_due(self, env: Mapping[str, str], now: float) -> str:
        if now >= self.due:
            self.start(env, now)
        return ""

    def stop(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def gone(self) -> bool:
        return self.process is None or self.process.poll() is not None


@dataclass
class Supervisor:
    """Runs children until told to stop. `watch` is called each round: the embedded server is kept alive there."""

    settings: Settings
    children: list[Child]
    watch: Callable[[], object] = lambda: None
    tell: Callable[[str], object] = print
    stopping: threading.Event = field(default_factory=threading.Event)
    #: Something is put in at each signal: of all that can be waited for, this a signal may interrupt anywhere.
    _stirred: SimpleQueue[None] = field(default_factory=SimpleQueue[None], repr=False)

    def run(self) -> None:
        """Start all, keep all, and on SIGINT or SIGTERM stop all, the last started first."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._told_to_stop())
        signal.signal(signal.SIGCHLD, lambda *_: self._stirred.put(None))
        env = environment(self.settings)
        try:
            while not self.stopping.is_set() and not self._done():
                self.watch()
                for child in self.children:
                    if line := child.look(env, time.monotonic()):
                        self.tell(line)
                self._rest(time.monotonic())
        finally:
            self.stop()

    def _told_to_stop(self) -> None:
        self.stopping.set()
        self._stirred.put(None)

    def _rest(self, now: float) -> None:
        """Until a signal says that something has happened, or a child is due to be started again."""
        due = min((child.due for child in self.children if child.process is None), default=now + ROUND)
        with contextlib.suppress(Empty):
            self._stirred.get(timeout=min(max(due - now, 0.0), ROUND))

    def _done(self) -> bool:
        return bool(self.children) and all(child.due == float("inf") for child in self.children)

    def stop(self) -> None:
        for child in reversed(self.children):
            child.stop(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while time.monotonic() < until and not all(child.gone() for child in self.children):
            time.sleep(0.05)
        for child in self.children:
            child.stop(signal.SIGKILL)


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"stopped with code {code}"
