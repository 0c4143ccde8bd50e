"""Rejected: what was refused at the door, counted by reason, and the newest refusals. All of it is shown as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.page import page
from layouts.tables import table
from layouts.words import Say, say

__all__ = ["plain", "rejected"]

#: As much of what was sent as helps to find out who sent it.
EXCERPT = 300


def rejected(
    lang: str, theme: str, settings: Any, zone: str, counts: Mapping[str, int], recent: Sequence[Any]
) -> Component:
    """counts: "kind:reason" → how many; recent: refusals (kind, source, reason, detail, body, at_ms), newest first."""
    speak = say(lang)
    body: list[Component] = [html.H1(speak("page.rejected")), html.P(speak("rejected.what"), className="lead")]
    if counts or recent:
        body += [
            html.H2(speak("rejected.counts")),
            _counts(counts, speak),
            html.H2(speak("rejected.recent")),
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
    rows = [[plain(name.partition(":")[0]), plain(name.partition(":")[2]), speak.number(count)] for name, count in most]
    return table(heads, rows, numbers=(2,))


def _recent(recent: Sequence[Any], zone: str, speak: Say) -> Component:
    heads = [speak(f"rejected.{name}") for name in ("at", "kind", "source", "reason", "detail", "body")]
    return table(heads, [_refusal(one, zone, speak) for one in recent], numbers=())


def _refusal(one: Any, zone: str, speak: Say) -> list[Any]:
    words = [plain(getattr(one, name)) for name in ("kind", "source", "reason", "detail")]
    return [speak.moment(float(one.at_ms) / 1000, zone), *words, html.Pre(plain(one.body))]
