"""Ledger: a million cases with eight million entries: load, size, lists, numbers, moves of four processes, verify."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import msgspec
import numpy as np

from dashboard.bench import ledger_postgres
from dashboard.bench.crew import hire
from dashboard.bench.figures import Figure, Figures, Target, at_most, exactly, table
from dashboard.bench.ledger_hand import Moves, Order
from dashboard.bench.ledger_history import DISTRICTS, END, History
from dashboard.bench.ledger_load import loaded
from dashboard.bench.ledger_queries import times
from dashboard.bench.percentiles import spread
from dashboard.bench.rig import workshop
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Rules
from dashboard.cases.store.reading import heads
from dashboard.cases.store.schema import SEQ
from dashboard.cases.trail.verify import verify
from dashboard.kpi.register import Register
from dashboard.progress import done, tell, wait
from dashboard.sql.engine import FILE, connect, writing
from dashboard.sql.migrate import upgrade
from dashboard.sql.wal import checkpoint

__all__ = ["measure"]

CASES = {False: 1_000_000, True: 30_000}
#: Processes that move cases, how many a second each, and how long.
HANDS, RATE = 4, 10.0
SECONDS = {False: 60.0, True: 10.0}
#: How often each list and number is asked for.
ROUNDS = 5
#: How long hands may take to start.
START = 15.0


def measure(quick: bool) -> Figures:
    with ledger_postgres.ending():
        return _both(quick)


def _both(quick: bool) -> Figures:
    history = History(CASES[quick])
    with workshop() as folder:
        figures = _of("SQLite", history, "", folder, folder / FILE, SECONDS[quick])
    tell("\n".join(table({"ledger": figures})))  # the other half takes as long again
    home = ledger_postgres.binaries()
    if home is None:
        return [*figures, Figure("PostgreSQL", None, note="there is no server on this machine")]
    with workshop() as folder, ledger_postgres.running(home) as (url, data):
        return [*figures, *_of("PostgreSQL", history, url, folder, data, SECONDS[quick])]


def _of(make: str, history: History, url: str, folder: Path, data: Path, seconds: float) -> Figures:
    engine = connect(url, str(folder))
    upgrade(engine)
    ledger = Ledger(engine, Rules.load(None), lambda: END)
    try:
        took = loaded(ledger, history)
        checkpoint(engine)
        figures = [
            Figure(f"{history.count:,} cases, {history.entries:,} entries made and loaded", took, "s"),
            Figure("size on disk", _bytes(data) / 1e6, "MB"),
        ]
        register = Register(engine)
        figures += _asked(register)
        figures += _moves(ledger, register, history, url, folder, seconds)
        figures += _verified(ledger)
    finally:
        engine.dispose()
    return [Figure(f"{make}: {one.name}", one.value, one.unit, one.target, one.note) for one in figures]


def _bytes(place: Path) -> int:
    if place.is_file():
        return sum(path.stat().st_size for path in place.parent.glob(f"{place.name}*"))
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def _asked(register: Register) -> Figures:
    began = time.perf_counter()
    count = register.refresh()
    took = time.perf_counter() - began
    spent = times(register, END, ROUNDS)
    slowest = max(spent, key=lambda name: spent[name][1])
    return [
        Figure(f"the register reads {count:,} cases", took, "s"),
        *(Figure(f"{what}, p50", spent[what][0], "ms") for what in ("all lists", "all numbers")),
        *(Figure(f"{what}, p95", spent[what][1], "ms", at_most(100)) for what in ("all lists", "all numbers")),
        Figure("the slowest question, p95", spent[slowest][1], "ms", at_most(100), slowest),
    ]


def _moves(ledger: Ledger, register: Register, history: History, url: str, folder: Path, seconds: float) -> Figures:
    names = folder / "open"
    names.write_text("\n".join(history.open_ids(20_000)), "utf-8")
    paced = _paced(ledger, register, Order(0, url, str(folder), str(names), RATE, seconds, 0.0, END))
    flat = _paced(ledger, register, Order(0, url, str(folder), str(names), 0.0, seconds, 0.0, END))
    return [
        *_said(f"{HANDS} processes, {HANDS * RATE:.0f} moves/s", *paced, seconds, at_most(20)),
        *_said(f"{HANDS} processes flat out", *flat, seconds, None),
    ]


def _paced(ledger: Ledger, register: Register, order: Order) -> tuple[list[Moves], list[float]]:
    """What the hands say, and milliseconds that the register of a hall took each second to follow them."""
    begin, stalls = time.time() + START, list[float]()
    orders = [msgspec.structs.replace(order, number=number, begin=begin) for number in range(HANDS)]
    with contextlib.ExitStack() as stack:
        hands = [stack.enter_context(hire("ledger_hand", one)) for one in orders]
        wait(begin - time.time(), "hands come")
        while (left := begin + order.seconds - time.time()) > 0:
            done(f"{HANDS} processes move cases", 1 - left / order.seconds)
            began = time.perf_counter()
            register.refresh()
            stalls.append((time.perf_counter() - began) * 1000)
            checkpoint(ledger.engine)
            time.sleep(min(1.0, max(left, 0.0)))
        done("", 1.0)
        return [hand.answer(Moves, 60) for hand in hands], stalls


def _said(how: str, moves: list[Moves], stalls: list[float], seconds: float, target: Target | None) -> Figures:
    p50, p95, p99 = spread(np.array([ms for one in moves for ms in one.ms]))
    return [
        Figure(f"one move, {how}, a hall watching, p50", p50, "ms"),
        Figure("p95", p95, "ms"),
        Figure("p99", p99, "ms", target),
        Figure("moves a second", sum(len(one.ms) for one in moves) / seconds, "1/s"),
        Figure("of them refused", sum(one.refused for one in moves), "", exactly(0)),
        Figure("the hall's register follows a second's moves, p95", spread(np.array(stalls))[1], "ms"),
    ]


def _verified(ledger: Ledger) -> Figures:
    whole = verify(ledger.engine, told=lambda share: done("verify", share))
    cores = os.cpu_count() or 1
    apart = verify(ledger.engine, told=lambda share: done(f"verify in {cores} processes", share), jobs=cores)
    district = DISTRICTS[len(DISTRICTS) // 2]
    number, head, _ = heads(ledger.engine)[district]
    place = head // 2
    _change(ledger, number * SEQ + place)
    broken = verify(ledger.engine, told=lambda share: done("verify what was changed", share))
    named = [(one.district, one.position) for one in broken.findings]
    return [
        Figure("verify of everything", whole.seconds, "s"),
        Figure("verify: entries a second", whole.entries / whole.seconds, "1/s"),
        Figure(f"verify in {cores} processes", apart.seconds, "s"),
        Figure(f"verify in {cores} processes: findings", len(apart.findings), "", exactly(0)),
        Figure("verify: memory", whole.megabytes, "MB"),
        Figure("verify: findings in a whole ledger", len(whole.findings), "", exactly(0)),
        Figure("one byte changed: verify", broken.seconds, "s"),
        Figure("one byte changed: it names just that entry", float(named == [(district, place)]), "", exactly(1),
               f"{district} {place}, said {named}"),
    ]  # fmt: skip


def _change(ledger: Ledger, seq: int) -> None:
    """A letter of one entry becomes another, in the file: what somebody with a database shell can do."""
    with writing(ledger.engine) as connection:
        text = 'UPDATE case_entries SET body = replace(body, \'"role":"d\', \'"role":"e\') WHERE seq = '
        assert connection.exec_driver_sql(f"{text}{seq}").rowcount == 1
