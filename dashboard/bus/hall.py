"""Hall: which city is in force and what time it is, for every process alike."""

from __future__ import annotations

import time
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.clock import Clock, HallClock
from feeds.city import City

__all__ = ["Hall", "NoCity", "Version"]


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
        return self.valid_from <= datetime.fromtimestamp(now_ms / 1000, ZoneInfo(self.zone)).date().isoformat()


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
        rows = cast("dict[bytes, bytes]", self._redis.hgetall(keys.CITIES))
        found = [msgspec.json.decode(row, type=Version) for row in rows.values()]
        return sorted(found, key=lambda row: (row.valid_from, row.put_ms))

    def city_version(self) -> str | None:
        """The state in force: the latest whose day has come, else the earliest; None while there is no city."""
        versions = self.versions()
        now_ms = Clock(self.clock()).now_ms() if versions else 0.0
        begun = [row for row in versions if row.begun(now_ms)]
        return (begun or versions[:1])[-1].version if versions else None

    def city(self) -> City:
        """Raises NoCity."""
        version = self.city_version()
        if self._city is None or version != self._version:
            body = cast("bytes | None", self._redis.get(keys.city(version))) if version else None
            if body is None:
                raise NoCity("there is no city yet: run `gridhall demo`, or `gridhall import city`")
            self._city, self._version = City.from_bytes(body), version
        return self._city

    def set_clock(self, clock: HallClock) -> None:
        self._redis.hset(keys.HALL, "clock", msgspec.json.encode(clock))

    def clock(self) -> HallClock:
        """Real time, unless a replay or a faster simulation has set it."""
        body = cast("bytes | None", self._redis.hget(keys.HALL, "clock"))
        return msgspec.json.decode(body, type=HallClock) if body else HallClock()
