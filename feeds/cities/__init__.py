"""Cities: five real cities as a demo: real outlines and names, grids and people made up, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable

from feeds.cities.plans import NAMES
from feeds.city import City

__all__ = ["BUILD", "NAMES", "build"]

#: Changes whenever a city comes out differently: part of the key under which a built city is kept.
BUILD = "2"


def build(name: str, told: Callable[[float], object] = lambda share: None) -> City:
    """The city called name (one of NAMES). `told` hears now and then which share of the work is done."""
    if name not in NAMES:
        raise ValueError(f"no city is called {name!r}; choose one of: {', '.join(NAMES)}")
    from feeds.cities.town import Town  # noqa: PLC0415  (only building needs the carver)

    return Town(name, told).city()
