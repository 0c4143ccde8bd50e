"""Exports: lists as CSV and XLSX: field names of cities, text that stays text, ids that stay ids, nobody's phone."""

from __future__ import annotations

import csv
import io
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from casework import Hall, hall
from flask import Flask

from dashboard.bus.embedded import Embedded, wheel_server
from dashboard.settings import load
from dashboard.web.route import CSV, XLSX
from dashboard.web.sheets import Busy, Sheet, as_csv, as_xlsx, register

FORMULA = '=HYPERLINK("http://evil","click")'
LONG_ID = "14080219850101123456"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Three cases: hostile words; one overdue is not needed here; one archived; one with a reporter."""
    folder = tmp_path_factory.mktemp("hall")
    with Embedded(tmp_path_factory.mktemp("redis"), wheel_server()) as server, hall(server.start(), folder) as hall_:
        hall_.report(text=FORMULA, address="-1+2", reporter_name="张三", reporter_phone="13800000000", source="hotline")
        case_id = hall_.report(text="第二件", lon=None, lat=None, area_id="west")["case_id"]
        hall_.move("li", case_id, "dispatch", department="law")
        for who, move in (("crew", "accept"), ("crew", "handle"), ("chen", "verify"), ("li", "archive")):
            hall_.move(who, case_id, move, "done")
        hall_.report(text="第三件")
        yield hall_


@pytest.fixture(scope="module")
def summed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """One case of every end: gone the whole way, solved on the spot, void, merged, on its way, new."""
    folder = tmp_path_factory.mktemp("summed")
    with Embedded(tmp_path_factory.mktemp("redis"), wheel_server()) as server, hall(server.start(), folder) as hall_:
        ids = [hall_.report(text=f"{n}", lon=116.01 + n / 1000)["case_id"] for n in range(4)]
        for case_id in ids[:2]:
            hall_.move("li", case_id, "dispatch", department="law")
        for who, move in (("crew", "accept"), ("crew", "handle"), ("chen", "verify"), ("li", "archive")):
            hall_.move(who, ids[0], move, "done")
        on_spot = hall_.report("wang", text="随手清了", solved=True)["case_id"]
        hall_.move("chen", on_spot, "verify", "done")
        hall_.move("li", on_spot, "archive", "done")
        hall_.move("boss", ids[2], "void", "nothing there")
        hall_.move("li", ids[3], "merge", "the same", into=ids[1])
        yield hall_


#: Column of the table → the number it adds up to, and which part of it.
SUMS = {
    "report_num": ("received", "numerator"), "valid_report_num": ("valid", "numerator"),
    "inst_num": ("accepted", "numerator"), "dispatch_num": ("dispatched", "numerator"),
    "dispose_num": ("handled", "numerator"), "archive_num": ("archived", "numerator"),
    "intime_archive_num": ("on_time_rate", "numerator"), "rework_num": ("rework_rate", "numerator"),
}  # fmt: skip


def test_the_columns_of_the_table_add_up_to_the_numbers_of_the_hall(summed: Hall) -> None:
    table = rows(take(summed, "sun", "/cases.csv")[1])
    sums = {column: sum(int(row[column]) for row in table) for column in SUMS}
    said = {column: summed.read("sun", f"/kpi/{name}?period=today")[part] for column, (name, part) in SUMS.items()}
    assert sums == said
    assert (sums["archive_num"], sums["intime_archive_num"], sums["inst_num"], sums["dispose_num"]) == (2, 2, 3, 2)


def take(made: Hall, who: str, address: str) -> tuple[Any, bytes]:
    request = urllib.request.Request(f"{made.api}{address}", headers={"Authorization": f"Bearer {made.keys[who]}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.headers, answer.read()


def rows(body: bytes, encoding: str = "utf-8") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(encoding))))


def test_cases_go_out_in_the_field_names_of_cities(made: Hall) -> None:
    headers, body = take(made, "sun", "/cases.csv?order=reported_at&descending=false")
    assert headers["Content-Type"] == f"{CSV}; charset=utf-8" and "cases.csv" in headers["Content-Disposition"]
    first, second, _ = rows(body)
    assert list(first)[:3] == ["rec_id", "task_num", "event_desc"] and len(rows(body)) == 3
    assert first["district_name"] == "west" and first["coordinate_x"] == "116.01"
    assert second["archive_time"] and second["coordinate_x"] == ""
    time.strptime(second["archive_time"], "%Y-%m-%d %H:%M:%S")
    assert second["dispose_unit_name"] and second["archive_num"] == second["intime_archive_num"] == "1"
    assert (first["to_archive_num"], second["to_archive_num"], first["report_num"]) == ("0", "0", "1")


def test_a_cell_is_never_a_formula(made: Hall) -> None:
    first = rows(take(made, "sun", "/cases.csv?order=reported_at&descending=false")[1])[0]
    assert first["event_desc"] == f"'{FORMULA}" and first["address"] == "'-1+2"
    book = openpyxl.load_workbook(io.BytesIO(take(made, "sun", "/cases.xlsx")[1]))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"} and any(cell.value == FORMULA for cell in cells)


def test_times_are_those_of_the_halls_zone(made: Hall) -> None:
    case = made.read("sun", "/cases?order=reported_at&descending=false")["cases"][0]
    first = rows(take(made, "sun", "/cases.csv?order=reported_at&descending=false")[1])[0]
    assert first["create_time"] == time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(case["reported_at"] + 8 * 3600))


@pytest.mark.parametrize(("asked", "encoding", "mark"), [
    ("utf-8", "utf-8", b"rec_id"), ("utf-8-bom", "utf-8-sig", b"\xef\xbb\xbfrec_id"), ("gb18030", "gb18030", b"rec_id"),
])  # fmt: skip
def test_every_encoding_that_a_city_reads(made: Hall, asked: str, encoding: str, mark: bytes) -> None:
    _, body = take(made, "sun", f"/cases.csv?encoding={asked}")
    assert body.startswith(mark) and {row["event_desc"] for row in rows(body, encoding)} >= {"第二件", "第三件"}


def test_an_export_is_filtered_and_scoped_as_the_list_is(made: Hall) -> None:
    assert len(rows(take(made, "sun", "/cases.csv?step=archived")[1])) == 1
    assert rows(take(made, "zhao", "/cases.csv")[1]) == []


def test_nobodys_phone_goes_out_unless_the_caller_may_and_is_written_down(made: Hall, tmp_path: Path) -> None:
    assert b"13800000000" not in take(made, "sun", "/cases.csv")[1]
    assert made.ask("audit", "/cases.csv?personal=1")[0] == 403
    found = rows(take(made, "sun", "/cases.csv?personal=1")[1])
    assert sorted(row["reporter_phone"] for row in found) == ["", "", "13800000000"]


def test_workbooks_hold_ids_as_text_and_numbers_as_numbers(made: Hall) -> None:
    headers, body = take(made, "sun", "/cases.xlsx")
    assert headers["Content-Type"] == XLSX
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    head, *found = sheet.iter_rows(values_only=True)
    assert len(found) == 3 and all(isinstance(row[head.index("rec_id")], str) for row in found)
    assert 116.01 in [row[head.index("coordinate_x")] for row in found]


@pytest.mark.parametrize(
    ("name", "column", "count"), [("workers", "worker_id", 40), ("cameras", "camera_id", 32), ("grids", "grid_id", 64)]
)
def test_the_walls_lists_go_out_too(made: Hall, name: str, column: str, count: int) -> None:
    found = rows(take(made, "sun", f"/{name}.csv")[1])
    assert len(found) == count and all(row[column] for row in found)
    assert len(rows(take(made, "sun", f"/{name}.csv?area=west")[1])) == count // 2
    book = openpyxl.load_workbook(io.BytesIO(take(made, "sun", f"/{name}.xlsx")[1]))
    assert book.active.max_row == count + 1


def test_events_go_out(made: Hall) -> None:
    assert take(made, "sun", "/events.csv")[1].startswith(b"event_id,class_code,step")


def table(cells: list[list[Any]]) -> Sheet:
    return Sheet("t", ("id", "text", "number"), [cells], frozenset({"id"}))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_words_that_look_like_formulas_are_defused(start: str) -> None:
    body = as_csv(table([["1", f"{start}1", -1.5]])).get_data()
    assert list(csv.reader(io.StringIO(body.decode(), newline="")))[1] == ["1", f"'{start}1", "-1.5"]
    body = as_csv(table([[f"{start}1", "", 0]]), tab=True).get_data()
    assert list(csv.reader(io.StringIO(body.decode(), newline="")))[1][0] == f"\t'{start}1"


def test_two_tables_are_written_at_once_and_who_comes_third_is_told_when_to_come_again() -> None:
    server = Flask("tables")
    server.extensions["permit"] = SimpleNamespace(settings=load({}, lang="en"))
    server.add_url_rule("/", "third", lambda: as_csv(table([])))
    register(server)
    first, second = as_csv(table([])), as_csv(table([]))
    with pytest.raises(Busy):
        as_xlsx(table([]), lambda work: work())
    told = server.test_client().get("/")
    assert (told.status_code, told.headers["Retry-After"]) == (429, "10")
    assert "ask again in 10 s" in told.get_json()["error"]
    first.close()  # hung up before the first line
    assert server.test_client().get("/").status_code == 200
    second.get_data()
    for _ in range(3):
        assert as_xlsx(table([]), lambda work: work()).status_code == 200


def test_a_long_id_keeps_all_its_digits() -> None:
    cells = [[LONG_ID, "", None]]
    assert LONG_ID.encode() in as_csv(table(cells)).get_data()
    assert f"\t{LONG_ID}".encode() in as_csv(table(cells), tab=True).get_data()
    body = as_xlsx(table(cells), lambda work: work()).get_data()
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet["A2"].value == LONG_ID and sheet["A2"].data_type == "s" and sheet["C2"].value is None
