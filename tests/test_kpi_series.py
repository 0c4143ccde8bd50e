"""KPI series: each day or month of a period has the number that it has when it alone is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from casebook import DAY, HOUR
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from dashboard.cases.case import Case
from dashboard.cases.rules.calendar import Calendar
from dashboard.cases.store.schema import CASES, CHAINS, SEQ
from dashboard.kpi import view
from dashboard.kpi.bands import Bands
from dashboard.kpi.indicators import INDICATORS, Group, Measure, behind, measure
from dashboard.kpi.places import places
from dashboard.kpi.register import Register
from dashboard.sql.engine import connect, writing
from dashboard.sql.migrate import upgrade

#: zone → when a stretch begins that has something odd in it: a day of 23 or 25 hours, a midnight
#: that there was not, a day that there was not.
STRETCHES = {
    "Asia/Shanghai": "2026-01-25 09:30", "Europe/Berlin": "2026-03-27 00:00", "America/New_York": "2026-10-30 18:00",
    "America/Sao_Paulo": "2018-11-02 00:00", "Pacific/Apia": "2011-12-27 12:00",
}  # fmt: skip
TIMES = (
    "reported_at", "received_at", "first_dispatched_at", "dispatched_at", "accepted_at", "first_handled_at",
    "handled_at", "verified_at", "archived_at", "appraised_at", "answered_at", "due_at", "paused_at",
)  # fmt: skip
#: Hours after the start, to the millisecond; many of them are midnights, some are long before or after.
HOURS = st.one_of(
    st.integers(-60, 250), st.integers(-2, 9).map(lambda days: days * 24.0), st.just(14.5), st.integers(0, 2000),
    st.builds(lambda days, ms: days * 24 + ms / 3.6e6, st.integers(0, 9), st.integers(-1, 1)), st.just(-20_000),
)  # fmt: skip
SAID = st.lists(
    st.fixed_dictionaries(
        {
            "received_at": HOURS, "reported_at": HOURS, "clock": st.sampled_from(["continuous", "working"]),
            "step": st.sampled_from(["reported", "dispatched", "handled", "verified", "archived", "appraised"]),
            "outcome": st.sampled_from(["", "", "closed", "void", "merged"]), "exempt": st.booleans(),
            "needs_answer": st.booleans(), "satisfaction": st.sampled_from([None, 2, 5]),
            "level": st.sampled_from(["community", "street"]), "returns": st.integers(0, 1),
            "reworks": st.integers(0, 1), "spent_reported": st.floats(0, 9e5), "spent_handled": st.floats(0, 9e5),
        },
        optional={name: HOURS for name in TIMES if name not in ("received_at", "reported_at")},
    ),
    max_size=14,
)  # fmt: skip
Said = list[dict[str, Any]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = connect("", str(tmp_path_factory.mktemp("series")))
    upgrade(engine)
    # Of several pieces, also where there are few cases.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(view, "PIECE", 3)
        yield engine
    engine.dispose()


def filled(engine: Engine, said: Said, start: float, calendar: Calendar | None = None) -> Register:
    """A ledger of these cases alone. Times: hours after the start."""
    rows: list[dict[str, Any]] = [
        msgspec.structs.asdict(Case(case_id=str(n), report_id=str(n), district="a", updated_at=start, version=1, **{
            name: start + value * HOUR if name in TIMES else value for name, value in one.items()
        })) | {"seq": SEQ + n}
        for n, one in enumerate(said, 1)
    ]  # fmt: skip
    with writing(engine) as connection:
        for table in (CASES, CHAINS):
            connection.execute(delete(table))
        if rows:
            connection.execute(insert(CASES), rows)
            connection.execute(insert(CHAINS), {"district": "a", "number": 1, "position": len(rows), "hash": bytes(32)})
    register = Register(engine, bands=Bands(90, 30), calendar=calendar)
    register.refresh()
    return register


def moment(said: str, zone: str) -> float:
    return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(zone)).timestamp()


def made_of(one: Group | Measure) -> tuple[Any, ...]:
    """Hours are added in another order: but for that, to the last digit."""
    hours = [None if value is None else pytest.approx(value, rel=1e-12) for value in (one.mean, one.numerator)]
    return one.value, one.denominator, one.p90, one.bands, *hours


@pytest.mark.parametrize("by", ["day", "month"])
@pytest.mark.parametrize("zone", STRETCHES)
@settings(deadline=None, max_examples=25)
@given(said=SAID, hours=st.sampled_from([-30.0, 0.0, 0.5, 24.0, 100.25, 2000.0]))
def test_a_part_of_a_period_has_its_own_number(engine: Engine, zone: str, by: str, said: Said, hours: float) -> None:
    start = moment(STRETCHES[zone], zone)
    end, now = start + (8 if by == "day" else 70) * DAY, start + hours * HOUR
    hall = filled(engine, said, start, Calendar() if hours > 24 else None)
    for name in INDICATORS:
        for one in measure(hall, name, start=start, end=end, now=now, by=by, zone=zone).groups:
            assert one.period
            asked: dict[str, Any] = {"start": one.period[0], "end": one.period[1], "now": now}
            alone = measure(hall, name, **asked)
            assert made_of(one) == made_of(alone), name
            if alone.unit != "hours":
                assert behind(hall, name, "numerator", **asked).total == one.numerator, name


@pytest.mark.parametrize(("zone", "first", "hours"), [
    ("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25), ("Asia/Shanghai", "2026-03-29", 24),
])  # fmt: skip
def test_a_day_is_as_long_as_its_clock_says(engine: Engine, zone: str, first: str, hours: int) -> None:
    start = moment(first, zone)
    said = [{"received_at": at + 0.5, "reported_at": at, "step": "reported"} for at in range(30)]
    hall = filled(engine, said, start)
    asked: dict[str, Any] = {"start": start, "end": start + 30 * HOUR, "now": start + 30 * HOUR, "by": "day"}
    for name, each in (("received", [hours, 30 - hours]), ("backlog", [hours, 30])):
        found = measure(hall, name, **asked, zone=zone)
        assert [one.value for one in found.groups] == each


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.integers(0, 50).map(float), st.floats(0, 50), st.just(float("nan")), st.floats(-1e9, 1e9))),
    st.lists(st.one_of(st.integers(0, 50).map(float), st.floats(0, 50)), min_size=1, max_size=60),
)
def test_a_moment_has_the_place_that_a_search_finds(moments: list[float], edges: list[float]) -> None:
    for each in (sorted(edges), [float(edge) for edge in range(40)]):
        found = places(np.array(moments), np.array(each))
        assert found.tolist() == np.searchsorted(each, moments, side="right").tolist()
