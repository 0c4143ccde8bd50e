"""Crew: the processes that load a hall and look at it. Their CPU is not the hall's; each stops by itself."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from dashboard.bench.trouble import CannotMeasure

__all__ = ["Hand", "hire"]

Answer = TypeVar("Answer", bound=msgspec.Struct)


@dataclass
class Hand:
    """One process at work."""

    name: str
    process: subprocess.Popen[bytes]

    def __enter__(self) -> Hand:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def answer(self, kind: type[Answer], seconds: float) -> Answer:
        """What it has to say at its end."""
        try:
            said, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise CannotMeasure(f"the process {self.name} did not end in {seconds:.0f} s") from error
        if self.process.returncode:
            raise CannotMeasure(f"the process {self.name} ended with code {self.process.returncode}")
        return msgspec.json.decode(said, type=kind)


def hire(name: str, order: msgspec.Struct) -> Hand:
    """Start dashboard/bench/<name>.py with its order."""
    command = [sys.executable, "-m", f"dashboard.bench.{name}", msgspec.json.encode(order).decode()]
    return Hand(name, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE))
