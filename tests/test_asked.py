"""Asked: what may be asked of a hall's cases: what is refused is told in one's language, what is known comes along."""

from __future__ import annotations

import csv
import io
import urllib.request
from collections.abc import Iterator
from itertools import pairwise

import openpyxl
import pytest
from casework import Hall, hall

from dashboard.bus.embedded import Embedded, wheel_server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """By the city's standard of 2019, with a few cases."""
    folder = tmp_path_factory.mktemp("hall")
    with (
        Embedded(tmp_path_factory.mktemp("redis"), wheel_server()) as server,
        hall(server.start(), folder, classes="urban") as hall_,
    ):
        yield hall_


@pytest.mark.parametrize(("address", "words"), [
    ("/cases?limit=many", "“limit”有误：应为整数，收到的是文字。"),
    ("/cases?limit=0", "“limit”有误：应为不小于 1 的整数。"),
    ("/cases?colour=red", "没有名为“colour”的参数。"),
    ("/cases?order=age", "“order”有误：'age' 不在可选值之中，可选 "),
    ("/cases?received_from=yesterday", "“received_from”有误：应为带时区的 ISO 8601 时间"),
    ("/cases?bbox=1,2", "“bbox”有误：应为“西,南,东,北”四个经纬度。"),
    ("/kpi/on_time_rate?to=5", "“to”有误。"),
    ("/kpi/nothing", "没有这项指标。"),
])  # fmt: skip
def test_what_cannot_be_asked_is_told_in_ones_language_with_the_field(made: Hall, address: str, words: str) -> None:
    mark = "&" if "?" in address else "?"
    chinese, english = (made.ask("sun", f"{address}{mark}lang={lang}")[1]["error"] for lang in ("zh", "en"))
    assert chinese.startswith(words) and chinese.endswith(f"({english})")
    assert english.isascii()


def test_a_class_says_when_it_is_filed_and_closed_by_when_and_by_whom(made: Hall) -> None:
    (found,) = made.read("sun", "/classes?q=C010102&limit=1")["classes"]
    assert found["class_code"] == "C010102"
    assert "破损超过25" in found["filing_condition"] and found["closing_condition"] == "更换或修复"
    assert found["limit_hours"] == 4 and found["clock"] == "working"
    (above,) = made.read("sun", "/classes?q=C0101&limit=1")["classes"]
    assert (above["class_code"], above["filing_condition"], above["limit_hours"]) == ("C0101", "", 40)


def table(made: Hall, address: str) -> list[dict[str, str]]:
    request = urllib.request.Request(f"{made.api}{address}", headers={"Authorization": f"Bearer {made.keys['sun']}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        body = answer.read()
    if ".csv" in address:
        return list(csv.DictReader(io.StringIO(body.decode())))
    head, *rows = openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)
    return [dict(zip(head, ["" if cell is None else str(cell) for cell in row], strict=True)) for row in rows]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_number_goes_out_with_its_groups_and_with_the_cases_behind_it(made: Hall, kind: str) -> None:
    ids = {made.report(text=text)["case_id"] for text in ("one", "two")}
    said = made.read("sun", "/kpi/received?period=today&by=district,level")
    whole, *groups = table(made, f"/kpi/received.{kind}?period=today&by=district,level")
    assert float(whole["value"]) == said["value"] and whole["district"] == ""
    rows = [(row["district"], row["level"], float(row["numerator"])) for row in groups]
    assert rows == [(*one["keys"], one["numerator"]) for one in said["groups"]] and rows
    assert groups[0]["level_name"] and groups[0]["unit"] == "cases"
    found = {row["rec_id"] for row in table(made, f"/kpi/received/cases.{kind}?period=today")}
    assert ids <= found and len(found) == said["value"]
    assert table(made, f"/kpi/received/cases.{kind}?period=yesterday") == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_period_of_a_table_is_told_as_the_clocks_of_the_city_show_it(made: Hall, kind: str) -> None:
    asked = "from=2020-11-20T16:00:00Z&to=2020-11-22T16:00:00Z&by=day"
    spans = [(row["from"], row["to"]) for row in table(made, f"/kpi/received.{kind}?{asked}")]
    midnights = [f"2020-11-{day}T00:00:00+08:00" for day in (21, 22, 23)]
    assert spans[0] == (midnights[0], midnights[2])
    assert set(spans[1:]) <= set(pairwise(midnights)) and spans[1:]
    assert table(made, "/kpi/received.csv?from={}&to={}".format(*spans[0]))[0]["to"] == midnights[2], "as it was said"


def test_a_table_of_a_number_asks_for_what_the_number_asks_for(made: Hall) -> None:
    assert made.ask("wang", "/kpi/received.csv")[0] == made.ask("crew", "/kpi/received/cases.xlsx")[0] == 403
    assert made.ask("sun", "/kpi/nothing.csv")[0] == made.ask("sun", "/kpi/nothing/cases.csv")[0] == 404
    assert made.ask("sun", "/kpi/received/cases.csv?part=half")[0] == 400
    assert made.ask("boss", "/kpi/received/cases.csv?personal=1")[0] == 403
