"""Backlog by class: the six largest classes, their age bands, and how many of each are overdue."""

from __future__ import annotations

from typing import Any

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
    backlog = situation.backlog("class_row")
    backlog = backlog[backlog["open"] > 0].sort_values("open", ascending=False, kind="stable")
    top = backlog.head(SHOWN)
    places = [SHOWN - 1 - place for place in range(len(top))]
    counts = {band: [float(count) for count in top[band]] for band in BANDS}
    names = [class_name(situation.city, int(row), say) for row in top.index]
    codes = [str(situation.city.classes.class_code[int(row)]) for row in top.index]
    doors = ["" if code == OTHER else PANEL.behind(situation, say, class_code=code) for code in codes]
    late = [int(a + b) for a, b in zip(counts["overdue"], counts["long_open"], strict=True)]
    notes = [
        line
        for place, name, part, of, door in zip(places, names, late, top["open"], doors, strict=True)
        for line in _line(say, place, name, part, int(of), door)
    ]
    if not len(top):
        notes = [note(say("latest.none"), 0.5, 0.5, TEXT, xanchor="center")]
    bare: dict[str, Any] = {"visible": False, "fixedrange": True}
    axes = {
        "xaxis": bare | {"range": [0, float(top["open"].max()) if len(top) else 1]},
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
