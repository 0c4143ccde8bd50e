"""Grids with nobody: where open events wait and no worker has been heard of."""

from __future__ import annotations

from typing import Any

import numpy as np

from layouts.naming import grid_full
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

SHOWN = 16


def take(situation: Situation, say: Say) -> Payload:
    ground = situation.ground
    grids = ground["grid"]
    empty = np.flatnonzero(ground["present"] == 0)
    worst = empty[np.lexsort((-ground["open"][empty], -ground["overdue"][empty]))[:SHOWN]]
    rows, waiting, overdue = (ground[name][worst].tolist() for name in ("grid", "open", "overdue"))
    return {
        "number": say.number(len(empty)),
        "percent": say.percent(len(empty), len(grids)),
        "share": say.share(len(empty), len(grids)),
        "of": say("empty.of"),
        "rows": [_row(*row, situation, say) for row in zip(rows, waiting, overdue, strict=True)],
        "none": say("empty.none"),
    }


def _row(grid: int, waiting: int, overdue: int, situation: Situation, say: Say) -> dict[str, Any]:
    return {
        "key": str(grid),
        "name": grid_full(situation.city, grid, say),
        "place": "",
        # What they are sorted by is said, as a list whose numbers go up and down looks out of order.
        "age": say("empty.overdue" if overdue else "empty.open", late=say.number(overdue), n=say.number(waiting)),
        "band": "overdue" if overdue else "due" if waiting else "",
    }


PANEL = Panel("empty_grids", take, ("patrol",), "fixes", door="/list?of=empty&area={area}", calm=True)
