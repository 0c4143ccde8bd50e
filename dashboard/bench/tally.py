"""Tally: what the folds have counted, as they say it themselves when asked for the whole."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from dashboard.bench.trouble import CannotMeasure
from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.bus.streams import accepted
from dashboard.live.counters import ACCEPTED, COUNTERS
from dashboard.live.frame import Frame, decode, unbundle
from feeds.city import City

__all__ = ["counted", "settled", "written"]

PATIENCE = 30.0


def districts(city: City) -> dict[int, str]:
    return {int(row): str(city.areas.area_id[row]) for row in city.districts}


def written(redis: Redis, city: City) -> Counter[str]:
    """Kind → records ever written to the streams: fixes, events, cameras."""
    total: Counter[str] = Counter()
    for counts in accepted(redis, list(districts(city).values())).values():
        total.update(counts)
    return total


def counted(redis: Redis, city: City) -> Counter[str]:
    """The folds' counters, all districts together."""
    wanted, found = districts(city), dict[int, dict[str, int]]()
    with redis.pubsub() as inlet:
        inlet.subscribe(keys.FACTS)
        until = time.monotonic() + PATIENCE
        for district in wanted.values():
            redis.incr(keys.ask(district))
        while len(found) < len(wanted):
            if time.monotonic() > until:
                raise CannotMeasure(
                    f"{len(wanted) - len(found)} districts do not tell their counters: is there a fold?"
                )
            message: Any = inlet.get_message(timeout=1.0)
            if message and message["type"] == "message":
                frames = map(decode, unbundle(message["data"]))
                found |= {frame.district: _counters(frame) for frame in frames if frame.whole}
    total: Counter[str] = Counter()
    for counters in found.values():
        total.update(counters)
    return total


def settled(redis: Redis, city: City, seconds: float = 60.0) -> Counter[str]:
    """The counters once all that was written has been counted, or when the time is over."""
    until = time.monotonic() + seconds
    while True:
        goal, have = written(redis, city), counted(redis, city)
        if all(sum(have[name] for name in names) >= goal[kind] for kind, names in ACCEPTED.items()):
            return have
        if time.monotonic() > until:
            return have
        time.sleep(0.5)


def _counters(frame: Frame) -> dict[str, int]:
    rows = frame.tables["counters"]
    values = zip(rows["counter"].tolist(), rows["low"].tolist(), rows["high"].tolist(), strict=True)
    return {COUNTERS[number]: (high << 32) | low for number, low, high in values}
