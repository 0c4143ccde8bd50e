"""Ports: a free one of this machine, and not one that a test beside us, of this run or another, may be given."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from functools import cache

__all__ = ["free_port"]

#: Blocks of so many, below the range from which the system gives ports to whoever does not ask for one.
FIRST, LAST, EACH = 20_000, 32_000, 400
HOST = "127.0.0.1"


def free_port() -> int:
    """A TCP port that nobody listens on."""
    for port in itertools.islice(_ours(), EACH):
        with socket.socket() as probe:
            if _bound(probe, port):
                return port
    raise OSError(f"no port of {EACH} is free")


@cache
def _ours() -> Iterator[int]:
    """Round and round the first block that no other process has."""
    for first in range(FIRST, LAST, EACH):
        if _bound(_held, first):
            return itertools.cycle(range(first + 1, first + EACH))
    raise OSError(f"{(LAST - FIRST) // EACH} runs have all the ports")


#: Whoever is bound to the first port of a block has the block; the kernel takes it back from whoever ends.
_held = socket.socket()


def _bound(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind((HOST, port))
    except OSError:
        return False
    return True
