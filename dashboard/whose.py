"""Whose: what the city of this hall knows of a name or an area that the shell is about to write down."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dashboard.bus.connect import AWAY, Unreachable
from dashboard.bus.embedded import NoServer
from dashboard.bus.hall import Hall, NoCity
from dashboard.launch import connected
from dashboard.people.namesakes import namesake
from dashboard.settings import Settings
from feeds.city import City

__all__ = ["NotOfThisCity", "asked"]

#: As many areas as a sentence names.
NAMED = 5


class NotOfThisCity(Exception):
    """The sentence says why."""


class _Unasked(Exception):
    """The city could not be asked; the sentence says why."""


def asked(settings: Settings, area: str, name: str, role: str) -> list[str]:
    """What is to be said of an account (a wall: no name) for an area, empty for the whole city. Where there is no city
    yet, any area and any name may come.

    Raises NotOfThisCity for an area that it does not have, and for a worker's id that would be somebody else's name.
    """
    if not area and not name:
        return []
    try:
        city = _city(settings)
    except _Unasked as error:
        what = f"{name} is a worker's id" if name else f"{area} is an area of the city"
        return [f"whether {what} could not be asked: {error}"]
    if city is None:
        return []
    said = _worker(city, name, role) if name else []
    if area and area not in city.area_row:
        raise NotOfThisCity(f"there is no area {area} in {city.name}; {_it_has(city, area)}")
    return said


def _worker(city: City, name: str, role: str) -> list[str]:
    """A worker's id is for that worker alone, whose orders go to it: refused for every other role, else said."""
    worker_id = namesake(map(str, city.workers.worker_id))(name)
    if worker_id and role != "worker":
        raise NotOfThisCity(f"{worker_id} is a worker of the city: choose another name, or --role worker")
    return [f"this is the worker {worker_id} of the city: orders to that id are theirs"] if worker_id else []


def _city(settings: Settings) -> City | None:
    """None: there is none yet, or no hall was ever begun here. Raises _Unasked."""
    if not settings.redis_url and not (Path(settings.data) / "redis").exists():
        return None
    try:
        with connected(settings) as redis:
            return Hall(redis).city()
    except NoCity:
        return None
    except (*AWAY, Unreachable, NoServer) as error:
        raise _Unasked(str(error)) from error


def _it_has(city: City, said: str) -> str:
    """Areas of that name, or those that begin like it, or else its districts."""
    ids, names = city.areas.area_id, city.areas.name
    by_name = np.flatnonzero(names == said)
    alike = by_name if len(by_name) else np.flatnonzero([str(one).startswith(said[:-1]) for one in ids])
    rows = alike if len(alike) and len(said) > 1 else np.flatnonzero(city.areas.level == 1)
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return "it has " + ", ".join(f"{ids[row]} ({names[row]})" for row in rows[:NAMED]) + more
