"""Ledger: nothing acknowledged is lost, nothing is there twice, who loses is told; a case is the fold of its trail."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from dashboard.cases.answers import Conflict, Moved, NoCase
from dashboard.cases.case import Actor, Ask, Case, Entry, NotAllowed, apply
from dashboard.cases.chain import GENESIS, canonical, link
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Rules
from dashboard.cases.store.reading import entries_after, heads
from dashboard.cases.store.schema import SEQ
from dashboard.cases.told import Told
from dashboard.sql.engine import reading
from feeds.record import EventReport

#: 2026-11-20 10:00 in Shanghai, a Friday.
NOW = 1_795_140_000.0
DESK = Actor(name="li", role="dispatcher", seat="3")
WORKER = Actor(name="w7", role="worker")


class Hall:
    """A ledger and its clock."""

    def __init__(self, engine: Engine) -> None:
        self.at, self.engine = NOW, engine
        self.ledger = Ledger(engine, Rules.load(None), lambda: self.at)


@pytest.fixture
def hall(engine: Engine) -> Iterator[Hall]:
    yield Hall(engine)


def told(event_id: str = "e1", **changes: Any) -> Told:
    about = {name: changes.pop(name) for name in tuple(changes) if name in Told.__struct_fields__}
    said = {"class_code": "other", "reported_at": NOW - 60, "updated_at": NOW - 60, "lon": 130.3, "lat": 46.8} | changes
    report = EventReport(event_id=event_id, **said)
    return Told(
        **{"report": report, "origin": "hotline", "district": "d1", "street": "d1s1", "area_id": "d1s1"} | about
    )


def dispatch(case: Case, **more: Any) -> Ask:
    return Ask(
        **{"case_id": case.case_id, "move": "dispatch", "version": case.version, "data": {"department": "water"}} | more
    )


def urge(case_id: str, **more: Any) -> Ask:
    return Ask(case_id=case_id, move="urge", **more)


def whole(engine: Engine) -> None:
    """Positions without gaps, links that hold, versions without gaps, each case the fold of its entries."""
    cases: dict[str, Case] = {}
    for district, (number, position, last) in heads(engine).items():
        before = GENESIS
        with reading(engine) as connection:
            rows = connection.execute(
                text("SELECT seq, body, hash FROM case_entries WHERE seq > :a AND seq < :b ORDER BY seq"),
                {"a": number * SEQ, "b": (number + 1) * SEQ},
            ).all()
        entries = entries_after(engine, district, 0, 1_000_000)
        assert len(rows) == position == len(entries)
        for place, ((seq, body, hashed), (also, entry)) in enumerate(zip(rows, entries, strict=True), 1):
            assert seq == also == number * SEQ + place
            assert (entry.district, entry.position) == (district, place)
            assert canonical(entry) == body
            before = link(before, body)
            assert bytes(hashed) == before
            known = cases.get(entry.case_id)
            assert entry.version == (known.version if known else 0) + 1
            assert entry.before == (known.step if known else "")
            cases[entry.case_id] = apply(known, entry, seq)
            assert entry.after == cases[entry.case_id].step
        assert last == before
    ledger = Ledger(engine, Rules.load(None))
    assert ledger.cases(cases) == list(cases.values())
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cases").scalar() == len(cases)


def test_the_first_word_makes_a_case_and_a_later_one_is_its_next_entry(hall: Hall) -> None:
    assert [(one.case_id, one.outcome, one.version) for one in hall.ledger.report([told()])] == [("e1", "new", 1)]
    later = told(updated_at=NOW, step="dispatched")
    assert [(one.outcome, one.version) for one in hall.ledger.report([later])] == [("told", 2)]
    case = hall.ledger.case("e1")
    assert (case.step, case.version, case.district, case.lon, case.told) == ("dispatched", 2, "d1", 130.3, True)
    assert [(entry.move, entry.role, entry.actor) for entry, _ in hall.ledger.trail("e1")] == [
        ("report", "source", "hotline"), ("tell", "source", "hotline"),
    ]  # fmt: skip
    whole(hall.engine)


def test_what_was_said_before_is_not_written_again(hall: Hall) -> None:
    first, second = told(), told(updated_at=NOW, step="dispatched")
    hall.ledger.report([first, second])
    again = hall.ledger.report([second, first, second])
    assert [(one.outcome, one.version) for one in again] == [("duplicate", 2), ("late", 2), ("duplicate", 2)]
    assert len(hall.ledger.trail("e1")) == 2


def test_a_batch_may_have_several_words_on_one_case(hall: Hall) -> None:
    said = [
        told(),
        told(),
        told(updated_at=NOW - 30, step="dispatched"),
        told("e2"),
        told(updated_at=NOW, step="handled"),
    ]
    answers = hall.ledger.report(said)
    assert [one.outcome for one in answers] == ["new", "duplicate", "told", "new", "told"]
    assert [one.version for one in answers] == [1, 1, 2, 1, 3]
    assert hall.ledger.case("e1").step == "handled"
    whole(hall.engine)


def test_two_origins_may_call_different_events_alike(hall: Hall) -> None:
    answers = hall.ledger.report([told("7"), told("7", origin="video", district="d2"), told("7", origin="police")])
    assert [one.case_id for one in answers] == ["7", "video:7", "police:7"]
    assert [one.outcome for one in hall.ledger.report([told("7", origin="video")])] == ["duplicate"]
    # Whoever took the name that another would have had next: nobody is turned away.
    odd = hall.ledger.report([told("leader:8"), told("8"), told("8", origin="leader")])
    assert len({one.case_id for one in odd}) == 3
    whole(hall.engine)


def test_a_case_stays_in_the_chain_of_its_district(hall: Hall) -> None:
    hall.ledger.report([told()])
    moved = hall.ledger.report([told(district="d2", updated_at=NOW, step="dispatched"), told("e2", district="d2")])
    assert [one.outcome for one in moved] == ["told", "new"]
    assert hall.ledger.case("e1").district == "d1"
    assert {name: position for name, (_, position, _) in heads(hall.engine).items()} == {"d1": 2, "d2": 1}
    whole(hall.engine)


def test_once_our_people_moved_it_the_step_is_ours(hall: Hall) -> None:
    hall.ledger.report([told()])
    hall.ledger.move(dispatch(hall.ledger.case("e1")), DESK)
    assert hall.ledger.report([told(updated_at=NOW + 5, step="archived")])[0].outcome == "told"
    case = hall.ledger.case("e1")
    assert (case.step, case.version, case.told) == ("dispatched", 3, False)
    whole(hall.engine)


def test_a_case_opened_here_is_named_by_district_day_and_place(hall: Hall) -> None:
    hall.at = NOW + 15 * 3600  # 01:00 of the 21st in Shanghai, still the 20th in Greenwich
    case = hall.ledger.open(told("whatever", actor=WORKER, origin="ignored"))
    assert (case.case_id, case.report_id, case.origin) == ("d1-20261121-000001", "d1-20261121-000001", "hall")
    assert (case.told, case.received_at) == (False, hall.at)
    entry = hall.ledger.trail(case.case_id)[0][0]
    assert (entry.move, entry.actor, entry.role) == ("report", "w7", "worker")


def test_a_system_that_took_our_name_does_not_stop_us(hall: Hall) -> None:
    hall.ledger.report([told("d1-20261120-000002")])
    case = hall.ledger.open(told(actor=WORKER))
    assert case.case_id == "hall:d1-20261120-000002"
    whole(hall.engine)


def test_the_same_request_opens_one_case(hall: Hall) -> None:
    first = hall.ledger.open(told(actor=WORKER, request_key="k1"))
    assert hall.ledger.open(told(actor=WORKER, request_key="k1", district="d2")) == first
    assert hall.ledger.open(told(actor=DESK, request_key="k1")).case_id != first.case_id
    whole(hall.engine)


def test_the_same_request_is_one_move_however_often_it_is_sent(hall: Hall) -> None:
    hall.ledger.report([told()])
    ask = dispatch(hall.ledger.case("e1"), request_key="k1")
    first = hall.ledger.move(ask, DESK)
    hall.ledger.move(urge("e1"), DESK)
    assert hall.ledger.move(ask, DESK) == Moved(first.case, first.entry, again=True)
    twice = hall.ledger.moves([(urge("e1", request_key="k2"), DESK)] * 2)
    assert [isinstance(one, Moved) and one.again for one in twice] == [False, True]
    assert hall.ledger.case("e1").version == 4
    whole(hall.engine)


def test_a_key_that_was_another_request_is_refused(hall: Hall) -> None:
    hall.ledger.report([told(), told("e2")])
    hall.ledger.move(urge("e1", request_key="k1"), DESK)
    for other in (urge("e2", request_key="k1"), dispatch(hall.ledger.case("e1"), request_key="k1")):
        with pytest.raises(NotAllowed) as refused:
            hall.ledger.move(other, DESK)
        assert (refused.value.code, refused.value.values) == ("key_used", {"case": "e1"})
    assert hall.ledger.move(urge("e2", request_key="k1"), Actor(name="wang", role="dispatcher")).case.version == 2


def test_the_loser_of_a_race_is_told_who_won(hall: Hall) -> None:
    hall.ledger.report([told()])
    seen = hall.ledger.case("e1")
    hall.ledger.move(dispatch(seen), DESK)
    hall.ledger.move(urge("e1"), DESK)
    with pytest.raises(Conflict) as lost:
        hall.ledger.move(dispatch(seen), Actor(name="wang", role="dispatcher"))
    assert (lost.value.winner.actor, lost.value.winner.move, lost.value.winner.version) == ("li", "dispatch", 2)
    assert lost.value.case.version == 3


def test_a_version_that_is_not_there_yet_is_a_conflict_too(hall: Hall) -> None:
    hall.ledger.report([told()])
    with pytest.raises(Conflict) as lost:
        hall.ledger.move(urge("e1", version=9), DESK)
    assert lost.value.winner.version == 1


def test_a_refused_move_leaves_no_trace(hall: Hall) -> None:
    hall.ledger.report([told()])
    before = heads(hall.engine)
    with pytest.raises(NotAllowed):
        hall.ledger.move(Ask(case_id="e1", move="archive"), DESK)
    with pytest.raises(NoCase):
        hall.ledger.move(urge("nobody"), DESK)
    assert heads(hall.engine) == before


def test_several_moves_in_one_transaction_are_answered_each_for_itself(hall: Hall) -> None:
    hall.ledger.report([told(), told("e2", district="d2")])
    answers = hall.ledger.moves(
        [(urge("e1", version=1), DESK), (urge("e1", version=1), DESK), (urge("e2"), DESK), (urge("e3"), DESK),
         (Ask(case_id="e2", move="archive"), DESK)]
    )  # fmt: skip
    assert [type(one) for one in answers] == [Moved, Conflict, Moved, NoCase, NotAllowed]
    assert isinstance(answers[1], Conflict)
    assert answers[1].winner.move == "urge"
    whole(hall.engine)


def test_a_merge_writes_in_both_trails(hall: Hall) -> None:
    hall.ledger.report([told(), told("e2")])
    moved = hall.ledger.move(Ask(case_id="e1", move="merge", data={"into": "e2"}), DESK)
    assert (moved.case.merged_into, moved.case.outcome) == ("e2", "merged")
    assert [entry.move for entry, _ in hall.ledger.trail("e2")] == ["report", "take_in"]
    back = hall.ledger.move(Ask(case_id="e1", move="unmerge", note="不是同一件"), DESK)
    assert back.case.open
    assert [entry.move for entry, _ in hall.ledger.trail("e2")] == ["report", "take_in", "let_go"]
    whole(hall.engine)


def test_who_reported_is_kept_apart_and_the_trail_holds_a_hash(hall: Hall) -> None:
    person = {"reporter_name": "王芳", "reporter_phone": "13900001111"}
    hall.ledger.report([told(personal=person)])
    assert hall.ledger.personal("e1") == person
    entry, _ = hall.ledger.trail("e1")[0]
    assert "13900001111" not in canonical(entry)
    with reading(hall.engine) as connection:
        rows = connection.exec_driver_sql("SELECT name, salt, value FROM personal").all()
    assert {name: hashlib.sha256(bytes(salt) + value.encode()).hexdigest() for name, salt, value in rows} == (
        entry.more["personal"]
    )
    assert len({bytes(salt) for _, salt, _ in rows}) == 2


def test_a_corrected_number_takes_the_place_of_the_old_one(hall: Hall) -> None:
    hall.ledger.report([told(personal={"reporter_phone": "1"})])
    hall.ledger.report([told(personal={"reporter_phone": "2"}, updated_at=NOW)])
    hall.ledger.report([told(personal={"reporter_phone": "2"}, updated_at=NOW + 1)])
    assert hall.ledger.personal("e1") == {"reporter_phone": "2"}
    assert ["personal" in entry.more for entry, _ in hall.ledger.trail("e1")] == [True, True, False]


def test_what_was_erased_does_not_come_back(hall: Hall) -> None:
    hall.ledger.report([told(personal={"reporter_phone": "1"})])
    with hall.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE personal SET value = NULL, salt = NULL, erased_at = 1.0")
        connection.commit()
    assert hall.ledger.report([told(personal={"reporter_phone": "1"}, updated_at=NOW)])[0].outcome == "told"
    assert hall.ledger.personal("e1") == {}


def test_time_in_a_trail_never_runs_backwards(hall: Hall) -> None:
    hall.ledger.report([told()])
    hall.at = NOW - 3600
    hall.ledger.move(urge("e1", observed_at=NOW + 99), DESK)
    entry = hall.ledger.trail("e1")[1][0]
    assert (entry.recorded_at, entry.observed_at) == (NOW, NOW)
    hall.at = NOW + 60
    assert hall.ledger.move(urge("e1", observed_at=NOW + 30), DESK).entry.observed_at == NOW + 30


def test_letters_that_no_database_keeps_are_left_out(hall: Hall) -> None:
    answer = hall.ledger.report([told("e\x001", text="一\x00二\ud800", personal={"reporter_name": "\x00王"})])[0]
    assert answer.case_id == "e1"
    assert hall.ledger.case("e1").text == "一二?"
    assert hall.ledger.personal("e1") == {"reporter_name": "王"}
    hall.ledger.move(urge("e1", note="快\x00点"), DESK)
    assert hall.ledger.trail("e1")[1][0].note == "快点"
    whole(hall.engine)


def test_whoever_publishes_is_called_after_the_commit_and_cannot_undo_it(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[tuple[set[str], int]] = []
    hall.ledger.committed.append(lambda districts: heard.append((districts, len(hall.ledger.trail("e1")))))
    hall.ledger.report([told(), told("e2", district="d2")])
    hall.ledger.report([told()])  # said before: nothing new to publish
    assert heard == [({"d1", "d2"}, 1)]

    def fails(_: set[str]) -> None:
        raise ConnectionError("Redis is away")

    hall.ledger.committed.append(fails)
    assert hall.ledger.move(urge("e1"), DESK).case.version == 2
    assert "not published yet" in caplog.text


def test_reading_asks_only_for_what_there_is(hall: Hall) -> None:
    hall.ledger.report([told("e2"), told("e1")])
    assert [case.case_id for case in hall.ledger.cases(["e1", "nobody", "e2", "e1"])] == ["e1", "e2"]
    assert hall.ledger.cases([]) == hall.ledger.trail("nobody") == []
    assert entries_after(hall.engine, "nobody", 0, 10) == []
    with pytest.raises(NoCase):
        hall.ledger.case("nobody")
    first, second = entries_after(hall.engine, "d1", 0, 10)
    assert entries_after(hall.engine, "d1", 1, 10) == [second]
    assert entries_after(hall.engine, "d1", 0, 1) == [first]
    assert isinstance(first[1], Entry)


def test_a_decision_that_sets_what_a_case_is_fails_loudly(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.ledger.report([told()])
    monkeypatch.setattr("dashboard.cases.ledger.first", lambda *_: {"version": 7})
    with pytest.raises(ValueError, match="version"):
        hall.ledger.report([told("e2")])
    whole(hall.engine)


@pytest.mark.parametrize("away", [86_400.0 * 100, -86_400.0 * 400, -1.7e9])
def test_a_time_that_cannot_be_true_does_not_go_into_the_chain(hall: Hall, away: float) -> None:
    hall.ledger.report([told()])
    with pytest.raises(NotAllowed, match="untimely"):
        hall.ledger.move(urge("e1", observed_at=NOW + away), DESK)
    hall.ledger.move(urge("e1", observed_at=NOW - 86_400), DESK)
    old = told("e2", actor=DESK, reported_at=NOW + 10 * away, updated_at=NOW + 10 * away)
    with pytest.raises(NotAllowed, match="untimely"):
        hall.ledger.open(old)
    assert len(hall.ledger.trail("e1")) == 2


def test_a_class_that_nobody_knows_is_filed_as_other_and_the_trail_keeps_what_was_said(hall: Hall) -> None:
    hall.ledger.report([told("e0", class_code="moon-dust")])
    assert hall.ledger.case("e0").class_code == "moon-dust", "which classes there are is known with the city"
    hall.ledger.rules = replace(hall.ledger.rules, also_known=frozenset(("kites",)))
    hall.ledger.report([told("e1", class_code="moon-dust"), told("e2", class_code="kites")])
    assert [hall.ledger.case(name).class_code for name in ("e1", "e2")] == ["other", "kites"]
    assert [hall.ledger.trail(name)[0][0].more.get("class_said") for name in ("e1", "e2")] == ["moon-dust", None]
    hall.ledger.report([told("e2", class_code="sun-dust", updated_at=NOW - 30)])
    assert hall.ledger.case("e2").class_code == "other"
    assert hall.ledger.trail("e2")[1][0].more["class_said"] == "sun-dust"
