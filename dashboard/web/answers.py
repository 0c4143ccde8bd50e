"""Answers: what the reading API says about the city, its areas, events, cameras and feeds. It only ever reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.bus.rejected import Rejected
from dashboard.live.situation import Situation
from dashboard.web.errors import NotFound
from dashboard.web.people.permit import excerpts
from dashboard.web.replies import (
    AreaSummary,
    Backlog,
    CameraList,
    CamerasQuery,
    Cells,
    CityReply,
    Count,
    Feature,
    FeedList,
    FeedReply,
    NoQuery,
    Rate,
    RefusalReply,
    RejectedList,
    RejectedQuery,
)  # fmt: skip
from dashboard.web.scene import Scene
from feeds.city import AREA_LEVELS, GRID_KINDS, ROLES
from feeds.record import CAMERA_STATES, LEVELS, STEPS

__all__ = [
    "area",
    "area_row",
    "cameras",
    "city",
    "feeds",
    "late",
    "named",
    "rate",
    "rejected",
    "rows",
    "state_names",
    "unvisited",
]

#: A pandas table; its stubs cannot tell a column from a table.
Table = Any
BANDS = ("due", "soon", "overdue", "long_open")


def rate(count: int, of: int) -> Rate:
    return Rate(count=int(count), of=int(of), percent=round(100 * int(count) / int(of), 2) if of else None)


def city(scene: Scene, _asked: NoQuery) -> CityReply:
    c, clock = scene.city, scene.clock
    return CityReply(
        now=clock.now(), city_id=c.city_id, name=c.name, name_en=c.name_en, version=c.version, valid_from=c.valid_from,
        zone=c.zone, bounds=c.bounds, speed=clock.hall.speed, cameras=len(c.cameras.camera_id),
        areas=_counts(AREA_LEVELS, c.areas.level), grids=_counts(GRID_KINDS, c.grids.kind),
        workers=_counts(ROLES, c.workers.role),
    )  # fmt: skip


def area(scene: Scene, _asked: NoQuery, area_id: str) -> AreaSummary:
    row = area_row(scene, area_id)
    return scene.aside(lambda mirror: _summary(scene, scene.situation(mirror, row)))


def unvisited(scene: Scene, _asked: NoQuery, area_id: str) -> Cells:
    row = area_row(scene, area_id)

    def take(mirror: Any) -> Cells:
        situation = scene.situation(mirror, row)
        q, r = situation.unvisited
        return Cells(now=situation.now, q=q.tolist(), r=r.tolist(), total=situation.cells_total)

    return scene.aside(take)


def cameras(scene: Scene, asked: CamerasQuery) -> CameraList:
    row = area_row(scene, asked.area) if asked.area else 0

    def take(mirror: Any) -> CameraList:
        situation = scene.situation(mirror, row)
        found: Table = situation.cameras.sort_values("camera")
        found = found if asked.slot is None else found[found["camera"] == asked.slot]
        states = state_names(found)
        keep = (found["camera"].to_numpy() >= asked.cursor) & ((states == asked.state) if asked.state else True)
        total = int((states == asked.state).sum()) if asked.state else len(found)
        page, rest = found[keep][: asked.limit], found[keep][asked.limit :]
        said = [
            _camera(scene, situation, camera, state)
            for camera, state in zip(rows(page), state_names(page), strict=True)
        ]
        following = str(int(rest["camera"].iloc[0])) if len(rest) else None
        return CameraList(now=situation.now, features=said, total=total, next=following, online=rate(*situation.online))

    return scene.aside(take)


def feeds(scene: Scene, _asked: NoQuery) -> FeedList:
    situation = scene.situation(scene.mirror, 0)
    return FeedList(now=situation.now, feeds=_feeds(situation))


def rejected(scene: Scene, asked: RejectedQuery) -> RejectedList:
    book = Rejected(scene.redis)
    whole = excerpts()
    recent = [
        RefusalReply(
            kind=r.kind, source=r.source, reason=r.reason, detail=r.detail, body=r.body if whole else "",
            at=r.at_ms / 1000,
        )
        for r in book.recent(asked.limit)
    ]  # fmt: skip
    return RejectedList(now=scene.clock.now(), counts=book.counts(), recent=recent)


def late(events: Table) -> int:
    """How many are overdue, the long-open ones among them."""
    return int(events["band"].isin(["overdue", "long_open"]).sum())


def area_row(scene: Scene, area_id: str) -> int:
    city = scene.city
    row = city.area_row.get(area_id)
    if row is None and (grid := city.grid_row.get(area_id)) is not None:
        raise NotFound(f"{area_id} is a grid; ask for its area, {city.areas.area_id[city.grids.area[grid]]}")
    if row is None:
        raise NotFound(f"there is no area {area_id}")
    return row


def _counts(names: Sequence[str], codes: Any) -> list[Count]:
    found = np.bincount(codes, minlength=len(names))
    return [Count(name=name, count=int(found[code])) for code, name in enumerate(names)]


def _summary(scene: Scene, s: Situation) -> AreaSummary:
    areas, open_events = scene.city.areas, s.events
    as_of = scene.as_of(s.area)
    return AreaSummary(
        now=s.now, area_id=str(areas.area_id[s.area]), name=str(areas.name[s.area]),
        level=AREA_LEVELS[areas.level[s.area]], as_of=as_of, age=None if as_of is None else s.now - as_of,
        backlog=_backlog(s, "level", LEVELS), steps=_backlog(s, "step", STEPS[:4]),
        overdue=rate(late(open_events), len(open_events)),
        without_position=int(s.nowhere), workers=_ints(s.freshness), containment=_ints(s.containment),
        patrol=rate(*s.patrol_rate), cameras_online=rate(*s.online), feeds=_feeds(s),
    )  # fmt: skip


def _backlog(s: Situation, by: str, names: Sequence[str]) -> list[Backlog]:
    table: Table = s.backlog(by)
    rows = {int(code): table.loc[code] for code in table.index}
    return [
        Backlog(name=name, open=int(row["open"]), **{band: int(row[band]) for band in BANDS})
        for code, name in enumerate(names)
        if (row := rows.get(code)) is not None
    ]


def _ints(counts: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in counts.items()}


def _feeds(s: Situation) -> list[FeedReply]:
    return [
        FeedReply(
            kind=f.kind, source=f.source, grade=f.grade, accepted=int(f.accepted), rejected=int(f.rejected),
            age=round(float(f.age), 3) if np.isfinite(f.age) else None,
        )
        for f in s.feeds
    ]  # fmt: skip


def rows(table: Table) -> list[Any]:
    return list(table.itertuples(index=False))


def _camera(scene: Scene, s: Situation, camera: Any, state: str) -> Feature:
    row, c = int(camera.camera), scene.city.cameras
    since = float(camera.since) if np.isfinite(camera.since) and camera.since > 0 else None
    said = {
        "camera_id": str(c.camera_id[row]), "name": str(c.name[row]), "state": str(state), "since": since,
        "age": None if since is None else s.now - since, "owner": str(camera.owner), "platform": str(camera.platform),
        "switch": str(camera.switch), "grid_id": named(scene.city.grids.grid_id, c.grid[row]),
    }  # fmt: skip
    where = [round(float(c.lon[row]), 6), round(float(c.lat[row]), 6)]
    return Feature(id=row, geometry={"type": "Point", "coordinates": where}, properties=said)


def state_names(table: Table) -> Any:
    states = table["state"].to_numpy()
    return np.array(CAMERA_STATES)[states.astype(int)] if states.dtype.kind in "iu" else states.astype(str)


def named(ids: Any, row: Any) -> str | None:
    return str(ids[int(row)]) if np.isfinite(row) and 0 <= int(row) < len(ids) else None
