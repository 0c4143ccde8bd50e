"""Hall: which city is in force and what time it is, for every process alike."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.clock import Clock, HallClock
from feeds.city import City

__all__ = ["Hall", "NoCity", "Version", "clock_of", "in_force"]

log = logging.getLogger(__name__)


class NoCity(Exception):
    """Nobody has put a city into the hall yet."""


class Version(msgspec.Struct, frozen=True):
    """One dated state of the city. valid_from: day in its zone; put_ms: when it was brought, ms since 1970."""

    version: str
    name: str
    valid_from: str
    zone: str
    put_ms: float

    def begun(self, now_ms: float) -> bool:
        return self.valid_from <= _day(now_ms, _zone(self.zone)).isoformat()


class Hall:
    """What all processes share. The city is read once a version."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._city: City | None = None
        self._version: str | None = None

    def put_city(self, city: City) -> None:
        """Keep this state of the city; it is in force from its day on, and the one before it until then."""
        version = Version(city.version, city.name, city.valid_from, city.zone, time.time() * 1000)
        self._redis.set(keys.city(city.version), city.to_bytes())
        self._redis.hset(keys.CITIES, city.version, msgspec.json.encode(version))  # type: ignore[arg-type]

    def versions(self) -> list[Version]:
        """All states of the city, the one that counts last at the end."""
        return _versions(cast("list[bytes]", self._redis.hvals(keys.CITIES)))

    def city_version(self) -> str | None:
        """The state in force: the latest whose day has come, else the earliest; None while there is no city."""
        return self.look()[1]

    def look(self) -> tuple[HallClock, str | None]:
        """`clock` and `city_version` in one go, for whoever asks again and again."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.hget(keys.HALL, "clock")
        pipe.hvals(keys.CITIES)
        body, cities = cast("tuple[bytes | None, list[bytes]]", pipe.execute())
        clock = clock_of(body)
        return clock, in_force(cities, clock)

    def city(self) -> City:
        """Raises NoCity."""
        version = self.city_version()
        if self._city is None or version != self._version:
            body = cast("bytes | None", self._redis.get(keys.city(version))) if version else None
            if body is None:
                raise NoCity("there is no city yet: run `gridhall demo`, or `gridhall import city`")
            self._city, self._version = _on_earth(City.from_bytes(body)), version
        return self._city

    def set_clock(self, clock: HallClock) -> None:
        self._redis.hset(keys.HALL, "clock", msgspec.json.encode(clock))

    def clock(self) -> HallClock:
        """Real time, unless a replay or a faster simulation has set it."""
        return clock_of(cast("bytes | None", self._redis.hget(keys.HALL, "clock")))


def clock_of(body: bytes | None) -> HallClock:
    return msgspec.json.decode(body, type=HallClock) if body else HallClock()


def in_force(bodies: Iterable[bytes], clock: HallClock) -> str | None:
    """The state in force, of those that there are."""
    versions = _versions(bodies)
    now_ms = Clock(clock).now_ms()
    begun = [row for row in versions if row.begun(now_ms)]
    return (begun or versions[:1])[-1].version if versions else None


@lru_cache
def _zone(name: str) -> tzinfo:
    """UTC for one that nobody knows: a city kept with such a zone must not stop the hall that is to get a better."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        log.warning(
            "no time zone is called %.60r: UTC is taken until the city is imported again with a right one", name
        )
        return UTC


def _on_earth(city: City) -> City:
    """The city with a zone that every reader knows; its version stays the one under which it is kept."""
    if _zone(city.zone) is not UTC or city.zone == "UTC":
        return city
    mended = replace(city, zone="UTC")
    vars(mended)["version"] = city.version
    return mended


def _day(now_ms: float, zone: tzinfo) -> date:
    """A clock that was set beyond all years stands on the first or on the last day that there is."""
    try:
        return datetime.fromtimestamp(now_ms / 1000, zone).date()
    except (ValueError, OverflowError, OSError):
        return date.max if now_ms > 0 else date.min


def _versions(bodies: Iterable[bytes]) -> list[Version]:
    found = [msgspec.json.decode(body, type=Version) for body in bodies]
    return sorted(found, key=lambda row: (row.valid_from, row.put_ms))
