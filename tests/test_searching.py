"""Searching: what is found is what Python finds in the same words, whatever was written, changed, and asked for."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from casebook import HOUR, NOW, lay
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.cases.case import Case
from dashboard.kpi import searching, written
from dashboard.kpi.filters import Filter
from dashboard.kpi.register import Register
from dashboard.kpi.written import Written, letters, number, places


def case(case_id: str, **more: Any) -> Case:
    given: dict[str, Any] = {"district": "east", "received_at": NOW - HOUR, "version": 1, "updated_at": NOW}
    return Case(case_id=case_id, **given | more)


def register(engine: Engine, *cases: Case) -> Register:
    lay(engine, *cases)
    made = Register(engine)
    made.refresh()
    return made


def found(asked: Register, said: str, **more: Any) -> list[str]:
    return sorted(asked.find(Filter(said=said, **more), now=NOW, limit=1000).case_ids)


def holds(case: Case, said: str) -> bool:
    """Plainly."""
    numbers = [one.encode().lower() for one in (case.case_id, case.report_id or case.case_id)]
    words = [one.casefold() for one in (case.text, case.address)]
    return any(one.startswith(said.encode().lower()) for one in numbers) or any(said.casefold() in one for one in words)


# --- in a ledger ---


def test_cases_are_found_by_their_number_or_by_what_was_written(engine: Engine) -> None:
    made = register(
        engine,
        case("plain"),
        case("waits", text="井盖 0%_", report_id="H-7"),
        case("answered", address="和平路 9 号", text='it\'s "so" \\ ; -- called'),
        case("west", district="west", address="和平路 10 号"),
        case("Straße", text="ГДЕ СВЕТ 👨‍👩‍👧 ＡＢ"),
    )
    assert found(made, "PLAI") == found(made, "plain") == ["plain"]
    assert found(made, "lain") == found(made, "7") == found(made, "plain1") == []
    assert found(made, "h-7") == found(made, "井盖") == found(made, "0%_") == ["waits"]
    assert found(made, "__") == found(made, "1%0") == found(made, "0%\0") == found(made, "\0\0") == []
    assert found(made, "和平路 9") == found(made, 'T\'S "SO" \\ ; -- c') == ["answered"]
    assert found(made, "где свет") == found(made, "👩") == found(made, "ａｂ") == found(made, "STRA") == ["Straße"]
    assert found(made, "9 号it's") == found(made, "井盖 0%_answered") == found(made, "waitsH-7") == []
    for half in ("\ud83d", "\udc68", "\udfff", "\udfff\udc48", "\udc48\udc2d"):
        assert found(made, half) == found(made, f"井{half}") == []
    for long in ("井" * 10_000, "plain" * 2_000, "%" * 10_000):
        assert found(made, long) == []


def test_nobody_finds_what_is_outside_of_their_scope(engine: Engine) -> None:
    made = register(engine, case("a", text="灯坏了"), case("b", district="west", street="w1", text="灯坏了"))
    assert found(made, "灯") == ["a", "b"]
    assert found(made, "灯", scope="west") == found(made, "灯", area="w1") == ["b"]
    assert found(made, "灯", scope="east", area="west") == found(made, "灯", scope="nowhere") == []
    assert found(made, "灯", department="roads") == []


def test_of_many_that_are_found_the_newest_that_the_asker_may_see_are_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching.matching, "__defaults__", (2,))
    near = [case(f"c{n}", received_at=NOW + n) for n in range(9)]
    made = register(engine, *near, *(case(f"cd{n}", district="west", received_at=NOW + 100) for n in range(5)))
    assert found(made, "c", scope="east") == ["c7", "c8"]
    assert len(found(made, "c")) == 2 and set(found(made, "c")) < {f"cd{n}" for n in range(5)}
    assert found(made, "c", scope="east", received_to=NOW + 8) == ["c7"]


def test_a_text_that_was_changed_or_emptied_is_found_as_it_stands_now(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.kpi.table.FEW", 5)
    made = register(engine, *(case(f"c{n}", text="old 旧") for n in range(10)))
    before = made.table
    for version in range(2, 6):
        lay(engine, *(case(f"c{n}", version=version, text=f"new {version} 新" if n % 2 else "") for n in range(10)))
        made.refresh()
        assert found(made, "old") == found(made, f"new {version - 1}") == []
        assert found(made, f"NEW {version}") == found(made, "新") == [f"c{n}" for n in range(1, 10, 2)]
        assert len(made.table.written) < 400
    assert searching.matching(before, "旧", before.alive).sum() == 10


WORDS = [
    "路灯",
    "路",
    "井盖",
    "井",
    "盖",
    "ab",
    "Ab",
    "b a",
    "%",
    "_",
    "\\",
    "'",
    "\n",
    "👩",
    "\x1f",
    "é",
    "É",
    "ß",
    "ſ",
    "İ",
]
SAID = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_found_is_what_plain_python_finds(engine: Engine, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.kpi.table.FEW", 10)
    monkeypatch.setattr("dashboard.kpi.searching.PIECE", 7)
    monkeypatch.setattr(written, "PIECE", 11)
    chance, cases, made = random.Random(seed), dict[str, Case](), Register(engine)

    def text() -> str:
        return "".join(chance.choices(WORDS, k=chance.choice([0, 0, 1, 2, 5])))

    for version in range(1, 7):
        changed = [
            case(name, version=version, text=text(), address=text(), report_id=chance.choice(["", f"{text()}-{name}"]))
            for name in {f"{chance.choice(['A', 'b', '路'])}{chance.randrange(30)}" for _ in range(25)}
        ]
        lay(engine, *changed)
        cases |= {one.case_id: one for one in changed}
        made.refresh()
        for said in {text() or "a" for _ in range(40)} | {"a1", "B2", "路", "路1", "1"}:
            assert found(made, said) == sorted(name for name, one in cases.items() if holds(one, said)), said


# --- the letters ---


@given(st.lists(st.tuples(SAID, SAID, SAID)), st.lists(st.tuples(SAID, SAID, SAID)), SAID, st.randoms())
def test_letters_are_found_where_they_are_and_nowhere_else(
    first: list[tuple[str, str, str]], more: list[tuple[str, str, str]], said: str, chance: random.Random
) -> None:
    kept = Written()
    starts = np.concatenate([kept.put(first, 0.5), kept.put(more)])
    rows, alive = first + more, np.array([chance.random() < 0.7 for _ in first + more], np.bool_)
    for _ in range(2):
        for wanted, which in ((letters(said or "x"), slice(0, 2)), (number(said or "x"), slice(2, 3))):
            hits = places(kept.snapshot(), np.frombuffer(wanted, "<u2"))
            there = np.unique(np.searchsorted(starts, hits, side="right") - 1).tolist()
            plain = [_plainly(row, said or "x", which) for row in rows]
            assert there == [n for n, yes in enumerate(plain) if yes]
        starts = kept.sweep(starts, alive)
        rows, alive = [row for row, yes in zip(rows, alive, strict=True) if yes], np.ones(int(alive.sum()), np.bool_)


def _plainly(row: tuple[str, str, str], said: str, which: slice) -> bool:
    if which.start == 2:
        return bool(row[2]) and row[2].encode().lower().startswith(said.encode().lower())
    return any(said.casefold() in text.casefold() for text in row[which])


@given(st.lists(st.integers(0, 2), max_size=60), st.lists(st.integers(0, 2), min_size=1, max_size=4), st.integers(1, 9))
def test_a_word_is_found_over_the_edge_of_a_piece(units: list[int], wanted: list[int], piece: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(written, "PIECE", piece)
        patched.setattr(written, "FEW", 0.4)
        there = places(np.array(units, "<u2"), np.array(wanted, "<u2")).tolist()
    assert there == [at for at in range(len(units)) if units[at : at + len(wanted)] == wanted]


def test_the_words_of_a_case_take_two_bytes_a_letter_and_few_more(engine: Engine) -> None:
    made = register(engine, *(case(f"c{n:05d}", text="路面破损，影响通行", address="和平路 9 号") for n in range(500)))
    assert len(made.table.written) == 500 * (9 + 7 + 2)
    assert made.table["written_at"].itemsize == 4
