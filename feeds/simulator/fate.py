"""Fate: what the departments will make of one event: when it moves to which step, and where it gets stuck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feeds.record import LEVELS

__all__ = ["Fate", "Move", "draw_fate", "draw_old_fate"]

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
#: Share of events that begin at the level their class says (the others nearer to the ground), or are handed up later.
USUAL, HANDED_UP = 0.4, 0.06
GROUND = (0.86, 0.97, 1.0)
#: Share that is returned (not ours), reworked (not done), handled too late, and left lying for weeks.
RETURNED, REWORKED, TOO_LATE, STUCK = 0.05, 0.05, 0.05, 0.003


@dataclass(frozen=True)
class Move:
    """The event enters a step at a time."""

    at: float
    step: str
    level: str


@dataclass(frozen=True)
class Fate:
    """limit: seconds it should take; moves: after the report, in order of time."""

    level: str
    limit: float
    moves: tuple[Move, ...]


def draw_fate(rng: np.random.Generator, at: float, limit: float, usual: str) -> Fate:
    level = _level(rng, usual)
    higher = _above(level) if rng.random() < HANDED_UP else level
    moves = [Move(at + _about(rng, 8 * MINUTE), "dispatched", level)]
    if rng.random() < RETURNED:
        moves.append(Move(moves[-1].at + _about(rng, 25 * MINUTE), "reported", level))
        moves.append(Move(moves[-1].at + _about(rng, 10 * MINUTE), "dispatched", higher))
    moves.append(Move(moves[-1].at + _work(rng, limit), "handled", higher))
    if rng.random() < REWORKED:
        moves.append(Move(moves[-1].at + _about(rng, 25 * MINUTE), "dispatched", higher))
        moves.append(Move(moves[-1].at + _about(rng, limit * 0.12), "handled", higher))
    for step, median in (("verified", 25 * MINUTE), ("archived", 8 * MINUTE), ("appraised", 3 * HOUR)):
        moves.append(Move(moves[-1].at + _about(rng, median), step, higher))
    return Fate(level, limit, tuple(moves))


def draw_old_fate(rng: np.random.Generator, at: float, start: float, limit: float, usual: str) -> Fate:
    """Of an event that is still open at the start: dispatched long ago, handled some time from now."""
    level = _level(rng, usual)
    handled = start + float(rng.exponential(12 * HOUR))
    steps = (("handled", handled), ("verified", handled + 30 * MINUTE), ("archived", handled + 45 * MINUTE))
    first = Move(at + min(_about(rng, 15 * MINUTE), (start - at) / 2), "dispatched", level)
    return Fate(level, limit, (first, *(Move(when, step, level) for step, when in steps)))


def _level(rng: np.random.Generator, usual: str) -> str:
    return usual if rng.random() < USUAL else LEVELS[int(np.searchsorted(GROUND, rng.random(), "right"))]


def _above(level: str) -> str:
    return LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)]


def _about(rng: np.random.Generator, median: float) -> float:
    return median * float(np.exp(rng.normal(0.0, 0.7)))


def _work(rng: np.random.Generator, limit: float) -> float:
    chance = rng.random()
    if chance < STUCK:
        return float(rng.uniform(8, 25)) * DAY
    if chance < STUCK + TOO_LATE:
        return limit * float(rng.uniform(1.05, 1.9))
    return min(_about(rng, limit * 0.14), limit * 0.9)
