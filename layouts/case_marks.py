"""Case marks: how a case stands, said the same on the list and on its page: its time, its marks, where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.words import Say

__all__ = ["MARKS", "Case", "due", "marks", "overdue_by", "step"]

#: The columns of a case, and beside them: band, class_name, area_name, grid_name, department_name.
Case = Mapping[str, Any]

#: mark → its number, or whether it is there; in the order in which they matter.
MARKS: dict[str, Any] = {
    "parked": lambda case: case["parked"],
    "urged": lambda case: case["urges"],
    "ping_pong": lambda case: case["returns"] if case["returns"] >= 2 else 0,
    "returned": lambda case: case["returns"] if case["returns"] == 1 else 0,
    "reworked": lambda case: case["reworks"],
    "repeat": lambda case: bool(case["repeat_of"]),
    "answer": lambda case: case["needs_answer"] and case["answered_at"] is None,
    "joint": lambda case: "joint" in case["pending"],
    "extended": lambda case: case["extends"],
    "reopened": lambda case: case["reopens"],
    "merged": lambda case: case["outcome"] == "merged",
    "void": lambda case: case["outcome"] == "void",
    "on_spot": lambda case: case["outcome"] == "on_spot",
    "late": lambda case: case["late"],
    "exempt": lambda case: case["exempt"],
}

#: Marks that somebody has to do something about.
LOUD = ("urged", "ping_pong", "answer")


def marks(case: Case, speak: Say) -> Component:
    """Every mark is a word; colour only says it again."""
    found = [(name, said) for name, take in MARKS.items() if (said := take(case))]
    return html.Span(
        [
            html.Span(speak(f"flag.{name}", n=int(said)), className="flag", **attributes(data_loud=str(name in LOUD)))
            for name, said in found
        ],
        className="flags",
    )


def due(case: Case, now: float, zone: str, speak: Say) -> Component:
    """Band, how long it has or is over, and the moment itself; of what is closed: when that was."""
    band = str(case["band"])
    ends = case["due_at"] if band else case["archived_at"]
    moment = [html.Small(speak.moment(float(ends), zone))] if ends is not None else []
    return html.Span(
        [
            html.I(className="band", **attributes(data_band=band)),
            html.Span([*([html.B(speak(f"band.{band}")), " "] if band else []), _left(case, now, speak)]),
            *moment,
        ],
        className="due banded",
        **attributes(data_band=band),
    )


def overdue_by(case: Case, now: float) -> float | None:
    """Seconds over its time (below 0: left); a clock that stands is read where it stopped. None: no limit."""
    if case["due_at"] is None:
        return None
    return float(now if case["paused_at"] is None else case["paused_at"]) - float(case["due_at"])


def step(case: Case, speak: Say) -> str:
    return speak(f"step.{case['step']}")


def _left(case: Case, now: float, speak: Say) -> str:
    if not case["band"]:
        return speak("due.closed")
    over = overdue_by(case, now)
    if over is None:
        return speak("due.none")
    said = speak("due.past" if over > 0 else "due.left", age=speak.age(abs(over)))
    return said if case["paused_at"] is None else f"{said} · {speak('due.paused')}"
