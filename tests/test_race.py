"""Race: sixteen dispatchers, each a process, want the same cases; each move has one winner, and the others are told."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from test_ledger import NOW, told, whole

from dashboard.cases.answers import Conflict
from dashboard.cases.case import Actor, Ask
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Rules
from dashboard.sql.engine import connect

DISPATCHERS, CASES = 16, 200
#: Moves that all want at once, one after the other: each needs the case as the one before has left it.
ROUNDS = (("dispatch", {"department": "water"}), ("urge", {}), ("redispatch", {"department": "river"}))

Outcome = dict[tuple[int, str], str]


def _dispatcher(number: int, database_url: str, folder: str, barrier: Barrier, said: Any) -> None:
    """Says for every round and case who made the move: itself, or who it was told has."""
    ledger = Ledger(connect(database_url, folder), Rules.load(None), lambda: NOW)
    actor = Actor(name=f"d{number}", role="dispatcher")
    told_of: Outcome = {}
    for turn, (move, data) in enumerate(ROUNDS):
        barrier.wait(300)
        for case in range(CASES):
            ask = Ask(case_id=f"c{case}", move=move, version=turn + 1, note="换一家", data=data)
            try:
                told_of[turn, ask.case_id] = ledger.move(ask, actor).entry.actor
            except Conflict as lost:
                assert (lost.winner.version, lost.winner.move) == (turn + 2, move)
                told_of[turn, ask.case_id] = lost.winner.actor
    said.put((actor.name, told_of))
    ledger.engine.dispose()


@pytest.mark.timeout(400)  # sixteen Pythons start and race, on two cores or on twenty
def test_each_move_has_one_winner_and_all_others_are_told_who(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    ledger = Ledger(engine, Rules.load(None), lambda: NOW)
    ledger.report([told(f"c{case}", district=f"d{case % 2}") for case in range(CASES)])
    spawn = multiprocessing.get_context("spawn")
    barrier, said = spawn.Barrier(DISPATCHERS), spawn.Queue()
    racing = [
        spawn.Process(target=_dispatcher, args=(number, database_url, str(tmp_path), barrier, said), daemon=True)
        for number in range(DISPATCHERS)
    ]
    for process in racing:
        process.start()
    outcomes = dict(said.get(timeout=380) for _ in racing)
    for process in racing:
        process.join(10)
        assert process.exitcode == 0
    _agree(outcomes, ledger)
    whole(engine)


def _agree(outcomes: dict[str, Outcome], ledger: Ledger) -> None:
    """All were told the same, and it is what stands in the trail."""
    first, *others = outcomes.values()
    assert all(other == first for other in others)
    wins = Counter(first.values())
    assert sum(wins.values()) == len(ROUNDS) * CASES
    assert len(wins) > 1, "nobody raced"
    for case in range(CASES):
        trail = [entry for entry, _ in ledger.trail(f"c{case}")]
        assert [entry.move for entry in trail] == ["report", *(move for move, _ in ROUNDS)]
        assert [entry.actor for entry in trail[1:]] == [first[turn, f"c{case}"] for turn in range(len(ROUNDS))]
