"""Hall: which city is in force and what time it is, for every process alike."""

from __future__ import annotations

from typing import cast

import msgspec

from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.clock import HallClock
from feeds.city import City

__all__ = ["Hall", "NoCity"]


class NoCity(Exception):
    """Nobody has put a city into the hall yet."""


class Hall:
    """What all processes share. The city is read once a version."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._city: City | None = None
        self._version: str | None = None

    def put_city(self, city: City) -> None:
        self._redis.set(keys.city(city.version), city.to_bytes())
        self._redis.hset(keys.HALL, "version", city.version)

    def city_version(self) -> str | None:
        """Version of the city in force; None while there is none."""
        version = cast("bytes | None", self._redis.hget(keys.HALL, "version"))
        return version.decode() if version else None

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
