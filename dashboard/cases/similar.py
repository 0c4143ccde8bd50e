"""Similar: cases that a report may be the same as (near-duplicate), or the same complaint again.

Both are suggested, to people; of those who complain, and wait for an answer, the ledger itself links the second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from dashboard.cases.case import Case
from dashboard.cases.rules.rules import Near, Rules
from dashboard.cases.store.schema import CASES
from dashboard.cases.told import Told
from dashboard.cases.workflow.firsts import filed
from dashboard.sql.engine import reading

__all__ = ["KINDS", "Similar", "repeats", "similar"]

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


def found(connection: Connection, case: Told | Case, rules: Rules, at: float) -> list[Similar]:
    place = _place(case, rules)
    if place is None:
        return []
    near, again = rules.near(place.class_code), rules.repeat(place.class_code)
    here, earlier = CASES.c.step.in_(OPEN), CASES.c.reported_at < at
    # What is open and that near in time is the first kind, so it is not the second.
    settled = ~here | (CASES.c.reported_at < at - near.hours * HOUR)
    soon = CASES.c.reported_at <= at + near.hours * HOUR
    same = _rows(connection, place, near, at, here & soon, "near")
    return same + _rows(connection, place, again, at, earlier & settled, "repeat")


def repeats(connection: Connection, said: Sequence[Told], fresh: Sequence[Told], rules: Rules) -> list[Told]:
    """`said`, and in `Told.data["repeat_of"]` of those citizens' complaints that are `fresh` the last case that they
    are a repeat of. One query for all of them; none where nobody complains, or limits.toml has no such distance.
    """
    asked = [wanted for one in fresh if (wanted := _complaint(one, rules))]
    if not asked:
        return list(said)
    last: dict[int, tuple[float, str]] = {}
    text = _REPEATS[connection.dialect.name]
    for number, case_id, lon, lat, reported_at in connection.execute(sa.text(text), {"asked": _json(asked)}):
        told, place, again = asked[number].told, asked[number].place, asked[number].again
        if told.report.event_id != case_id and _metres(place, lon, lat) <= again.metres:
            last[id(told)] = max(last.get(id(told), (0.0, "")), (reported_at, case_id))
    return [_linked(one, last[id(one)][1]) if id(one) in last else one for one in said]


class _Complaint(NamedTuple):
    told: Told
    place: _Place
    near: Near
    again: Near


def _complaint(told: Told, rules: Rules) -> _Complaint | None:
    """What a citizen said of a place, if it is to be looked at whether it was said before."""
    place = _place(told, rules)
    if place is None or told.data.get("repeat_of") or rules.answer_limit(told.report.source).hours is None:
        return None
    again = rules.repeat(place.class_code)
    return _Complaint(told, place, rules.near(place.class_code), again) if again.metres else None


def _linked(told: Told, case_id: str) -> Told:
    return msgspec.structs.replace(told, data={**told.data, "repeat_of": case_id})


def _json(asked: Sequence[_Complaint]) -> str:
    rows = list[dict[str, Any]]()
    for number, (told, place, near, again) in enumerate(asked):
        north, at = again.metres / METRES_A_DEGREE, told.report.reported_at
        east = north / _squeeze(place.lat)
        rows.append({
            "number": number, "class_code": place.class_code, "at": at,
            "south": place.lat - north, "north": place.lat + north, "west": place.lon - east, "east": place.lon + east,
            "since": at - again.hours * HOUR, "settled": at - near.hours * HOUR,
        })  # fmt: skip
    return msgspec.json.encode(rows).decode()


_ASKED = ("number", "class_code", "at", "south", "north", "west", "east", "since", "settled")
_ON = """ON c.class_code = k.class_code AND c.lat BETWEEN k.south AND k.north AND c.lon BETWEEN k.west AND k.east
    AND c.reported_at >= k.since AND c.reported_at < k.at AND c.outcome NOT IN ('void', 'merged')
    AND (c.reported_at < k.settled OR c.step NOT IN ('reported', 'dispatched', 'handled', 'verified'))"""
_FOUND = "SELECT k.number, c.case_id, c.lon, c.lat, c.reported_at FROM"
#: By the name of SQLAlchemy's dialect. The list is walked and the index by class and place asked.
_REPEATS = {
    "sqlite": f"""{_FOUND} (SELECT {", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in _ASKED)}
        FROM json_each(:asked)) AS k CROSS JOIN cases AS c {_ON}""",  # noqa: S608 - names of columns, not of people
    "postgresql": f"""{_FOUND} json_to_recordset(CAST(:asked AS json)) AS k(number int, class_code text,
        {", ".join(f"{name} float8" for name in _ASKED[2:])}) JOIN cases AS c {_ON}""",
}


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


def _place(case: Told | Case, rules: Rules) -> _Place | None:
    said = case.report if isinstance(case, Told) else case
    if said.lon is None or said.lat is None:
        return None
    # A report has no case_id yet; as a case it may be called what its origin calls it.
    return _Place(case.case_id if isinstance(case, Case) else "", filed(said.class_code, rules), said.lon, said.lat)


def _squeeze(lat: float) -> float:
    return max(math.cos(math.radians(lat)), 0.01)


def _metres(place: _Place, lon: float, lat: float) -> float:
    """Plane distance: right to a millimetre over some hundred metres."""
    east = (lon - place.lon) * METRES_A_DEGREE * _squeeze((lat + place.lat) / 2)
    return math.hypot(east, (lat - place.lat) * METRES_A_DEGREE)
