"""Case list: cases by what is asked of them; the question stands in the address, so that a list can be sent on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.case_marks import Case, due, marks, step
from layouts.naming import LEVELS, STEPS
from layouts.page import page
from layouts.rejected import plain
from layouts.tables import table
from layouts.theme import BANDS, LATE
from layouts.words import Say, say

__all__ = ["FLAGS", "Asked", "Seen", "case_list", "case_rows"]

COLUMNS = ("number", "class", "place", "step", "department", "time_left", "flags")
FLAGS = (
    "waiting_answer", "reply_overdue", "step_overdue", "urged", "rejected", "parked", "returned", "ping_pong",
    "reworked", "repeat", "needs_answer", "unrouted", "unplaced", "exempt", "merged",
)  # fmt: skip
SOURCES = ("worker", "citizen", "wechat", "hotline", "mailbox", "video", "leader", "police", "sensor")
#: What can be asked for and wait for a decision.
PENDING = ("extend", "park", "appeal", "joint")
#: Conditions that can be chosen; words of an address that are none; those that are not kept with other conditions.
CHOICES = ("q", "open", "area", "step", "band", "level", "class_code", "department", "source", "pending")
UNSEEN = ("lang", "theme", "order", "descending")
UNKEPT = ("cursor", "limit", "flag")
#: Milliseconds between two looks whether anything has changed.
BEAT = 1000
#: Letters of what was said that stand in a row.
EXCERPT = 60


@dataclass(frozen=True)
class Asked:
    """query: as it stands in the address. areas, departments, classes: (id, name) that can be chosen."""

    query: Mapping[str, str]
    areas: Sequence[tuple[str, str]]
    departments: Sequence[tuple[str, str]]
    classes: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Seen:
    """One page of the list. following: cursor of the page behind it."""

    cases: Sequence[Case]
    total: int
    following: str
    now: float
    zone: str


def case_list(asked: Asked, seen: Seen, lang: str, theme: str, settings: Any) -> Component:
    speak = say(lang)
    body = [
        html.Header([html.H1(speak("page.cases")), _exports(asked, speak)], className="case-top"),
        _conditions(asked, speak),
        html.Div(case_rows(asked, seen, lang), id="case-rows", **attributes(aria_live="polite")),
        dcc.Interval(id="case-beat", interval=BEAT),
        dcc.Store(id="case-asked", data=dict(asked.query)),
        dcc.Store(id="case-seen", data=""),
    ]
    return page(
        [html.Main(body)], name="cases", lang=lang, theme=theme, settings=settings, className="page paper cases"
    )


def case_rows(asked: Asked, seen: Seen, lang: str) -> list[Component]:
    """What changes while somebody looks: the count, the rows, the way on."""
    speak = say(lang)
    count = [
        html.B(speak("cases.total", n=speak.number(seen.total))),
        *([" · ", speak("cases.shown", shown=speak.number(len(seen.cases)))] if len(seen.cases) < seen.total else []),
        html.Small(speak("cases.as_of", at=speak.moment(seen.now, seen.zone)), className="as-of"),
    ]
    if not seen.cases:
        return [
            html.P(count, className="lead"),
            html.Div(
                [html.P(speak("cases.none")), html.P(speak("cases.none.do"), className="lead")], className="empty"
            ),
        ]
    rows = [_row(case, asked, seen, lang, speak) for case in seen.cases]
    heads = [speak(f"column.{name}") for name in COLUMNS]
    if _by_report(asked):
        rows = [[*row, _reported(case, seen, speak)] for row, case in zip(rows, seen.cases, strict=True)]
        heads.append(speak("column.reported"))
    return [html.P(count, className="lead"), table(heads, rows), _ways(asked, seen, speak)]


def _by_report(asked: Asked) -> bool:
    """A list shows what it is ordered by."""
    return asked.query.get("order") == "reported_at"


def _reported(case: Case, seen: Seen, speak: Say) -> Component:
    at = float(case["reported_at"])
    return _two(speak("age.ago", age=speak.age(seen.now - at)), speak.moment(at, seen.zone))


def _row(case: Case, asked: Asked, seen: Seen, lang: str, speak: Say) -> list[Any]:
    text, name = plain(case["text"]), str(case["class_name"])
    href = f"/case?{urlencode({'id': case['case_id'], 'lang': lang} | _theme(asked))}"
    return [
        html.A(plain(case["case_id"]), href=href, className="number-link"),
        _two(name, "" if text == name else text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"),
        _two(str(case["area_name"]), str(case["grid_name"])),
        _two(step(case, speak), speak.age(seen.now - float(case["entered_at"]))),
        _two(plain(case["department_name"]) or "—", plain(case["handler"])),
        due(case, seen.now, seen.zone, speak),
        marks(case, speak),
    ]


def _theme(asked: Asked) -> dict[str, str]:
    """The theme that was asked for goes along."""
    return {"theme": asked.query["theme"]} if asked.query.get("theme") else {}


def _two(first: str, second: str) -> Component:
    return html.Span([html.Span(first), html.Small(second)], className="two")


def _ways(asked: Asked, seen: Seen, speak: Say) -> Component:
    query = {name: value for name, value in asked.query.items() if name != "cursor"}
    ways: list[Any] = []
    if asked.query.get("cursor"):
        ways.append(html.A(speak("cases.first"), href=f"/cases?{urlencode(query)}", className="more"))
    if seen.following:
        ways.append(
            html.A(
                speak("cases.more"), href=f"/cases?{urlencode(query | {'cursor': seen.following})}", className="more"
            )
        )
    return html.Nav(ways)


def _exports(asked: Asked, speak: Say) -> Component:
    query = {name: value for name, value in asked.query.items() if name not in ("cursor", "theme", "limit")}
    kinds = (("CSV", "cases.csv", "utf-8-bom"), ("CSV GB18030", "cases.csv", "gb18030"), ("XLSX", "cases.xlsx", ""))
    links = [
        html.A(
            words,
            href=f"/api/v1/{name}?{urlencode(query | ({'encoding': more} if more else {}))}",
            className="export",
            download=name,
        )
        for words, name, more in kinds
    ]
    return html.Nav([html.Span(speak("cases.export"), className="lead"), *links])


def _conditions(asked: Asked, speak: Say) -> Component:
    """A plain form: what is chosen goes into the address."""

    def words(room: str, names: Sequence[str]) -> list[tuple[str, str]]:
        return [(name, speak(f"{room}.{name}")) for name in names]

    flag = next((name for name in FLAGS if asked.query.get(name)), "")
    fields = [
        _words(asked, speak),
        _choice("open", [("true", speak("open.true")), ("false", speak("open.false"))], asked, speak),
        _choice("area", asked.areas, asked, speak),
        _choice("step", words("step", STEPS), asked, speak),
        _choice("band", [*words("band", BANDS), (LATE, speak("ask.band.late"))], asked, speak),
        _choice("level", words("level", LEVELS), asked, speak),
        _choice("class_code", asked.classes, asked, speak),
        _choice("department", asked.departments, asked, speak),
        _choice("source", words("source", SOURCES), asked, speak),
        _choice("pending", words("ask.pending", PENDING), asked, speak),
        _choice("flag", [(name, speak(f"ask.flag.{name}")) for name in FLAGS], asked, speak, flag),
    ]
    look = "&".join(f"{name}={quote(asked.query[name])}" for name in ("lang", "theme") if asked.query.get(name))
    acts = [
        html.Button(speak("cases.apply"), type="submit", className="act main"),
        html.A(speak("cases.clear"), href=f"/cases?{look}", className="act"),
    ]
    return html.Form([*fields, *_kept(asked, flag), *acts], action="/cases", method="get", className="conditions")


def _kept(asked: Asked, flag: str) -> list[Component]:
    """What the address says besides goes along: language and theme unseen, a condition for all to see."""
    rest = {name: said for name, said in asked.query.items() if said and name not in (*CHOICES, flag, *UNKEPT)}
    return [
        *(html.Select([html.Option("", value=said)], name=name, hidden=True) for name, said in rest.items()),
        *(html.Span(f"{name} = {said}", className="besides") for name, said in rest.items() if name not in UNSEEN),
    ]


def _words(asked: Asked, speak: Say) -> Component:
    """A number, or a piece of what was written."""
    now = asked.query.get("q", "")
    field = dcc.Input(type="search", name="q", value=now, minLength=2, maxLength=100, placeholder=speak("ask.q.how"))
    return html.Label([html.Span(speak("ask.q")), field], **attributes(data_set=str(bool(now))))


def _choice(
    name: str, options: Sequence[tuple[str, str]], asked: Asked, speak: Say, chosen: str | None = None
) -> Component:
    now = asked.query.get(name, "") if chosen is None else chosen
    known = {value for value, _ in options}
    extra = [(now, now)] if now and now not in known else []
    rows = [("", speak("cases.any")), *options, *extra]
    marked = [html.Option(words, value=value, selected=value == now) for value, words in rows]
    return html.Label(
        [html.Span(speak(f"ask.{name}")), html.Select(marked, name=name)], **attributes(data_set=str(bool(now)))
    )
