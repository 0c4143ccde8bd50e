"""Rejected: what was refused at the door, counted by reason, and the newest refusals. All of it is shown as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.page import page
from layouts.tables import as_of, table
from layouts.words import NOTHING, WORDS, Say, say

__all__ = ["plain", "rejected"]

#: As much of what was sent as helps to find out who sent it.
EXCERPT = 300
#: Before the reason of a note.
NOTED = "noted:"


def rejected(
    lang: str,
    theme: str,
    settings: Any,
    zone: str,
    counts: Mapping[str, int],
    recent: Sequence[Any],
    *,
    now: float,
    whole: bool = True,
) -> Component:
    """counts: "kind:reason" → how many; recent: refusals (kind, source, reason, detail, body, at_ms), newest first.

    now: hall time of both, seconds since 1970. whole: whoever reads may see excerpts of what was sent.
    """
    speak = say(lang)
    body: list[Component] = [
        html.H1(speak("page.rejected")),
        html.P([speak("rejected.what"), as_of(now, zone, speak)], className="lead"),
    ]
    if counts or recent:
        body += [
            html.H2(speak("rejected.counts")),
            _counts(counts, speak),
            html.H2(speak("rejected.recent")),
            *_why_empty(recent, whole, speak),
            _recent(recent, zone, speak),
        ]
    else:
        body.append(html.P(speak("rejected.none"), className="none"))
    return page([html.Main(body)], name="rejected", lang=lang, theme=theme, settings=settings, className="page paper")


def plain(text: Any) -> str:
    """Text that cannot harm what stands beside it: no control characters, no marks of direction, no endless line."""
    kept = "".join(one if one.isprintable() or one == " " else "·" for one in str(text))
    return kept if len(kept) <= EXCERPT else f"{kept[:EXCERPT]}…"


def _counts(counts: Mapping[str, int], speak: Say) -> Component:
    heads = [speak(f"rejected.{name}") for name in ("kind", "reason", "count")]
    most = sorted(counts.items(), key=lambda item: -item[1])
    rows = [[*_of(name, speak), speak.number(count)] for name, count in most]
    return table(heads, rows, numbers=(2,))


def _of(name: str, speak: Say) -> list[Component]:
    kind, _, reason = name.partition(":")
    return _said(kind, reason, speak)


def _said(kind: str, reason: str, speak: Say) -> list[Component]:
    """In words; beside them as ingest counts it, as that is what a sender is told and what metrics say."""
    return [_worded(kind, _word(f"refused.kind.{kind}", speak)), _worded(reason, _reason(reason, speak))]


def _reason(reason: str, speak: Say) -> str:
    """A note is no refusal: what it is on was taken."""
    said = _word(f"refused.{reason.removeprefix(NOTED)}", speak)
    return speak("refused.noted", what=said) if said and reason.startswith(NOTED) else said


def _word(key: str, speak: Say) -> str:
    return speak(key) if key in WORDS else ""


def _worded(raw: str, said: str) -> Component:
    return html.Span([said, " ", html.Small(plain(raw))] if said else plain(raw))


def _why_empty(recent: Sequence[Any], whole: bool, speak: Say) -> list[Component]:
    """An empty column looks like a fault of ours."""
    if not whole:
        return [html.P(speak("rejected.hidden"), className="lead")]
    return [] if all(one.body for one in recent) else [html.P(speak("rejected.unkept"), className="lead")]


def _recent(recent: Sequence[Any], zone: str, speak: Say) -> Component:
    heads = [speak(f"rejected.{name}") for name in ("at", "kind", "source", "reason", "detail", "body")]
    return table(heads, [_refusal(one, zone, speak) for one in recent], numbers=())


def _refusal(one: Any, zone: str, speak: Say) -> list[Any]:
    kind, reason = _said(one.kind, one.reason, speak)
    at = speak.moment(float(one.at_ms) / 1000, zone)
    return [at, kind, plain(one.source), reason, plain(one.detail), html.Pre(plain(one.body) or NOTHING)]
