"""Outbox: what the ledger tells goes into a district's stream, and how far it has told with it, in one atomic step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from redis.exceptions import NoScriptError

from dashboard.bus import keys
from dashboard.bus.connect import Redis, RedisCluster

__all__ = ["Outbox", "Step"]

# KEYS cursor, stream, accepted; ARGV cursor as it was read, cursor after, payload, rows, ms
_TELL = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if tonumber(ARGV[4]) > 0 then
  redis.call('XADD', KEYS[2], '*', 'rows', ARGV[3], 'n', ARGV[4], 'rx', ARGV[5])
  redis.call('HINCRBY', KEYS[3], 'events', ARGV[4])
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
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
        pipe = self._redis.pipeline(transaction=False)
        for district in districts:
            pipe.get(keys.outbox(district))
        found = cast("list[bytes | None]", pipe.execute()) if districts else []
        return {name: cursor.decode() if cursor else "" for name, cursor in zip(districts, found, strict=True)}

    def tell(
        self, district: str, before: str, after: str, payload: bytes = b"", rows: int = 0, received_ms: float = 0.0
    ) -> bool:
        """One step. False: the cursor stands elsewhere.

        False may also mean that our own first try was written and its answer lost: read the cursor again.
        """
        return bool(self._tell(*_words(Step(district, before, after, payload, rows, received_ms))))

    def tell_all(self, steps: Sequence[Step]) -> list[bool]:
        """Each of these steps by itself, of different districts, as `tell` does; all in one round to the server.

        In a cluster districts lie in different slots, and its pipelines take no scripts: there it is one by one.
        """
        if len(steps) == 1 or isinstance(self._redis, RedisCluster):
            return [self.tell(*step) for step in steps]
        pipe = self._redis.pipeline(transaction=False)
        for step in steps:
            names, words = _words(step)
            pipe.evalsha(self._tell.sha, len(names), *names, *words)
        return [
            self._done(step, answer) for step, answer in zip(steps, pipe.execute(raise_on_error=False), strict=True)
        ]

    def _done(self, step: Step, answer: Any) -> bool:
        if isinstance(answer, NoScriptError):  # the server has been started anew: this brings it the script
            return self.tell(*step)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)


def _words(step: Step) -> tuple[list[str], list[str | bytes | int]]:
    """The script's keys and words."""
    district, before, after, payload, rows, received_ms = step
    names = [keys.outbox(district), keys.events(district), keys.accepted(district)]
    return names, [before, after, payload, rows, f"{received_ms:.0f}"]
