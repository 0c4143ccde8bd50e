"""Figures: what all Plotly figures share. Every size is in percent of the wall's height; the page multiplies."""

from __future__ import annotations

from typing import Any

from layouts.theme import BANDS, COLOURS
from layouts.words import Say

__all__ = ["KEY", "SMALL", "TEXT", "bars", "colour", "layout", "note", "tint"]

#: Sizes of type, in percent of the wall's height: key numbers, body, secondary.
KEY, TEXT, SMALL = 5.0, 2.4, 1.75

#: Shape as well as hue: the bands that are late are hatched.
PATTERNS = {"due": "", "soon": "", "overdue": "/", "long_open": "x"}


def colour(role: str) -> str:
    return COLOURS[role][0].lower()


def tint(role: str, share: float) -> str:
    """A role's colour let through."""
    red, green, blue = (int(COLOURS[role][0][at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def layout(**more: Any) -> dict[str, Any]:
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": SMALL, "color": colour("text")},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "showlegend": False,
        "autosize": True,
        "uirevision": "wall",
        "separators": ".,",
    } | more


def note(text: str, x: float, y: float, size: float = SMALL, role: str = "secondary", **more: Any) -> dict[str, Any]:
    """A line of text on the paper. `href`: address of the cases that it counts."""
    font: dict[str, Any] = {"size": size, "color": colour(role)} | ({"weight": 600} if size >= KEY else {})
    place = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "middle", "borderpad": 0}
    return place | {"text": text, "x": x, "y": y, "showarrow": False, "font": font} | more


def bars(say: Say, counts: dict[str, list[float]], y: list[Any], **more: Any) -> list[dict[str, Any]]:
    """Stacked bars, one piece for each age band, always in the same order and colours."""
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": say(f"band.{band}"),
            "x": counts[band],
            "y": y,
            "marker": {"color": colour(band), "line": {"width": 0}} | _pattern(band),
            "hoverinfo": "skip",
        }
        | more
        for band in BANDS
    ]


def _pattern(band: str) -> dict[str, Any]:
    if not PATTERNS[band]:
        return {}
    return {
        "pattern": {
            "shape": PATTERNS[band],
            "size": 0.7,
            "solidity": 0.25,
            "fillmode": "overlay",
            "fgcolor": colour("ground"),
        }
    }
