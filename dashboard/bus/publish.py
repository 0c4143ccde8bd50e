"""Publish: frames to whoever listens now. What is missed is asked for again, so nothing is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import hiredis
from redis.exceptions import ConnectionError as Lost

from dashboard.bus import keys
from dashboard.bus.checkpoint import Lease
from dashboard.bus.connect import AWAY, Redis, RedisCluster

__all__ = ["JOINED", "Publisher", "Subscriber"]

log = logging.getLogger(__name__)

#: What a subscriber hears when it has (again) joined: from here on it misses nothing, what was before it must ask for.
JOINED = ("", b"")
#: Bytes taken from the line at once: a bundle of the largest city.
MOST = 65_536


class Publisher:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def publish(self, channel: str, body: bytes) -> int:
        """How many heard it."""
        return int(self._redis.publish(channel, body))  # type: ignore[arg-type]

    def tell(
        self,
        words: Mapping[str, Mapping[int, bytes | None]],
        bundles: Sequence[tuple[str, bytes]],
        health: Mapping[str, bytes],
        leases: Sequence[Lease] = (),
    ) -> list[bool]:
        """All that a fold says in a tick, in one go. Answers which of `leases`, to be renewed with it, are still ours.

        words: of open events, by district and key (None: closed), before the bundles (channel, body), so that whoever
        hears of a key can read what it is about. health: name of a fold → JSON of how it goes.
        """
        pipe: Any = self._redis.pipeline(transaction=False)
        for district, told in words.items():
            _speak(pipe, keys.words(district), told)
        for owner, body in health.items():
            pipe.hset(keys.FOLDS, owner, body)
        if isinstance(self._redis, RedisCluster):
            return self._tell_nodes(pipe, bundles, leases)
        for channel, body in bundles:
            pipe.publish(channel, body)
        if leases:
            Lease.renew_all(pipe, leases)
        answers = pipe.execute()
        return [bool(ours) for ours in answers[-1]] if leases else []

    def _tell_nodes(self, pipe: Any, bundles: Sequence[tuple[str, bytes]], leases: Sequence[Lease]) -> list[bool]:
        """In a cluster one node may be ahead of another, so the words are waited for."""
        pipe.execute()
        for channel, body in bundles:
            self.publish(channel, body)
        return [lease.renew() for lease in leases]


class Subscriber:
    """Listens on channels for ever, over restarts of the server; in a thread or a greenlet."""

    def __init__(self, redis: Redis, channels: Sequence[str]) -> None:
        self._redis, self._channels = redis, tuple(channels)
        self._closed = False

    def close(self) -> None:
        """The listener ends within a second."""
        self._closed = True

    def listen(self) -> Iterator[tuple[str, bytes]]:
        """(channel, body); JOINED after every subscription, the first one included."""
        while not self._closed:
            # The client library rejoins in silence, but the server's "subscribe" tells us.
            inlet: Any = self._redis.pubsub()
            try:
                inlet.subscribe(*self._channels)
                yield from self._hear(inlet)
            except AWAY as error:
                log.info("the subscription to %s was lost: %s", ", ".join(self._channels), error)
                time.sleep(0.1)
            finally:
                inlet.close()

    def _hear(self, inlet: Any) -> Iterator[tuple[str, bytes]]:
        """From the line itself: of each message the client would ask twice whether it is there, and tell observers."""
        line, reader = inlet.connection._sock, hiredis.Reader()
        line.settimeout(1.0)
        while not self._closed:
            try:
                heard = line.recv(MOST)
            except TimeoutError:
                continue
            if not heard:
                raise Lost("the server closed the connection")
            reader.feed(heard)
            while (said := reader.gets()) is not False:
                kind, channel, body = said
                if kind == b"message":
                    yield channel.decode(), body
                elif kind == b"subscribe" and channel.decode() == self._channels[-1]:
                    yield JOINED


def _speak(pipe: Any, name: str, told: Mapping[int, bytes | None]) -> None:
    spoken = {str(key): body for key, body in told.items() if body is not None}
    if spoken:
        pipe.hset(name, mapping=spoken)
    if silent := [str(key) for key, body in told.items() if body is None]:
        pipe.hdel(name, *silent)
