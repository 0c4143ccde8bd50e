"""Trails: a small ledger with a history, for the tests of those who watch over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from dashboard.cases.case import Actor, Ask
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Rules
from dashboard.cases.told import Told
from feeds.record import EventReport

START = 1_790_000_000.0
DESK = Actor(name="desk-1", role="dispatcher", seat="A1")
ADMIN = Actor(name="root", role="admin", seat="B2")
WORKER = Actor(name="W001", role="worker", seat="phone")


@dataclass
class Bench:
    """A ledger whose clock goes on by a minute with every question."""

    engine: Engine
    at: float = START
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.engine, Rules.load(None), self.now)

    def now(self) -> float:
        self.at += 60.5
        return self.at

    def told(self, name: str, district: str = "east", **given: Any) -> Told:
        report = EventReport(
            event_id=name, class_code="other", reported_at=self.at, updated_at=self.at, step="reported",
            level="community", source="citizen", text="井盖破损 a broken cover",
        )  # fmt: skip
        return Told(report=report, origin="12345", district=district, **given)

    def report(self, name: str, district: str = "east", **given: Any) -> str:
        return self.ledger.report([self.told(name, district, **given)])[0].case_id

    def move(self, case_id: str, move: str, actor: Actor = DESK, note: str = "", key: str = "", **data: Any) -> int:
        ask = Ask(case_id=case_id, move=move, note=note, data=data, request_key=key)
        return self.ledger.move(ask, actor).case.version

    def lived(self, cases: int = 6) -> list[str]:
        """Cases in two districts, each with a few moves, in turns, so that their entries lie mixed in the chains."""
        names = [
            self.report(
                f"E{number}", "east" if number % 3 else "west", personal={"reporter_phone": f"1380000{number:04d}"}
            )
            for number in range(cases)
        ]
        for name in names:
            self.move(name, "check", note="已核实", key=f"k-{name}")
        for name in names[: cases // 2]:
            self.move(name, "dispatch", handler="W001", department="municipal", key=f"d-{name}")
        for name in names:
            self.move(name, "urge", note="快")
        return names
