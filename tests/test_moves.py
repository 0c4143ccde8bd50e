"""Moves: the table is whole: everything it names exists, every word of it is spoken in both languages."""

import ast
import re
from pathlib import Path

import pytest

import dashboard.cases.workflow.decide as room
from dashboard.cases.case import OUTCOMES
from dashboard.cases.workflow.decide import EFFECTS
from dashboard.cases.workflow.guards import GUARDS
from dashboard.cases.workflow.moves import ANY, MOVES
from dashboard.cases.workflow.needs import NEEDS
from dashboard.cases.workflow.relations import RELATIONS
from dashboard.people.roles import CAPABILITIES
from feeds.record import STEPS
from layouts.refusing import refusal
from layouts.words import LANGS, WORDS
from layouts.words_moves import REFUSALS

CASES = Path(room.__file__).parents[1]
ASKED = [move for move in MOVES.values() if move.asked]
MACHINES = {"system", "source"}


def refusals(path: Path) -> set[str]:
    """Codes that a room can raise: first words of NotAllowed(…), and of guards that are made from a condition."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = {"NotAllowed": 0, "_that": 1}.get(node.func.id)
            if place is not None and isinstance(node.args[place], ast.Constant):
                found.add(node.args[place].value)
    return found


ROOMS = {path.name: refusals(path) for path in CASES.rglob("*.py")}
CODES = set().union(*ROOMS.values())


def test_the_table_is_in_order_and_names_only_what_there_is():
    assert ANY == STEPS
    for name, move in MOVES.items():
        assert move.name == name
        assert set(move.before) <= set(STEPS) and move.before
        assert move.after is None or move.after in STEPS
        assert set(move.relation) <= set(RELATIONS) and set(move.guards) <= set(GUARDS)
        assert {*move.needs, *move.brings} <= set(NEEDS)
        assert set(move.roles) <= set(CAPABILITIES) | MACHINES and move.roles


def test_every_move_that_can_be_asked_for_does_something_and_nothing_else_does():
    assert set(EFFECTS) == {move.name for move in ASKED}


def test_nothing_in_the_other_tables_stands_there_for_nothing():
    assert {name for move in ASKED for name in move.guards} == set(GUARDS)
    assert {name for move in ASKED for name in move.relation} | {"scope"} == set(RELATIONS)
    assert {name for move in ASKED for name in (*move.needs, *move.brings)} == set(NEEDS)


def test_whoever_may_move_has_the_capability_to():
    for move in ASKED:
        for role in set(move.roles) - MACHINES:
            assert "move" in CAPABILITIES[role], f"{role} may not {move.name}"
    assert set(MOVES["attach"].roles) == {role for role in CAPABILITIES if "attach" in CAPABILITIES[role]}


def test_an_auditor_moves_nothing():
    assert not [move.name for move in MOVES.values() if "auditor" in move.roles]


def test_a_wall_moves_nothing():
    assert not [move.name for move in MOVES.values() if "wall" in move.roles]


def test_handlers_never_judge():
    judging = ("verify", "rework", "archive", "appraise", "approve_extend", "approve_park", "hear_appeal")
    for name in judging:
        assert not {"worker", "department"} & set(MOVES[name].roles)


@pytest.mark.parametrize("name", MOVES)
def test_every_move_has_a_word(name):
    assert f"move.{name}" in WORDS


def test_roles_needs_and_endings_have_words():
    for role in {role for move in MOVES.values() for role in move.roles}:
        assert f"role.{role}" in WORDS
    for need in NEEDS:
        assert f"need.{need}" in WORDS
    for outcome in filter(None, OUTCOMES):
        assert f"outcome.{outcome}" in WORDS


def test_every_refusal_that_can_be_raised_is_spoken_and_no_sentence_waits_for_nothing():
    assert len(ROOMS["guards.py"]) > 20 and len(ROOMS["relations.py"]) > 8
    assert set(REFUSALS["zh"]) == CODES
    assert tuple(REFUSALS) == LANGS


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_is_a_whole_sentence(lang, code):
    sentence = REFUSALS[lang][code]
    assert sentence.endswith(("。", "."))
    assert bool(re.search(r"[\u4e00-\u9fff]", sentence)) == (lang == "zh")


def test_a_refusal_speaks_in_words_of_the_reader():
    values = {"case_id": "E7", "move": "verify", "step": "reported", "before": ["handled", "verified"]}
    zone = "Asia/Shanghai"
    assert refusal("zh", "step", values, zone) == (
        "案件 E7 现处于“发现上报”，“任务核查”只能在“处置反馈、任务核查”时办理。请刷新后再办。"
    )
    assert "“Verify” needs “Handled, Verified”" in refusal("en", "step", values, zone)
    told = refusal("zh", "extend_too_late", {"case_id": "E7", "due_at": 1_700_000_000.0}, zone)
    assert "11-15 06:13:20" in told
    assert "—" in refusal("en", "not_unread", {"case_id": "E7", "due_at": None}, zone)
