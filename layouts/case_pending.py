"""Case pending: what a case waits for: a decision that was asked for, a parking's end, a joint meeting's owners."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.case_marks import Case
from layouts.rejected import plain
from layouts.tables import table
from layouts.words import Say

__all__ = ["waiting"]

Asked = Mapping[str, Any]
Tell = Callable[[Asked, str, Say], str]
OWNER_COLUMNS = ("owner", "due", "answered", "note")


def waiting(case: Case, departments: Mapping[str, str], now: float, zone: str, speak: Say) -> list[Component]:
    """departments: id → name. Nothing for a case that waits for nobody's word."""
    pending: Mapping[str, Asked] = case["pending"]
    said = [
        (speak(f"ask.pending.{name}"), _asked(pending[name], tell, zone, speak))
        for name, tell in ASKED.items()
        if name in pending
    ]
    if case["parked"] and case["step_due_at"] is not None:
        until = speak("waits.until", at=speak.date(float(case["step_due_at"]), zone))
        said.append((speak("flag.parked"), until))
    parts: list[Component] = []
    if said:
        rows = [part for word, value in said for part in (html.Dt(word), html.Dd(value))]
        parts += [html.H2(speak("waits.title")), html.Dl(rows, className="case-waits")]
    if joint := pending.get("joint"):
        parts += _meeting(case, joint, departments, now, zone, speak)
    return parts


def _asked(asked: Asked, tell: Tell, zone: str, speak: Say) -> str:
    """What is asked for, who asked when, who signed already, and why."""
    who = speak("waits.by", by=plain(asked["by"]), at=speak.moment(float(asked["at"]), zone))
    signed = asked.get("approved_by")
    parts = [tell(asked, zone, speak), who, speak("waits.signed", by=plain(signed)) if signed else ""]
    return " · ".join(part for part in (*parts, plain(asked.get("note", ""))) if part)


#: What is asked for → how much of it.
ASKED: dict[str, Tell] = {
    "extend": lambda asked, _zone, speak: speak("waits.hours", n=f"{float(asked['hours']):g}"),
    "park": lambda asked, zone, speak: speak("waits.until", at=speak.date(float(asked["until"]), zone)),
    "appeal": lambda _asked, _zone, _speak: "",
}


def _meeting(
    case: Case, joint: Asked, departments: Mapping[str, str], now: float, zone: str, speak: Say
) -> list[Component]:
    """联席会议: each owner, its deadline and what it answered; a clock that stands is read where it stopped."""
    at = float(now if case["paused_at"] is None else case["paused_at"])
    rows = [
        _owner(departments.get(name, name), owner, at, zone, name == joint.get("lead"), speak)
        for name, owner in joint["owners"].items()
    ]
    open_still = sum(owner["answered_at"] is None for owner in joint["owners"].values())
    called = speak("waits.by", by=plain(joint["by"]), at=speak.moment(float(joint["at"]), zone))
    lead = html.Small(f"{called} · {speak('joint.waiting', n=open_still)}", className="lead")
    heads = [speak(f"joint.{name}") for name in OWNER_COLUMNS]
    return [html.H2([speak("ask.pending.joint"), lead]), html.Div(table(heads, rows), className="case-joint")]


def _owner(name: str, owner: Asked, at: float, zone: str, leads: bool, speak: Say) -> list[Any]:
    """A row; that an owner is late is said by a word, and by colour again."""
    ends, answered = float(owner["due_at"]), owner["answered_at"]
    over = (at if answered is None else float(answered)) - ends
    left = speak("due.past" if over > 0 else "due.early" if answered else "due.left", age=speak.age(abs(over)))
    due = [html.Span(speak.date(ends, zone)), html.Small(left)]
    said = speak("joint.open") if answered is None else speak.moment(float(answered), zone)
    who = [html.Span(plain(owner["by"]))] if owner["by"] else []
    return [
        html.Span([html.Span(plain(name)), *([html.Small(speak("joint.lead"))] if leads else [])], className="two"),
        html.Span(due, className="two", **attributes(data_over=str(over > 0))),
        html.Span([html.Span(said), *who], className="two"),
        plain(owner["note"]),
    ]
