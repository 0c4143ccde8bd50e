"""The door's one connection to Redis: kept, mended when it was closed, and never one answer behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.exceptions import ResponseError

from dashboard.bus import keys
from dashboard.bus.connect import AWAY, Redis, connect_async
from dashboard.bus.streams import AsyncInlet, Outlet, Parcel, accepted

ONE: list[Parcel] = [("fixes", "d", b"1", 1)]


def through(url: str, work: Callable[[AsyncInlet], Awaitable[None]]) -> None:
    async def run() -> None:
        inlet = AsyncInlet(connect_async(url))
        await inlet.write(ONE)
        await work(inlet)
        await inlet.close()

    asyncio.run(run())


def written(redis: Redis) -> int:
    return accepted(redis, ["d"])["d"]["fixes"]


def test_what_is_written_at_once_is_written_one_after_the_other_over_one_connection(
    redis: Redis, redis_url: str
) -> None:
    before = redis.info("stats")["total_connections_received"]

    async def work(inlet: AsyncInlet) -> None:
        await asyncio.gather(*(inlet.write([("fixes", "d", b"%d" % n, 1)]) for n in range(20)))

    through(redis_url, work)
    assert [b.payload for b in Outlet(redis, ["d"]).read({})] == [b"1", *(b"%d" % n for n in range(20))]
    assert redis.info("stats")["total_connections_received"] - before == 1


def test_a_connection_that_the_server_closed_meanwhile_costs_no_write(redis: Redis, redis_url: str) -> None:
    async def work(inlet: AsyncInlet) -> None:
        redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await asyncio.sleep(0.1)
        await inlet.write(ONE)

    through(redis_url, work)
    assert written(redis) == 2


def test_a_server_that_forgot_the_script_is_told_it_again(redis: Redis, redis_url: str) -> None:
    async def work(inlet: AsyncInlet) -> None:
        redis.script_flush()
        await inlet.write(ONE)

    through(redis_url, work)
    assert written(redis) == 2


def test_what_the_server_refuses_is_told_and_the_next_write_goes_on(redis: Redis, redis_url: str) -> None:
    redis.set(keys.fixes("other"), "no stream")

    async def work(inlet: AsyncInlet) -> None:
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            await inlet.write([("fixes", "other", b"1", 1)])
        await inlet.write(ONE)

    through(redis_url, work)
    assert written(redis) == 2


def test_a_connection_that_is_cut_before_the_answer_says_that_the_write_is_not_certain(
    redis: Redis, redis_url: str
) -> None:
    async def work(inlet: AsyncInlet) -> None:
        redis.execute_command("CLIENT", "PAUSE", 400, "WRITE")
        asked = asyncio.create_task(inlet.write(ONE))
        await asyncio.sleep(0.1)
        redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        with pytest.raises(AWAY):
            await asked
        await inlet.write(ONE)

    through(redis_url, work)
    assert written(redis) == 2


def test_the_answer_to_a_write_that_nobody_waits_for_any_more_is_not_taken_for_the_next_ones(
    redis: Redis, redis_url: str
) -> None:
    redis.set(keys.fixes("other"), "no stream")

    async def work(inlet: AsyncInlet) -> None:
        redis.execute_command("CLIENT", "PAUSE", 400, "WRITE")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(inlet.write([("fixes", "other", b"1", 1)]), 0.1)
        await inlet.write(ONE)

    through(redis_url, work)
    assert written(redis) == 2
