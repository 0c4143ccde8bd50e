"""Newest and oldest: the open events that came last, and those that wait longest."""

from __future__ import annotations

from typing import Any

import numpy as np

from layouts.naming import class_name, place
from layouts.panel import Panel, Payload, Situation, Table
from layouts.words import Say

__all__ = ["PANEL"]

#: Of each; a panel with less room shows five, none is cut in half.
SHOWN = 10


def take(situation: Situation, say: Say) -> Payload:
    events = situation.events
    if not len(events):
        return {"empty": say("latest.none")}
    order = np.argsort(events["reported"].to_numpy(), kind="stable")
    newest, oldest = events.iloc[order[: -SHOWN - 1 : -1]], events.iloc[order[:SHOWN]]
    return {
        "lists": [
            {"title": say("latest.newest"), "rows": _rows(newest, situation, say)},
            {"title": say("latest.oldest"), "rows": _rows(oldest, situation, say)},
        ]
    }


def _rows(events: Table, situation: Situation, say: Say) -> list[dict[str, Any]]:
    """Class, place and age: nothing about people on a wall."""
    return [
        {
            "key": str(int(event.key)),
            "band": str(event.band),
            "name": class_name(situation.city, int(event.class_row), say),
            "place": place(situation.city, int(event.grid), int(event.area), say),
            "age": say.age(float(event.age)),
        }
        for event in events.itertuples()
    ]


PANEL = Panel("latest", take, ("overview", "events"), "events", door="/list?status=open&area={area}")
