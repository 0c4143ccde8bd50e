"""Grids with nobody: where open events wait and no worker has been heard of."""

from __future__ import annotations

from typing import Any

from layouts.naming import grid_full
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

SHOWN = 16


def take(situation: Situation, say: Say) -> Payload:
    grids = situation.grids
    empty = grids[grids["present"] == 0]
    worst = empty.sort_values(["overdue", "open"], ascending=False, kind="stable").head(SHOWN)
    return {
        "number": say.number(len(empty)),
        "percent": say.percent(len(empty), len(grids)),
        "share": say.share(len(empty), len(grids)),
        "of": say("empty.of"),
        "rows": [_row(row, situation, say) for row in worst.itertuples()],
        "none": say("empty.none"),
    }


def _row(row: Any, situation: Situation, say: Say) -> dict[str, Any]:
    city, grid = situation.city, int(row.Index)
    return {
        "key": str(grid),
        "name": grid_full(city, grid, say),
        "place": "",
        "age": say("empty.open", n=say.number(int(row.open))),
        "band": "overdue" if int(row.overdue) else "due" if int(row.open) else "",
    }


PANEL = Panel("empty_grids", take, ("patrol",), "fixes", door="/list?of=empty&area={area}")
