"""Out of grid: who is outside the own grid now, the longest first; doubtful is not outside."""

from __future__ import annotations

from typing import Any

from layouts.naming import grid_full
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

SHOWN = 24


def take(situation: Situation, say: Say) -> Payload:
    people, counts = situation.outside, situation.containment
    workers, grids, since = (people[name][:SHOWN].tolist() for name in ("worker", "own_grid", "since"))
    known = sum(int(counts.get(name, 0)) for name in ("inside", "doubtful", "outside"))
    outside = int(counts.get("outside", 0))
    return {
        "number": say.number(outside),
        "percent": say.percent(outside, known),
        "share": say.share(outside, known),
        "of": say("out.of"),
        "doubtful": f"{say('containment.doubtful')} {say.number(counts.get('doubtful', 0))}",
        "columns": say("out.columns"),
        "rows": [_row(*row, situation, say) for row in zip(workers, grids, since, strict=True)],
        # Nobody outside among nobody is no good news.
        "none": say("out.none" if known else "out.unheard"),
    }


def _row(worker: int, own_grid: int, since: float, situation: Situation, say: Say) -> dict[str, Any]:
    """A worker's number, not a name: a wall is seen by many."""
    return {
        "key": str(worker),
        "name": str(situation.city.workers.worker_id[worker]),
        "place": grid_full(situation.city, own_grid, say),
        "age": say.age(situation.now - since),
    }


PANEL = Panel("out_of_grid", take, ("patrol",), "fixes", door="/list?of=outside&area={area}")
