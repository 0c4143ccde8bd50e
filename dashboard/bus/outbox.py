"""Outbox: what the ledger tells goes into a district's stream, and how far it has told with it, in one atomic step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dashboard.bus import keys
from dashboard.bus.connect import Redis

__all__ = ["Outbox"]

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
        """Add `payload` (msgpack list of EventReport) and move the cursor, or neither: False, it stands elsewhere.

        False may also mean that our own first try was written and its answer lost: read the cursor again.
        """
        where = [keys.outbox(district), keys.events(district), keys.accepted(district)]
        return bool(self._tell(where, [before, after, payload, rows, f"{received_ms:.0f}"]))
