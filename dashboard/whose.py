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

__all__ = ["NoArea", "Unasked", "known_area", "worker_called"]

#: As many areas as a sentence names.
NAMED = 5


class Unasked(Exception):
    """The city could not be asked; the sentence says why."""


class NoArea(Exception):
    """The city has no such area; the sentence names some that it has."""


def worker_called(settings: Settings, name: str) -> str:
    """The worker's id that the name reads like; empty if there is none, or no hall was ever begun here.

    Raises Unasked.
    """
    city = _city(settings)
    return namesake(map(str, city.workers.worker_id))(name) if city else ""


def known_area(settings: Settings, area: str) -> None:
    """Refuse an area_id that the city in force does not have; where there is no city yet, any may come.

    Raises NoArea, Unasked.
    """
    city = _city(settings) if area else None
    if city is not None and area not in city.area_row:
        raise NoArea(f"there is no area {area} in {city.name}; {_there_are(city, area)}")


def _city(settings: Settings) -> City | None:
    """None: there is none yet, or no hall was ever begun here. Raises Unasked."""
    if not settings.redis_url and not (Path(settings.data) / "redis").exists():
        return None
    try:
        with connected(settings) as redis:
            return Hall(redis).city()
    except NoCity:
        return None
    except (*AWAY, Unreachable, NoServer) as error:
        raise Unasked(str(error)) from error


def _there_are(city: City, said: str) -> str:
    """Areas of that name, or those that begin like it, or else its districts."""
    ids, names = city.areas.area_id, city.areas.name
    by_name = np.flatnonzero(names == said)
    alike = by_name if len(by_name) else np.flatnonzero([str(one).startswith(said[:-1]) for one in ids])
    rows = alike if len(alike) and len(said) > 1 else np.flatnonzero(city.areas.level == 1)
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return "it has " + ", ".join(f"{ids[row]} ({names[row]})" for row in rows[:NAMED]) + more
