"""A head that was signed tells of a chain that was rewritten, whole in itself; all it takes is the public key."""

from __future__ import annotations

import datetime as dt
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from test_verify import change, entries, rewritten
from trails import START, Bench

from dashboard.cases.store.schema import CASES, CHAINS, ENTRIES
from dashboard.cases.trail.heads import recorded
from dashboard.cases.trail.onward import step, verified
from dashboard.cases.trail.signing import FOLDER, PRIVATE, PUBLIC, NoKey, check, export, load, private_key, public_key
from dashboard.cases.trail.verify import verify
from dashboard.cases.trail.watch import HEADS
from dashboard.cli import main
from dashboard.sql.engine import FILE

DAY = 86_400.0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def bench(engine: Engine) -> Bench:
    made = Bench(engine)
    made.lived(3)
    return made


def test_the_key_is_made_once_and_only_its_owner_reads_it(data: Path):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: private_key(data).private_bytes_raw(), range(16)))
    assert len(set(keys)) == 1
    assert stat.S_IMODE((data / PRIVATE).stat().st_mode) == 0o600
    assert public_key(data / PUBLIC) == private_key(data).public_key()
    assert not list((data / "keys").glob(".partial*"))


def test_a_key_that_is_none_is_said_to_be_none(data: Path):
    (data / "keys").mkdir()
    (data / PRIVATE).write_text("-----BEGIN NONSENSE-----")
    with pytest.raises(NoKey, match=r"trail\.key"):
        private_key(data)


def test_heads_are_signed_once_a_day_and_exported(bench: Bench, data: Path):
    path = export(bench.engine, data, START)
    assert path == data / FOLDER / "2026-09-21.json"
    assert export(bench.engine, data, START + 60) is None
    assert (
        export(bench.engine, data, START + DAY, dt.timezone(dt.timedelta(hours=8))) == data / FOLDER / "2026-09-22.json"
    )
    again = export(bench.engine, data, START + 61, anew=True)
    assert again and again.name.startswith("2026-09-21T")
    documents, wrong = load(data / FOLDER)
    assert wrong == [] and [document.signed_at for document in documents] == [START, START + 61, START + DAY]
    assert documents == recorded(bench.engine)
    assert check(documents, public_key(data / PUBLIC)) == []
    body = path.read_bytes()
    assert body == documents[0].body().encode(), "canonical: the same words are the same bytes"
    assert {line.district for line in documents[0].heads} == {"east", "west"}


def test_a_steward_that_died_between_record_and_file_exports_what_was_recorded(bench: Bench, data: Path):
    path = export(bench.engine, data, START)
    assert path
    body = path.read_bytes()
    path.unlink()
    bench.report("later")
    assert export(bench.engine, data, START + 60) == path
    assert path.read_bytes() == body


def test_a_chain_rewritten_with_all_its_hashes_is_found_by_its_signed_head(bench: Bench, data: Path):
    export(bench.engine, data, START)
    bench.report("later")
    assert verify(bench.engine).ok
    rewritten(bench, "east", 2)
    (finding,) = verify(bench.engine).findings
    assert (finding.code, finding.district, finding.values["name"]) == ("signed", "east", "2026-09-21")
    found = step(bench.engine, START)
    assert [one.code for one in found] == ["signed"] and not verified(bench.engine)["east"].ok


def test_who_takes_the_record_too_is_found_by_the_exported_file(bench: Bench, data: Path):
    export(bench.engine, data, START)
    rewritten(bench, "east", 2)
    change(bench.engine, sa.delete(HEADS))
    assert verify(bench.engine).ok
    documents, _ = load(data / FOLDER)
    assert [finding.code for finding in verify(bench.engine, documents=documents).findings] == ["signed"]


def test_a_ledger_cut_short_or_emptied_since_is_found(bench: Bench, data: Path):
    export(bench.engine, data, START)
    documents, _ = load(data / FOLDER)
    for table in (ENTRIES, CASES, HEADS):
        change(bench.engine, sa.delete(table))
    change(bench.engine, sa.update(CHAINS).values(position=0, hash=bytes(32)))
    assert {finding.code for finding in verify(bench.engine, documents=documents).findings} == {"short"}
    change(bench.engine, sa.delete(CHAINS))
    assert {finding.code for finding in verify(bench.engine, documents=documents).findings} == {"no_chain"}


def test_any_change_of_a_document_breaks_its_signature(bench: Bench, data: Path):
    path = export(bench.engine, data, START)
    assert path
    key, body = public_key(data / PUBLIC), path.read_bytes()
    for place in range(len(body)):
        path.write_bytes(body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])
        documents, wrong = load(path)
        assert wrong or check(documents, key), body[place - 20 : place + 20]


def test_a_document_of_another_key_is_not_taken_for_ours(
    bench: Bench, data: Path, tmp_path_factory: pytest.TempPathFactory
):
    path = export(bench.engine, data, START)
    other = tmp_path_factory.mktemp("other")
    private_key(other)
    assert path
    (finding,) = check(load(path)[0], public_key(other / PUBLIC))
    assert finding.code == "other_key"
    forged = msgspec.structs.replace(load(path)[0][0], key_id=finding.values["said"])
    assert [one.code for one in check([forged], public_key(other / PUBLIC))] == ["signature"]


def test_since_a_day_begins_at_the_head_that_was_signed_then(bench: Bench, data: Path):
    export(bench.engine, data, START)
    bench.report("later")
    verdict = verify(bench.engine, START + 1)
    assert verdict.ok and verdict.entries == 1
    assert verify(bench.engine, START - 1).entries == len(entries(bench.engine))


# --- at the shell ---


def shell(data: Path, database_url: str, *words: str) -> Result:
    environment = {"GRIDHALL_DATA": str(data), "GRIDHALL_DATABASE_URL": database_url, "GRIDHALL_LANG": "en"}
    return CliRunner().invoke(main, [*words], env=environment)


def test_the_shell_says_that_all_is_whole_or_names_what_is_not(bench: Bench, data: Path, database_url: str):
    said = shell(data, database_url, "verify")
    assert said.exit_code == 0 and "The ledger is whole: 10 entries, 3 cases, 2 chains." in said.output
    assert (data / FILE).exists() == (not database_url)
    exported = shell(data, database_url, "export-heads")
    assert exported.exit_code == 0 and (data / FOLDER / Path(exported.output.strip()).name).exists()
    assert shell(data, database_url, "verify", "--heads", str(data / FOLDER)).exit_code == 0
    assert shell(data, database_url, "verify", "--since", "2026-01-01").exit_code == 0
    assert shell(data, database_url, "verify", "--since", "yesterday").exit_code == 2
    rewritten(bench, "east", 2)
    change(bench.engine, sa.delete(HEADS))
    assert shell(data, database_url, "verify").exit_code == 0
    said = shell(data, database_url, "verify", "--heads", str(data / FOLDER), "--public-key", str(data / PUBLIC))
    assert said.exit_code == 1 and "District east, entry" in said.output and "was rewritten since" in said.output


def test_the_shell_names_the_entry_that_was_altered(bench: Bench, data: Path, database_url: str):
    row = entries(bench.engine)[1]
    change(
        bench.engine,
        sa.update(ENTRIES).where(ENTRIES.c.seq == row.seq).values(body=row.body.replace("true", "false", 1) + " "),
    )
    said = shell(data, database_url, "verify")
    assert said.exit_code == 1 and "entry 2" in said.output and "altered" in said.output
