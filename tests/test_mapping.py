"""Mappings: what ships can be read, what is wrong is said in a sentence that names it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.cells import Cells
from feeds.mapping import SHIPPED, Mapping, WrongMapping, load_mapping
from feeds.record import BadRecord, CameraStatus, EventReport, Fix
from feeds.replay import read

FIXES = 'kind = "fixes"\n[columns]\nworker_id = "who"\nat = "when"\nlon = "x"\nlat = "y"\n'


def test_all_that_ship_can_be_read() -> None:
    assert {load_mapping(name).kind for name in SHIPPED} == {"fixes", "events", "cameras"}
    assert set(SHIPPED) == {"nyc311", "geolife", "vehicle_1hz", "plain_fixes", "plain_events", "plain_cameras"}


@pytest.mark.parametrize("name", ["plain_fixes", "plain_events", "plain_cameras"])
def test_the_example_in_a_plain_mapping_can_be_played(name: str, tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "feeds" / "mappings" / f"{name}.toml").read_text("utf-8")
    lines = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#   ")]
    file = tmp_path / "example.csv"
    file.write_text("\n".join(lines), "utf-8")
    recording = read([file], load_mapping(name))
    assert len(recording.played) == len(lines) - 1
    assert not recording.bad


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("kind = 'fixes'", "columns"),
        ("kind = 'birds'\n[columns]", "birds"),
        ("not toml", "cannot be used"),
        (FIXES.replace('at = "when"', ""), "which column is at"),
        (FIXES + 'colour = "c"', "no field called colour"),
        ('delimiter = ";;"\n' + FIXES, "has ';;' as delimiter; it is one character"),
        ('delimiter = ""\n' + FIXES, "has '' as delimiter"),
        ('zone = "Mars/Olympus"\n' + FIXES, "no time zone Mars/Olympus"),
        (FIXES + '[units]\nspeed = "furlongs"', "no unit furlongs"),
        ('speeed = "km/h"\n' + FIXES, "speeed"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(WrongMapping, match=sentence):
        load_mapping(str(file))


def test_a_name_that_nobody_knows_is_answered_with_those_that_ship() -> None:
    with pytest.raises(WrongMapping, match="nyc311"):
        load_mapping("nyc312")


def one(tmp_path: Path, mapping: Mapping, **row: str) -> Fix | EventReport | CameraStatus:
    file = tmp_path / "row.csv"
    with file.open("w", encoding=mapping.encoding.replace("-sig", ""), newline="") as out:
        writer = csv.DictWriter(out, row, delimiter=mapping.delimiter)
        writer.writeheader()
        writer.writerow(row)
    recording = read([file], mapping)
    assert not recording.bad, recording.bad
    return recording.played[-1].record


def fixes(**more: object) -> Mapping:
    columns = {name: name for name in ("worker_id", "at", "lon", "lat")} | dict(more.pop("columns", {}))  # type: ignore[call-overload]
    return Mapping(kind="fixes", columns=columns, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("unit", "speed"), [("m/s", 36.0), ("km/h", 10.0), ("kn", 18.52), ("mph", 16.093)])
def test_a_speed_is_in_metres_a_second_whatever_it_was(unit: str, speed: float, tmp_path: Path) -> None:
    mapping = fixes(columns={"speed": "v"}, units={"speed": unit})
    mapping.units = type(load_mapping("vehicle_1hz").units)(speed=unit)
    fix = one(tmp_path, mapping, worker_id="W", at="2025-06-01T00:00:00Z", lon="1", lat="1", v="36")
    assert isinstance(fix, Fix)
    assert fix.speed == pytest.approx(speed, abs=0.001)


@pytest.mark.parametrize(
    ("form", "zone", "text"),
    [
        ("iso", "UTC", "2013-10-31T02:28:19+00:00"),
        ("iso", "America/New_York", "2013-10-30 22:28:19"),
        ("%m/%d/%Y %I:%M:%S %p", "America/New_York", "10/30/2013 10:28:19 PM"),
        ("s", "UTC", "1383186499"),
        ("ms", "UTC", "1383186499000"),
    ],
)
def test_a_time_is_the_same_moment_however_it_is_written(form: str, zone: str, text: str, tmp_path: Path) -> None:
    fix = one(tmp_path, fixes(time_format=form, zone=zone), worker_id="W", at=text, lon="1", lat="1")
    assert isinstance(fix, Fix)
    assert fix.at == 1383186499000


def test_a_file_may_be_in_any_encoding_and_cut_by_any_delimiter(tmp_path: Path) -> None:
    fix = one(tmp_path, fixes(encoding="gb18030", delimiter=";"), worker_id="王小明", at="2025-06-01", lon="1", lat="1")
    assert isinstance(fix, Fix)
    assert fix.worker_id == "王小明"


def test_a_chinese_datum_is_brought_to_wgs84(tmp_path: Path) -> None:
    fix = one(tmp_path, fixes(datum="gcj02"), worker_id="W", at="2025-06-01", lon="116.404", lat="39.915")
    assert isinstance(fix, Fix)
    assert (fix.lon, fix.lat) == pytest.approx((116.39775, 39.91360), abs=2e-5)


@given(st.text(max_size=30), st.sampled_from(["iso", "s", "ms", "%d.%m.%Y"]))
def test_whatever_stands_in_a_cell_is_read_or_refused_with_a_reason(text: str, form: str) -> None:
    cells = Cells(fixes(time_format=form))
    row = {"worker_id": text, "at": text, "lon": text, "lat": text}
    for reading in (cells.need_time, cells.number, cells.flag, cells.need):
        try:
            reading(row, "at")
        except BadRecord as bad:
            assert bad.reason in {"malformed", "missing"}


@pytest.mark.parametrize("field", ["closed_at", "due_at"])
@pytest.mark.parametrize("text", ["inf", "nan", "1e300", "-1e300"])
def test_a_moment_that_never_comes_is_refused_in_every_field(field: str, text: str) -> None:
    columns = {"event_id": "id", "reported_at": "at", field: "then"}
    cells = Cells(Mapping(kind="events", columns=columns, time_format="s"))
    with pytest.raises(BadRecord, match=f"{field} is no time between 1900 and 2200"):
        cells.time({"then": text}, field)


def test_the_first_year_of_all_is_no_time_of_a_record() -> None:
    with pytest.raises(BadRecord, match="no time between 1900 and 2200"):
        Cells(fixes(zone="Asia/Shanghai")).need_time({"at": "0001-01-01T00:00:00"}, "at")
