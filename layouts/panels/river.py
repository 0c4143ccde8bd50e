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
    return {"steps": [_step(name, row, say) | {"door": _door(name, situation, say)} for name, row in rows]}


def _door(name: str, situation: Situation, say: Say) -> str:
    """The cases in the step. What is archived is no longer open, so that there is none to show."""
    return PANEL.behind(situation, say, step=name) if STEPS.index(name) < STEPS.index("archived") else ""


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
        "standing": _standing(row, say),
    }


def _standing(row: Any, say: Say) -> str:
    """Of the open ones: how many are parked, how many were returned before. Nothing where there are none."""
    counts = {"river.parked": int(row.parked), "river.before": int(row.returned)}
    return " · ".join(say(word, n=say.number(count)) for word, count in counts.items() if count)


PANEL = Panel("river", take, feed="events", framed=False, door="/cases?open=true&area={area}")
