"""KPI API: numbers over HTTP: what they are made of, what they open, who may ask, and a sentence for what cannot be."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from casebook import lay
from casework import Hall, hall
from serving import until

from dashboard.bus.embedded import Embedded, wheel_server
from dashboard.cases.case import Case
from dashboard.kpi.indicators import INDICATORS
from dashboard.sql.engine import connect as connect_sql
from dashboard.sql.migrate import upgrade
from layouts.words import WORDS
from layouts.words_kpi import FORMULAS

EAST = {"lon": 116.15, "lat": 40.1}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hall, dict[str, str]]]:
    """Two cases in the west, one of which was closed, and one in the east."""
    with (
        Embedded(tmp_path_factory.mktemp("redis"), wheel_server()) as server,
        hall(server.start(), tmp_path_factory.mktemp("hall")) as house,
    ):
        ids = {name: house.report(who)["case_id"] for name, who in (("done", "li"), ("open", "li"))}
        ids["east"] = house.report("zhao", **EAST)["case_id"]
        for who, move, data in (
            ("li", "dispatch", {"department": "law"}), ("crew", "accept", {}), ("crew", "handle", {}),
            ("chen", "verify", {}), ("li", "archive", {}),
        ):  # fmt: skip
            house.move(who, ids["done"], move, "done", **data)
        yield house, ids


def number(house: Hall, who: str, name: str, query: str = "") -> dict[str, Any]:
    return house.read(who, f"/kpi/{name}?period=today{query}")


def behind(house: Hall, who: str, address: str) -> set[str]:
    assert address.startswith("/api/v1")
    return {case["case_id"] for case in house.read(who, address.removeprefix("/api/v1"))["cases"]}


def test_the_list_says_how_every_number_is_counted(made: tuple[Hall, dict[str, str]]) -> None:
    for lang, column in (("zh", 0), ("en", 1)):
        said = made[0].read("boss", f"/kpi?lang={lang}")["indicators"]
        assert {one["name"]: one["formula"] for one in said} == {name: FORMULAS[name][column] for name in INDICATORS}


@pytest.mark.parametrize("name", INDICATORS)
def test_every_number_can_be_asked_split_and_compared_and_opens_its_cases(
    made: tuple[Hall, dict[str, str]], name: str
) -> None:
    house, ids = made
    found = number(house, "boss", name, "&by=district&compare=true")
    assert found["name"] == name and found["period"][1] - found["period"][0] == 86400
    assert [one["label"] for one in found["compared"]] == ["环比", "同比"] and found["so_far"]
    assert {one["kind"] for one in found["compared"]} == {"points" if found["unit"] == "percent" else "percent"}
    assert behind(house, "boss", found["behind"]) <= set(ids.values())
    for group in found["groups"]:
        assert group["keys"][0] in ("west", "east") and all(group["names"])
        assert behind(house, "boss", group["behind"]) <= set(ids.values())


def test_a_number_is_what_was_done_a_moment_ago(made: tuple[Hall, dict[str, str]]) -> None:
    house, ids = made
    found = number(house, "boss", "loop_rate", "&by=district")
    assert (found["value"], found["numerator"], found["denominator"]) == (100, 1, 1)
    assert found["text"] == "100 % · 1 / 1"
    assert behind(house, "boss", found["behind"]) == {ids["done"]}
    received = number(house, "boss", "received", "&by=district")
    assert received["value"] == 3
    rows = {one["keys"][0]: (one["value"], behind(house, "boss", one["behind"])) for one in received["groups"]}
    assert rows == {"west": (2, {ids["done"], ids["open"]}), "east": (1, {ids["east"]})}
    one_more = house.report("zhao", **EAST)["case_id"]
    assert number(house, "boss", "received")["value"] == 4
    house.move("zhao", one_more, "dispatch", department="law")
    assert number(house, "boss", "dispatched", "&area=east")["value"] == 1
    house.move("boss", one_more, "void", "reported twice")
    assert number(house, "boss", "valid")["exclusions"]["void"] == 1
    ids["void"] = one_more
    assert behind(house, "boss", found_part(house, "valid", "void")) == {one_more}


def found_part(house: Hall, name: str, part: str) -> str:
    return number(house, "boss", name)["behind"] + f"&part={part}"


def test_whoever_has_an_area_is_told_of_that_area(made: tuple[Hall, dict[str, str]]) -> None:
    house, ids = made
    assert number(house, "li", "received")["value"] == 2
    assert number(house, "li", "received", "&area=west")["value"] == 2
    assert house.ask("li", "/kpi/received?area=east")[0] == 403
    assert house.ask("li", "/kpi/received/cases?area=east")[0] == 403
    # what would name another district finds nothing there
    assert number(house, "li", "received", "&district=east")["value"] == 0
    assert behind(house, "li", number(house, "boss", "received")["behind"]) == {ids["done"], ids["open"]}


def test_numbers_are_for_those_who_may_see_numbers(made: tuple[Hall, dict[str, str]]) -> None:
    house, _ = made
    for address in ("/kpi", "/kpi/received", "/kpi/received/cases"):
        assert house.ask("", address)[0] == 401
        assert house.ask("wang", address)[0] == 403
        assert house.ask("audit", address)[0] == 200


def test_pages_of_cases_follow_each_other(made: tuple[Hall, dict[str, str]]) -> None:
    house, _ = made
    first = house.read("boss", "/kpi/received/cases?period=today&limit=2")
    rest = house.read("boss", f"/kpi/received/cases?period=today&limit=2&cursor={first['next']}")
    ids = [case["case_id"] for page in (first, rest) for case in page["cases"]]
    assert len(set(ids)) == len(ids) == first["total"] and rest["next"] is None


@pytest.mark.parametrize(
    "address",
    [
        "/kpi/received?by=colour", "/kpi/received?by=day,level", "/kpi/received?period=fortnight",
        "/kpi/received?from=yesterday", "/kpi/received?to=2026-01-01T00:00:00Z", "/kpi/received?from=5&to=4",
        "/kpi/received?from=9999-12-31T23:00:00Z", "/kpi/received?from=0001-01-01T00:00:00Z",
        "/kpi/received?from=1&by=day", "/kpi/received?rank=3", "/kpi/received?colour=red",
        "/kpi/received/cases?part=some", "/kpi/received/cases?cursor=abc",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_gets_a_sentence(made: tuple[Hall, dict[str, str]], address: str) -> None:
    status, said = made[0].ask("boss", address)
    assert status == 400 and len(said["error"]) > 15


def test_a_number_that_there_is_not_is_not_found(made: tuple[Hall, dict[str, str]]) -> None:
    for address in ("/kpi/luck", "/kpi/luck/cases", f"/kpi/{quote('闭环率')}"):
        status, said = made[0].ask("boss", address)
        assert status == 404 and "/kpi" in said["error"]


def test_the_best_and_the_worst_are_ranked_when_there_are_enough(made: tuple[Hall, dict[str, str]]) -> None:
    house, _ = made
    found = number(house, "boss", "closed_rate", "&by=district&rank=1&minimum=1")["ranking"]
    assert [one["group"]["keys"] for one in found["best"]] == [["west"]]
    assert [one["group"]["keys"] for one in found["worst"]] == [["east"]]
    few = number(house, "boss", "closed_rate", "&by=district&rank=1")["ranking"]
    assert not few["best"] and len(few["few"]) == 2


def test_any_stretch_of_time_can_be_asked(made: tuple[Hall, dict[str, str]]) -> None:
    house, _ = made
    since = time.time() - 3600
    found = house.read("boss", f"/kpi/received?from={since}&by=day&compare=true")
    assert found["period"][0] == since and sum(one["value"] for one in found["groups"]) == found["value"] >= 3
    assert house.read("boss", "/kpi/received?from=0&to=1000&by=month&compare=true")["value"] == 0


def test_while_the_cases_are_still_being_read_there_is_a_sentence_and_no_wrong_number(
    postgres: str, tmp_path: Path
) -> None:
    """A lock keeps the hall from reading them, as long as a million would."""
    admin = connect_sql(f"{postgres}/postgres", str(tmp_path)).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE slow_start")
    admin.dispose()
    engine = connect_sql(f"{postgres}/slow_start", str(tmp_path))
    upgrade(engine)
    lay(engine, Case(case_id="a", district="west", received_at=time.time(), reported_at=time.time(), version=1))
    with Embedded(tmp_path / "redis", wheel_server()) as server, engine.connect() as holding:
        holding.exec_driver_sql("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE")
        with hall(server.start(), tmp_path, f"{postgres}/slow_start") as house:
            for address in ("/kpi/backlog?period=today", "/cases"):
                known = {"Authorization": f"Bearer {house.keys['boss']}"}
                with pytest.raises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(urllib.request.Request(house.api + address, headers=known), timeout=20)
                assert refused.value.code == 503 and int(refused.value.headers["Retry-After"]) > 0
                assert json.loads(refused.value.read())["error"] in WORDS["cases.loading"]
            holding.rollback()
            assert until(lambda: house.ask("boss", "/kpi/backlog?period=today")[0] == 200)
            assert house.read("boss", "/kpi/backlog?period=today")["value"] == 1
    engine.dispose()
