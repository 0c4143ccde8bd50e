"""Overdue: what the hall itself moves: orders nobody accepted, parkings that are over, due times under new rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.cases.case import Actor, Ask, Case, NotAllowed
from dashboard.cases.ledger import Ledger
from dashboard.cases.store.reading import cases_of
from dashboard.cases.store.schema import CASES
from dashboard.cases.workflow.decide import due_again
from dashboard.sql.engine import reading

__all__ = ["STEWARD", "come_back", "open_cases", "recompute", "unpark"]

STEWARD = Actor(name="steward", role="system")
CLOSED = ("archived", "appraised")
#: Cases in one transaction, and cases looked at at once.
MANY, PAGE = 50, 500


def come_back(ledger: Ledger) -> int:
    """Orders that nobody accepted in their time go back to the desk; how many. A joint meeting is not broken off."""
    waiting = CASES.c.order.in_(("sent", "reached")) & (CASES.c.step == "dispatched") & ~CASES.c.parked
    found = cases_of(ledger.engine, _due(ledger, waiting))
    return _all(ledger, "come_back", [case.case_id for case in found if "joint" not in case.pending])


def unpark(ledger: Ledger) -> int:
    """Parkings whose time is over end; how many."""
    return _all(ledger, "unpark", _due(ledger, CASES.c.parked & CASES.c.step.in_(("reported", "dispatched"))))


def recompute(ledger: Ledger) -> int:
    """Due times of open cases that are others under the rules of today; how many. The old ones stand in the trail."""
    done = 0
    for page in open_cases(ledger.engine):
        changed = [case.case_id for case in page if due_again(case, ledger.rules, ledger.now()) is not None]
        done += _all(ledger, "recompute", changed)
    return done


def open_cases(engine: Engine) -> Iterator[list[Case]]:
    """All open cases, a page at a time, in the order of their ids."""
    last = ""
    while True:
        after = (CASES.c.case_id > last) & CASES.c.step.not_in(CLOSED)
        with reading(engine) as connection:
            wanted = sa.select(CASES.c.case_id).where(after).order_by(CASES.c.case_id).limit(PAGE)
            found = list(connection.execute(wanted).scalars())
        if not found:
            return
        yield cases_of(engine, found)
        last = found[-1]


def _due(ledger: Ledger, which: sa.ColumnElement[bool]) -> list[str]:
    with reading(ledger.engine) as connection:
        over = sa.select(CASES.c.case_id).where(which & (CASES.c.step_due_at <= ledger.now()))
        return list(connection.execute(over.order_by(CASES.c.step_due_at).limit(10 * PAGE)).scalars())


def _all(ledger: Ledger, move: str, case_ids: Sequence[str]) -> int:
    """Those that were made. One that is refused has moved on meanwhile, and is its people's again."""
    done = 0
    for place in range(0, len(case_ids), MANY):
        asks = [(Ask(case_id=case_id, move=move), STEWARD) for case_id in case_ids[place : place + MANY]]
        for answer in ledger.moves(asks):
            if isinstance(answer, Exception) and not isinstance(answer, NotAllowed):
                raise answer
            done += not isinstance(answer, Exception)
    return done
