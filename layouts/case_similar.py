"""Case similar: cases that one may be the same as, and what the standard asks of its class; beside what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.rejected import plain
from layouts.words import Say

__all__ = ["similar_cases", "standard"]

#: What a standard says in sentences.
ASKED = ("filing_condition", "closing_condition", "handling_unit")


def similar_cases(similar: Sequence[Mapping[str, Any]], look: Mapping[str, str], speak: Say) -> list[Component]:
    """Its heading and a line for each, with a button where the case could be merged into it (js/case.js)."""
    if not similar:
        return []
    return [
        html.H2(speak("case.similar")),
        html.Ul([html.Li(_line(one, look, speak)) for one in similar], className="case-similar"),
    ]


def _line(one: Mapping[str, Any], look: Mapping[str, str], speak: Say) -> list[Component]:
    case_id, seconds = str(one["case_id"]), float(one["seconds"])
    age = speak(f"case.similar.{'before' if seconds >= 0 else 'after'}", age=speak.age(abs(seconds)))
    facts = [speak(f"case.similar.{one['kind']}"), speak("case.similar.metres", n=speak.number(one["metres"])), age]
    words: list[Component] = [
        html.A(plain(case_id), href=f"/case?{urlencode({'id': case_id, **look})}", className="number-link"),
        html.Span(" · ".join(facts), className="lead"),
    ]
    if one["merge"]:
        act = speak("case.similar.merge")
        words.append(html.Button(act, type="button", className="act", **attributes(data_merge=case_id)))
    return words


def standard(asked: Mapping[str, Any], speak: Say) -> list[Component]:
    """Its heading and what it says; nothing where it says nothing."""
    said = [(speak(f"case.{name}"), str(asked[name])) for name in ASKED if asked.get(name)]
    if not said:
        return []
    rows = [part for word, value in said for part in (html.Dt(word), html.Dd(plain(value)))]
    return [html.H2(speak("case.standard")), html.Dl(rows, className="case-standard")]
