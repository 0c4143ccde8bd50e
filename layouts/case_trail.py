"""Case trail: the ledger of one case as a table that people read: when, who, what, from where to where, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.rejected import plain
from layouts.tables import table
from layouts.words import WORDS, Say

__all__ = ["move_name", "trail_table", "verified"]

COLUMNS = ("at", "who", "move", "way", "note")
#: Seconds between seeing and writing down that are worth a word.
LATER = 60.0


def trail_table(
    entries: Sequence[Mapping[str, Any]], zone: str, speak: Say, departments: Mapping[str, str] | None = None
) -> Component:
    """The latest first. departments: id → name."""
    rows = [_row(entry, zone, departments or {}, speak) for entry in reversed(entries)]
    return html.Div(table([speak(f"trail.{name}") for name in COLUMNS], rows), className="case-trail")


def verified(state: Mapping[str, Any], zone: str, speak: Say) -> Component:
    """How far the chain was walked; a chain that is not whole is said so, loudly."""
    if state.get("broken"):
        return html.Span(
            speak("case.broken", why=plain(state["broken"])), className="verified", **attributes(data_state="broken")
        )
    if not state.get("at"):
        return html.Span(speak("case.unverified"), className="verified", **attributes(data_state="none"))
    said = speak("case.verified", position=speak.number(state["position"]), at=speak.moment(float(state["at"]), zone))
    return html.Span(said, className="verified", **attributes(data_state="whole"))


def move_name(name: str, speak: Say) -> str:
    return speak(f"move.{name}") if f"move.{name}" in WORDS else plain(name)


def _row(entry: Mapping[str, Any], zone: str, departments: Mapping[str, str], speak: Say) -> list[Any]:
    recorded, observed = float(entry["recorded_at"]), float(entry["observed_at"])
    seen = [html.Small(speak("trail.observed", at=speak.moment(observed, zone)))] if recorded - observed > LATER else []
    return [
        html.Span([html.Span(speak.moment(recorded, zone)), *seen], className="two"),
        html.Span([html.Span(_who(entry, speak)), html.Small(_post(entry, speak))], className="two"),
        html.B(move_name(str(entry["move"]), speak)),
        html.Span([_way(entry, speak), *_level(entry, speak)], className="two"),
        html.Span(
            [html.Span(plain(entry["note"])), *_facts(entry, zone, departments, speak), *_times(entry, zone, speak)],
            className="two",
        ),
    ]


def _who(entry: Mapping[str, Any], speak: Say) -> str:
    return speak("trail.system") if entry["role"] == "system" else plain(entry["actor"])


def _post(entry: Mapping[str, Any], speak: Say) -> str:
    role = speak(f"role.{entry['role']}") if f"role.{entry['role']}" in WORDS else ""
    # Seats are named by those who run the hall; those that a demo and the command line give themselves are words.
    seat = speak(f"seat.{entry['seat']}") if f"seat.{entry['seat']}" in WORDS else plain(entry["seat"])
    return " · ".join(word for word in (role, seat) if word)


def _way(entry: Mapping[str, Any], speak: Say) -> Component:
    before, after = str(entry["before"]), str(entry["after"])
    if after and before != after:
        ends = [speak(f"step.{name}") for name in (before, after) if name]
        return html.Span(" → ".join(ends), className="way")
    return html.Span(speak(f"step.{after or before}") if after or before else "—", className="lead")


def _level(entry: Mapping[str, Any], speak: Say) -> list[Component]:
    """Up or down between the levels."""
    level = entry["set"].get("level")
    return [html.Small(f"→ {speak(f'level.{level}')}")] if level and entry["version"] > 1 else []


def _facts(entry: Mapping[str, Any], zone: str, departments: Mapping[str, str], speak: Say) -> list[Component]:
    """To whom an order went, who is called to a meeting, into which case it was merged: what a note need not say."""
    known = {**entry["more"]} | _whom(entry, departments)
    if "owners" in known and entry["move"] != "joint":  # deadlines that were moved
        known["owners_were"] = known.pop("owners")
    said = [
        speak(f"trail.{name}", what=tell(known[name], zone, departments, speak))
        for name, tell in FACTS.items()
        if known.get(name) not in (None, "", [], {})
    ]
    return [html.Small(" · ".join(said))] if said else []


def _whom(entry: Mapping[str, Any], departments: Mapping[str, str]) -> dict[str, str]:
    """Of an order, to whom; of what else changes hands, nothing: the case's page says who has it."""
    if entry["move"] not in ORDERS:
        return {}
    department, handler = (str(entry["set"].get(name, "")) for name in ("department", "handler"))
    return {"to": " · ".join(one for one in (departments.get(department, department), handler) if one)}


#: Moves that give an order to somebody.
ORDERS = ("dispatch", "redispatch")


def _names(said: Any, departments: Mapping[str, str]) -> str:
    return ", ".join(plain(departments.get(one, one)) for one in said)


def _owners(said: Any, zone: str, departments: Mapping[str, str], speak: Say) -> str:
    """Each department of a meeting, and until when it is to answer."""
    ends = sorted(said.items(), key=lambda end: float(end[1]))
    return ", ".join(f"{_names([one], departments)} {speak.moment(float(at), zone)}" for one, at in ends)


#: What a trail says besides → how it is put into words.
FACTS: dict[str, Callable[[Any, str, Mapping[str, str], Say], str]] = {
    "to": lambda said, _zone, _departments, _speak: plain(said),
    "owners": _owners,
    "owners_were": _owners,
    "unanswered": lambda said, _zone, departments, _speak: _names(said, departments),
    "into": lambda said, _zone, _departments, _speak: plain(said),
    "merged": lambda said, _zone, _departments, _speak: plain(said),
    "unmerged": lambda said, _zone, _departments, _speak: plain(said),
    "answer": lambda said, _zone, _departments, _speak: plain(said),
    "class_said": lambda said, _zone, _departments, _speak: plain(said),
    "hours": lambda said, _zone, _departments, speak: speak("waits.hours", n=f"{float(said):g}"),
    "until": lambda said, zone, _departments, speak: speak.date(float(said), zone),
}


def _times(entry: Mapping[str, Any], zone: str, speak: Say) -> list[Component]:
    """A due time that was moved is never moved silently. That of a department's answer was not moved."""
    if entry["move"] == "joint_answer":
        return []
    old, new = entry["more"].get("due_at"), entry["set"].get("due_at")
    said = [
        speak(word, at=speak.moment(float(at), zone))
        for word, at in (("trail.old_due", old), ("trail.new_due", new if old is not None else None))
        if isinstance(at, int | float)
    ]
    return [html.Small(" · ".join(said))] if said else []
