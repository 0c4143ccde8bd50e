"""Ports: a free one of this machine, and not the one that a test beside us has just been given."""

from __future__ import annotations

import itertools
import os
import socket

__all__ = ["free_port"]

#: Below the range from which the system gives ports to whoever does not ask for one; so many for each worker.
FIRST, EACH = 20_000, 2_000
_WORKER = int("".join(filter(str.isdigit, os.environ.get("PYTEST_XDIST_WORKER", "0"))) or 0) % 6
_next = itertools.cycle(range(FIRST + _WORKER * EACH, FIRST + (_WORKER + 1) * EACH))


def free_port() -> int:
    """A TCP port that nobody listens on."""
    for port in itertools.islice(_next, EACH):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port of {EACH} is free")
