"""Listing: the cases behind a number of the wall, as a plain page. What people wrote is text here, never markup."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.naming import LEVELS, STEPS, area_name, class_name, place
from layouts.page import page, theme_of
from layouts.rejected import plain
from layouts.tables import as_of, table
from layouts.theme import BANDS
from layouts.words import Say, say

__all__ = ["listing"]

COLUMNS = ("event", "class", "step", "level", "band", "place", "reported", "due", "age")


def listing(
    area: int,
    lang: str,
    theme: str,
    settings: Any,
    city: Any,
    events: Sequence[Mapping[str, Any]],
    total: int,
    classes: Any = None,
    following: str = "",
    *,
    cases: bool = False,
    known: float | None = None,
) -> Component:
    """The events of an area (row): rows of Situation.events as mappings, with event_id where it is known.

    classes: the backlog by class (Situation.backlog), to stand above them. following: address of the rest.
    cases: whoever reads may open them. known: hall time of what is known of the area, seconds; None: nothing is.
    """
    speak = say(lang)
    look = {"lang": lang, "theme": theme_of(theme)}
    rows = [_row(event, city, speak, look if cases else None) for event in events]
    body: list[Component] = [
        html.H1(f"{area_name(city, area, speak)} · {speak('page.list')}"),
        html.P(
            [
                speak("list.shown", shown=speak.number(len(rows)), of=speak.number(total)),
                as_of(known, city.zone, speak),
            ],
            className="lead",
        ),
        *([] if classes is None else [_classes(classes, area, look, city, speak)]),
        table([speak(f"column.{name}") for name in COLUMNS], rows, numbers=(6, 7, 8)) if rows else _none(speak),
    ]
    if following:
        body.append(html.A(speak("list.more"), href=following, className="more"))
    return page(
        [html.Main(body)],
        name="list",
        lang=lang,
        theme=theme,
        settings=settings,
        className="page paper",
        **attributes(data_area=str(area)),
    )


def _classes(classes: Any, area: int, look: Mapping[str, str], city: Any, speak: Say) -> Component:
    """Each class with its age bands, and a door to its own events."""
    heads = [speak("column.class"), speak("column.open"), *(speak(f"band.{band}") for band in BANDS)]
    most = classes[classes["open"] > 0].sort_values("open", ascending=False, kind="stable").to_dict("index")
    address = f"/list?{urlencode({'status': 'open', 'area': str(city.areas.area_id[area]), **look})}&class_code="
    rows = [
        [
            html.A(class_name(city, int(row), speak), href=address + quote(str(city.classes.class_code[row]), safe="")),
            *(speak.number(int(counts[name])) for name in ("open", *BANDS)),
        ]
        for row, counts in most.items()
    ]
    return html.Div(table(heads, rows, numbers=(1, 2, 3, 4, 5)), className="summary")


def _none(speak: Say) -> Component:
    return html.P(speak("list.none"), className="none")


def _row(event: Mapping[str, Any], city: Any, speak: Say, look: Mapping[str, str] | None) -> list[Any]:
    due = event.get("due")
    return [
        _number(event, look),
        class_name(city, int(event["class_row"]), speak),
        speak(f"step.{STEPS[int(event['step'])]}"),
        speak(f"level.{LEVELS[int(event['level'])]}"),
        _band(str(event["band"]), speak),
        place(city, int(event["grid"]), int(event["area"]), speak, placed=not math.isnan(event.get("lon", math.nan))),
        speak.moment(float(event["reported"]), city.zone),
        speak.moment(float(due), city.zone) if due is not None and not math.isnan(due) else "—",
        speak.age(float(event["age"])),
    ]


def _number(event: Mapping[str, Any], look: Mapping[str, str] | None) -> Any:
    """A door to its case, for those who may open it."""
    number = plain(event.get("event_id") or "")
    if not number or look is None:
        return number or str(event["key"])
    return html.A(number, href=f"/case?{urlencode({'id': str(event['event_id']), **look})}")


def _band(band: str, speak: Say) -> Component:
    return html.Span(
        [html.I(className="band", **attributes(data_band=band)), speak(f"band.{band}")], className="banded"
    )
