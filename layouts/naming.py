"""Naming: what classes, areas and grids are called on a screen, and the tables' fixed orders."""

from __future__ import annotations

from typing import Any

from layouts.words import Say

__all__ = ["FRESHNESS", "LEVELS", "STEPS", "area_name", "city_name", "class_name", "grid_full", "grid_name", "place"]

STEPS = ("reported", "dispatched", "handled", "verified", "archived", "appraised")

#: From the ground up: the index is the level's code.
LEVELS = ("community", "street", "district")

FRESHNESS = ("fresh", "ageing", "old", "lost", "never")


def city_name(city: Any, say: Say) -> str:
    return str(city.name_en if say.lang == "en" and city.name_en else city.name)


def class_name(city: Any, row: int, say: Say) -> str:
    names = city.classes.name_en if say.lang == "en" else city.classes.name
    return str(names[row]) or str(city.classes.name[row])


def area_name(city: Any, row: int, say: Say) -> str:
    """The area's name; the whole city in the reader's language."""
    if row == 0:
        return city_name(city, say)
    return str(city.areas.name[row]) if 0 <= row < len(city.areas.name) else say("place.none")


def grid_name(city: Any, row: int, say: Say) -> str:
    """Of where somebody or something is: it has a position, which lies in that grid or in none."""
    return str(city.grids.name[row]) if 0 <= row < len(city.grids.name) else say("place.no_grid")


def grid_full(city: Any, row: int, say: Say) -> str:
    """The grid with its community before it, unless its name begins with that anyway."""
    name = grid_name(city, row, say)
    community = area_name(city, int(city.grids.area[row]), say) if 0 <= row < len(city.grids.area) else ""
    return name if name.startswith(community) else f"{community} {name}"


def place(city: Any, grid: int, area: int, say: Say, *, placed: bool = False) -> str:
    """The smallest thing that we know an event lies in: its community, or the area that was named.

    placed: it has a position, be it in no grid.
    """
    if 0 <= grid < len(city.grids.name):
        return area_name(city, int(city.grids.area[grid]), say)
    if 0 < area < len(city.areas.name):
        return area_name(city, area, say)
    return say("place.no_grid" if placed else "place.none")
