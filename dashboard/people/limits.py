"""Limits: how long a session lasts, and how often somebody may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """Seconds. idle, absolute: of a session; tries: wrong passwords of one account at one address, or on one device
    that is known, within `window` after which these wait."""

    idle: float = 2 * 3600.0
    absolute: float = 12 * 3600.0
    tries: int = 5
    window: float = 900.0
    #: The same for an address, from which a whole office may come.
    tries_address: int = 40
    #: Of an account, from all addresses together: then those wait from which nobody ever came in with it.
    tries_name: int = 10
    #: A browser in which somebody signed in is known for so long.
    device: float = 90 * 86400.0
    #: A wall that was dark for longer than this needs its pass again.
    wall: float = 60 * 86400.0

    @classmethod
    def of(cls, settings: Any) -> Limits:
        return cls(
            idle=settings.session_idle_minutes * 60,
            absolute=settings.session_hours * 3600,
            tries=settings.sign_in_tries,
            window=settings.sign_in_minutes * 60,
            tries_address=settings.sign_in_tries * 8,
            tries_name=settings.sign_in_tries * 2,
        )
