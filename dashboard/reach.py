"""Reach: whether somebody listens at the address of a Redis. Asked before all else, so it imports no client of it."""

from __future__ import annotations

import socket
from urllib.parse import unquote, urlsplit

__all__ = ["NoAddress", "silent"]

SCHEMES = ("unix", "redis", "rediss", "redis+cluster", "rediss+cluster")
PORT = 6379
#: Seconds until silence is an answer.
PATIENCE = 3.0


class NoAddress(Exception):
    """What cannot be the address of a Redis; the sentence says what one looks like."""


def silent(url: str) -> str:
    """Why nobody is heard at that address; empty when somebody listens. Raises NoAddress."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "localhost", parts.port or PORT
    except ValueError as error:
        raise NoAddress(_no_address(url)) from error
    if parts.scheme not in SCHEMES or "://" not in url:
        raise NoAddress(_no_address(url))
    try:
        if parts.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as trial:
                trial.settimeout(PATIENCE)
                trial.connect(unquote(parts.path))
        else:
            socket.create_connection((host, port), PATIENCE).close()
    except (OSError, OverflowError, ValueError) as error:
        return f"{parts.scheme}://{unquote(parts.path) if parts.scheme == 'unix' else f'{host}:{port}'}: {error}"
    return ""


def _no_address(url: str) -> str:
    # It may hold a password, so only what stands before it is repeated.
    return f"{url.partition('@')[0].partition(':')[0][:40]!r} is not the address of a Redis, as redis://127.0.0.1:6379"
