"""Rosters: the workers, grids and cameras behind a number of the wall, as plain pages. Ids, never people's names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.attributes import attributes
from layouts.naming import FRESHNESS, area_name, grid_full
from layouts.page import page
from layouts.panel import Situation, Table
from layouts.tables import as_of, table
from layouts.words import Say, say

__all__ = ["ROSTERS", "SHOWN", "roster"]

SHOWN = 500
CONTAINMENT = ("unknown", "inside", "doubtful", "outside")
CAMERA_STATES = ("unknown", "online", "offline", "video_lost", "defect", "disabled")


@dataclass(frozen=True)
class Roster:
    """title: key of its word; take: its rows, the worst first; row: what stands in each column."""

    title: str
    columns: tuple[str, ...]
    take: Callable[[Situation], Table]
    row: Callable[[Any, Situation, Say], list[Any]]
    numbers: tuple[int, ...] = ()


def roster(
    of: str, situation: Situation, lang: str, theme: str, settings: Any, known: float | None = None
) -> Component:
    """known: hall time of what is known of the area, seconds since 1970; None: nothing is."""
    speak, chosen = say(lang), ROSTERS[of]
    found = chosen.take(situation)
    rows = [chosen.row(record, situation, speak) for record in found.head(SHOWN).itertuples()]
    heads = [speak(f"column.{name}") for name in chosen.columns]
    body: list[Component] = [
        html.H1(f"{area_name(situation.city, situation.area, speak)} · {speak(chosen.title)}"),
        html.P(
            [
                speak("list.rows", shown=speak.number(len(rows)), of=speak.number(len(found))),
                as_of(known, situation.city.zone, speak),
            ],
            className="lead",
        ),
        table(heads, rows, chosen.numbers) if rows else html.P(speak("list.nothing"), className="none"),
    ]
    look: dict[str, Any] = {"name": "list", "lang": lang, "theme": theme, "settings": settings}
    return page([html.Main(body)], className="page paper", **look, **attributes(data_of=of))


def _by_silence(s: Situation) -> Table:
    """Those heard of before those who never were, the longest silent first."""
    return s.staff.assign(never=s.staff["at"] == 0).sort_values(["never", "at"], kind="stable")


def _by_minutes(s: Situation) -> Table:
    """Those who lack most of their target first."""
    staff = s.staff[s.staff["target"] > 0]
    return staff.assign(missing=staff["target"] - staff["minutes"]).sort_values(
        ["missing", "at"], ascending=False, kind="stable"
    )


def _worker(row: Any, s: Situation, speak: Say) -> list[Any]:
    at = float(row.at)
    return [
        str(s.city.workers.worker_id[int(row.worker)]),
        grid_full(s.city, int(row.grid), speak),
        speak(f"freshness.{FRESHNESS[int(row.freshness)]}"),
        speak(f"containment.{CONTAINMENT[int(row.containment)]}") if at else "—",
        speak.age(s.now - at) if at else "—",
        f"{speak.number(int(row.minutes))} / {speak.number(int(row.target))}",
    ]


def _stray(row: Any, s: Situation, speak: Say) -> list[Any]:
    return [
        str(s.city.workers.worker_id[int(row.worker)]),
        grid_full(s.city, int(row.own_grid), speak),
        grid_full(s.city, int(row.grid), speak),
        speak.age(s.now - float(row.since)),
        speak.age(s.now - float(row.at)),
    ]


def _empty(s: Situation) -> Table:
    empty = s.grids[s.grids["present"] == 0]
    return empty.sort_values(["overdue", "open"], ascending=False, kind="stable")


def _grid(row: Any, s: Situation, speak: Say) -> list[Any]:
    grid = int(row.Index)
    counts = [speak.number(int(getattr(row, name))) for name in ("open", "overdue", "present", "minutes")]
    return [grid_full(s.city, grid, speak), str(s.city.grids.grid_id[grid]), *counts]


def _unvisited(s: Situation) -> Table:
    return s.visits[s.visits["unvisited"] > 0].sort_values("unvisited", ascending=False, kind="stable")


def _cells(row: Any, s: Situation, speak: Say) -> list[Any]:
    grid = int(row.Index)
    share = speak.share(int(row.unvisited), int(row.cells))
    return [grid_full(s.city, grid, speak), str(s.city.grids.grid_id[grid]), share]


def _cameras(s: Situation) -> Table:
    """All that do not work, the longest first."""
    state = s.cameras["state"]
    off = s.cameras[(state != CAMERA_STATES.index("online")) & (state != CAMERA_STATES.index("disabled"))]
    return off.assign(unknown=~(off["since"] > 0)).sort_values(["unknown", "since"], kind="stable")


def _camera(row: Any, s: Situation, speak: Say) -> list[Any]:
    since, cameras = float(row.since), s.city.cameras
    return [
        str(cameras.camera_id[int(row.camera)]),
        str(cameras.name[int(row.camera)]),
        speak(f"camera.{CAMERA_STATES[int(row.state)]}"),
        speak.age(s.now - since) if since > 0 else "—",
        *(str(getattr(row, name)) for name in ("owner", "platform", "switch")),
    ]


WORKER = ("worker", "grid", "freshness", "containment", "fix", "minutes")
GRID = ("grid", "grid_id", "open", "overdue", "present", "minutes_today")
CAMERA = ("camera", "name", "state", "since", "owner", "platform", "switch")

#: What /list?of= may name.
ROSTERS: dict[str, Roster] = {
    "workers": Roster("panel.workers", WORKER, _by_silence, _worker, (4, 5)),
    "patrol": Roster("panel.minutes", WORKER, _by_minutes, _worker, (4, 5)),
    "outside": Roster(
        "panel.out_of_grid", ("worker", "grid", "grid_now", "out_for", "fix"), lambda s: s.out_of_grid, _stray, (3, 4)
    ),
    "empty": Roster("panel.empty_grids", GRID, _empty, _grid, (2, 3, 4, 5)),
    "unvisited": Roster("panel.unvisited", ("grid", "grid_id", "cells"), _unvisited, _cells, (2,)),
    "cameras": Roster("page.cameras", CAMERA, _cameras, _camera, (3,)),
}
