"""Out of grid: who is outside the own grid now, the longest first; doubtful is not outside."""

from __future__ import annotations

from typing import Any

from layouts.naming import grid_full
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

SHOWN = 24


def take(situation: Situation, say: Say) -> Payload:
    people, counts = situation.out_of_grid, situation.containment
    known = sum(int(counts.get(name, 0)) for name in ("inside", "doubtful", "outside"))
    outside = int(counts.get("outside", 0))
    return {
        "number": say.number(outside),
        "percent": say.percent(outside, known),
        "share": say.share(outside, known),
        "of": say("out.of"),
        "doubtful": f"{say('containment.doubtful')} {say.number(counts.get('doubtful', 0))}",
        "columns": say("out.columns"),
        "rows": [_row(row, situation, say) for row in people.head(SHOWN).itertuples()],
        "none": say("out.none"),
    }


def _row(row: Any, situation: Situation, say: Say) -> dict[str, Any]:
    """A worker's number, not a name: a wall is seen by many."""
    city = situation.city
    return {
        "key": str(int(row.worker)),
        "name": str(city.workers.worker_id[int(row.worker)]),
        "place": grid_full(city, int(row.own_grid), say),
        "age": say.age(situation.now - float(row.since)),
    }


PANEL = Panel("out_of_grid", take, ("patrol",), "fixes", door="/list?of=outside&area={area}")
