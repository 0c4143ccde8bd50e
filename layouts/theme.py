"""Theme: colours and sizes of the screens, as CSS variables. assets/css/tokens.css says the same, held by a test."""

from __future__ import annotations

from typing import Any

__all__ = ["BANDS", "COLOURS", "LATE", "THEMES", "contrast", "scale", "size", "variables"]

THEMES = ("dark", "light")

#: role → (dark, light). What a figure paints with is the dark value; the page swaps it for the theme's own.
COLOURS: dict[str, tuple[str, str]] = {
    "ground": ("#070B14", "#EEF2F7"),
    "panel": ("#0E1626", "#FFFFFF"),
    "line": ("#24324A", "#C9D3E0"),
    "track": ("#1B2740", "#DFE6EF"),
    "text": ("#E8EEF7", "#0F1B2D"),
    "secondary": ("#9FB0C8", "#465772"),
    "accent": ("#2DD4BF", "#0A766B"),
    "due": ("#3B82F6", "#2463C9"),
    "soon": ("#FACC15", "#A87900"),
    "overdue": ("#F97316", "#C2500B"),
    "long_open": ("#EF4444", "#C81E1E"),
    "alarm": ("#FF8A80", "#A61B1B"),
    "camera": ("#A78BFA", "#6D4BC4"),
    "backlog_low": ("#0B1E38", "#D6E4F5"),
    "backlog_high": ("#2F6DB5", "#2F6DB5"),
    "heat_1": ("#2B1B5A", "#F6E3C5"),
    "heat_2": ("#8C2981", "#F1A07A"),
    "heat_3": ("#F1605D", "#C93A5B"),
    "heat_4": ("#FCFDBF", "#5B1A63"),
}

#: The four age bands, in the order in which they are always drawn.
BANDS = ("due", "soon", "overdue", "long_open")

#: The bands behind their due time, as an address asks for them.
LATE = "overdue,long_open"

#: Letters of 16 arc-minutes: their height is the distance times this.
ARC = 0.00465
#: A letter is this much of its font's size.
LETTER = 0.735
#: Body text, in percent of the height of the picture.
BODY = 2.4
#: Above this scale a wall shows fewer panels.
LARGE = 1.1


def scale(settings: Any, asked: float = 1.0) -> float:
    """How much larger than the default everything is drawn: by the wall's geometry, times what the address asks for."""
    geometry = 1.0
    if settings.wall_height_mm > 0:
        body = 100 * settings.wall_distance_m * 1000 * ARC / LETTER / settings.wall_height_mm
        geometry = min(max(body / BODY, 0.6), 1.8)
    return round(geometry * min(max(asked, 0.5), 3.0), 4)


def variables(settings: Any, asked: float = 1.0) -> dict[str, str]:
    """The sizes as CSS variables; the rest of the scale is in tokens.css, made of --u (1 % of the height, scaled)."""
    return {"--scale": f"{scale(settings, asked):g}"}


def size(settings: Any, asked: float = 1.0) -> str:
    """Large letters leave room for fewer panels: the page's styles say which stay."""
    return "large" if scale(settings, asked) > LARGE else "normal"


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG counts it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
