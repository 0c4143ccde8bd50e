"""Streams: the way of the records, from whoever writes to the fold that reads. One entry holds a batch of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, cast

import msgspec

from dashboard.bus import keys
from dashboard.bus.connect import AsyncCluster, AsyncRedis, Redis, RedisCluster
from dashboard.bus.wire import Wire

__all__ = ["START", "STREAMS", "AsyncInlet", "Batch", "Inlet", "Kind", "Outlet", "Parcel", "accepted"]

Kind = Literal["fixes", "events", "cameras"]

#: Kind of record → name of its stream in a district.
STREAMS: dict[str, Callable[[str], str]] = {"fixes": keys.fixes, "events": keys.events, "cameras": keys.cameras}

#: The position before the first entry.
START = "0-0"

#: (kind, district, payload, records in it)
Parcel = tuple[str, str, bytes, int]
_Where = tuple[str, str]
Now = Callable[[], float]


class Batch(msgspec.Struct, frozen=True, gc=False):
    """One entry of a stream. `received_ms`: hall time at the door; the id carries the server's own time."""

    kind: str
    district: str
    id: str
    payload: bytes
    rows: int
    received_ms: float


# KEYS per parcel: its stream, accepted; ARGV ms received, and per parcel: kind, payload, rows
_PUT = """
for i = 1, #KEYS / 2 do
  local kind, payload, rows = unpack(ARGV, 3 * i - 1, 3 * i + 1)
  redis.call('XADD', KEYS[2 * i - 1], '*', 'rows', payload, 'n', rows, 'rx', ARGV[1])
  redis.call('HINCRBY', KEYS[2 * i], kind, rows)
end
"""


class Inlet:
    """Writes parcels: all of a district in one transaction, its counter of accepted records with it."""

    def __init__(self, redis: Redis, now_ms: Now = lambda: time.time() * 1000) -> None:
        self._redis, self._now_ms = redis, now_ms

    def write(self, parcels: Iterable[Parcel]) -> None:
        """Returns when all is written; raises when that is not certain."""
        for group in _groups(parcels, isinstance(self._redis, RedisCluster)):
            pipe = self._redis.pipeline(transaction=True)
            _put(pipe, group, self._now_ms())
            pipe.execute()


class AsyncInlet:
    """The same for asyncio, as one script: of a transaction of twenty commands each answer is awaited by itself.

    In a cluster there is no other way: the transactions of its asyncio client run in another loop and fail.
    """

    def __init__(self, redis: AsyncRedis, now_ms: Now = lambda: time.time() * 1000) -> None:
        self._redis, self._now_ms = redis, now_ms
        self._wire = None if isinstance(redis, AsyncCluster) else Wire(redis, _PUT)

    async def write(self, parcels: Iterable[Parcel]) -> None:
        groups = [list(group) for group in _groups(parcels, self._wire is None)]
        await asyncio.gather(*map(self._put, groups)) if len(groups) > 1 else await self._put(*groups)

    async def _put(self, parcels: Sequence[Parcel] = ()) -> None:
        names = [name for kind, district, _, _ in parcels for name in _names(kind, district)]
        words: list[str | bytes | int] = [b"%.0f" % self._now_ms()]
        words += [word for kind, _, payload, rows in parcels for word in (kind, payload, rows)]
        if self._wire:
            await self._wire.run(names, words)
        elif names:
            await cast("Awaitable[None]", self._redis.eval(_PUT, len(names), *names, *words))  # type: ignore[arg-type]

    async def close(self) -> None:
        await self._redis.aclose()


class Outlet:
    """Reads what is new in the streams of some districts."""

    def __init__(self, redis: Redis, districts: Sequence[str]) -> None:
        self._redis, self.districts = redis, tuple(districts)

    def read(self, positions: Mapping[str, Mapping[str, str]], count: int = 1000) -> list[Batch]:
        """Up to `count` entries of each stream after its position ({district: {kind: id}}; none: from START)."""
        return self.look(positions, count)[0]

    def look(
        self, positions: Mapping[str, Mapping[str, str]], count: int = 1000
    ) -> tuple[list[Batch], dict[str, bytes | None]]:
        """`read`, and in the same go how often each district was asked for the whole picture (None: never)."""
        if not self.districts:
            return [], {}
        go = self._by_key if isinstance(self._redis, RedisCluster) else self._at_once
        places = {
            (district, kind): _position(positions, district, kind) for district in self.districts for kind in STREAMS
        }
        entries, asked = go(places, count)
        batches = [_batch(kind, district, entry) for (district, kind), new in entries.items() for entry in new]
        return batches, dict(zip(self.districts, asked, strict=True))

    def _at_once(self, places: Mapping[_Where, str], count: int) -> tuple[dict[_Where, list[Any]], list[Any]]:
        """One command for all streams: what is empty costs nothing."""
        names = {STREAMS[kind](district).encode(): (district, kind) for district, kind in places}
        pipe = self._redis.pipeline(transaction=False)
        pipe.xread(cast(Any, {name: places[where] for name, where in names.items()}), count=count)
        pipe.mget([keys.ask(district) for district in self.districts])
        answer, asked = cast("tuple[list[tuple[bytes, list[Any]]], list[Any]]", pipe.execute())
        return {names[name]: new for name, new in answer or ()}, asked

    def _by_key(self, places: Mapping[_Where, str], count: int) -> tuple[dict[_Where, list[Any]], list[Any]]:
        """One key a command: those of several districts lie in several slots."""
        pipe = self._redis.pipeline(transaction=False)
        for (district, kind), place in places.items():
            pipe.xrange(STREAMS[kind](district), min=f"({place}", count=count)
        for district in self.districts:
            pipe.get(keys.ask(district))
        answers = pipe.execute()
        return dict(zip(places, answers, strict=False)), answers[len(places) :]

    def lag(self, positions: Mapping[str, Mapping[str, str]], now_ms: float) -> dict[str, float]:
        """District → seconds for which its oldest unread entry has been waiting; 0 where nothing waits. Real time."""
        wanted = [(district, kind) for district in self.districts for kind in STREAMS]
        pipe = self._redis.pipeline(transaction=False)
        for district, kind in wanted:
            pipe.xrange(STREAMS[kind](district), min=f"({_position(positions, district, kind)}", count=1)
        lag = dict.fromkeys(self.districts, 0.0)
        for (district, _), entries in zip(wanted, pipe.execute(), strict=True):
            for entry_id, _ in entries:
                lag[district] = max(lag[district], (now_ms - int(entry_id.split(b"-")[0])) / 1000)
        return lag


def accepted(redis: Redis, districts: Sequence[str]) -> dict[str, dict[str, int]]:
    """District → kind → records ever written to its streams."""
    pipe = redis.pipeline(transaction=False)
    for district in districts:
        pipe.hgetall(keys.accepted(district))
    return {
        district: {kind.decode(): int(count) for kind, count in counts.items()}
        for district, counts in zip(districts, pipe.execute(), strict=True)
    }


@lru_cache(4096)
def _names(kind: str, district: str) -> tuple[str, str]:
    """Of its stream and of its counters."""
    return STREAMS[kind](district), keys.accepted(district)


def _groups(parcels: Iterable[Parcel], by_district: bool) -> Iterable[Iterable[Parcel]]:
    """What goes into one transaction: a district in a cluster, where each is another slot; else all at one stroke."""
    if not by_district:
        return (parcels,)
    found: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        found.setdefault(parcel[1], []).append(parcel)
    return found.values()


def _put(pipe: Any, parcels: Iterable[Parcel], now_ms: float) -> None:
    for kind, district, payload, rows in parcels:
        pipe.xadd(STREAMS[kind](district), {"rows": payload, "n": rows, "rx": f"{now_ms:.0f}"})
        pipe.hincrby(keys.accepted(district), kind, rows)


def _position(positions: Mapping[str, Mapping[str, str]], district: str, kind: str) -> str:
    return positions.get(district, {}).get(kind, START)


def _batch(kind: str, district: str, entry: tuple[bytes, dict[bytes, bytes]]) -> Batch:
    entry_id, fields = entry
    return Batch(kind, district, entry_id.decode(), fields[b"rows"], int(fields[b"n"]), float(fields[b"rx"]))
