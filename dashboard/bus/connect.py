"""Connect: one way to every kind of Redis, which outlives a restart of the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import redis
import redis.asyncio
from redis.asyncio.cluster import RedisCluster as AsyncCluster
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import RedisClusterException, RedisError
from redis.exceptions import TimeoutError as TooSlow
from redis.retry import Retry

__all__ = [
    "AWAY", "AsyncCluster", "AsyncRedis", "Redis", "RedisCluster", "Unreachable",
    "connect", "connect_async", "persistence",
]  # fmt: skip

Redis = redis.Redis
RedisCluster = redis.RedisCluster
AsyncRedis = redis.asyncio.Redis

#: What is raised while the server is away.
AWAY = (Lost, TooSlow, RedisClusterException, OSError)

#: RESP2 everywhere: Redis 6 to 8 and Valkey answer it in one shape.
OPTIONS: dict[str, Any] = {"protocol": 2, "decode_responses": False, "socket_timeout": 10, "socket_connect_timeout": 5}

#: What a server may lack, what to do about it, and how one sees it in INFO.
LACKS: tuple[tuple[str, str, Callable[[dict[str, Any]], bool]], ...] = (
    ("Redis keeps nothing over a restart", "set `appendonly yes`", lambda info: not info.get("aof_enabled")),
    (
        "Redis throws keys away when its memory is full",
        "set `maxmemory-policy noeviction`",
        lambda info: info.get("maxmemory_policy", "noeviction") != "noeviction",
    ),
)

#: Longest wait between two tries.
CAP = 0.5


class Unreachable(Exception):
    """Redis does not answer; the sentence says why."""


def connect(url: str, patience: float = 10.0) -> Redis:
    """A client for unix://, redis://, rediss://, redis+cluster:// or rediss+cluster://.

    After a loss it tries again for `patience` seconds; a server that is killed is back within one or two.
    A command that was in flight when the connection broke is sent again, so it may be carried out twice.
    """
    # Six tries reach the cap, then there are two a second.
    retry = Retry(ExponentialBackoff(cap=CAP, base=0.01), 6 + round(patience / CAP))
    if plain := _cluster(url):
        return cast(Redis, redis.RedisCluster.from_url(plain, retry=retry, **OPTIONS))
    return redis.Redis.from_url(url, retry=retry, retry_on_error=[redis.BusyLoadingError], **OPTIONS)


def connect_async(url: str) -> AsyncRedis:
    """The same for asyncio, and it never sends twice: the caller is told instead, and knows whether to try again."""
    if plain := _cluster(url):
        return cast(AsyncRedis, AsyncCluster.from_url(plain, **OPTIONS))
    return redis.asyncio.Redis.from_url(url, retry=AsyncRetry(ExponentialBackoff(), 0), **OPTIONS)


def persistence(redis: Redis) -> list[tuple[str, str]]:
    """What this server lacks to keep what it has answered for: (what, hint). Raises Unreachable."""
    try:
        info = redis.info()
    except (RedisError, OSError) as error:
        raise Unreachable(str(error)) from error
    return [(what, hint) for what, hint, lacks in LACKS if lacks(info)]


def _cluster(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme.removesuffix('+cluster')}://{rest}" if scheme.endswith("+cluster") else ""
