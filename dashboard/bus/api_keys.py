"""API keys: one a source. Only a key's SHA-256 is kept, so a look-up by it says nothing about how near a guess was."""

from __future__ import annotations

import hashlib
import secrets
from typing import cast

from dashboard.bus import keys
from dashboard.bus.connect import Redis

__all__ = ["ApiKeys", "fingerprint"]


def fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class ApiKeys:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(self, source: str) -> str:
        """A new key for the source; shown this once."""
        key = f"gh_{secrets.token_urlsafe(24)}"
        self._redis.hset(keys.API_KEYS, fingerprint(key), source)
        return key

    def source_of(self, key: str) -> str | None:
        source = cast("bytes | None", self._redis.hget(keys.API_KEYS, fingerprint(key)))
        return source.decode() if source else None

    def revoke(self, source: str) -> int:
        """How many keys of the source were taken back."""
        own = [print_ for print_, owner in self.table().items() if owner == source]
        return int(self._redis.hdel(keys.API_KEYS, *own)) if own else 0  # type: ignore[arg-type]

    def all(self) -> list[str]:
        """The source of each key: one that has two keys stands here twice."""
        return sorted(self.table().values())

    def table(self) -> dict[str, str]:
        """Fingerprint of each key → its source."""
        table = cast("dict[bytes, bytes]", self._redis.hgetall(keys.API_KEYS))
        return {print_.decode(): source.decode() for print_, source in table.items()}
