"""Panel: one picture of a wall; and Situation, all that it may ask. A panel fetches nothing and knows nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import quote, urlencode

import numpy as np
import numpy.typing as npt
from dash import dcc, html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.words import Say

__all__ = [
    "CALM",
    "VIEWS",
    "Columns",
    "Panel",
    "Payload",
    "Situation",
    "Table",
    "age_id",
    "draw",
    "figure",
    "panel_id",
    "part_id",
]

log = logging.getLogger(__name__)

VIEWS = ("overview", "events", "patrol")

#: A pandas DataFrame. Its own types know nothing of the columns, so rows are read as Any.
Table = Any

#: Columns of numpy of one length: what is painted each second is taken from them, as tables are dear.
Columns = Mapping[str, npt.NDArray[Any]]

#: What a panel hands to its painter; {"figure": …} for Plotly.
Payload = dict[str, Any]


class Situation(Protocol):
    """The tables of one area at one moment. Read, never write. dashboard/live/situation.py says what is in them."""

    @property
    def city(self) -> Any: ...
    @property
    def area(self) -> int: ...
    @property
    def now(self) -> float: ...
    @property
    def settings(self) -> Any: ...
    @property
    def open(self) -> Columns: ...
    @property
    def events(self) -> Table: ...
    def backlog(self, by: str) -> Table: ...
    def banded(self, by: str) -> Columns: ...
    @property
    def nowhere(self) -> int: ...
    @property
    def open_before(self) -> Mapping[int, int]: ...
    @property
    def normal(self) -> Mapping[int, int]: ...
    @property
    def trend(self) -> Columns: ...
    @property
    def river(self) -> Columns: ...
    @property
    def freshness(self) -> Mapping[str, int]: ...
    @property
    def containment(self) -> Mapping[str, int]: ...
    @property
    def outside(self) -> Columns: ...
    @property
    def out_of_grid(self) -> Table: ...
    @property
    def staff(self) -> Table: ...
    @property
    def visits(self) -> Table: ...
    @property
    def duty(self) -> Columns: ...
    @property
    def patrol(self) -> Table: ...
    @property
    def patrol_rate(self) -> tuple[int, int]: ...
    @property
    def ground(self) -> Columns: ...
    @property
    def grids(self) -> Table: ...
    @property
    def unvisited(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]: ...
    @property
    def cells_total(self) -> int: ...
    @property
    def cameras(self) -> Table: ...
    @property
    def cameras_total(self) -> int: ...
    @property
    def online(self) -> tuple[int, int]: ...
    @property
    def owners(self) -> Columns: ...
    @property
    def outages(self) -> Sequence[Any]: ...
    @property
    def feeds(self) -> Sequence[Any]: ...
    @property
    def hot(self) -> Sequence[Any]: ...
    @property
    def counters(self) -> Mapping[str, int]: ...


#: Seconds that what a calm panel shows may be older than its feed.
CALM = 3.0


@dataclass(frozen=True)
class Panel:
    """One file of layouts/panels. feed: whose age stands in its corner; door: where the cases behind it are.

    calm: what it shows changes by the minute, so it is taken every CALM seconds, and its corner says so.
    """

    name: str
    take: Callable[[Situation, Say], Payload]
    views: tuple[str, ...] = VIEWS
    feed: Literal["", "fixes", "events", "cameras"] = ""
    graph: bool = False
    door: str = ""
    framed: bool = True
    calm: bool = False

    @property
    def title(self) -> str:
        """Key of its word."""
        return f"panel.{self.name}"

    def address(self, area_id: str, say: Say) -> str:
        """Of the cases behind it, in the language of the wall."""
        return f"{self.door.format(area=quote(area_id, safe=''))}&lang={say.lang}"

    def behind(self, situation: Situation, say: Say, **more: str) -> str:
        """Address of a part of the cases behind it: those of the wall's area of which `more` holds too."""
        area = str(situation.city.areas.area_id[situation.area]) if situation.area else ""
        return f"{self.address(area, say)}&{urlencode(more)}"

    def body(self, say: Say, area_id: str = "") -> Component:
        """What stands there before the first payload: title, corner of age, door, and a skeleton."""
        part = figure(self.name) if self.graph else html.Div(_skeleton(), id=part_id(self.name), className="part")
        if not self.framed:
            return part
        head = [
            html.H2(say(self.title), className="panel-title"),
            html.Span(id=age_id(self.name), className="panel-age"),
        ]
        if self.door:
            head = [*head, _door(self.address(area_id, say), say)]
        behind = f"{CALM if self.calm else 0:g}"
        data = attributes(data_views=" ".join(self.views), data_feed=self.feed, data_behind=behind)
        return html.Section(
            [html.Header(head, className="panel-head"), part],
            id=panel_id(self.name),
            className=f"panel panel-{self.name} loading",
            **data,
        )


def panel_id(name: str) -> str:
    return f"panel-{name}"


def part_id(name: str) -> str:
    return f"part-{name}"


def age_id(name: str) -> str:
    return f"age-{name}"


def figure(name: str) -> Component:
    """A Plotly figure that fills its panel and answers to no mouse, as a wall has none; its words lie over it."""
    config: Any = {"staticPlot": True, "displayModeBar": False, "responsive": True}
    empty = {
        "data": [],
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": {"visible": False},
            "yaxis": {"visible": False},
        },
    }
    graph = dcc.Graph(id=part_id(name), figure=empty, config=config, responsive=True, className="part part-figure")
    return html.Div([graph, html.Div(id=f"notes-{name}", className="notes")], className="part-plate")


def draw(panel: Panel, situation: Situation, say: Say) -> Payload:
    """The panel's payload. One that breaks goes grey with its name; the wall stays lit."""
    try:
        return panel.take(situation, say)
    except Exception:  # whatever is wrong with one panel, the others are drawn
        log.exception("panel %s could not be drawn", panel.name)
        return {"broken": panel.name, "title": say("state.broken", name=say(panel.title)), "do": say("state.broken.do")}


def _skeleton() -> list[Component]:
    return [html.I(className="bone") for _ in range(3)]


def _door(address: str, say: Say) -> Component:
    return html.A(
        "›", href=address, target="_blank", className="door", title=say("door"), **attributes(aria_label=say("door"))
    )
