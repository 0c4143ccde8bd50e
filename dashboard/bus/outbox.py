"""Outbox: what the ledger tells goes into a district's stream, and how far it has told with it, in one atomic step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from dashboard.bus import keys
from dashboard.bus.connect import Redis, RedisCluster

__all__ = ["Outbox", "Step"]

# For each step: KEYS cursor, stream, accepted; ARGV cursor as it was read, cursor after, payload, rows, ms
_TELL = """
local done = {}
for step = 1, #KEYS / 3 do
  local key, arg = 3 * step - 3, 5 * step - 5
  done[step] = 0
  if (redis.call('GET', KEYS[key + 1]) or '') == ARGV[arg + 1] then
    if tonumber(ARGV[arg + 4]) > 0 then
      redis.call('XADD', KEYS[key + 2], '*', 'rows', ARGV[arg + 3], 'n', ARGV[arg + 4], 'rx', ARGV[arg + 5])
      redis.call('HINCRBY', KEYS[key + 3], 'events', ARGV[arg + 4])
    end
    redis.call('SET', KEYS[key + 1], ARGV[arg + 2])
    done[step] = 1
  end
end
return done
"""


class Step(NamedTuple):
    """Add `payload` (msgpack list of so many EventReports) to a district's stream and move its cursor, or neither."""

    district: str
    before: str
    after: str
    payload: bytes = b""
    rows: int = 0
    received_ms: float = 0.0


class Outbox:
    """Any number of publishers may race: of those that read the same cursor one writes, the others are told so."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._tell = redis.register_script(_TELL)

    def cursors(self, districts: Sequence[str]) -> dict[str, str]:
        """District → its cursor, empty where there is none (yet, or any more)."""
        if not districts:
            return {}
        names = [keys.outbox(district) for district in districts]
        many = self._redis.mget_nonatomic if isinstance(self._redis, RedisCluster) else self._redis.mget
        found = cast("list[bytes | None]", many(names))
        return {name: cursor.decode() if cursor else "" for name, cursor in zip(districts, found, strict=True)}

    def tell(
        self, district: str, before: str, after: str, payload: bytes = b"", rows: int = 0, received_ms: float = 0.0
    ) -> bool:
        """One step. False: the cursor stands elsewhere.

        False may also mean that our own first try was written and its answer lost: read the cursor again.
        """
        return self.tell_all([Step(district, before, after, payload, rows, received_ms)])[0]

    def tell_all(self, steps: Sequence[Step]) -> list[bool]:
        """Each of these steps, of different districts, as `tell` does; all in one call of the server.

        In a cluster districts lie in different slots, which no script may touch together: there it is one by one.
        """
        if isinstance(self._redis, RedisCluster) and len(steps) > 1:
            return [self.tell(*step) for step in steps]
        names = [name for step in steps for name in _keys(step.district)]
        words = [word for step in steps for word in _words(step)]
        return [bool(done) for done in cast("list[int]", self._tell(names, words))] if steps else []


def _keys(district: str) -> tuple[str, str, str]:
    return keys.outbox(district), keys.events(district), keys.accepted(district)


def _words(step: Step) -> tuple[str, str, bytes, int, str]:
    return step.before, step.after, step.payload, step.rows, f"{step.received_ms:.0f}"
