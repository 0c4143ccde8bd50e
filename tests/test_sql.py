"""SQL: one schema made by migrations on both databases; writers queue; a commit is on disk or nothing is."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from dashboard.sql.engine import connect, reading, writing
from dashboard.sql.migrate import FOLDER, NewerDatabase, catalogue, newest, revisions, upgrade
from dashboard.sql.steps import configured

ROOT = Path(__file__).resolve().parents[1]


def test_a_migrated_database_is_what_the_tables_say(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, catalogue()) == []


def test_no_table_is_written_down_where_the_migrations_do_not_look() -> None:
    catalogue()
    before = set(catalogue().tables)
    for path in (ROOT / "dashboard").rglob("*.py"):
        if "METADATA" in path.read_text("utf-8") and "migrations" not in path.parts:
            importlib.import_module(path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."))
    assert set(catalogue().tables) == before


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO chains VALUES ('d1', 1, 0, '')")
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT district FROM chains").scalars().all() == ["d1"]


def test_the_files_of_the_migrations_are_what_alembic_would_walk() -> None:
    script = ScriptDirectory.from_config(configured(FOLDER))
    assert [step.revision for step in script.walk_revisions()][::-1] == revisions()
    assert script.get_heads() == [newest()]


def test_a_newer_database_is_refused_with_a_sentence(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabase, match="revision 9999, which this version of Gridhall does not know"):
        upgrade(engine)


def _upgrade(database_url: str, folder: str) -> None:
    engine = connect(database_url, folder)
    upgrade(engine)
    engine.dispose()


def test_several_processes_may_start_at_once(database_url: str, tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    started = [spawn.Process(target=_upgrade, args=(database_url, str(tmp_path))) for _ in range(4)]
    for process in started:
        process.start()
    for process in started:
        process.join(90)
    assert [process.exitcode for process in started] == [0] * 4
    engine = connect(database_url, str(tmp_path))
    assert {"cases", "case_entries", "chains", "alembic_version"} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_a_failed_migration_leaves_nothing(database_url: str, tmp_path: Path) -> None:
    engine = connect(database_url, str(tmp_path))
    with writing(engine) as connection:
        connection.exec_driver_sql(
            "CREATE TABLE personal (a INTEGER)"
        )  # in the way of the first migration's last table
    with pytest.raises(Exception, match="personal"):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["personal"]
    engine.dispose()


def test_the_migrations_travel_in_the_wheel(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, env=os.environ | {"GRIDHALL_SKIP_JS": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dashboard/sql/migrations").rglob("*.py")}
    assert here and here <= set(names)


def test_what_fails_within_a_transaction_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO chains VALUES ('d1', 1, 0, '')")
        connection.exec_driver_sql("INSERT INTO chains VALUES ('d2', 1, 0, '')")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM chains").scalar() == 0
    with writing(engine) as connection:  # and the next one is not kept waiting
        connection.exec_driver_sql("INSERT INTO chains VALUES ('d2', 1, 0, '')")


def test_a_commit_waits_for_the_disk(engine: Engine) -> None:
    asked = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}[engine.dialect.name]
    with reading(engine) as connection:
        assert connection.exec_driver_sql(asked).scalar() in (2, "on")


def test_postgresql_answers_a_small_question_without_compiling_it_first(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW jit").scalar_one() == "off"


def _write_for_ever(folder: str) -> None:
    engine = connect("", folder)
    for number in range(1_000_000):
        with writing(engine) as connection:
            connection.execute(text("UPDATE chains SET position = :number"), {"number": number})


def test_a_writer_killed_while_others_wait_gives_its_turn_back(tmp_path: Path) -> None:
    engine = connect("", str(tmp_path))
    upgrade(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO chains VALUES ('d1', 1, 0, '')")
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write_for_ever, args=(str(tmp_path),)) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for writer in writers:
            _until_written(engine)
            assert writer.pid
            os.kill(writer.pid, signal.SIGKILL)
            writer.join(10)
            began = time.monotonic()
            with writing(engine) as connection:
                connection.exec_driver_sql("UPDATE chains SET position = -1")
            assert time.monotonic() - began < 2
    finally:
        for writer in writers:
            writer.kill()
    engine.dispose()


def _until_written(engine: Engine) -> None:
    until = time.monotonic() + 60
    seen: set[int] = set()
    while len(seen) < 5:
        assert time.monotonic() < until, "nobody writes"
        with reading(engine) as connection:
            seen.add(connection.exec_driver_sql("SELECT position FROM chains").scalar_one())
        time.sleep(0.01)


def test_the_file_and_what_lies_beside_it_are_for_their_owner_only(tmp_path: Path) -> None:
    engine = connect("", str(tmp_path))
    upgrade(engine)
    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("hall.db*")}
    assert modes.keys() >= {"hall.db", "hall.db-wal", "hall.db-shm"} and set(modes.values()) == {0}
    (tmp_path / "hall.db").chmod(0o640)  # for a group that makes backups
    connect("", str(tmp_path))
    assert (tmp_path / "hall.db").stat().st_mode & 0o777 == 0o640
    engine.dispose()


def test_an_error_says_nothing_of_what_was_to_be_written(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as error, writing(engine) as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:phone)"), {"phone": "13800001111"})
    assert "13800001111" not in str(error.value) and "nowhere" in str(error.value)
