"""River: the six steps as one stream, as wide as what is open, coloured by age; what flows on and what flows back."""

from __future__ import annotations

import math
from typing import Any

from layouts.naming import STEPS
from layouts.panel import Panel, Payload, Situation
from layouts.theme import BANDS
from layouts.words import Say

__all__ = ["PANEL"]


def take(situation: Situation, say: Say) -> Payload:
    rows = zip(STEPS, situation.river.itertuples(), strict=True)
    return {"steps": [_step(name, row, say) for name, row in rows]}


def _step(name: str, row: Any, say: Say) -> dict[str, Any]:
    passed, returned = int(row.passed_hour), int(row.returned_hour)
    return {
        "key": name,
        "name": say(f"step.{name}"),
        "open": int(row.open),
        "number": say.number(int(row.open)),
        "bands": [int(getattr(row, band)) for band in BANDS],
        "median": say("river.whole" if name == "archived" else "river.median", age=say.age(float(row.median_seconds))),
        "age": "" if math.isnan(row.median_seconds) else say.age(float(row.median_seconds)),
        "passed": say("river.passed", n=say.number(passed)),
        "rate": say("river.rate", n=say.number(passed)),
        "returned": returned,
        "back": say("river.returned", n=say.number(returned)) if returned else "",
    }


PANEL = Panel("river", take, feed="events", framed=False)
