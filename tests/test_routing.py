"""Routing: the class decides, then the lowest level that can solve it, then the smallest area."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from test_decide import LI, Book, person

from dashboard.cases.case import NotAllowed
from dashboard.cases.rules.routing import Route, Routes
from dashboard.cases.rules.rules import Rules

SHIPPED, URBAN = Rules.load(None), Rules.load(None, classes="urban")
HEAD = "class_code,area_id,level,department,seat\n"
AREAS = ["430811001001", "430811001", "430811"]


def routed(tmp_path: Path, *rows: str) -> Rules:
    (tmp_path / "routes.csv").write_text(HEAD + "\n".join(rows), "utf-8")
    return Rules.load(tmp_path)


def test_the_lowest_level_that_can_solve_it_has_it(tmp_path: Path) -> None:
    rules = routed(tmp_path, "UP,*,district,housing,", "UP,*,street,street,3", "UP,*,community,grid,")
    assert rules.route("UP01", AREAS, "community") == Route("grid", "", "community")
    assert rules.route("UP01", AREAS, "street") == Route("street", "3", "street")
    assert rules.route("UP01", AREAS, "district") == Route("housing", "", "district")


def test_a_class_that_only_the_district_can_solve_goes_there_at_once(tmp_path: Path) -> None:
    rules = routed(tmp_path, "UP,*,community,grid,", "UP05,*,district,drainage,")
    assert rules.route("UP05", AREAS, "community") == Route("drainage", "", "district")


def test_what_is_said_of_the_class_goes_before_what_is_said_of_those_above_it(tmp_path: Path) -> None:
    rules = routed(tmp_path, "*,*,*,street,", "UP,*,*,housing,", "UP02,*,*,municipal,")
    found = [rules.route(code, AREAS, "street") for code in ("UP02", "UP03", "LE01")]
    assert [route and route.department for route in found] == ["municipal", "housing", "street"]


def test_the_smallest_area_that_has_a_route_goes_first(tmp_path: Path) -> None:
    rules = routed(tmp_path, "UP,*,*,street,", "UP,430811,*,housing,", "UP,430811001,*,municipal,")
    found = [rules.route("UP01", AREAS[start:], "street") for start in (0, 1, 2)] + [rules.route("UP01", [], "street")]
    assert [route and route.department for route in found] == ["municipal", "municipal", "housing", "street"]


def test_a_class_without_a_route_is_unrouted(tmp_path: Path) -> None:
    rules = routed(tmp_path, "UP,*,street,street,")
    assert rules.route("LE01", AREAS, "street") is None
    assert rules.route("UP01", AREAS, "district") is None
    assert rules.route("ufo", AREAS, "street") is None
    assert Routes().find(["UP"], AREAS, "community") is None


def test_a_class_that_only_the_city_knows_may_have_a_route(tmp_path: Path) -> None:
    rules = routed(tmp_path, "Noise,*,*,police,")
    assert rules.route("Noise", [], "community") == Route("police", "", "community")


@pytest.mark.parametrize("rules", [SHIPPED, URBAN], ids=["six", "urban"])
def test_each_class_that_ships_but_other_has_a_route_to_a_known_department(rules: Rules) -> None:
    parents = set(rules.classes.parent.tolist())
    codes = [str(code) for row, code in enumerate(rules.classes.class_code) if row and row not in parents]
    assert len(codes) > 50
    for code in codes:
        for level in ("community", rules.level(code), "district"):
            route = rules.route(code, AREAS, level)
            assert route is not None, code
            assert rules.departments[route.department].name_en
    assert rules.route("other", AREAS, "street") is None


def test_an_order_goes_to_the_seat_that_the_route_names_and_that_seat_is_its_handler(tmp_path: Path) -> None:
    rules = routed(tmp_path, "UP,*,community,grid,desk 2")
    book = Book(rules=rules)
    book.do("dispatch", LI, 60)
    assert (book.case.department, book.case.handler) == ("grid", "desk 2")
    worker = msgspec.structs.replace(person("zhao", "worker", "D", "grid"), seat="Desk 2")
    sitter, elsewhere = worker, msgspec.structs.replace(worker, department="law")
    with pytest.raises(NotAllowed, match="own"):
        book.do("accept", elsewhere)
    book.do("accept", sitter, 60)
    book.do("handle", sitter, 60, "mended")
    inspector = msgspec.structs.replace(person("zhao2", "verifier", "D", "grid"), seat="desk 2")
    assert book.refused("verify", inspector) == "not_handler"


def test_who_names_somebody_is_not_given_the_routes_seat(tmp_path: Path) -> None:
    rules = routed(tmp_path, "UP,*,community,grid,desk 2")
    other, named = Book(rules=rules), Book(rules=rules)
    other.do("dispatch", LI, 60, department="street")
    named.do("dispatch", LI, 60, department="grid", handler="G7")
    assert (other.case.department, other.case.handler) == ("street", "")
    assert (named.case.department, named.case.handler) == ("grid", "G7")
