"""Whatever is altered in the ledger is found and the first broken entry named; what is whole is said to be whole."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from trails import START, Bench

from dashboard.cases.case import Entry
from dashboard.cases.chain import canonical, link
from dashboard.cases.store.rows import COLUMNS, entry_of
from dashboard.cases.store.schema import CASES, CHAINS, ENTRIES, SEQ
from dashboard.cases.trail import along, guilty
from dashboard.cases.trail.onward import AGAIN, step, verified
from dashboard.cases.trail.verify import Verdict, verify
from dashboard.sql.engine import writing
from layouts.words import LANGS


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """To look for the byte takes up to a second for each entry that was altered: tests that want it turn it on."""
    guilty.LONGEST, longest = 0, guilty.LONGEST
    yield
    guilty.LONGEST = longest


@pytest.fixture
def bench(engine: Engine) -> Bench:
    made = Bench(engine)
    made.lived()
    return made


def change(engine: Engine, statement: Any, *values: Any) -> None:
    with writing(engine) as connection:
        connection.execute(statement, *values)


def sole(verdict: Verdict) -> tuple[str, str, int, str]:
    assert len(verdict.findings) == 1, verdict.findings
    finding = verdict.findings[0]
    assert all(finding.sentence(lang) for lang in LANGS)
    return finding.code, finding.district, finding.position, finding.case_id


def entries(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.seq)))


def test_a_ledger_that_was_only_written_by_the_hall_is_whole(bench: Bench):
    verdict = verify(bench.engine)
    assert verdict.ok, verdict.findings
    assert verdict.entries == len(entries(bench.engine)) == 21
    assert verdict.cases == 6
    assert verdict.chains == {"east": (0, 14), "west": (0, 7)}
    assert verdict.megabytes > 1 and verdict.seconds > 0


def test_chains_may_be_walked_side_by_side_and_the_same_is_found(bench: Bench):
    alone, apart = verify(bench.engine), verify(bench.engine, jobs=2)
    assert apart.ok, apart.findings
    assert (apart.entries, apart.cases, apart.chains) == (alone.entries, alone.cases, alone.chains)
    for victim in (entries(bench.engine)[2], entries(bench.engine)[-2]):
        of = sa.update(ENTRIES).where(ENTRIES.c.seq == victim.seq)
        change(bench.engine, of.values(body=victim.body + " "))
    findings = verify(bench.engine).findings
    assert len(findings) == 2 and verify(bench.engine, jobs=2).findings == findings


def test_an_empty_ledger_is_whole(engine: Engine):
    assert verify(engine).ok


def test_how_much_is_read_at_once_and_kept_in_memory_makes_no_difference(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    for chunk, followed in itertools.product((1, 2, 5, 100), (0, 2, 100)):
        monkeypatch.setattr(along, "CHUNK", chunk)
        monkeypatch.setattr(along, "FOLLOWED", followed)
        verdict = verify(bench.engine)
        assert verdict.ok, verdict.findings
        assert (verdict.entries, verdict.cases) == (21, 6)


def altered(value: Any, at: int, bit: int) -> Any:
    """One bit of one byte of a value turned over, in its own type."""
    if value is None:
        return "desk-1 x"
    if isinstance(value, bytes):
        place = at % len(value)
        return value[:place] + bytes([value[place] ^ 1 << bit]) + value[place + 1 :]
    if isinstance(value, float):
        return value + 0.5 * (bit + 1)
    if isinstance(value, int):
        return value ^ 1 << bit
    place = at % len(value)
    # Such that it stays text that both databases take.
    turned = chr(ord(value[place]) ^ (1 << bit % 4)) if ord(value[place]) >= 0x30 else chr(ord(value[place]) + 1)
    return value[:place] + turned + value[place + 1 :]


@pytest.mark.timeout(900)
def test_one_byte_changed_in_any_column_of_any_entry_is_found_and_named(bench: Bench):
    """Every entry, a byte of each column."""
    dice = random.Random(11)
    names = [column.name for column in ENTRIES.c if column.name != "seq"]
    for row, column in itertools.product(entries(bench.engine), names):
        was = getattr(row, column)
        of = sa.update(ENTRIES).where(ENTRIES.c.seq == row.seq)
        try:
            change(bench.engine, of.values({column: altered(was, dice.randrange(10_000), dice.randrange(7))}))
        except IntegrityError:
            continue  # not even the database would take that
        code, district, position, _case = sole(verify(bench.engine))
        assert code in ("hash", "column")
        assert (district, position) == (_district(bench, row.seq), row.seq % SEQ)
        change(bench.engine, of.values({column: was}))
    assert verify(bench.engine).ok


def _district(bench: Bench, seq: int) -> str:
    with bench.engine.connect() as connection:
        return connection.execute(sa.select(CHAINS.c.district).where(CHAINS.c.number == seq // SEQ)).scalar_one()


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_one_bit_turned_over_anywhere_in_the_text_of_an_entry_is_found(data: st.DataObject, tmp_path_factory: Any):
    """SQLite keeps bytes as they are: what is no text any more is found too."""
    file = _lived_once(tmp_path_factory)
    engine = sa.create_engine(f"sqlite:///{file}")
    seqs = [row.seq for row in entries(engine)]
    seq = data.draw(st.sampled_from(seqs))
    column = data.draw(st.sampled_from(["case_id", "move", "body", "hash", "request_key"]))
    driver = sqlite3.connect(file)
    was, kind = driver.execute(
        f"SELECT CAST({column} AS BLOB), typeof({column}) FROM case_entries WHERE seq = ?", (seq,)
    ).fetchone()
    if was is None:
        return
    place, bit = data.draw(st.integers(0, len(was) - 1)), data.draw(st.integers(0, 7))
    turned = was[:place] + bytes([was[place] ^ 1 << bit]) + was[place + 1 :]
    as_kind = "BLOB" if kind == "blob" else "TEXT"
    say = f"UPDATE case_entries SET {column} = CAST(? AS {as_kind}) WHERE seq = ?"
    try:
        driver.execute(say, (turned, seq))
        driver.commit()
    except sqlite3.IntegrityError:
        driver.close()
        return  # not even the database would take that
    try:
        code, _district, position, _case = sole(verify(engine))
        assert position == seq % SEQ and code in ("hash", "column", "unreadable")
    finally:
        driver.execute(say, (was, seq))
        driver.commit()
        driver.close()
        engine.dispose()


_made: list[Path] = []


def _lived_once(factory: pytest.TempPathFactory) -> Path:
    from dashboard.sql.engine import connect
    from dashboard.sql.migrate import upgrade

    if not _made:
        folder = factory.mktemp("lived")
        engine = connect("", str(folder))
        upgrade(engine)
        Bench(engine).lived()
        engine.dispose()
        _made.append(folder / "hall.db")
    return _made[0]


@pytest.mark.timeout(900)
def test_a_case_that_is_not_what_its_entries_say_is_found(bench: Bench):
    """Any column of it."""
    with bench.engine.connect() as connection:
        row = connection.execute(sa.select(CASES).where(CASES.c.case_id == "E1")).one()
    for column in COLUMNS:
        was = getattr(row, column)
        wrong = other(was)
        change(bench.engine, sa.update(CASES).where(CASES.c.seq == row.seq).values({column: wrong}))
        found = verify(bench.engine).findings
        assert found and found[0].code.startswith(("case", "stray")), column
        again = CASES.c.seq == (wrong if column == "seq" else row.seq)
        change(bench.engine, sa.update(CASES).where(again).values({column: was}))
    assert verify(bench.engine).ok


def other(was: Any) -> Any:
    """Another value of the same type."""
    if isinstance(was, bool):
        return not was
    if isinstance(was, dict):
        return {"claim": {}}
    if was is None:
        return 5
    return f"{was}~" if isinstance(was, str) else was + 7


SURGERY: dict[str, tuple[Callable[[Any], Any], str, int]] = {
    "an entry is taken out": (lambda _: sa.delete(ENTRIES).where(ENTRIES.c.seq == SEQ + 4), "missing", 4),
    "the first entry is taken out": (lambda _: sa.delete(ENTRIES).where(ENTRIES.c.seq == SEQ + 1), "missing", 1),
    "the last entry is taken out": (lambda last: sa.delete(ENTRIES).where(ENTRIES.c.seq == SEQ + last), "missing", -1),
    "an entry is moved behind the head": (
        lambda last: sa.update(ENTRIES).where(ENTRIES.c.seq == SEQ + 4).values(seq=SEQ + last + 5), "missing", 4,
    ),
    "the head says another hash": (
        lambda _: sa.update(CHAINS).where(CHAINS.c.number == 1).values(hash=bytes(32)), "head", -1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SURGERY)
def test_what_is_taken_out_or_put_elsewhere_is_found(bench: Bench, name: str):
    with bench.engine.connect() as connection:
        last = connection.execute(sa.select(CHAINS.c.position).where(CHAINS.c.number == 1)).scalar_one()
    statement, code, position = SURGERY[name]
    change(bench.engine, statement(last))
    first = verify(bench.engine).findings[0]
    assert (first.code, first.position) == (code, last if position < 0 else position)


def test_a_chain_cut_short_with_its_head_leaves_cases_that_know_more(bench: Bench):
    row = entries(bench.engine)[-1]
    before = entries(bench.engine)[-2]
    change(bench.engine, sa.delete(ENTRIES).where(ENTRIES.c.seq == row.seq))
    change(
        bench.engine,
        sa.update(CHAINS).where(CHAINS.c.number == 2).values(position=before.seq % SEQ, hash=before.hash),
    )
    codes = {finding.code for finding in verify(bench.engine).findings}
    assert codes & {"case_behind", "stray"}


def test_a_case_that_was_taken_away_is_named_by_its_entries(bench: Bench):
    change(bench.engine, sa.delete(CASES).where(CASES.c.case_id == "E1"))
    code, _, _, case_id = sole(verify(bench.engine))
    assert (code, case_id) == ("case_missing", "E1")


def test_a_case_put_back_to_an_earlier_entry_is_found(bench: Bench):
    """Whole in itself, and exactly what it was then; only the trail goes further."""
    trail = bench.ledger.trail("E1")
    from dashboard.cases.case import apply

    case = None
    for entry, _ in trail[:-1]:
        case = apply(case, entry, SEQ * _chain(bench, "east") + entry.position)
    assert case is not None
    change(
        bench.engine,
        sa.update(CASES).where(CASES.c.case_id == "E1").values({name: getattr(case, name) for name in COLUMNS}),
    )
    code, _, position, case_id = sole(verify(bench.engine))
    assert (code, position, case_id) == ("case_behind", trail[-1][0].position, "E1")


def _chain(bench: Bench, district: str) -> int:
    with bench.engine.connect() as connection:
        return connection.execute(sa.select(CHAINS.c.number).where(CHAINS.c.district == district)).scalar_one()


def test_a_case_that_no_entry_made_is_found(bench: Bench):
    with bench.engine.connect() as connection:
        row = connection.execute(sa.select(CASES).limit(1)).one()
    change(bench.engine, sa.insert(CASES), [row._asdict() | {"case_id": "X", "report_id": "X", "seq": 9 * SEQ + 1}])
    assert sole(verify(bench.engine))[0] == "stray"


def rewritten(bench: Bench, district: str, position: int) -> None:
    """A chain made anew from an entry on, all hashes right: what someone does who can write into the database."""
    number = _chain(bench, district)
    of = ENTRIES.c.seq.between(number * SEQ + 1, (number + 1) * SEQ - 1)
    with bench.engine.connect() as connection:
        rows = list(connection.execute(sa.select(ENTRIES).where(of).order_by(ENTRIES.c.seq)))
    before = bytes(32)
    with writing(bench.engine) as connection:
        for row in rows:
            entry: Entry = entry_of(row.body)
            body = canonical(_other_note(entry)) if entry.position == position else row.body
            before = link(before, body)
            connection.execute(sa.update(ENTRIES).where(ENTRIES.c.seq == row.seq).values(body=body, hash=before))
        connection.execute(sa.update(CHAINS).where(CHAINS.c.district == district).values(hash=before))


def _other_note(entry: Entry) -> Entry:
    import msgspec

    return msgspec.structs.replace(entry, note="nobody was ever told")


def test_a_chain_that_was_rewritten_whole_is_not_found_without_a_signed_head(bench: Bench):
    """This is the limit of a chain, said aloud: tests/test_signing.py has the other half."""
    rewritten(bench, "east", 5)
    assert verify(bench.engine).ok


# --- from somewhere on, and onwards ---


def test_since_starts_where_it_was_verified_last(bench: Bench):
    step(bench.engine, now=START + 5000)
    bench.report("later")
    verdict = verify(bench.engine, START + 5000)
    assert verdict.ok and verdict.entries == 1 and verdict.chains["east"] == (14, 15)
    assert verify(bench.engine, START + 4999).entries == 22
    assert verify(bench.engine, position=14).chains["east"] == (14, 15)
    assert verify(bench.engine, position=13).chains["east"] == (0, 15)


def test_it_is_said_how_far_each_chain_was_verified_and_when(bench: Bench):
    assert verified(bench.engine) == {}
    assert step(bench.engine, now=5.0, most=10) == []
    said = verified(bench.engine)
    assert (said["east"].position, said["east"].at, said["east"].ok) == (10, 5.0, True)
    assert step(bench.engine, now=6.0, most=10) == []
    assert verified(bench.engine)["east"].position == 14
    bench.report("later")
    assert step(bench.engine, now=7.0, most=10) == []
    assert verified(bench.engine)["east"].position == 15


def test_what_breaks_is_said_until_it_is_mended(bench: Bench):
    was = entries(bench.engine)[11]
    of = sa.update(ENTRIES).where(ENTRIES.c.seq == was.seq)
    step(bench.engine, now=5.0, most=3)
    change(bench.engine, of.values(body=was.body + " "))
    for _ in range(4):
        found = step(bench.engine, now=6.0, most=5)
    district = found[0].district
    said = verified(bench.engine)[district]
    assert not said.ok and said.finding == found[0] and said.position < found[0].position == was.seq % SEQ
    change(bench.engine, of.values(body=was.body))
    for _ in range(4):
        step(bench.engine, now=7.0, most=5)
    assert all(one.ok for one in verified(bench.engine).values())


def test_what_is_altered_behind_the_walk_is_found_by_the_next_round(bench: Bench):
    for _ in range(2):
        step(bench.engine, now=5.0)
        step(bench.engine, now=5.0, walk=AGAIN)
    victim = entries(bench.engine)[2]
    change(bench.engine, sa.update(ENTRIES).where(ENTRIES.c.seq == victim.seq).values(body=victim.body + " "))
    assert step(bench.engine, now=6.0) == [], "the walk onwards has passed it"
    (found,) = step(bench.engine, now=6.0, walk=AGAIN)
    assert (found.code, found.position) == ("hash", 3)
    assert not verified(bench.engine)[found.district].ok


def test_what_is_altered_in_a_hall_in_use_is_found_though_the_head_is_never_reached_for_long(bench: Bench):
    for number in range(3):
        bench.report(f"busy {number}")
        assert step(bench.engine, now=5.0, walk=AGAIN) == []
    victim = entries(bench.engine)[2]
    change(bench.engine, sa.update(ENTRIES).where(ENTRIES.c.seq == victim.seq).values(body=victim.body + " "))
    bench.report("busy still")
    (found,) = step(bench.engine, now=6.0, walk=AGAIN)
    assert (found.code, found.position) == ("hash", 3)


def test_entries_that_were_walked_are_counted_though_one_is_broken(bench: Bench):
    victim = next(row for row in entries(bench.engine) if row.seq % SEQ == 7)
    change(bench.engine, sa.update(ENTRIES).where(ENTRIES.c.seq == victim.seq).values(body=victim.body + " "))
    verdict = verify(bench.engine)
    whole = sum(end for district, (_, end) in verdict.chains.items() if district != verdict.findings[0].district)
    assert not verdict.ok and verdict.entries == whole + 7


def test_others_may_write_while_it_is_verified(bench: Bench):
    grown: list[str] = []

    def told(_share: float) -> None:
        if not grown:
            grown.append(bench.report("meanwhile"))

    verdict = verify(bench.engine, told=told)
    assert verdict.ok and verdict.chains["east"][1] == 14 and grown
    assert verify(bench.engine).chains["east"][1] == 15


def test_a_byte_that_was_altered_is_named_with_what_it_was(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guilty, "LONGEST", 1000)
    victim = entries(bench.engine)[4]
    place = victim.body.index('"move"') + 2
    wrong = victim.body[:place] + "M" + victim.body[place + 1 :]
    change(bench.engine, sa.update(ENTRIES).where(ENTRIES.c.seq == victim.seq).values(body=wrong))
    found = verify(bench.engine).findings[0]
    byte = len(victim.body[:place].encode()) + 1
    assert found.code == "hash" and found.values == {"byte": byte, "found": "'M'", "said": "'o'"}
    assert f"Byte {byte} of it is 'M'; when it was hashed it was 'o'" in found.sentence("en")


def test_a_hash_that_was_altered_is_told_from_words_that_were(bench: Bench):
    victim = entries(bench.engine)[4]
    hashed = bytes([victim.hash[0] ^ 1]) + victim.hash[1:]
    change(bench.engine, sa.update(ENTRIES).where(ENTRIES.c.seq == victim.seq).values(hash=hashed))
    found = verify(bench.engine).findings[0]
    assert found.values == {"kept": True} and "the hash itself was altered" in found.sentence("en")


def test_of_an_entry_that_was_written_anew_no_byte_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guilty, "LONGEST", 1000)
    victim = entries(bench.engine)[4]
    change(bench.engine, sa.update(ENTRIES).where(ENTRIES.c.seq == victim.seq).values(body=victim.body + "  "))
    assert verify(bench.engine).findings[0].values == {}
