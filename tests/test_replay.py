"""Replay: recorded days come back record by record, and the open and overdue counts are those of the file."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from dashboard.clock import HallClock
from dashboard.replay import Player, parcels, prepare
from feeds.city import City
from feeds.mapping import WrongMapping, load_mapping
from feeds.record import EventReport
from feeds.replay import Played, read, records
from feeds.replay_city import city_of
from feeds.sender import Parcel

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
WINDOW, MESSY = DATA / "nyc311_sample_c_2013.csv", DATA / "nyc311_sample_a.csv"
needs_data = pytest.mark.skipif(not WINDOW.exists(), reason="the recorded data is not on this machine")

HEAD = "Unique Key,Created Date,Closed Date,Status,Due Date,Resolution Action Updated Date,Complaint Type,Descriptor,Incident Address,City,Agency,Latitude,Longitude,Borough,Community Board"  # noqa: E501


def requests(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "requests.csv"
    file.write_text("\n".join([HEAD, *rows]), "utf-8")
    return file


def reference(file: Path) -> pd.DataFrame:
    """What anybody would compute from the file."""
    table, form = pd.read_csv(file, dtype=str), "%m/%d/%Y %I:%M:%S %p"
    for column in ("Created Date", "Closed Date", "Due Date"):
        table[column] = (
            pd.to_datetime(table[column], format=form).dt.tz_localize("America/New_York").dt.tz_convert("UTC")
        )
    closed = table["Closed Date"].where(table["Status"] == "Closed")
    rows = []
    for at in pd.date_range(table["Created Date"].min().floor("min"), closed.max().ceil("min"), freq="min"):
        is_open = (table["Created Date"] <= at) & ~(closed <= at)
        rows.append((at.timestamp(), int(is_open.sum()), int((is_open & (table["Due Date"] < at)).sum())))
    return pd.DataFrame(rows, columns=["at", "open", "overdue"])


def fold(played: list[Played], moments: list[float]) -> list[tuple[float, int, int]]:
    """The plainest fold there is."""
    known: dict[str, EventReport] = {}
    found, place = [], 0
    for at in moments:
        while place < len(played) and played[place].at <= at:
            record = played[place].record
            assert isinstance(record, EventReport)
            known[record.event_id], place = record, place + 1
        now_open = [event for event in known.values() if event.step not in ("archived", "appraised")]
        found.append((at, len(now_open), sum(event.due_at is not None and event.due_at < at for event in now_open)))
    return found


@needs_data
def test_at_every_minute_of_the_window_as_many_are_open_and_overdue_as_the_file_says() -> None:
    expected = reference(WINDOW)
    played = list(records([WINDOW], load_mapping("nyc311")))
    assert fold(played, expected["at"].tolist()) == list(expected.itertuples(index=False, name=None))
    assert expected["open"].iloc[-1] == 91 + 15 + 10


@needs_data
def test_years_of_messy_rows_are_played_to_the_end_and_what_is_odd_is_told() -> None:
    recording = read([MESSY], load_mapping("nyc311"))
    assert recording.rows == 1000
    assert not recording.bad
    assert recording.notes["with a closing time before the report"] == 10
    assert recording.notes["without a position"] == 107
    end = recording.played[-1].at + 1
    table = pd.read_csv(MESSY, dtype=str)
    assert fold(recording.played, [end])[0][1] == (~table["Status"].isin(["Closed", "Email Sent"])).sum()


@needs_data
def test_every_fix_of_a_recording_is_played_once_and_in_order() -> None:
    file = DATA / "geolife_4users.csv"
    played = list(records([file], load_mapping("geolife")))
    assert len(played) == len(pd.read_csv(file))
    assert np.all(np.diff([one.at for one in played]) >= 0)


@needs_data
def test_a_recording_without_a_date_is_laid_where_the_mapping_says() -> None:
    recording = read([DATA / "pneuma_athens_1hz.csv"], load_mapping("vehicle_1hz"))
    assert len(recording.played) == 23_293
    assert recording.played[0].at == pd.Timestamp("2018-10-24T08:30:00+03:00").timestamp()
    assert len(city_of(recording, load_mapping("vehicle_1hz")).workers.worker_id) == 50


@needs_data
def test_a_city_for_the_recording_has_its_boroughs_and_a_grid_under_every_event() -> None:
    mapping = load_mapping("nyc311")
    recording = read([WINDOW], mapping)
    city = City.from_bytes(city_of(recording, mapping).to_bytes())
    assert {str(name) for name in city.areas.name[city.districts]} == {
        "BRONX",
        "BROOKLYN",
        "MANHATTAN",
        "QUEENS",
        "STATEN ISLAND",
    }
    events = [one.record for one in recording.played if isinstance(one.record, EventReport)]
    placed = [event for event in events if event.lon is not None]
    whole = shapely.union_all(city.grids.shape)
    assert shapely.contains_xy(whole, [e.lon for e in placed], [e.lat for e in placed]).all()
    assert all(event.area_id in city.area_row for event in events if event.area_id)
    assert all(event.class_code in city.class_row for event in events)
    overlaps = shapely.area(city.grids.shape).sum() - whole.area
    assert abs(overlaps) < 1e-9


def test_from_one_row_come_the_report_and_its_end(tmp_path: Path) -> None:
    row = "1,10/30/2013 10:00:00 PM,10/30/2013 11:00:00 PM,Closed,10/31/2013 06:00:00 AM,,Noise,Loud,1 A ST,NEW YORK,NYPD,40.7,-73.9,QUEENS,12 QUEENS"  # noqa: E501
    report, end = records([requests(tmp_path, row)], load_mapping("nyc311"))
    assert isinstance(report.record, EventReport)
    assert isinstance(end.record, EventReport)
    assert (report.record.step, end.record.step) == ("reported", "archived")
    assert end.at - report.at == 3600 == end.record.updated_at - end.record.reported_at
    assert report.record.area_id == "QUEENS/12 QUEENS"
    assert report.record.address == "1 A ST · NEW YORK"


@pytest.mark.parametrize(
    ("status", "closed", "updated", "steps"),
    [
        ("Open", "", "", ["reported"]),
        ("Assigned", "", "10/30/2013 10:20:00 PM", ["reported", "dispatched"]),
        ("Pending", "", "", ["handled"]),
        ("Closed", "10/29/2013 10:20:00 PM", "", ["archived"]),
        ("Closed", "", "", ["archived"]),
        ("", "10/30/2013 10:20:00 PM", "", ["reported", "archived"]),
        ("Lost", "", "", ["reported"]),
    ],
)
def test_a_status_becomes_the_step_it_means(
    tmp_path: Path, status: str, closed: str, updated: str, steps: list[str]
) -> None:
    row = f"1,10/30/2013 10:00:00 PM,{closed},{status},,{updated},Noise,,,,,40.7,-73.9,,"
    played = list(records([requests(tmp_path, row)], load_mapping("nyc311")))
    assert [one.record.step for one in played if isinstance(one.record, EventReport)] == steps


def test_a_bad_row_is_named_by_line_and_reason_and_never_stops_the_rest(tmp_path: Path) -> None:
    good = "1,10/30/2013 10:00:00 PM,,Open,,,Noise,,,,,40.7,-73.9,,"
    bad = [
        "2,yesterday,,Open,,,Noise,,,,,40.7,-73.9,,",
        ",10/30/2013 10:00:00 PM,,Open,,,Noise,,,,,40.7,-73.9,,",
        "3,10/30/2013 10:00:00 PM,,Open,,,Noise,,,,,NaN,-73.9,,",
        "4,10/30/2013 10:00:00 PM,,Open,,,Noise,,,,,0,0,,",
        "5,10/30/2013 10:00:00 PM,,Open,,,Noise,,,,,40.7,-273.9,,",
        "6",
    ]
    recording = read([requests(tmp_path, good, *bad, good.replace("1,", "7,", 1))], load_mapping("nyc311"))
    assert len(recording.played) == 2
    assert [row.reason for row in recording.bad] == [
        "malformed", "missing", "malformed", "null_island", "out_of_range", "missing",
    ]  # fmt: skip
    assert [row.line for row in recording.bad] == [3, 4, 5, 6, 7, 8]
    assert any("left out (malformed)" in line and "yesterday" in line for line in recording.told())


def test_a_file_for_another_mapping_is_refused_by_the_columns_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(WrongMapping, match="worker_id"):
        read([requests(tmp_path)], load_mapping("plain_fixes"))
    with pytest.raises(WrongMapping, match="nothing to play"):
        prepare([requests(tmp_path)], "nyc311", speed=1)


class Hearing:
    """The hall clock and the door, as a player sees them."""

    def __init__(self, clock: HallClock) -> None:
        self.now, self.heard = clock, list[Parcel]()

    def clock(self) -> HallClock:
        return self.now

    def set_clock(self, clock: HallClock) -> None:
        self.now = clock

    def put(self, sent: Parcel, *, patient: bool = False) -> None:
        assert patient
        self.heard.append(sent)

    def flush(self, seconds: float) -> bool:
        return True


def test_what_is_due_by_the_hall_clock_is_sent_and_gaps_are_jumped(tmp_path: Path) -> None:
    rows = [f"{n},10/30/2013 {hour}:00:00 PM,,Open,,,Noise,,,,,40.7,-73.9,," for n, hour in enumerate((1, 2, 9))]
    prepared = prepare([requests(tmp_path, *rows)], "nyc311", speed=600, now=1000.0)
    hearing = Hearing(prepared.clock)
    player = Player(hearing, hearing, prepared.recording.played, skip_gaps=2 * 3600)  # type: ignore[arg-type]
    wall = iter(np.arange(1000.0, 1100.0, 0.5))
    player.play(threading.Event(), lambda: float(next(wall)))
    assert sum(sent.rows for sent in hearing.heard) == 3
    assert next(wall) < 1035.0  # eight hours at ×600 would take 48 s
    assert hearing.now.speed == 1.0
    assert hearing.now.hall_ms / 1000 >= prepared.recording.played[-1].at


def test_fixes_travel_as_columns_without_those_that_nobody_filled(tmp_path: Path) -> None:
    file = tmp_path / "fixes.csv"
    file.write_text("worker_id,at,lon,lat,accuracy,speed\nW1,2025-06-01T08:00:00Z,121,31,,1.5\n", "utf-8")
    (sent,) = parcels(list(records([file], load_mapping("plain_fixes"))))
    assert sent.rows == 1
    assert b"speed" in sent.body
    assert b"accuracy" not in sent.body


def test_a_row_of_another_century_is_left_out_and_the_span_of_the_rest_is_told(tmp_path: Path) -> None:
    rows = [f"{n},10/30/2013 {n}:00:00 PM,,Open,,,Noise,,,,,40.7,-73.9,," for n in (1, 2, 9)]
    rows.append("4,01/01/1900 01:00:00 AM,10/30/2013 03:00:00 PM,Closed,,,Noise,,,,,40.7,-73.9,,")
    recording = read([requests(tmp_path, *rows)], load_mapping("nyc311"))
    assert len(recording.played) == 3
    assert recording.bad[0][:3] == ("requests.csv", 5, "far_time")
    told = recording.told()
    assert told[:2] == ["4 rows, 3 records", "from 2013-10-30 13:00 to 2013-10-30 21:00 (America/New_York)"]
    assert "1 row left out (far_time)" in told[-1] and "time far from all others: 1900-01-01 01:00" in told[-1]


def test_a_ledger_takes_decades_as_they_are(tmp_path: Path) -> None:
    rows = [f"{n},10/30/{n} 01:00:00 PM,,Open,,,Noise,,,,,40.7,-73.9,," for n in (1988, 2013, 2014)]
    assert len(read([requests(tmp_path, *rows)], load_mapping("nyc311"), as_told=True).played) == 3
