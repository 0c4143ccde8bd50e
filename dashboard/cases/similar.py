"""Similar: cases that a report may be the same as (near-duplicate), or the same complaint again; only told."""

from __future__ import annotations

import math
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from dashboard.cases.case import Case
from dashboard.cases.rules.rules import Near, Rules
from dashboard.cases.store.schema import CASES
from dashboard.cases.told import Told
from dashboard.sql.engine import reading

__all__ = ["KINDS", "Similar", "repeated", "similar"]

#: near: still open, and so close in place and time that it may be the same event. repeat: the same complaint again.
KINDS = ("near", "repeat")
#: As many of a kind as anybody looks through.
MOST = 20
METRES_A_DEGREE = 111_195.0
HOUR = 3600.0
OPEN = ("reported", "dispatched", "handled", "verified")


class Similar(NamedTuple):
    """A case like it: how far away (m), and how long before it was reported (s; negative: after it)."""

    case_id: str
    metres: float
    seconds: float
    kind: str


class _Place(NamedTuple):
    case_id: str
    class_code: str
    lon: float
    lat: float


def similar(engine: Engine, case: Told | Case, rules: Rules, at: float) -> list[Similar]:
    """Cases of the same class around it, near-duplicates first, then the nearest; it is none of them itself.

    at: when it was reported (s since 1970 UTC). What has no position is like nothing.
    """
    with reading(engine) as connection:
        return found(connection, case, rules, at)


def repeated(engine: Engine, case: Told | Case, rules: Rules, at: float) -> str:
    """The case_id of the last earlier complaint of the same place and cause; empty: it is the first."""
    again = [one for one in similar(engine, case, rules, at) if one.kind == "repeat"]
    return min(again, key=lambda one: one.seconds).case_id if again else ""


def found(connection: Connection, case: Told | Case, rules: Rules, at: float) -> list[Similar]:
    place = _place(case)
    if place is None:
        return []
    near, again = rules.near(place.class_code), rules.repeat(place.class_code)
    here, earlier = CASES.c.step.in_(OPEN), CASES.c.reported_at < at
    # What is open and that near in time is the first kind, so it is not the second.
    settled = ~here | (CASES.c.reported_at < at - near.hours * HOUR)
    soon = CASES.c.reported_at <= at + near.hours * HOUR
    same = _rows(connection, place, near, at, here & soon, "near")
    return same + _rows(connection, place, again, at, earlier & settled, "repeat")


def _rows(
    connection: Connection, place: _Place, near: Near, at: float, which: sa.ColumnElement[bool], kind: str
) -> list[Similar]:
    north, east = near.metres / METRES_A_DEGREE, near.metres / (METRES_A_DEGREE * _squeeze(place.lat))
    query = sa.select(CASES.c.case_id, CASES.c.lon, CASES.c.lat, CASES.c.reported_at).where(
        CASES.c.class_code == place.class_code,
        CASES.c.lat.between(place.lat - north, place.lat + north),
        CASES.c.lon.between(place.lon - east, place.lon + east),
        CASES.c.reported_at >= at - near.hours * HOUR,
        CASES.c.outcome.not_in(("void", "merged")),
        CASES.c.case_id != place.case_id,
        which,
    )
    made = [
        Similar(case_id, _metres(place, lon, lat), at - reported_at, kind)
        for case_id, lon, lat, reported_at in connection.execute(query)
    ]
    return sorted((one for one in made if one.metres <= near.metres), key=lambda one: (one.metres, one.seconds))[:MOST]


def _place(case: Told | Case) -> _Place | None:
    said = case.report if isinstance(case, Told) else case
    if said.lon is None or said.lat is None:
        return None
    # A report has no case_id yet; as a case it may be called what its origin calls it.
    return _Place(case.case_id if isinstance(case, Case) else "", said.class_code, said.lon, said.lat)


def _squeeze(lat: float) -> float:
    return max(math.cos(math.radians(lat)), 0.01)


def _metres(place: _Place, lon: float, lat: float) -> float:
    """Plane distance: right to a millimetre over some hundred metres."""
    east = (lon - place.lon) * METRES_A_DEGREE * _squeeze((lat + place.lat) / 2)
    return math.hypot(east, (lat - place.lat) * METRES_A_DEGREE)
