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


def panels(view: str) -> list[Panel]:
    """What a view shows."""
    return [found for found in map(panel, PANELS) if view in found.views]
