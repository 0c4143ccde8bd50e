"""Newest and oldest: the open events that came last, and those that wait longest."""

from __future__ import annotations

from typing import Any

import numpy as np

from layouts.naming import class_name, place
from layouts.panel import Columns, Panel, Payload, Situation
from layouts.theme import BANDS
from layouts.words import Say

__all__ = ["PANEL"]

#: Of each; a panel with less room shows five, none is cut in half.
SHOWN = 10
COLUMNS = ("district", "key", "band", "class_row", "grid", "area", "reported", "placed")


def take(situation: Situation, say: Say) -> Payload:
    events = situation.open
    if not len(events["key"]):
        return {"empty": say("latest.none")}
    order = np.argsort(events["reported"], kind="stable")
    newest, oldest = order[: -SHOWN - 1 : -1], order[:SHOWN]
    return {
        "lists": [
            {"title": say("latest.newest"), "rows": _rows(events, newest, situation, say)},
            {"title": say("latest.oldest"), "rows": _rows(events, oldest, situation, say)},
        ]
    }


def _rows(events: Columns, picked: Any, situation: Situation, say: Say) -> list[dict[str, Any]]:
    """Class, place and age: nothing about people on a wall."""
    columns = (events[name][picked].tolist() for name in COLUMNS)
    return [
        {
            "key": f"{district}-{key}",
            "band": BANDS[band],
            "name": class_name(situation.city, class_row, say),
            "place": place(situation.city, grid, area, say, placed=placed),
            "age": say.age(situation.now - reported),
        }
        for district, key, band, class_row, grid, area, reported, placed in zip(*columns, strict=True)
    ]


#: The oldest first: nobody needs a door to what they see arriving.
DOOR = "/cases?open=true&order=reported_at&descending=false&area={area}"
PANEL = Panel("latest", take, ("overview", "events"), "events", door=DOOR)
