"""Rejected: what was refused at the door, counted for ever and kept for a while, so that its sender can be helped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

import msgspec

from dashboard.bus import keys
from dashboard.bus.connect import Redis

__all__ = ["KEPT", "Refusal", "Rejected", "told"]

#: How many refusals are kept for inspection.
KEPT = 1000
EXCERPT = 500


class Refusal(msgspec.Struct, frozen=True):
    """One refused record. `body`: its known fields, cut short, empty where it could not be read; `at_ms`: hall time."""

    kind: str
    source: str
    reason: str
    detail: str
    body: str
    at_ms: float


class Rejected:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(self, refusals: Sequence[Refusal], counts: dict[tuple[str, str], int] | None = None) -> None:
        """`counts`, (kind, reason) → number, where there were more refusals than are handed over to be kept."""
        totals = counts if counts is not None else Counter((r.kind, r.reason) for r in refusals)
        pipe = self._redis.pipeline(transaction=False)
        for (kind, reason), count in totals.items():
            pipe.hincrby(keys.REJECTED, f"{kind}:{reason}", count)
        if kept := [msgspec.json.encode(_short(refusal)) for refusal in refusals[-KEPT:]]:
            pipe.lpush(keys.REJECTED_LOG, *kept)
            pipe.ltrim(keys.REJECTED_LOG, 0, KEPT - 1)
        pipe.execute()

    def counts(self) -> dict[str, int]:
        """ "kind:reason" → refused since the hall began."""
        return told(cast("dict[bytes, bytes]", self._redis.hgetall(keys.REJECTED)))

    def recent(self, n: int = 100) -> list[Refusal]:
        """The last n, newest first."""
        bodies = cast("list[bytes]", self._redis.lrange(keys.REJECTED_LOG, 0, n - 1))
        return [msgspec.json.decode(body, type=Refusal) for body in bodies]


def told(counts: dict[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(count) for name, count in sorted(counts.items())}


def _short(refusal: Refusal) -> Refusal:
    return msgspec.structs.replace(refusal, body=refusal.body[:EXCERPT], detail=refusal.detail[:EXCERPT])
