"""Bring: a file of a real city becomes cases, and what the ledger counts is what anybody counts from the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy import Engine

from dashboard.cases.bring import Brought, bring
from dashboard.cases.case import Actor, Ask, NotAllowed
from dashboard.cases.ledger import Ledger
from dashboard.cases.rules.rules import Rules
from dashboard.cases.store.schema import CASES, ENTRIES
from dashboard.cases.told import Told
from dashboard.cli import main
from dashboard.ingest.roster import Roster
from dashboard.kpi.indicators import measure
from dashboard.kpi.register import Register
from dashboard.sql.engine import connect, reading
from feeds.city import City
from feeds.mapping import load_mapping
from feeds.record import EventReport
from feeds.replay import read
from feeds.replay_city import city_of

DATA = Path(__file__).parents[2] / "shared/data"
MESSY, WINDOW = DATA / "nyc311_sample_a.csv", DATA / "nyc311_sample_c_2013.csv"
needs_data = pytest.mark.skipif(not MESSY.exists(), reason="the recorded data is not on this machine")
MAPPING = load_mapping("nyc311")
NOW = 1_795_140_000.0
HEAD = "Unique Key,Created Date,Closed Date,Status,Due Date,Resolution Action Updated Date,Complaint Type,Descriptor,Incident Address,City,Agency,Latitude,Longitude,Borough,Community Board"  # noqa: E501
OPEN = (
    "1,10/30/2013 10:00:00 PM,,Open,10/31/2013 06:00:00 AM,,Noise,Loud,1 A ST,NEW YORK,NYPD,40.7,-73.9,QUEENS,12 QUEENS"
)
CLOSED = "2,10/30/2013 10:00:00 PM,10/30/2013 11:00:00 PM,Closed,,,Noise,Loud,1 A ST,NEW YORK,DOT,40.7,-73.9,QUEENS,12 QUEENS"  # noqa: E501
EARLY = CLOSED.replace("2,", "3,", 1).replace("10/30/2013 11:00:00 PM", "10/29/2013 11:00:00 PM")


class Books:
    """A ledger, and what an import of files brings into it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.ledger = Ledger(engine, Rules.load(None, MAPPING.zone), lambda: NOW)
        self.city: City | None = None

    def bring(self, *files: Path) -> Brought:
        recording = read(files, MAPPING, as_told=True)
        self.city = self.city or city_of(recording, MAPPING)
        return bring(self.ledger, recording, Roster(self.city), "nyc311")

    def frame(self) -> pd.DataFrame:
        with reading(self.engine) as connection:
            return pd.DataFrame(connection.execute(sa.select(CASES)).mappings().all())

    def entries(self) -> int:
        with reading(self.engine) as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(ENTRIES)).scalar_one()


@pytest.fixture
def books(engine: Engine) -> Iterator[Books]:
    yield Books(engine)


def rows(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "requests.csv"
    file.write_text("\n".join([HEAD, *lines]) + "\n", "utf-8")
    return file


def reference(file: Path) -> dict[str, Any]:
    """What anybody would count in the file."""
    table = pd.read_csv(file, dtype=str)
    for column in ("Created Date", "Closed Date", "Due Date"):
        told = pd.to_datetime(table[column], format="%m/%d/%Y %I:%M:%S %p")
        table[column] = told.dt.tz_localize("America/New_York", ambiguous=[True] * len(table))
    is_closed = table["Status"].isin(["Closed", "Email Sent"])
    closed = table["Closed Date"].where(is_closed)
    return {
        "rows": len(table),
        "closed": int(is_closed.sum()),
        "open": int((~is_closed).sum()),
        "late": int((closed > table["Due Date"]).sum()),
        "with a due time": int(table["Due Date"].notna().sum()),
        "without position": int((table["Latitude"].isna() | table["Longitude"].isna()).sum()),
        "closed before created": int((table["Closed Date"] < table["Created Date"]).sum()),
        "departments": table["Agency"].value_counts().sort_index().to_dict(),
        "classes": table["Complaint Type"].value_counts().sort_index().to_dict(),
        "seconds": float((closed - table["Created Date"]).dt.total_seconds().clip(lower=0).sum()),
    }


def counted(frame: pd.DataFrame) -> dict[str, Any]:
    """The same from the ledger's cases. limit_hours: a due time that the rules gave, not the file."""
    closed = frame["step"] == "archived"
    return {
        "rows": len(frame),
        "closed": int(closed.sum()),
        "open": int((~closed).sum()),
        "late": int(frame["late"].astype(bool).sum()),
        "with a due time": int((frame["due_at"].notna() & frame["limit_hours"].isna()).sum()),
        "without position": int(frame["lon"].isna().sum()),
        "closed before created": int((frame["told_at"] < frame["reported_at"]).sum()),
        "departments": frame["department"].value_counts().sort_index().to_dict(),
        "classes": frame["class_code"].value_counts().sort_index().to_dict(),
        "seconds": float((frame["archived_at"] - frame["reported_at"]).sum()),
    }


@needs_data
@pytest.mark.parametrize("file", [MESSY, WINDOW], ids=lambda file: file.stem)
def test_what_the_ledger_counts_is_exactly_what_pandas_counts_in_the_file(books: Books, file: Path) -> None:
    brought = books.bring(file)
    assert counted(books.frame()) == reference(file)
    assert not brought.bad
    assert brought.outcomes["new"] == brought.rows


@needs_data
def test_the_messy_file_has_the_dirt_that_it_is_known_for(books: Books) -> None:
    books.bring(MESSY)
    found = counted(books.frame())
    assert (found["rows"], found["closed before created"], found["without position"]) == (1000, 10, 107)
    assert found["late"] == 52
    assert len(found["departments"]) == 16


@needs_data
def test_no_clock_ran_backwards_though_the_file_says_so(books: Books) -> None:
    books.bring(MESSY)
    frame = books.frame()
    odd = frame[frame["told_at"] < frame["reported_at"]]
    assert len(odd) == 10
    assert (odd["step"] == "handled").all()  # all ten are pending: the status decides
    assert (odd["handled_at"] == odd["reported_at"]).all()
    spent = frame[[name for name in frame if name.startswith("spent_")] + ["paused_seconds"]]
    assert (spent >= 0).all().all()
    assert (frame["archived_at"].fillna(NOW) >= frame["reported_at"]).all()
    assert (frame["entered_at"] >= frame["reported_at"]).all()


@needs_data
def test_a_second_import_changes_nothing(books: Books) -> None:
    first = books.bring(MESSY)
    before, entries = books.frame(), books.entries()
    again = books.bring(MESSY)
    assert again.outcomes["new"] == again.outcomes["told"] == 0
    assert sum(again.outcomes.values()) == sum(first.outcomes.values())
    assert books.entries() == entries
    pd.testing.assert_frame_equal(books.frame(), before)


@needs_data
def test_agencies_are_departments_and_boards_are_areas(books: Books) -> None:
    books.bring(WINDOW)
    table = pd.read_csv(WINDOW, dtype=str).set_index("Unique Key")
    for case in books.frame().itertuples():
        row = table.loc[case.case_id]
        assert case.department == row["Agency"]
        assert case.district == row["Borough"] or row["Borough"] == "Unspecified"
        if case.lon == case.lon and row["Borough"] != "Unspecified" and row["Community Board"][0] != "0":
            assert case.street.startswith(f"{row['Borough']}/")


def test_the_status_decides_and_not_the_closing_time(books: Books, tmp_path: Path) -> None:
    pending = CLOSED.replace("Closed", "Pending")
    brought = books.bring(rows(tmp_path, pending))
    (case,) = books.frame().itertuples()
    assert (case.step, case.archived_at) == ("handled", None)
    assert brought.notes["with a closing time although the status says open: played as open"] == 1


def test_a_case_closed_before_it_was_reported_keeps_both_times(books: Books, tmp_path: Path) -> None:
    books.bring(rows(tmp_path, EARLY))
    (case,) = books.frame().itertuples()
    assert case.step == "archived"
    assert case.reported_at - case.told_at == 23 * 3600
    assert case.archived_at == case.reported_at


def test_a_bad_row_is_named_by_line_and_reason_and_the_others_are_there(books: Books, tmp_path: Path) -> None:
    bad = [OPEN.replace("10/30/2013 10:00:00 PM", "yesterday"), OPEN.replace("1,", ",", 1), OPEN.replace("40.7", "NaN")]
    brought = books.bring(rows(tmp_path, OPEN, *bad, CLOSED))
    assert [(one.line, one.reason) for one in brought.bad] == [(3, "malformed"), (4, "missing"), (5, "malformed")]
    assert brought.outcomes["new"] + len(brought.bad) == brought.rows == 5
    assert sum("line 3 left out" in line and "yesterday" in line for line in brought.told()) == 1


def test_of_a_thousand_bad_rows_the_first_are_told_and_how_many_more_there_are(books: Books, tmp_path: Path) -> None:
    brought = books.bring(rows(tmp_path, OPEN, *[OPEN.replace("40.7", "NaN")] * 1000))
    told = brought.told()
    assert sum("left out (malformed)" in line for line in told) == 20
    assert told[-1] == "and 980 more rows (malformed)"


class Stubborn(Ledger):
    """A ledger that refuses one case, as a rule of a later day might."""

    def report(self, told: Any) -> Any:
        if any(one.report.event_id == "1" for one in told):
            raise NotAllowed("wrong_value", what="this one")
        return super().report(told)


def test_what_the_ledger_refuses_does_not_hold_back_the_rest(books: Books, tmp_path: Path) -> None:
    books.ledger = Stubborn(books.engine, books.ledger.rules, lambda: NOW)
    brought = books.bring(rows(tmp_path, CLOSED, OPEN, EARLY))
    assert [(one.line, one.reason) for one in brought.bad] == [(3, "refused")]
    assert set(books.frame()["case_id"]) == {"2", "3"}


def test_a_case_that_our_people_have_moved_is_not_moved_back_by_an_import(books: Books, tmp_path: Path) -> None:
    books.bring(rows(tmp_path, OPEN))
    desk = Actor(name="li", role="dispatcher")
    moved = books.ledger.move(Ask(case_id="1", move="dispatch", data={"department": "NYPD"}), desk)
    books.bring(rows(tmp_path, OPEN))
    assert books.ledger.case("1") == moved.case


@needs_data
def test_what_was_received_on_each_day_of_a_record_is_what_anybody_counts_in_it(books: Books) -> None:
    books.bring(MESSY)
    register = Register(books.engine)
    register.refresh()
    created = pd.read_csv(MESSY, dtype=str)["Created Date"]
    days = pd.to_datetime(created, format="%m/%d/%Y %I:%M:%S %p").dt.strftime("%Y-%m-%d").value_counts().to_dict()
    begin, end = (pd.Timestamp(day, tz=MAPPING.zone).timestamp() for day in (min(days), max(days)))
    end += 26 * 3600
    found = measure(register, "received", start=begin, end=end, by="day", now=NOW, zone=MAPPING.zone)
    shown = {group.period[0]: group.value for group in found.groups if group.period and group.value}
    assert shown == {pd.Timestamp(day, tz=MAPPING.zone).timestamp(): count for day, count in days.items()}
    close = measure(register, "close_time", start=begin, end=end, now=NOW, zone=MAPPING.zone)
    assert not close.exclusions.get("backwards")


def test_agencies_of_an_import_may_have_orders_and_others_may_not(books: Books, tmp_path: Path) -> None:
    books.bring(rows(tmp_path, OPEN))
    desk = Actor(name="li", role="dispatcher")
    with pytest.raises(NotAllowed, match="no_such_department"):
        books.ledger.move(Ask(case_id="1", move="dispatch", data={"department": "XYZ"}), desk)
    report = EventReport("", "noise", NOW, NOW)
    here = Told(report=report, origin="hall", district="QUEENS", actor=desk, data={"department": "NYPD"})
    assert books.ledger.open(here).department == "NYPD"
    with pytest.raises(NotAllowed, match="no_such_department"):
        books.ledger.open(msgspec.structs.replace(here, data={"department": "XYZ"}))


def test_the_command_says_what_came_of_each_row_and_can_be_given_again(tmp_path: Path) -> None:
    file = rows(tmp_path, OPEN, CLOSED, OPEN.replace("10/30/2013", "30/30/2013", 1))
    command = ["import", "cases", str(file), "--map", "nyc311", "--data", str(tmp_path / "hall")]
    first = CliRunner().invoke(main, command, catch_exceptions=False)
    assert first.exit_code == 0
    assert "3 rows: 2 new cases, 1 later words on them, 1 rows left out" in first.output
    assert "requests.csv line 4 left out (malformed)" in first.output
    assert re.search(r"from 2013-10-3\d \d\d:\d\d to 2013-1\d-\d\d \d\d:\d\d \(America/New_York\)", first.output)
    again = CliRunner().invoke(main, command, catch_exceptions=False)
    assert "0 new cases" in again.output
    engine = connect("", str(tmp_path / "hall"))
    with reading(engine) as connection:
        found = connection.execute(sa.select(CASES.c.case_id, CASES.c.origin, CASES.c.district)).all()
    engine.dispose()
    assert sorted(found) == [("1", "nyc311", "QUEENS"), ("2", "nyc311", "QUEENS")]


def test_a_mapping_for_something_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    command = ["import", "cases", str(rows(tmp_path, OPEN)), "--map", "plain_fixes", "--data", str(tmp_path / "hall")]
    answer = CliRunner().invoke(main, command)
    assert answer.exit_code == 1
    assert "cases are made of events" in answer.output
