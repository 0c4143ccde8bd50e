"""Minutes: how far the workers are with today's patrol, against the target of their grids."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from layouts.figures import KEY, SMALL, TEXT, colour, layout, note
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

#: Percent of the target: where each bar begins; the last has no end.
FROM = (0, 20, 40, 60, 80, 100)


def take(situation: Situation, say: Say) -> Payload:
    minutes, target = situation.duty["minutes"], situation.duty["target"]
    reached, of = situation.patrol_rate
    counts = _counts(100 * minutes[target > 0] / target[target > 0])
    labels = [f"{low}–{high}" for low, high in itertools.pairwise(FROM)] + ["≥ 100"]
    bars: dict[str, Any] = {
        "type": "bar",
        "x": labels,
        "y": [int(count) for count in counts],
        "hoverinfo": "skip",
        "text": [say.number(int(count)) for count in counts],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"size": SMALL, "color": colour("text")},
        "constraintext": "none",
        "marker": {"color": [colour("backlog_high")] * (len(FROM) - 1) + [colour("accent")], "line": {"width": 0}},
    }
    axes = {
        "xaxis": {
            "type": "category",
            "showgrid": False,
            "tickfont": {"size": SMALL, "color": colour("secondary")},
            "tickangle": 0,
            "fixedrange": True,
        },
        "yaxis": {
            "visible": False,
            "range": [0, max(1, int(counts.max())) * 1.16],
            "fixedrange": True,
        },
    }
    notes = [
        note(say.percent(reached, of), 0, 1, KEY, "text", yanchor="bottom", yshift=1.6),
        note(say("minutes.reached"), 1, 1, TEXT - 0.2, "accent", xanchor="right", yanchor="bottom", yshift=4.6),
        note(say.share(reached, of), 1, 1, TEXT - 0.2, "secondary", xanchor="right", yanchor="bottom", yshift=2),
        note(f"{say('minutes.axis')} · {say('minutes.people')}", 0, 0, SMALL, yanchor="top", yshift=-2.4),
    ]
    margin = {"l": 0, "r": 0, "t": 8.4, "b": 4.8, "pad": 0}
    return {"figure": {"data": [bars], "layout": layout(annotations=notes, margin=margin, bargap=0.18, **axes)}}


def _counts(percent: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    edges = np.array([*FROM, np.inf])
    return np.histogram(percent, edges)[0]


PANEL = Panel("minutes", take, ("patrol",), "fixes", graph=True, door="/list?of=patrol&area={area}", calm=True)
