"""Feeds: the heartbeat of each source, so that a dead feed and a quiet night look different."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import msgspec

from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.clock import HallClock

__all__ = ["Beat", "FeedHealth", "Feeds"]


class Beat(msgspec.Struct, frozen=True):
    """What a source did since the last beat. Moments are real time; `record_ms` 0: alive, but no record.

    `beat_ms` 0, too: only refusals, which are no sign of life.
    """

    kind: str
    source: str
    beat_ms: float
    record_ms: float = 0.0
    received: int = 0
    accepted: int = 0
    rejected: int = 0


class FeedHealth(msgspec.Struct, frozen=True):
    """A source as last heard. `last_record_ms` 0: it has never sent a record."""

    kind: str
    source: str
    last_record_ms: float = 0.0
    last_beat_ms: float = 0.0
    received: int = 0
    accepted: int = 0
    rejected: int = 0


# KEYS feeds; ARGV per beat: field, kind, source, record ms, beat ms, received, accepted, rejected.
# Who was refused and has never said anything else is no source: nobody waits for them.
_BEAT = """
for i = 1, #ARGV, 8 do
  local was = redis.call('HGET', KEYS[1], ARGV[i])
  if was or tonumber(ARGV[i + 3]) + tonumber(ARGV[i + 4]) > 0 then
  local now = was and cjson.decode(was) or {last_record_ms=0, last_beat_ms=0, received=0, accepted=0, rejected=0}
  now.kind, now.source = ARGV[i + 1], ARGV[i + 2]
  now.last_record_ms = math.max(now.last_record_ms, tonumber(ARGV[i + 3]))
  now.last_beat_ms = math.max(now.last_beat_ms, tonumber(ARGV[i + 4]))
  now.received = now.received + tonumber(ARGV[i + 5])
  now.accepted = now.accepted + tonumber(ARGV[i + 6])
  now.rejected = now.rejected + tonumber(ARGV[i + 7])
  redis.call('HSET', KEYS[1], ARGV[i], cjson.encode(now))
  end
end
"""


class Feeds:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._beat = redis.register_script(_BEAT)

    def beat(self, beats: Iterable[Beat]) -> None:
        words: list[str | float] = []
        for b in beats:
            words += (f"{b.kind}:{b.source}", b.kind, b.source, round(b.record_ms), round(b.beat_ms))
            words += (b.received, b.accepted, b.rejected)
        if words:
            self._beat([keys.FEEDS], words)

    def forget(self, source: str, kinds: Iterable[str]) -> list[str]:
        """The kinds it was a source of, and is no more until it sends again."""
        return [kind for kind in kinds if self._redis.hdel(keys.FEEDS, f"{kind}:{source}")]

    def all(self) -> list[FeedHealth]:
        """Every source, its moments in hall time: what lies between two of them is `speed` times what it was.

        A wire is silent in real time, however fast a replay runs: see `dashboard.live.heard`.
        """
        pipe = self._redis.pipeline(transaction=False)
        pipe.hvals(keys.FEEDS)
        pipe.hget(keys.HALL, "clock")
        bodies, clock = cast("tuple[list[bytes], bytes | None]", pipe.execute())
        return self.told(bodies, msgspec.json.decode(clock, type=HallClock) if clock else HallClock())

    def told(self, bodies: Iterable[bytes], clock: HallClock) -> list[FeedHealth]:
        """The same, of what was read already."""
        feeds = [_in_hall_time(msgspec.json.decode(body, type=FeedHealth, strict=False), clock) for body in bodies]
        return sorted(feeds, key=lambda feed: (feed.kind, feed.source))


def _in_hall_time(feed: FeedHealth, clock: HallClock) -> FeedHealth:
    record = feed.last_record_ms and clock.at(feed.last_record_ms)
    return msgspec.structs.replace(feed, last_record_ms=record, last_beat_ms=clock.at(feed.last_beat_ms))
