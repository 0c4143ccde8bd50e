"""Events: what the reading API says about open events. Their words are people's: text, never markup."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np

from dashboard.bus import keys
from dashboard.live.situation import Situation
from dashboard.web.answers import area_row, named, rows
from dashboard.web.asking import box
from dashboard.web.errors import BadQuestion, NotFound
from dashboard.web.replies import Collection, EventsQuery, Feature
from dashboard.web.scene import Scene
from feeds.record import LEVELS, STATUS_STEP, STEPS, EventReport

__all__ = ["Chosen", "choose", "events", "words"]

#: Newest first; a key is unique in its district.
ORDER = ["reported", "district", "key"]

#: A pandas table; its stubs cannot tell a column from a table.
Table = Any
Words = dict[tuple[int, int], EventReport]
_report = msgspec.msgpack.Decoder(EventReport)


class Chosen(NamedTuple):
    """One page of events, and of how many."""

    situation: Situation
    page: Table
    total: int
    more: bool

    @property
    def following(self) -> str:
        """Cursor of the page behind this one."""
        return _next(self.page) if self.more else ""


def events(scene: Scene, asked: EventsQuery) -> Collection:
    chosen = choose(scene, asked)
    told = words(scene, chosen.page)
    said = [_event(scene, event, told.get((int(event.district), int(event.key)))) for event in rows(chosen.page)]
    return Collection(
        now=chosen.situation.now, as_of=scene.as_of(chosen.situation.area), features=said, total=chosen.total,
        next=chosen.following or None,
    )  # fmt: skip


def choose(scene: Scene, asked: EventsQuery) -> Chosen:
    row = area_row(scene, asked.area) if asked.area else 0
    bounds = box(asked.bbox) if asked.bbox else None
    after = _cursor(asked.cursor)

    def take(mirror: Any) -> tuple[Situation, Table]:
        situation = scene.situation(mirror, row)
        found = _in_step(situation.events, asked.status)
        found = found[found["lon"].isna()] if asked.nowhere else found
        found = _of_class(scene, found, asked.class_code) if asked.class_code else found
        found = found if bounds is None else _in_box(found, bounds)
        return situation, found.sort_values(ORDER, ascending=[False, True, True])

    situation, found = scene.aside(take)
    rest = found if after is None else found[_behind(found, *after)]
    return Chosen(situation, rest[: asked.limit], len(found), len(rest) > asked.limit)


def _in_step(found: Table, status: str) -> Table:
    if status == "open":
        return found
    return found[found["step"] == STEPS.index(STATUS_STEP[status])]


def _of_class(scene: Scene, found: Table, code: str) -> Table:
    row = scene.city.class_row.get(code)
    if row is None:
        raise NotFound(f"there is no class {code[:60]}")
    parent, branch = scene.city.classes.parent, {row}
    while below := {int(one) for one in np.flatnonzero(np.isin(parent, list(branch)))} - branch:
        branch |= below
    return found[found["class_row"].isin(branch)]


def _in_box(found: Table, bounds: tuple[float, float, float, float]) -> Table:
    west, south, east, north = bounds
    return found[found["lon"].between(west, east) & found["lat"].between(south, north)]


def _cursor(said: str) -> tuple[int, int, int] | None:
    if not said:
        return None
    parts = said.split("-")
    if len(parts) != 3 or not all(part.isdigit() and len(part) < 12 for part in parts):
        raise BadQuestion(f"cursor: expected the `next` of the page before, not {said[:40]!r}")
    return int(parts[0]), int(parts[1]), int(parts[2])


def _behind(found: Table, reported: int, district: int, key: int) -> Any:
    same = found["reported"] == reported
    later = (found["district"] > district) | ((found["district"] == district) & (found["key"] > key))
    return (found["reported"] < reported) | (same & later)


def _next(page: Table) -> str:
    last = page.iloc[-1]
    return "-".join(str(int(last[name])) for name in ORDER)


def words(scene: Scene, page: Table) -> Words:
    """Ids and texts, as they were reported."""
    told: Words = {}
    for district, events in page.groupby("district"):
        numbers = [int(key) for key in events["key"]]
        bodies = scene.redis.hmget(keys.words(str(scene.city.areas.area_id[int(district)])), numbers)
        told |= {(int(district), key): _report.decode(body) for key, body in zip(numbers, bodies, strict=True) if body}
    return told


def _event(scene: Scene, event: Any, words: EventReport | None) -> Feature:
    city = scene.city
    known = np.isfinite(event.lon) and np.isfinite(event.lat)
    geometry = {"type": "Point", "coordinates": [round(event.lon, 7), round(event.lat, 7)]} if known else None
    said = {
        "event_id": words.event_id if words else None, "key": int(event.key), "district": int(event.district),
        "status": STEPS[int(event.step)], "level": LEVELS[int(event.level)], "band": str(event.band),
        "class_code": str(city.classes.class_code[int(event.class_row)]),
        "area_id": named(city.areas.area_id, event.area), "grid_id": named(city.grids.grid_id, event.grid),
        "reported_at": float(event.reported), "due_at": float(event.due) if np.isfinite(event.due) else None,
        "age": float(event.age), "source": words.source if words else "",
        "text": words.text if words else "", "address": words.address if words else "",
    }  # fmt: skip
    return Feature(id=f"{int(event.district)}-{int(event.key)}", geometry=geometry, properties=said)
