"""Demo day: when the simulated day of a demo began; one that is taken up again goes on with the same day.

A second day would tell its own backlog of the weeks before on top of the first one's.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from dashboard.clock import HallClock

__all__ = ["begun"]

FILE = "day.json"
#: A day that was left alone for longer is over: nobody worked on what would have come in since.
LASTS_MS = 24 * 3600_000.0


class Day(msgspec.Struct, frozen=True):
    """What makes a day what it is, and the clock by which it began."""

    seed: int
    storm: bool
    clock: HallClock


def begun(folder: Path, seed: int, storm: bool, speed: float, now_ms: float) -> HallClock:
    """The clock of the day that this folder's demo shows: its own, or one that begins now. now_ms: real time."""
    file = folder / FILE
    day = Day(seed, storm, HallClock(hall_ms=now_ms, wall_ms=now_ms, speed=speed))
    before = _read(file)
    if before and _goes_on(before, day):
        return before.clock
    file.write_bytes(msgspec.json.encode(day))
    return day.clock


def _goes_on(before: Day, day: Day) -> bool:
    same = (before.seed, before.storm, before.clock.speed) == (day.seed, day.storm, day.clock.speed)
    return same and 0 <= day.clock.wall_ms - before.clock.wall_ms < LASTS_MS / day.clock.speed


def _read(file: Path) -> Day | None:
    """None: there is no day yet, or a process died while it wrote it."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Day)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
