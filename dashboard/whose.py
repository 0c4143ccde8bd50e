"""Whose: whether a name that the shell is about to give away is a worker's: the city of this hall is asked."""

from __future__ import annotations

from pathlib import Path

from dashboard.bus.connect import AWAY, Unreachable
from dashboard.bus.embedded import NoServer
from dashboard.bus.hall import Hall, NoCity
from dashboard.launch import connected
from dashboard.people.namesakes import namesake
from dashboard.settings import Settings

__all__ = ["Unasked", "worker_called"]


class Unasked(Exception):
    """The city could not be asked; the sentence says why."""


def worker_called(settings: Settings, name: str) -> str:
    """The worker's id that the name reads like; empty if there is none, or no hall was ever begun here.

    Raises Unasked.
    """
    if not settings.redis_url and not (Path(settings.data) / "redis").exists():
        return ""
    try:
        with connected(settings) as redis:
            return namesake(map(str, Hall(redis).city().workers.worker_id))(name)
    except NoCity:
        return ""
    except (*AWAY, Unreachable, NoServer) as error:
        raise Unasked(str(error)) from error
