"""Similar: cases that a new report may be the same as, or the same again; suggested, never decided."""

from __future__ import annotations

import math

from dashboard.cases.case import Case
from dashboard.cases.rulebook import Near
from dashboard.cases.told import Told
from dashboard.kpi.filters import Filter
from dashboard.web.case_replies import Similar
from dashboard.web.scene import Scene

__all__ = ["similar"]

#: As many as somebody on the phone can look through, and as many as are looked at for that.
SHOWN, LOOKED_AT = 5, 50
EARTH = 6_371_008.8
HOUR = 3600.0


def similar(scene: Scene, told: Told) -> list[Similar]:
    """The nearest first. Without a position nothing is like anything."""
    code, rules = scene.books.rules.known(told.report.class_code), scene.books.rules
    if told.report.lon is None or told.report.lat is None:
        return []
    near, again = rules.near(code), rules.repeat(code)
    found = _found(scene, told, code, near, open=True, kind="duplicate")
    found += _found(scene, told, code, again, open=False, kind="repeat")
    return sorted(found, key=lambda one: (one.kind, one.metres or 0.0))[:SHOWN]


def _found(scene: Scene, told: Told, code: str, near: Near, *, open: bool, kind: str) -> list[Similar]:
    now = scene.clock.now()
    which = Filter(
        class_code=code, open=open, bbox=_around(told, near.metres), received_from=now - near.hours * HOUR,
        outcome="" if open else "closed,on_spot", scope="" if told.actor is None else told.actor.scope,
    )  # fmt: skip
    ids = scene.books.count(
        lambda register: register.find(which, now=now, order="received_at", limit=LOOKED_AT).case_ids
    )
    cases = scene.books.aside(lambda book: book.ledger.cases(ids))
    like = [(case, _metres(told, case)) for case in cases]
    return [
        Similar(
            case_id=case.case_id, metres=round(metres, 1), hours=round((now - case.received_at) / HOUR, 2), kind=kind
        )
        for case, metres in like
        if metres <= near.metres
    ]


def _around(told: Told, metres: float) -> tuple[float, float, float, float]:
    """West, south, east, north of a box that holds the circle."""
    lon, lat = told.report.lon or 0.0, told.report.lat or 0.0
    north = math.degrees(metres / EARTH)
    east = min(north / max(math.cos(math.radians(lat)), 0.01), 180.0)
    return lon - east, lat - north, lon + east, lat + north


def _metres(told: Told, case: Case) -> float:
    if case.lon is None or case.lat is None:
        return math.inf
    lon, lat = told.report.lon or 0.0, told.report.lat or 0.0
    x = math.radians(case.lon - lon) * math.cos(math.radians((case.lat + lat) / 2))
    return EARTH * math.hypot(x, math.radians(case.lat - lat))
