"""Catalogue: the panels, in the order in which they stand. A name is a file of layouts/panels."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from layouts.panel import Panel

__all__ = ["PANELS", "panel", "panels"]

PANELS = (
    "head",
    "beside",
    "backlog_levels",
    "classes",
    "trend",
    "hottest",
    "minutes",
    "unvisited",
    "latest",
    "chosen",
    "cameras",
    "workers",
    "out_of_grid",
    "empty_grids",
    "river",
)


@cache
def panel(name: str) -> Panel:
    return import_module(f"layouts.panels.{name}").PANEL


#: What stays when the map fills a screen of its own: what hour it is, who is silent, what is not on the map.
ALONE = ("head", "beside")


def panels(view: str, alone: bool = False) -> list[Panel]:
    """What a view shows; alone: beside its map, nothing but what the map needs."""
    return [found for found in map(panel, ALONE if alone else PANELS) if view in found.views]
