"""KPI against pandas: 5,000 cases of every kind, also impossible ones; each number is worked out again, plainly."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pandas as pd
import pytest
from casebook import DAY, HOUR, NOW
from sqlalchemy import insert

from dashboard.cases.case import Case
from dashboard.cases.store.schema import CASES, CHAINS, SEQ
from dashboard.kpi.indicators import INDICATORS, behind, measure
from dashboard.kpi.register import Register
from dashboard.sql.engine import connect, writing
from dashboard.sql.migrate import upgrade

COUNT = 5000
STEPS = ("reported", "dispatched", "handled", "verified", "archived", "appraised")
#: A period that is over, one that is not, and one of which nothing is known.
PERIODS = {
    "over": (NOW - 40 * DAY, NOW - 10 * DAY), "running": (NOW - 15 * DAY, NOW + 15 * DAY),
    "before": (NOW - 900 * DAY, NOW - 800 * DAY),
}  # fmt: skip


def invented(chance: random.Random, n: int) -> Case:
    """Any step with any times: some missing, some backwards, some of cases that were reopened."""
    received = NOW - chance.uniform(0, 60) * DAY
    step = chance.choice(STEPS)
    times = {"received_at": received, "reported_at": received - chance.uniform(-60, 3600), "updated_at": NOW}
    at = received
    for name in (
        "dispatched_at",
        "accepted_at",
        "handled_at",
        "verified_at",
        "archived_at",
        "appraised_at",
        "answered_at",
    ):
        at += chance.expovariate(1 / (8 * HOUR)) if chance.random() > 0.03 else -chance.uniform(0, 30) * HOUR
        if chance.random() < 0.7:
            times[name] = at
    closed = step in ("archived", "appraised")
    more: dict[str, Any] = {f"first_{name}": times.get(name) for name in ("dispatched_at", "handled_at")}
    if chance.random() < 0.7:
        more["due_at"] = received + chance.choice([2, 24, 168]) * HOUR
    if not closed and chance.random() < 0.2:
        more["paused_at"] = received + chance.uniform(0, 100) * HOUR
    more |= {
        name: chance.randrange(1, 4) for name in ("returns", "reworks", "extends", "parks") if chance.random() < 0.2
    }
    return Case(
        case_id=f"case {n}", report_id=str(n), version=1, district=chance.choice("ab"), step=step,
        street=chance.choice(["", "s1", "s2"]), department=chance.choice(["", "roads", "parks"]),
        level=chance.choice(["community", "street", "district"]), exempt=chance.random() < 0.1,
        outcome=chance.choice(["closed", "closed", "on_spot", "void", "merged"]) if closed else "",
        needs_answer=chance.random() < 0.5, satisfaction=chance.choice([None, 1, 2, 3, 4, 5]),
        **{f"spent_{name}": chance.uniform(0, 1e5) for name in STEPS[:4]}, **times, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    chance = random.Random(20260315)
    return [invented(chance, n) for n in range(COUNT)]


@pytest.fixture(scope="module")
def hall(cases: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Register:
    engine = connect("", str(tmp_path_factory.mktemp("pandas")))
    upgrade(engine)
    heads = {"a": 0, "b": 0}
    rows: list[dict[str, Any]] = []
    for case in cases:
        heads[case.district] += 1
        rows.append(msgspec.structs.asdict(case) | {"seq": "-ab".index(case.district) * SEQ + heads[case.district]})
    with writing(engine) as connection:
        connection.execute(insert(CASES), rows)
        connection.execute(insert(CHAINS), [
            {"district": name, "number": "-ab".index(name), "position": head, "hash": bytes(32)}
            for name, head in heads.items()
        ])  # fmt: skip
    register = Register(engine)
    register.refresh()
    return register


@pytest.fixture(scope="module")
def frame(cases: list[Case]) -> pd.DataFrame:
    frame = pd.DataFrame([msgspec.structs.asdict(case) for case in cases])
    times = [name for name in frame.columns if name.endswith("_at")]
    frame[times] = frame[times].astype(float)
    frame["archived"] = frame.step.isin(["archived", "appraised"])
    frame["gone"] = frame.outcome.isin(["void", "merged"])
    frame["accepted"] = frame.apply(_accepted, axis=1)
    return frame


def _accepted(row: Any) -> float:
    moments = [row.first_dispatched_at, row.first_handled_at, row.verified_at, None if row.gone else row.archived_at]
    known = [moment for moment in moments if moment is not None and not math.isnan(moment)]
    return min(known) if known else float("nan")


class Naive:
    """The definitions once more, as somebody would write them who had only the formula texts."""

    def __init__(self, frame: pd.DataFrame, start: float, end: float) -> None:
        self.all, self.start, self.end, self.at = frame, start, end, min(end, NOW)
        self.kept = frame[~frame.gone]
        self.closed_before_end = frame[frame.archived & (frame.archived_at < self.at)].index

    def during(self, name: str, frame: pd.DataFrame | None = None) -> pd.DataFrame:
        frame = self.kept if frame is None else frame
        return frame[frame[name].ge(self.start) & frame[name].lt(self.end)]

    def closed(self) -> pd.DataFrame:
        found = self.during("archived_at")
        return found[found.index.isin(self.closed_before_end)]

    def standing(self) -> pd.DataFrame:
        return self.all[self.all.received_at.lt(self.at) & ~self.all.index.isin(self.closed_before_end)]

    def late(self, frame: pd.DataFrame) -> pd.DataFrame:
        clock = frame.paused_at.fillna(self.at).clip(upper=self.at)
        return frame[frame.due_at < clock]

    def filed(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame.accepted.lt(self.at) & (frame.outcome != "void")]

    def finished(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame.index.isin(self.closed_before_end)]

    def on_time(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        below = pd.concat([self.closed(), self.late(self.standing())])
        below = below[~below.gone & ~below.exempt & below.due_at.notna()]
        closed = self.finished(below)
        return closed[closed.archived_at <= closed.due_at], below

    def answers(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        below = self.closed()
        below = below[below.needs_answer | below.answered_at.notna()]
        return below[below.answered_at.notna()], below


Pair = tuple[pd.DataFrame, pd.DataFrame]


def _of(below: pd.DataFrame, keep: Callable[[pd.DataFrame], Any]) -> Pair:
    return below[keep(below)], below


COUNTS: dict[str, Callable[[Naive], pd.DataFrame]] = {
    "received": lambda n: n.during("received_at", n.all),
    "valid": lambda n: n.during("received_at"),
    "accepted": lambda n: n.during("accepted"),
    "dispatched": lambda n: n.during("first_dispatched_at"),
    "handled": lambda n: n.during("first_handled_at"),
    "verified": lambda n: n.during("verified_at"),
    "archived": lambda n: n.closed(),
    "appraised": lambda n: n.during("appraised_at"),
    "backlog": lambda n: n.standing(),
}
RATES: dict[str, Callable[[Naive], Pair]] = {
    "overdue_rate": lambda n: (n.late(n.standing()), n.standing()),
    "closed_rate": lambda n: (n.finished(n.during("received_at")), n.during("received_at")),
    "loop_rate": lambda n: (n.finished(n.during("accepted")), n.during("accepted")),
    "filing_rate": lambda n: (
        n.filed(n.during("received_at", n.all[n.all.outcome != "merged"])),
        n.during("received_at", n.all[n.all.outcome != "merged"]),
    ),
    "on_time_rate": Naive.on_time,
    "rework_rate": lambda n: _of(n.during("first_handled_at"), lambda f: f.reworks > 0),
    "return_rate": lambda n: _of(n.during("first_dispatched_at"), lambda f: f.returns > 0),
    "dispatch_accuracy": lambda n: _of(n.during("first_dispatched_at"), lambda f: f.returns == 0),
    "extension_rate": lambda n: _of(n.during("first_dispatched_at"), lambda f: f.extends > 0),
    "parking_rate": lambda n: _of(n.during("accepted"), lambda f: f.parks > 0),
    "grid_level_rate": lambda n: _of(n.closed(), lambda f: f.level == "community"),
    "satisfaction": lambda n: _of(n.closed().dropna(subset="satisfaction"), lambda f: f.satisfaction >= 4),
    "answer_rate": Naive.answers,
}
DURATIONS: dict[str, tuple[str, str]] = {
    "response_time": ("received_at", "first_dispatched_at"),
    "solve_time": ("received_at", "handled_at"),
    "close_time": ("received_at", "archived_at"),
    "feedback_time": ("received_at", "answered_at"),
}
HOPS = {
    "to_dispatch": ("received_at", "first_dispatched_at"), "to_accept": ("dispatched_at", "accepted_at"),
    "to_handle": ("accepted_at", "handled_at"), "to_verify": ("handled_at", "verified_at"),
    "to_archive": ("verified_at", "archived_at"), "to_appraise": ("archived_at", "appraised_at"),
}  # fmt: skip


def same(value: float | None, expected: float) -> bool:
    return value is None if math.isnan(expected) else value == pytest.approx(expected)


def taken(naive: Naive, name: str) -> pd.Series[float]:
    begin, end = DURATIONS[name]
    frame = naive.closed() if name == "close_time" else naive.during(end)
    hours = (frame[end] - frame[begin]) / HOUR
    return hours[hours >= 0]


@pytest.fixture(params=PERIODS)
def span(request: pytest.FixtureRequest) -> tuple[float, float]:
    return PERIODS[request.param]


def test_every_indicator_is_worked_out_twice() -> None:
    assert INDICATORS.keys() == COUNTS.keys() | RATES.keys() | DURATIONS.keys() | {"step_time", "hop_time"}


def test_the_invented_cases_are_of_every_kind(frame: pd.DataFrame) -> None:
    naive = Naive(frame, *PERIODS["running"])
    assert (frame.archived_at < frame.received_at).sum() > 20
    assert len(naive.late(naive.standing())) > 100 and frame.paused_at.notna().sum() > 100
    assert frame[frame.gone].archived.all() and frame.gone.sum() > 300
    assert (~frame.archived & frame.archived_at.notna()).sum() > 300, "opened again"


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_is_that_of_pandas(hall: Register, frame: pd.DataFrame, span: tuple[float, float], name: str) -> None:
    expected = COUNTS[name](Naive(frame, *span))
    found = measure(hall, name, start=span[0], end=span[1], now=NOW, by="street,department")
    assert found.value == len(expected)
    groups = expected.groupby(["street", "department"]).size().to_dict()
    assert {one.keys: one.value for one in found.groups} == groups
    ids = behind(hall, name, start=span[0], end=span[1], now=NOW, limit=COUNT).case_ids
    assert sorted(ids) == sorted(expected.case_id)


@pytest.mark.parametrize("name", RATES)
def test_a_rate_is_that_of_pandas(hall: Register, frame: pd.DataFrame, span: tuple[float, float], name: str) -> None:
    above, below = RATES[name](Naive(frame, *span))
    found = measure(hall, name, start=span[0], end=span[1], now=NOW, by="level")
    assert (found.numerator, found.denominator) == (len(above), len(below))
    assert same(found.value, 100 * len(above) / len(below) if len(below) else float("nan"))
    counted = below.groupby("level").size()
    assert {one.keys[0]: (one.numerator, one.denominator) for one in found.groups} == {
        level: (int((above.level == level).sum()), int(count)) for level, count in counted.items()
    }
    ids = behind(hall, name, "numerator", start=span[0], end=span[1], now=NOW, limit=COUNT).case_ids
    assert sorted(ids) == sorted(above.case_id)


@pytest.mark.parametrize("name", DURATIONS)
def test_a_time_is_that_of_pandas(hall: Register, frame: pd.DataFrame, span: tuple[float, float], name: str) -> None:
    hours = taken(Naive(frame, *span), name)
    found = measure(hall, name, start=span[0], end=span[1], now=NOW, by="department")
    assert found.denominator == len(hours)
    assert same(found.value, hours.median()) and same(found.p90, hours.quantile(0.9)) and same(found.mean, hours.mean())
    by = hours.groupby(frame.loc[hours.index, "department"])
    medians, p90s = by.median().to_dict(), by.quantile(0.9).to_dict()
    assert {one.keys[0]: one.value for one in found.groups} == pytest.approx(medians)
    assert {one.keys[0]: one.p90 for one in found.groups} == pytest.approx(p90s)
    assert all((one.value or 0) >= 0 for one in found.groups)


def test_the_time_in_each_step_is_that_of_pandas(
    hall: Register, frame: pd.DataFrame, span: tuple[float, float]
) -> None:
    closed = Naive(frame, *span).closed()
    hours = closed[[f"spent_{name}" for name in STEPS[:4]]].sum() / HOUR
    found = measure(hall, "step_time", start=span[0], end=span[1], now=NOW)
    assert (found.denominator, found.numerator) == (len(closed), pytest.approx(hours.sum()))
    if len(closed):
        assert [one.numerator for one in found.groups] == pytest.approx(hours.tolist())
        assert [one.share for one in found.groups] == pytest.approx((100 * hours / hours.sum()).tolist())


def test_the_time_of_each_hop_is_that_of_pandas(hall: Register, frame: pd.DataFrame, span: tuple[float, float]) -> None:
    closed = Naive(frame, *span).closed()
    hops = pd.DataFrame({name: (closed[end] - closed[begin]) / HOUR for name, (begin, end) in HOPS.items()})
    kept = hops[~(hops < 0).any(axis=1)]
    found = measure(hall, "hop_time", start=span[0], end=span[1], now=NOW)
    assert found.denominator == len(kept) and found.exclusions["backwards"] == len(hops) - len(kept)
    for one in found.groups:
        assert one.denominator == kept[one.keys[0]].count()
        assert same(one.value, kept[one.keys[0]].mean())


@pytest.mark.parametrize("name", [*COUNTS, *RATES])
def test_each_day_is_a_period_of_its_own(hall: Register, frame: pd.DataFrame, name: str) -> None:
    found = measure(hall, name, start=NOW - 6 * DAY, end=NOW + DAY, now=NOW, by="day")
    assert len(found.groups) == 7
    for one in found.groups:
        assert one.period
        naive = Naive(frame, *one.period)
        above, below = RATES[name](naive) if name in RATES else (COUNTS[name](naive), None)
        assert (one.numerator, one.denominator) == (len(above), None if below is None else len(below))


def test_the_age_bands_of_the_backlog_are_those_of_pandas(hall: Register, frame: pd.DataFrame) -> None:
    standing = Naive(frame, NOW - DAY, NOW).standing()
    clock = standing.paused_at.fillna(NOW).clip(upper=NOW)
    behind_due = clock - standing.due_at
    undated = standing.due_at.isna()
    long_open = (behind_due > 24 * HOUR) | (undated & (clock - standing.reported_at > (168 + 24) * HOUR))
    overdue = ~long_open & (behind_due > 0)
    soon = ~long_open & ~overdue & (behind_due > -HOUR)
    found = measure(hall, "backlog", start=NOW - DAY, end=NOW, now=NOW)
    assert found.bands == {
        "due": len(standing) - int(long_open.sum() + overdue.sum() + soon.sum()), "soon": int(soon.sum()),
        "overdue": int(overdue.sum()), "long_open": int(long_open.sum()),
    }  # fmt: skip
