"""What the ledger remembers of its last transactions: it is never older than the chain, and told as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from test_ledger import NOW, WORKER, Hall, dispatch, told, urge, whole

from dashboard.cases.case import Actor, Case
from dashboard.cases.store import recent
from dashboard.cases.store.lines import Head, News
from dashboard.cases.store.recent import Recent
from dashboard.cases.store.schema import CASES
from dashboard.sql.engine import Writer
from dashboard.sql.queue import Place

DESK = Actor(name="li", role="dispatcher")


@pytest.fixture
def hall(engine: Engine) -> Hall:
    return Hall(engine)


def test_two_ledgers_that_take_turns_each_see_what_the_other_wrote(engine: Engine) -> None:
    one, other = Hall(engine), Hall(engine)
    one.ledger.report([told("e1"), told("e2", district="d2")])
    other.ledger.move(dispatch(other.ledger.case("e1")), DESK)
    for turn in range(6):
        here = (one, other)[turn % 2]
        said = [told(name, updated_at=NOW + turn, step="dispatched") for name in ("e1", "e2")]
        assert [answer.version for answer in here.ledger.report(said)] == [3 + turn, 2 + turn]
        whole(engine)
    assert one.ledger.move(urge("e1"), DESK).case == other.ledger.case("e1")


def test_what_was_undone_is_not_remembered(engine: Engine, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.ledger.report([told("e1")])
    before = hall.ledger.case("e1")

    def breaks(sheet: object) -> None:
        raise ValueError("no")

    with monkeypatch.context() as patch, pytest.raises(ValueError, match="no"):
        patch.setattr("dashboard.cases.sheet.Sheet.store", breaks)
        hall.ledger.report([told("e1", updated_at=NOW, step="dispatched"), told("e9")])
    assert hall.ledger.case("e1") == before
    assert [one.outcome for one in hall.ledger.report([told("e9"), told("e1", updated_at=NOW, step="dispatched")])] == [
        "new", "told",
    ]  # fmt: skip
    whole(engine)


def test_cases_are_known_only_under_the_end_of_the_chain_that_they_were_left_with() -> None:
    kept = Recent()
    case = next(iter(_cases(1)))
    first, second = Head(1, 1, b"a"), Head(1, 2, b"b")
    kept.leave({"d1": first}, {"d1": second}, [case])
    assert kept.known({"d1": second}, ["c0"]) == kept.reported({"d1": second}, [("o", "c0")]) == [case]
    for other in (first, Head(1, 2, b"x"), Head(2, 2, b"b")):
        assert kept.known({"d1": other}, ["c0"]) == kept.reported({"d1": other}, [("o", "c0")]) == []
    kept.leave({"d1": Head(1, 7, b"y")}, {"d1": Head(1, 8, b"z")}, [])
    kept.leave({"d1": Head(1, 7, b"y")}, {"d1": Head(1, 8, b"z")}, _cases(2)[1:])
    assert kept.known({"d1": Head(1, 8, b"z")}, ["c0"]) == []


def test_it_does_not_grow_for_ever() -> None:
    kept, head = Recent(), {"d1": Head(1, 1, b"a")}
    kept.leave(head, head, _cases(recent.MOST))
    kept.leave(head, head, _cases(1))
    kept.leave(head, head, _cases(recent.MOST + 1)[-1:])
    left = {case.case_id for case in kept.known(head, [f"c{n}" for n in range(recent.MOST + 1)])}
    assert len(left) == recent.MOST // 2
    assert {"c0", f"c{recent.MOST}"} <= left, "those that were seen last"


def _cases(count: int) -> list[Case]:
    return [Case(case_id=f"c{n}", district="d1", origin="o", report_id=f"c{n}") for n in range(count)]


def test_news_are_what_was_committed_in_the_order_of_each_chain(engine: Engine, hall: Hall) -> None:
    heard: list[News] = []

    def hear(news: Mapping[str, Sequence[News]]) -> None:
        heard.extend(one for some in news.values() for one in some)

    hall.ledger.news.append(hear)
    hall.ledger.report([told("e1"), told("e2", district="d2"), told("e1", updated_at=NOW, step="dispatched")])
    hall.ledger.report([told("e1")])
    hall.ledger.moves([(urge("e1"), WORKER), (urge("e2"), DESK)])
    written = [entry for case_id in ("e1", "e2") for entry, _ in hall.ledger.trail(case_id)]
    assert sorted((one.entry for one in heard), key=lambda entry: (entry.case_id, entry.version)) == written
    last = {one.case.case_id: one.case for one in heard}
    assert list(last.values()) == hall.ledger.cases(last)


def test_a_writer_goes_on_when_the_files_of_its_queue_were_removed_and_after_what_failed(engine: Engine) -> None:
    writer, count = Writer(engine), sa.select(sa.func.count()).select_from(CASES)
    for _ in range(3):
        with pytest.raises(KeyError), writer.writing() as connection:
            connection.exec_driver_sql("INSERT INTO chains VALUES ('d1', 1, 0, '')")
            raise KeyError("no")
        with writer.writing() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM chains").scalar_one() == 0
            assert connection.execute(count).scalar_one() == 0
        if engine.dialect.name == "sqlite":
            assert Place(engine).there()
            _remove(engine)
    with writer.writing() as connection:
        connection.exec_driver_sql("INSERT INTO chains VALUES ('d1', 1, 0, '')")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM chains").scalar_one() == 1


def _remove(engine: Engine) -> None:
    for name in ("gate", "turn"):
        Path(f"{engine.url.database}-{name}").unlink()
