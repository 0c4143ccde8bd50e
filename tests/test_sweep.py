"""The steward tells what its writer has left untold, and takes nothing from one who is about to tell it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from test_publish import RULES, Clock, collected, heard, word

from dashboard.bus.connect import Redis
from dashboard.cases.ledger import Ledger
from dashboard.cases.publish import Publisher
from dashboard.cases.sweep import Sweep


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine, RULES, Clock().now)


@pytest.fixture
def sweep(engine: Engine, redis: Redis) -> Sweep:
    return Sweep(Publisher(engine, redis))


def test_at_its_first_look_it_tells_all_that_is_untold(ledger: Ledger, sweep: Sweep, redis: Redis) -> None:
    ledger.report([word("E1"), word("W1", district="west")])
    assert sweep() == len(heard(redis)) == 2
    assert sweep() == 0


def test_what_was_written_since_the_last_look_is_its_writers_until_the_next(
    ledger: Ledger, sweep: Sweep, redis: Redis
) -> None:
    ledger.report([word("E1"), word("W1", district="west")])
    sweep()
    ledger.report([word("E2"), word("E3")])
    assert sweep() == 0
    assert sweep() == 2
    assert [report.event_id for report in heard(redis, "east")] == ["E1", "E2", "E3"]


def test_a_writer_that_tells_is_never_read_behind(
    ledger: Ledger, sweep: Sweep, engine: Engine, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.report([word("E1")])
    sweep()
    news, publisher = collected(ledger), Publisher(engine, redis)
    monkeypatch.setattr(Publisher, "publish", lambda *_: pytest.fail("it was read"))
    for number in range(2, 6):
        ledger.report([word(f"E{number}")])
        assert sweep() == 0
        publisher.hand_over(news)
        news.clear()
    assert len(heard(redis)) == 5


def test_a_chain_that_is_new_is_told_when_nobody_does(ledger: Ledger, sweep: Sweep) -> None:
    ledger.report([word("E1")])
    sweep()
    ledger.report([word("W1", district="west")])
    assert [sweep(), sweep()] == [0, 1]


def test_a_server_that_lost_what_it_knew_is_told_at_the_next_look(ledger: Ledger, sweep: Sweep, redis: Redis) -> None:
    ledger.report([word("E1"), word("E2")])
    sweep()
    redis.flushall()
    assert sweep() == len(heard(redis)) == 2
