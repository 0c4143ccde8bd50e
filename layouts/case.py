"""Case: one case on a page: what it is, where it stands, its clocks, who did what, and what can be done now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.case_acts import CaseActs
from layouts.case_marks import Case, due, marks
from layouts.case_pending import waiting
from layouts.case_similar import similar_cases, standard
from layouts.case_trail import trail_table, verified
from layouts.naming import STEPS
from layouts.page import page
from layouts.rejected import plain
from layouts.words import Say, say

__all__ = ["BEAT", "Told", "case_body", "case_page"]

#: Milliseconds between two looks whether anything has changed.
BEAT = 1000
#: Letters of what was written that are shown.
LONGEST = 4000
OPEN_STEPS = STEPS[:4]


@dataclass(frozen=True)
class Told:
    """All that the page says. trail: entries as mappings; files: their kind, name, href; state: of the verified trail;
    acts: what the buttons need (layouts.case_acts); similar: cases like it; standard: what is asked of its class."""

    case: Case
    trail: Sequence[Mapping[str, Any]]
    files: Sequence[Mapping[str, Any]]
    state: Mapping[str, Any]
    acts: Mapping[str, Any]
    similar: Sequence[Mapping[str, Any]]
    standard: Mapping[str, Any]
    now: float
    zone: str


def case_page(told: Told, lang: str, theme: str, settings: Any) -> Component:
    case_id = told.case["case_id"]
    body: list[Component] = [
        html.Main(case_body(told, lang, theme), id="case-body"),
        html.Aside(CaseActs(id="case-acts", options=dict(told.acts)), className="case-side"),
        dcc.Interval(id="case-beat-one", interval=BEAT),
        dcc.Store(id="case-one", data={"id": case_id, "lang": lang, "theme": theme}),
        dcc.Store(id="case-version", data=mark(told)),
    ]
    return page(body, name="case", lang=lang, theme=theme, settings=settings, className="page paper case")


def mark(told: Told) -> str:
    """Changes when what is shown does: version, files, cases like it, how far it was verified; and in ten seconds."""
    like = " ".join(f"{one['case_id']}{one['kind'][0]}{one['merge']:d}" for one in told.similar)
    return f"{told.case['version']} {len(told.files)} {told.state.get('position')} {int(told.now // 10)} {like}"


def case_body(told: Told, lang: str, theme: str) -> list[Component]:
    """What changes while somebody looks."""
    speak, look = say(lang), {"lang": lang, "theme": theme}
    departments = dict(told.acts.get("departments", ()))
    return [
        _head(told, look, speak),
        _river(told, speak),
        html.Div([_clocks(told, speak), _who(told, speak)], className="case-facts"),
        *waiting(told.case, departments, told.now, told.zone, speak),
        _said(told, look, speak),
        *similar_cases(told.similar, look, speak),
        *standard(told.standard, speak),
        html.H2([speak("case.trail"), verified(told.state, told.zone, speak)]),
        trail_table(told.trail, told.zone, speak, departments),
        html.H2(speak("case.files")),
        _files(told, speak),
    ]


def _head(told: Told, look: Mapping[str, str], speak: Say) -> Component:
    case = told.case
    back = html.A(f"← {speak('case.back')}", href=f"/cases?{urlencode({'open': 'true', **look})}")
    number = html.Span(plain(case["case_id"]), className="case-number")
    place = [html.Span(str(case["place"])), html.Span(_address(case)), marks(case, speak)]
    return html.Header(
        [
            html.P([back, number], className="lead"),
            html.H1([str(case["class_name"]), due(case, told.now, told.zone, speak)]),
            html.P(place, className="case-place"),
        ]
    )


def _river(told: Told, speak: Say) -> Component:
    """Six steps: those behind it with the time they took, the one it stands in, those to come."""
    case, reached = told.case, STEPS.index(str(told.case["step"]))
    return html.Ol(
        [_step(case, name, at, reached, told, speak) for at, name in enumerate(STEPS)], className="case-river"
    )


def _step(case: Case, name: str, at: int, reached: int, told: Told, speak: Say) -> Component:
    state = "done" if at < reached else "here" if at == reached else "ahead"
    entered = case["reported_at"] if name == "reported" else case[f"{name}_at"]
    spent = float(case[f"spent_{name}"]) if name in OPEN_STEPS else 0.0
    if state == "here" and name in OPEN_STEPS:
        spent += max(told.now - float(case["entered_at"]), 0.0)
    took = speak("case.spent", age=speak.age(spent)) if spent > 0 and state != "ahead" else ""
    said = [
        html.B(speak(f"step.{name}")),
        html.Small(speak.moment(float(entered), told.zone) if entered and state != "ahead" else "—"),
    ]
    tail = [
        html.Small(
            " · ".join(word for word in (took, speak("case.now") if state == "here" else "") if word) or "\u00a0"
        )
    ]
    here = {"aria-current": "step"} if state == "here" else {}
    return html.Li(said + tail, **attributes(data_state=state), **here)  # type: ignore[arg-type]


def _clocks(told: Told, speak: Say) -> Component:
    case = told.case
    rows = [
        ("case", case["due_at"], str(case["clock"])),
        ("step", case["step_due_at"], ""),
        ("reply", case["reply_due_at"], ""),
    ]
    shown = [
        _clock(name, float(ends), kind, told, speak)
        for name, ends, kind in rows
        if ends is not None and _runs(case, name)
    ]
    if case["paused_at"] is not None:
        shown.append(
            html.P(speak("case.clock.paused", at=speak.moment(float(case["paused_at"]), told.zone)), className="paused")
        )
    return html.Section(shown or [html.P(speak("due.none"), className="lead")], className="case-clocks")


def _runs(case: Case, name: str) -> bool:
    """Whether that clock still says something: the step's ends with the step, the answer's with the answer."""
    closed = case["step"] not in OPEN_STEPS
    return {"case": True, "step": not closed, "reply": case["answered_at"] is None and bool(case["needs_answer"])}[name]


def _clock(name: str, ends: float, kind: str, told: Told, speak: Say) -> Component:
    case = told.case
    closed = case["archived_at"] if name == "case" and case["step"] not in OPEN_STEPS else None
    at = float(closed or (told.now if case["paused_at"] is None else case["paused_at"]))
    over = at - ends
    left = "due.early" if closed else "due.left"
    words = speak("due.past" if over > 0 else left, age=speak.age(abs(over)))
    return html.Div(
        [
            html.Span(speak(f"case.clock.{name}"), className="lead"),
            html.B(words),
            html.Small(" · ".join([speak.moment(ends, told.zone), *([speak(f"case.clock.{kind}")] if kind else [])])),
        ],
        className="case-clock",
        **attributes(data_over=str(over > 0)),
    )


def _who(told: Told, speak: Say) -> Component:
    case = told.case
    names = ("owner", "department", "handler", "verifier")
    said = [
        (speak(f"case.{name}"), plain(case["department_name"] if name == "department" else case[name]) or "—")
        for name in names
    ]
    if claim := case["pending"].get("claim"):
        said.append((speak("case.claim"), plain(claim["by"])))
    return html.Dl([part for word, value in said for part in (html.Dt(word), html.Dd(value))], className="case-who")


def _said(told: Told, look: Mapping[str, str], speak: Say) -> Component:
    case = told.case
    facts = [
        (speak("case.source"), str(case["source_name"])),
        (speak("case.level"), speak(f"level.{case['level']}")),
        (speak("case.reported"), speak.moment(float(case["reported_at"]), told.zone)),
        (speak("case.received"), speak.moment(float(case["received_at"]), told.zone)),
    ]
    text = str(case["text"]).strip()
    links = [
        html.P(
            html.A(
                speak(f"case.{name}", case_id=plain(case[name])), href=f"/case?{urlencode({'id': case[name], **look})}"
            )
        )
        for name in ("repeat_of", "merged_into")
        if case[name]
    ]
    return html.Section(
        [
            html.H2(speak("case.what")),
            html.Blockquote(plain_text(text) if text else speak("case.no_text"), className="" if text else "lead"),
            html.Dl(
                [part for word, value in facts for part in (html.Dt(word), html.Dd(value))], className="case-facts-row"
            ),
            *links,
        ]
    )


def plain_text(text: str) -> str:
    """Lines stay lines; what cannot be seen does no harm."""
    kept = "".join(one if one.isprintable() or one in " \n" else "·" for one in text)
    return kept if len(kept) <= LONGEST else f"{kept[:LONGEST]}…"


def _files(told: Told, speak: Say) -> Component:
    if not told.files:
        return html.P(speak("case.no_files"), className="lead")
    return html.Div([_file(file, told.zone, speak) for file in told.files], className="case-files")


def _file(file: Mapping[str, Any], zone: str, speak: Say) -> Component:
    name, href = plain(file["name"]), str(file["href"])
    picture = str(file["mime"]).startswith("image/")
    shown = html.Img(src=href, alt=name) if picture else name
    caption = [html.B(speak(f"case.{file['kind']}")), " ", name, " · ", speak.moment(float(file["added_at"]), zone)]
    return html.Figure([html.A(shown, href=href, target="_blank", rel="noopener"), html.Figcaption(caption)])


def _address(case: Case) -> str:
    """Where it is in the reporter's words, unless they only say again what stands before them."""
    said, place = plain(case["address"]), str(case["place"])
    return "" if all(word in place for word in said.split()) else said
