"""List exports: the lists behind the numbers of the wall as CSV and XLSX: workers, grids, cameras and open events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
from flask import Response
from msgspec import Meta

from dashboard.live.situation import Situation
from dashboard.web import events
from dashboard.web.answers import area_row, rows, state_names
from dashboard.web.cases.case_replies import LangQuery
from dashboard.web.replies import EventsQuery
from dashboard.web.route import CSV, XLSX, Route
from dashboard.web.scene import Scene
from dashboard.web.sheets import Cell, Sheet, as_csv, as_xlsx
from feeds.city import GRID_KINDS
from feeds.record import LEVELS, STEPS
from layouts.naming import FRESHNESS

__all__ = ["LISTS", "ListQuery"]

#: Rows that are written at once.
BATCH = 2000
CONTAINMENT = ("unknown", "inside", "doubtful", "outside")


class ListQuery(LangQuery):
    area: Annotated[str, Meta(max_length=200, description="area_id")] = ""
    encoding: Annotated[Literal["utf-8", "utf-8-bom", "gb18030"], Meta(description="of a CSV")] = "utf-8"
    ids: Annotated[Literal["plain", "tab"], Meta(description="tab: spreadsheets take ids for text")] = "plain"


@dataclass(frozen=True)
class _List:
    """columns: names; ids among them; take: rows from a situation of the asked area."""

    columns: tuple[str, ...]
    ids: frozenset[str]
    take: Callable[[Scene, Situation], list[list[Cell]]]


def _workers(scene: Scene, s: Situation) -> list[list[Cell]]:
    city, zone = scene.city, ZoneInfo(scene.city.zone)
    return [
        [
            str(city.workers.worker_id[int(row.worker)]), *_grid(scene, int(row.grid)), FRESHNESS[int(row.freshness)],
            CONTAINMENT[int(row.containment)], _local(row.at, zone), int(row.minutes), int(row.target),
        ]
        for row in rows(s.staff)
    ]  # fmt: skip


def _grids(scene: Scene, s: Situation) -> list[list[Cell]]:
    kinds, found = scene.city.grids.kind, s.grids
    counts = found[list(COUNTS)].to_numpy().tolist()
    return [
        [*_grid(scene, grid), GRID_KINDS[int(kinds[grid])], *map(int, numbers)]
        for grid, numbers in zip(found.index.tolist(), counts, strict=True)
    ]


def _cameras(scene: Scene, s: Situation) -> list[list[Cell]]:
    cameras, zone = scene.city.cameras, ZoneInfo(scene.city.zone)
    found = s.cameras.sort_values("camera")
    return [
        [
            str(cameras.camera_id[int(row.camera)]), str(cameras.name[int(row.camera)]), str(state),
            _local(row.since, zone), str(row.owner), str(row.platform), str(row.switch),
            *_grid(scene, int(cameras.grid[int(row.camera)])),
            float(cameras.lon[int(row.camera)]), float(cameras.lat[int(row.camera)]),
        ]
        for row, state in zip(rows(found), state_names(found), strict=True)
    ]  # fmt: skip


COUNTS = ("open", "overdue", "present", "minutes")
GRID = ("grid_id", "grid_name", "area_name")
LISTS_OF = {
    "workers": _List(
        ("worker_id", *GRID, "freshness", "containment", "fix_time", "patrol_minutes", "patrol_target"),
        frozenset({"worker_id", "grid_id"}), _workers,
    ),
    "grids": _List((*GRID, "kind", *COUNTS), frozenset({"grid_id"}), _grids),
    "cameras": _List(
        ("camera_id", "name", "state", "since", "owner", "platform", "switch", *GRID, "coordinate_x", "coordinate_y"),
        frozenset({"camera_id", "grid_id"}), _cameras,
    ),
}  # fmt: skip
EVENTS = (
    "event_id", "class_code", "step", "level", "band", *GRID, "coordinate_x", "coordinate_y", "report_time",
    "deadline", "source", "event_desc", "address",
)  # fmt: skip


def _sheet(scene: Scene, name: str, asked: ListQuery) -> Sheet:
    row = area_row(scene, asked.area) if asked.area else 0
    found = LISTS_OF[name]
    made = scene.aside(lambda mirror: found.take(scene, scene.situation(mirror, row)))
    return Sheet(name, found.columns, _batches(made), found.ids)


def _events(scene: Scene, _name: str, asked: ListQuery) -> Sheet:
    chosen = events.choose(scene, EventsQuery(area=asked.area, limit=5000))
    pages = [_event_rows(scene, chosen)]
    while chosen.more:
        chosen = events.choose(scene, EventsQuery(area=asked.area, limit=5000, cursor=chosen.following))
        pages.append(_event_rows(scene, chosen))
    return Sheet("events", EVENTS, pages, frozenset({"event_id", "grid_id"}))


def _event_rows(scene: Scene, chosen: events.Chosen) -> list[list[Cell]]:
    told, city, zone = events.words(scene, chosen.page), scene.city, ZoneInfo(scene.city.zone)
    made: list[list[Cell]] = []
    for event in rows(chosen.page):
        said = told.get((int(event.district), int(event.key)))
        made.append(
            [
                said.event_id if said else "", str(city.classes.class_code[int(event.class_row)]),
                STEPS[int(event.step)], LEVELS[int(event.level)], str(event.band), *_grid(scene, int(event.grid)),
                _number(event.lon), _number(event.lat), _local(event.reported, zone), _local(event.due, zone),
                said.source if said else "", said.text if said else "", said.address if said else "",
            ]
        )  # fmt: skip
    return made


def _batches(made: Sequence[Sequence[Cell]]) -> list[Sequence[Sequence[Cell]]]:
    return [made[first : first + BATCH] for first in range(0, len(made), BATCH)]


def _grid(scene: Scene, grid: int) -> list[Cell]:
    """Its id, its name, and that of the area it hangs under; empty where there is none."""
    grids, areas = scene.city.grids, scene.city.areas
    if not 0 <= grid < len(grids.grid_id):
        return ["", "", ""]
    return [str(grids.grid_id[grid]), str(grids.name[grid]), str(areas.name[int(grids.area[grid])])]


def _number(value: Any) -> float | None:
    return round(float(value), 7) if np.isfinite(value) else None


def _local(at: Any, zone: ZoneInfo) -> str:
    if not np.isfinite(at) or at <= 0:
        return ""
    return datetime.fromtimestamp(float(at), UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _routes(name: str) -> tuple[Route, Route]:
    make = _events if name == "events" else _sheet
    summary = f"The list of {name} as {{}}, the whole of it."

    def csv(scene: Scene, asked: ListQuery) -> Response:
        return as_csv(make(scene, name, asked), asked.encoding, asked.ids == "tab")

    def xlsx(scene: Scene, asked: ListQuery) -> Response:
        return as_xlsx(make(scene, name, asked), lambda work: scene.books.aside(lambda _book: work()))

    return (
        Route(f"/{name}.csv", summary.format("CSV"), ListQuery, None, csv, CSV, "lists"),
        Route(f"/{name}.xlsx", summary.format("a workbook"), ListQuery, None, xlsx, XLSX, "lists"),
    )


LISTS = tuple(route for name in (*LISTS_OF, "events") for route in _routes(name))
