"""Fold: whatever is reported and moved, in whatever order, a case is the fold of its entries and the chain holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from test_ledger import NOW, Hall, told, whole

from dashboard.cases.answers import Moved
from dashboard.cases.case import Actor, Ask
from dashboard.cases.workflow.moves import MOVES
from feeds.record import STEPS

ROLES = ("worker", "dispatcher", "department", "verifier", "assessor", "leader", "system")
#: What a move may need; each takes what it knows.
BROUGHT = {"department": "water", "hours": 4, "until": NOW + 86400 * 30, "satisfaction": 4, "score": 80,
           "granted": True, "proof": "done"}  # fmt: skip

case_ids = st.sampled_from(["a", "b", "c"])
reports = st.builds(
    lambda name, step, minutes, district, text: ("report", name, step, NOW + minutes * 60, district, text),
    case_ids, st.sampled_from(STEPS), st.integers(-60, 60), st.sampled_from(["d1", "d2"]), st.text(max_size=8),
)  # fmt: skip
moves = st.builds(
    lambda name, move, role, version, into, key, note: ("move", name, move, role, version, into, key, note),
    case_ids, st.sampled_from(sorted(MOVES)), st.sampled_from(ROLES), st.sampled_from([None, None, None, 1, 2, 5]),
    case_ids, st.sampled_from(["", "", "", "k1", "k2"]), st.text(min_size=1, max_size=8),
)  # fmt: skip
#: Batches, as they come: each one transaction.
histories = st.lists(st.lists(st.one_of(reports, moves, moves, moves), min_size=1, max_size=6), min_size=1, max_size=8)


@given(batches=histories, ticks=st.lists(st.integers(-300, 86400), min_size=8, max_size=8))
@pytest.mark.timeout(600)  # every example walks its whole ledger, on two databases
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_case_is_the_fold_of_its_entries(engine: Engine, batches: list[list[Any]], ticks: list[int]) -> None:
    with engine.begin() as connection:
        for table in ("case_entries", "cases", "chains", "personal"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    hall = Hall(engine)
    # Each of the cases is there, and a dispatcher has two of them in hand: else hardly a move fits.
    hall.ledger.report([told(name) for name in ("a", "b", "c")])
    hall.ledger.moves([_ask("move", name, "dispatch", "dispatcher", None, "c", "", "快") for name in ("a", "b")])
    written = 5
    for batch, tick in zip(batches, ticks, strict=False):
        hall.at += tick
        written += _made(hall, batch)
        whole(engine)
    assert sum(len(hall.ledger.trail(name)) for name in ("a", "b", "c")) >= written


def _made(hall: Hall, batch: list[Any]) -> int:
    """How many of the batch were acknowledged as written."""
    said = [told(name, step=step, updated_at=at, district=district, text=text)
            for kind, name, step, at, district, text in (one for one in batch if one[0] == "report")]  # fmt: skip
    reported = hall.ledger.report(said)
    moved = hall.ledger.moves([_ask(*one) for one in batch if one[0] == "move"])
    return sum(one.outcome in ("new", "told") for one in reported) + sum(
        isinstance(one, Moved) and not one.again for one in moved
    )


def _ask(_: str, name: str, move: str, role: str, version: int | None, into: str, key: str, note: str) -> Any:
    data = BROUGHT | {"into": into}
    ask = Ask(case_id=name, move=move, version=version, note=note, data=data, request_key=key)
    return ask, Actor(name=f"{role}1", role=role, department="water" if role == "department" else "")
