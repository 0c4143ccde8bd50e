"""Backlog by class: the six largest classes, their age bands, and how many of each are overdue."""

from __future__ import annotations

from typing import Any

import numpy as np

from layouts.figures import SMALL, TEXT, bars, layout, note
from layouts.naming import class_name
from layouts.panel import Panel, Payload, Situation
from layouts.theme import BANDS, LATE
from layouts.words import Say

__all__ = ["PANEL"]

SHOWN = 6
#: What is of no class that the city knows is counted here under codes of its own: no one code opens it.
OTHER = "other"


def take(situation: Situation, say: Say) -> Payload:
    backlog = situation.banded("class_row")
    top = np.argsort(-backlog["open"], kind="stable")[:SHOWN]
    top = top[backlog["open"][top] > 0]
    places = [SHOWN - 1 - place for place in range(len(top))]
    counts: dict[str, list[float]] = {band: backlog[band][top].astype(float).tolist() for band in BANDS}
    rows, all_open = backlog["class_row"][top].tolist(), backlog["open"][top].tolist()
    names = [class_name(situation.city, row, say) for row in rows]
    codes = [str(situation.city.classes.class_code[row]) for row in rows]
    doors = ["" if code == OTHER else PANEL.behind(situation, say, class_code=code) for code in codes]
    late = [int(a + b) for a, b in zip(counts["overdue"], counts["long_open"], strict=True)]
    notes = [
        line
        for place, name, part, of, door in zip(places, names, late, all_open, doors, strict=True)
        for line in _line(say, place, name, part, of, door)
    ]
    if not len(top):
        notes = [note(say("latest.none"), 0.5, 0.5, TEXT, xanchor="center")]
    bare: dict[str, Any] = {"visible": False, "fixedrange": True}
    axes = {
        "xaxis": bare | {"range": [0, float(all_open[0]) if all_open else 1]},
        "yaxis": bare | {"range": [-0.22, SHOWN - 0.14]},
    }
    return {
        "figure": {
            "data": bars(say, counts, places),
            "layout": layout(annotations=notes, barmode="stack", bargap=0.8, **axes),
        }
    }


def _line(say: Say, place: int, name: str, late: int, of: int, door: str) -> list[dict[str, Any]]:
    """Above its bar: the name, and the overdue share with both its numbers; behind each the cases that it counts."""
    part = f"{say.share(late, of)} · {say.percent(late, of)}"
    return [
        note(name, 0, place + 0.53, SMALL + 0.25, "text", yref="y", href=door),
        note(part, 1, place + 0.53, SMALL, yref="y", xanchor="right", href=door and f"{door}&band={LATE}"),
    ]


PANEL = Panel("classes", take, ("overview", "events"), "events", graph=True, door="/cases?open=true&area={area}")
