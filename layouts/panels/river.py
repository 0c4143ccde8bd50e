"""River: the six steps as one stream, as wide as what is open, coloured by age; what flows on and what flows back."""

from __future__ import annotations

import math
from typing import Any

from layouts.naming import STEPS
from layouts.panel import Panel, Payload, Situation
from layouts.theme import BANDS
from layouts.words import Say

__all__ = ["PANEL"]

COLUMNS: tuple[str, ...] = ("open", *BANDS, "median_seconds", "passed_hour", "returned_hour", "parked", "returned")


def take(situation: Situation, say: Say) -> Payload:
    columns = [situation.river[name].tolist() for name in COLUMNS]
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True))
    return {
        "steps": [
            _step(name, row, say) | {"door": _door(name, situation, say)} for name, row in zip(STEPS, rows, strict=True)
        ]
    }


def _door(name: str, situation: Situation, say: Say) -> str:
    """The cases in the step. What is archived is no longer open, so that there is none to show."""
    return PANEL.behind(situation, say, step=name) if STEPS.index(name) < STEPS.index("archived") else ""


def _step(name: str, row: dict[str, Any], say: Say) -> dict[str, Any]:
    passed, returned, median = row["passed_hour"], row["returned_hour"], row["median_seconds"]
    return {
        "key": name,
        "name": say(f"step.{name}"),
        "open": row["open"],
        "number": say.number(row["open"]),
        "bands": [row[band] for band in BANDS],
        "median": say("river.whole" if name == "archived" else "river.median", age=say.age(median)),
        "age": "" if math.isnan(median) else say.age(median),
        "passed": say("river.passed", n=say.number(passed)),
        "rate": say("river.rate", n=say.number(passed)),
        "returned": returned,
        "back": say("river.returned", n=say.number(returned)) if returned else "",
        "standing": _standing(row, say),
    }


def _standing(row: dict[str, Any], say: Say) -> str:
    """Of the open ones: how many are parked, how many were returned before. Nothing where there are none."""
    counts = {"river.parked": row["parked"], "river.before": row["returned"]}
    return " · ".join(say(word, n=say.number(count)) for word, count in counts.items() if count)


PANEL = Panel("river", take, feed="events", framed=False, door="/cases?open=true&area={area}")
