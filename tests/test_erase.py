"""Who reported can be forgotten for good; the trail stays whole and says who took it away, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy import Engine
from trails import ADMIN, DESK, START, Bench

from dashboard.cases.answers import NoCase
from dashboard.cases.case import Ask, NotAllowed
from dashboard.cases.store.schema import PERSONAL
from dashboard.cases.trail.erase import aged, erase, scrub
from dashboard.cases.trail.verify import verify
from dashboard.cli import main

PHONE, NAME = "13911112222", "王秀英"


@pytest.fixture
def bench(engine: Engine) -> Bench:
    made = Bench(engine)
    made.report("E1", personal={"reporter_name": NAME, "reporter_phone": PHONE})
    made.report("E2", personal={"reporter_phone": "13700000000"})
    made.report("E3", "west")
    return made


def test_value_and_salt_are_gone_the_trail_is_whole_and_says_who_and_why(bench: Bench):
    before = bench.ledger.trail("E1")[0][0].more["personal"]
    done = erase(bench.ledger, ["E1", "E3", "nowhere"], ADMIN, "the reporter asked for it")
    assert done["E1"] == ["reporter_name", "reporter_phone"] and done["E3"] == []
    assert isinstance(done["nowhere"], NoCase)
    assert bench.ledger.personal("E1") == {} and bench.ledger.personal("E2")
    with bench.engine.connect() as connection:
        rows = connection.execute(sa.select(PERSONAL).where(PERSONAL.c.case_id == "E1")).all()
    assert [(row.salt, row.value, row.erased_at is not None) for row in rows] == [(None, None, True)] * 2
    trail = bench.ledger.trail("E1")
    assert trail[0][0].more["personal"] == before, "what was hashed then stays"
    last = trail[-1][0]
    assert (last.move, last.actor, last.seat, last.note) == ("erase", "root", "B2", "the reporter asked for it")
    assert last.more["names"] == ["reporter_name", "reporter_phone"]
    assert len(bench.ledger.trail("E3")) == 1
    assert verify(bench.engine).ok


def test_it_is_erased_once(bench: Bench):
    erase(bench.ledger, ["E1"], ADMIN, "once")
    version = bench.ledger.case("E1").version
    assert erase(bench.ledger, ["E1"], ADMIN, "twice") == {"E1": []}
    assert bench.ledger.case("E1").version == version


def test_who_may_not_erase_takes_nothing_away(bench: Bench):
    done = erase(bench.ledger, ["E1"], DESK, "curious")
    assert isinstance(done["E1"], NotAllowed) and done["E1"].code == "role"
    assert bench.ledger.personal("E1") == {"reporter_name": NAME, "reporter_phone": PHONE}


def test_the_plain_move_erases_too_and_leaves_the_rest(bench: Bench):
    bench.move("E1", "erase", ADMIN, "asked for", names=["reporter_phone"])
    assert bench.ledger.personal("E1") == {"reporter_name": NAME}


def test_a_move_that_erases_nothing_leaves_no_word_in_the_trail(bench: Bench):
    version = bench.ledger.case("E3").version
    with pytest.raises(NotAllowed) as refused:
        bench.ledger.move(Ask(case_id="E3", move="erase", note="why", data={"names": ["reporter_phone"]}), ADMIN)
    assert refused.value.code == "nothing_to_erase"
    assert bench.ledger.case("E3").version == version and verify(bench.engine).ok


def test_what_was_erased_does_not_come_back_when_its_source_says_it_again(bench: Bench):
    erase(bench.ledger, ["E1"], ADMIN, "asked for")
    bench.report("E1", personal={"reporter_phone": PHONE})
    assert bench.ledger.personal("E1") == {}


def on_disk(engine: Engine, folder: Path) -> bytes:
    """All that the database has written of names and numbers: SQLite's file and log, PostgreSQL's table."""
    if engine.dialect.name == "sqlite":
        return b"".join(path.read_bytes() for path in folder.glob("hall.db*"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        place = connection.exec_driver_sql("SHOW data_directory").scalar_one()
        return Path(
            place, connection.exec_driver_sql("SELECT pg_relation_filepath('personal')").scalar_one()
        ).read_bytes()


def test_not_a_byte_of_it_is_left_in_the_files_of_the_database(bench: Bench, tmp_path: Path):
    said = (PHONE.encode(), NAME.encode())
    before = on_disk(bench.engine, tmp_path)
    assert all(word in before for word in said)
    erase(bench.ledger, ["E1"], ADMIN, "asked for")
    assert scrub(bench.engine)
    after = on_disk(bench.engine, tmp_path)
    assert not any(word in after for word in said) and b"13700000000" in after
    assert bench.ledger.personal("E2") and verify(bench.engine).ok


def test_at_the_shell_whoever_reads_meanwhile_is_why_it_is_still_on_the_disk(
    bench: Bench, tmp_path: Path, database_url: str
):
    environment = {"GRIDHALL_DATA": str(tmp_path), "GRIDHALL_DATABASE_URL": database_url, "GRIDHALL_LANG": "en"}
    with bench.engine.connect() as reader, reader.begin():
        if bench.engine.dialect.name == "sqlite":
            reader.exec_driver_sql("BEGIN")
        assert reader.execute(sa.select(PERSONAL)).all()
        done = CliRunner().invoke(main, ["erase", "E1", "--why", "asked for", "--yes"], env=environment)
    assert done.exit_code == 0 and "E1: erased" in done.output, done.output
    assert ("VACUUM FULL personal" if database_url else "the steward of the hall clears it later") in done.output
    assert bench.ledger.personal("E1") == {} and PHONE.encode() in on_disk(bench.engine, tmp_path)
    assert scrub(bench.engine) and PHONE.encode() not in on_disk(bench.engine, tmp_path)


def test_only_old_closed_cases_are_old(bench: Bench):
    bench.move("E1", "void", DESK, note="误报", answer="误报")
    closed = bench.at
    assert aged(bench.engine, closed) == []
    assert aged(bench.engine, closed + 1) == ["E1"]
    erase(bench.ledger, ["E1"], ADMIN, "old")
    assert aged(bench.engine, closed + 10**9) == []


def test_at_the_shell_one_says_why_and_is_asked(bench: Bench, tmp_path: Path, database_url: str):
    environment = {"GRIDHALL_DATA": str(tmp_path), "GRIDHALL_DATABASE_URL": database_url}

    def shell(*words: str, answer: str = "") -> tuple[int, str]:
        said = CliRunner().invoke(main, ["erase", *words], env=environment, input=answer)
        return said.exit_code, said.output

    assert shell("E1")[0] == 2
    assert shell("E1", "--why", "asked for", answer="n\n")[0] == 1
    assert bench.ledger.personal("E1")
    code, said = shell("E1", "E3", "--why", "asked for", "--yes")
    assert code == 0 and "E1: erased reporter_name, reporter_phone" in said and "E3: nothing was kept" in said
    assert shell("nowhere", "--why", "x", "--yes")[0] == 1
    bench.at = START
    entry = bench.ledger.trail("E1")[-1][0]
    assert (entry.role, entry.seat, entry.note) == ("admin", "shell", "asked for")
