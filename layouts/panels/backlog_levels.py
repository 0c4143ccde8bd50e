"""Backlog by level: three gauges, each against a limit that it names, and its age bands."""

from __future__ import annotations

from typing import Any

from layouts.figures import KEY, SMALL, TEXT, bars, colour, layout, note, tint
from layouts.naming import LEVELS
from layouts.panel import Panel, Payload, Situation
from layouts.theme import BANDS
from layouts.words import Say

__all__ = ["PANEL", "ends"]

ROWS = len(LEVELS)
#: Of a row's height: the thin bar at its foot, and the air above it.
BAR, AIR = 0.1, 0.1


def take(situation: Situation, say: Say) -> Payload:
    backlog = situation.banded("level")
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for place, level in enumerate(reversed(range(ROWS))):
        counts = {name: int(backlog[name][level]) for name in (*BANDS, "open")}
        before = int(situation.open_before.get(level, 0))
        limit, word = ends(situation, level, counts["open"], before)
        end = max(limit, 1)
        top, foot = 1 - place / ROWS, 1 - (place + 1) / ROWS
        traces.append(_gauge(counts["open"], before, end, top, foot))
        traces += _bar(say, counts, place)
        axes |= _axes(place, foot, max(counts["open"], 1))
        texts = _texts(say, level, counts["open"], before, f"{say(word)} {say.number(limit)}", top, foot)
        notes += [text | {"href": PANEL.behind(situation, say, level=LEVELS[level])} for text in texts]
    return {"figure": {"data": traces, "layout": layout(annotations=notes, barmode="stack", bargap=0, **axes)}}


def ends(situation: Situation, level: int, now: int, before: int) -> tuple[int, str]:
    """Where the arc ends, and the word for who said so: a limit that was set, or the highest of the last day."""
    limit = int(getattr(situation.settings, f"backlog_limit_{LEVELS[level]}"))
    if limit > 0:
        return limit, "backlog.limit.set"
    return max(int(situation.normal.get(level, 0)), now, before), "backlog.limit.day"


def _gauge(now: int, before: int, end: int, top: float, foot: float) -> dict[str, Any]:
    height = top - foot
    hour_ago, thin = min(before, end), end * 0.012
    shown = min(now, end)
    return {
        "type": "indicator",
        "mode": "gauge",
        "value": shown,
        "domain": {"x": [0, 0.38], "y": [foot + height * (BAR + AIR), top - height * 0.04]},
        "gauge": {
            "shape": "angular",
            "axis": {"range": [0, end], "showticklabels": False, "ticks": "", "nticks": 2},
            "bar": {"color": colour("overdue") if now > end else colour("due"), "thickness": 0.72},
            "bgcolor": colour("track"),
            "borderwidth": 0,
            "steps": [
                {"range": [0.8 * end, end], "color": tint("soon", 0.22)},
                {"range": [max(0, hour_ago - thin), hour_ago + thin], "color": colour("secondary"), "thickness": 1},
            ],
            "threshold": {"value": shown, "thickness": 1, "line": {"color": colour("text"), "width": 0.5}},
        },
    }


def _bar(say: Say, counts: dict[str, int], place: int) -> list[dict[str, Any]]:
    number = str(place + 1) if place else ""
    return bars(say, {band: [counts[band]] for band in BANDS}, [0], xaxis=f"x{number}", yaxis=f"y{number}")


def _axes(place: int, foot: float, end: int) -> dict[str, Any]:
    number = str(place + 1) if place else ""
    low = foot + AIR * 0.4 / ROWS
    bare: dict[str, Any] = {"visible": False, "fixedrange": True}
    return {
        f"xaxis{number}": bare | {"domain": [0, 1], "range": [0, end], "anchor": f"y{number}"},
        f"yaxis{number}": bare | {"domain": [low, low + BAR / ROWS], "anchor": f"x{number}"},
    }


def _texts(say: Say, level: int, now: int, before: int, limit: str, top: float, foot: float) -> list[dict[str, Any]]:
    at = {share: foot + (top - foot) * share for share in (0.82, 0.44, 0.56, 0.32)}
    way = now - before
    return [
        note(say(f"level.{LEVELS[level]}"), 0.41, at[0.82], TEXT - 0.3, "text"),
        note(limit, 1, at[0.82], SMALL, xanchor="right"),
        note(say.number(now), 0.41, at[0.44], KEY, "text"),
        note(
            say.signed(way),
            1,
            at[0.56],
            TEXT - 0.2,
            "soon" if way > 0 else "accent" if way < 0 else "secondary",
            xanchor="right",
        ),
        note(say("backlog.hour"), 1, at[0.32], SMALL, xanchor="right"),
    ]


PANEL = Panel("backlog_levels", take, ("overview",), "events", graph=True, door="/cases?open=true&area={area}")
