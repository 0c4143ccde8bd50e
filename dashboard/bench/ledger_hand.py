"""Hand: one process that moves cases of a loaded ledger at its own pace and says how long each move took."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import msgspec

from dashboard.cases.case import Actor, Ask, NotAllowed
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Rules
from dashboard.sql.engine import connect

__all__ = ["Moves", "Order", "work"]


class Order(msgspec.Struct, frozen=True):
    """cases: a file with a case_id a line. rate: moves a second, 0: as many as it can. begin: on its clock."""

    number: int
    database_url: str
    folder: str
    cases: str
    rate: float
    seconds: float
    begin: float
    end_of_history: float


class Moves(msgspec.Struct, frozen=True):
    """Milliseconds of each move; refused: what the workflow did not allow."""

    ms: list[float]
    refused: int


def work(order: Order) -> Moves:
    chance = random.Random(order.number)  # noqa: S311 - which case is next is no secret
    cases = Path(order.cases).read_text("utf-8").split()
    rules, engine = Rules.load(None), connect(order.database_url, order.folder)
    ledger = Ledger(engine, rules, lambda: order.end_of_history + time.time() - order.begin)
    actor = Actor(name=f"hand-{order.number}", role="dispatcher")
    spent, refused = list[float](), 0
    ledger.case(cases[0])
    time.sleep(max(0.0, order.begin - time.time()))
    until, following = order.begin + order.seconds, order.begin
    while (now := time.time()) < until:
        if order.rate:
            following = max(following + chance.expovariate(order.rate), now - 1.0)
            time.sleep(max(0.0, following - now))
        ask = Ask(case_id=chance.choice(cases), move="urge", note="请尽快办理")
        began = time.perf_counter()
        try:
            ledger.move(ask, actor)
        except NotAllowed:
            refused += 1
        spent.append((time.perf_counter() - began) * 1000)
    engine.dispose()
    return Moves(spent, refused)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(work(msgspec.json.decode(sys.argv[1], type=Order))))
