"""Trend: what came in and what was closed in the last 24 hours, over all that was open."""

from __future__ import annotations

from typing import Any

import numpy as np

from layouts.figures import SMALL, TEXT, colour, layout, note, tint
from layouts.panel import Columns, Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

#: Hours between two marks of the time axis.
EVERY = 6
DAY = 86_400

#: Quarter hours in an hour: a line is what came in the hour before, which is calmer than each quarter.
QUARTERS = 4


def take(situation: Situation, say: Say) -> Payload:
    trend = situation.trend
    hours = _hours(trend, say, situation.city.zone)
    ticks, texts = list(hours), list(hours.values())
    x = trend["bucket"].tolist()
    top = max(1.0, float(max(max(_hourly(trend[name]), default=1.0) for name in ("received", "archived"))))
    axes = {
        "xaxis": {
            "range": [min(x, default=0), max(x, default=1)],
            "tickvals": ticks,
            "ticktext": texts,
            "showgrid": False,
            "zeroline": False,
            "tickfont": {"size": SMALL, "color": colour("secondary")},
            "fixedrange": True,
        },
        "yaxis": {"visible": False, "range": [0, top * 1.06], "fixedrange": True},
        "yaxis2": {
            "visible": False,
            "overlaying": "y",
            "range": [0, _most(trend) * 1.1],
            "fixedrange": True,
        },
    }
    margin = {"l": 0.4, "r": 0.4, "t": 3.3, "b": 2.6, "pad": 0}
    notes = _notes(trend, say)
    return {"figure": {"data": _lines(trend, x, say), "layout": layout(annotations=notes, margin=margin, **axes)}}


def _most(trend: Columns) -> float:
    return max(1.0, float(trend["open"].max(initial=0)))


def _lines(trend: Columns, x: list[int], say: Say) -> list[dict[str, Any]]:
    y = {name: _hourly(trend[name]) for name in ("received", "archived")} | {
        "open": trend["open"].astype(float).tolist()
    }
    common: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip"}
    return [
        common
        | {
            "name": say("trend.open"),
            "y": y["open"],
            "yaxis": "y2",
            "fill": "tozeroy",
            "fillcolor": tint("backlog_high", 0.38),
            "line": {"width": 0.12, "color": colour("backlog_high")},
        },
        common
        | {
            "name": say("trend.received"),
            "y": y["received"],
            "line": {"width": 0.3, "color": colour("text")},
        },
        common
        | {
            "name": say("trend.archived"),
            "y": y["archived"],
            "line": {
                "width": 0.3,
                "color": colour("accent"),
            },
        },
    ]


def _notes(trend: Columns, say: Say) -> list[dict[str, Any]]:
    """The legend is the numbers themselves, each in its line's colour."""
    received, archived = int(trend["received"].sum()), int(trend["archived"].sum())
    now = int(trend["open"][-1]) if len(trend["open"]) else 0
    size = TEXT - 0.3
    above: dict[str, Any] = {"yanchor": "bottom", "yshift": 0.3}
    return [
        note(f"{say('trend.received')} {say.number(received)}", 0, 1, size, "text", **above),
        note(f"{say('trend.archived')} {say.number(archived)}", 0.5, 1, size, "accent", xanchor="center", **above),
        note(f"{say('trend.open')} {say.number(now)}", 1, 1, size, "due", xanchor="right", **above),
    ]


def _hourly(counts: Any) -> list[float]:
    """At each quarter, the sum of the hour that ends with it."""
    total = np.cumsum(counts.astype(float))
    return (total - np.concatenate([np.zeros(QUARTERS), total])[: len(total)]).tolist()


def _hours(trend: Columns, say: Say, zone: str) -> dict[int, str]:
    """Full hours of the city that its axis marks. Quarters are full in every zone, hours are not."""
    buckets: list[int] = trend["bucket"].tolist()
    if not buckets:
        return {}
    first = buckets[0]
    ahead = (
        sum(int(part) * per for part, per in zip(say.hour(first, zone).split(":"), (3600, 60), strict=True))
        - first % DAY
    )
    marks = (bucket for bucket in buckets if (bucket + ahead) % (EVERY * 3600) == 0)
    return {bucket: say.hour(bucket, zone) for bucket in marks}


PANEL = Panel("trend", take, ("overview",), "events", graph=True, door="/cases?open=true&area={area}")
