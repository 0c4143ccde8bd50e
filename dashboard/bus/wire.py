"""Wire: a script that is run many times a second, over one connection of asyncio's client that is kept."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from redis.exceptions import ConnectionError as Lost
from redis.exceptions import NoScriptError

from dashboard.bus.connect import AsyncRedis

__all__ = ["Wire"]

#: Seconds for connecting, asking and hearing together.
PATIENCE = 10.0


class Wire:
    """One call after the other; nothing is ever sent twice.

    The client's own way borrows a connection for each call, makes a task for its sending and tells observers of each
    step, which costs more than all else that a write does here: it opens the connection, and we speak on it.
    """

    def __init__(self, redis: AsyncRedis, script: str) -> None:
        self._pool = redis.connection_pool
        self._script, self._name = script, hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._turn = asyncio.Lock()
        self._connection: Any = None  # what we use of it has no types

    async def run(self, names: Sequence[str], words: Sequence[str | bytes | int]) -> None:
        """Returns when the script has run; raises one of AWAY, or what the server said, when that is not certain."""
        async with self._turn, asyncio.timeout(PATIENCE):
            connection = await self._connected()
            try:
                try:
                    await _ask(connection, "EVALSHA", self._name, len(names), *names, *words)
                except NoScriptError:
                    await _ask(connection, "EVAL", self._script, len(names), *names, *words)
            except BaseException:
                # What is still to come on it would be taken for the answer to the next call.
                await connection.disconnect(nowait=True)
                raise

    async def _connected(self) -> Any:
        """The one that is kept, anew if the server has closed it meanwhile."""
        if self._connection is None:
            self._connection = await self._pool.get_connection()
        connection = self._connection
        try:
            if connection.is_connected and await connection.can_read():
                await connection.disconnect(nowait=True)
            if not connection.is_connected:
                await connection.connect()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return connection


async def _ask(connection: Any, *words: str | bytes | int) -> None:
    """The answer to a script that answers nothing is one line, as a refusal is."""
    connection._writer.write(_packed(words))
    said: bytes = await connection._reader.readline()
    if not said.endswith(b"\n"):
        raise Lost("the server closed the connection")
    if said.startswith(b"-"):
        raise connection._parser.parse_error(said[1:].decode(errors="replace").strip())


def _packed(words: Sequence[str | bytes | int]) -> bytes:
    """As a server reads it: each word behind its length."""
    said = [b"$%d\r\n%s\r\n" % (len(word), word) if isinstance(word, bytes) else _often(word) for word in words]
    return b"*%d\r\n%s" % (len(said), b"".join(said))


@lru_cache(4096)
def _often(word: str | int) -> bytes:
    """Names, kinds and small numbers come again and again."""
    said = str(word).encode()
    return b"$%d\r\n%s\r\n" % (len(said), said)
