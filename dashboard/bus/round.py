"""Round: what a gateway asks the hall each second, in one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.bus import keys, rejected
from dashboard.bus.connect import Redis
from dashboard.bus.feeds import FeedHealth, Feeds
from dashboard.bus.hall import clock_of, in_force
from dashboard.clock import HallClock

__all__ = ["Round", "ask"]


@dataclass(frozen=True)
class Round:
    """version: of the city in force. folds: name → JSON of how it goes."""

    clock: HallClock
    version: str | None
    feeds: list[FeedHealth]
    refused: dict[str, int]
    folds: dict[str, bytes]


def ask(redis: Redis, feeds: Feeds) -> Round:
    pipe: Any = redis.pipeline(transaction=False)
    pipe.hget(keys.HALL, "clock")
    pipe.hvals(keys.CITIES)
    pipe.hvals(keys.FEEDS)
    pipe.hgetall(keys.REJECTED)
    pipe.hgetall(keys.FOLDS)
    body, cities, beats, counts, folds = pipe.execute()
    clock = clock_of(body)
    health = {name.decode(): said for name, said in folds.items()}
    return Round(clock, in_force(cities, clock), feeds.told(beats, clock), rejected.told(counts), health)
