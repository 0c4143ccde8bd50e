"""Rules: what the files say is what is asked of a case; what is wrong in them is said by file and line."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard.cases.rules.rules import Rules, WrongRules
from dashboard.checks import check
from dashboard.cli import main
from dashboard.settings import load
from feeds import cities, standards
from feeds.classes import load as load_tree
from feeds.classes import with_tree
from feeds.export import write_city
from feeds.lattice import lattice

SHIPPED, URBAN = Rules.load(None), Rules.load(None, classes="urban")
STANDARDS = Path(__file__).parents[2] / "shared/data/yuncheng_standards.csv"
needs_standards = pytest.mark.skipif(not STANDARDS.exists(), reason="the standards are not on this machine")
HOUR = 3600.0


def put(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


def test_a_class_has_its_hours_and_its_clock() -> None:
    assert SHIPPED.limit("UP02", "street")[:2] == (2, "continuous")
    assert SHIPPED.limit("CM05", "street") == (120, "working", 56)
    assert URBAN.limit("C010104", "street")[:2] == (40, "working")


def test_a_class_that_nobody_knows_is_other_and_has_its_limit() -> None:
    assert SHIPPED.known("ufo") == "other"
    assert SHIPPED.known("UP02") == "UP02"
    assert SHIPPED.limit("ufo", "street") == SHIPPED.limit("other", "street")


def test_a_class_of_the_city_in_force_is_known_though_the_tree_lacks_it() -> None:
    city = lattice("t", (116.0, 39.0, 116.02, 39.02))
    rules = Rules.load(None, city=city.classes)
    assert rules.known(str(city.classes.class_code[-1])) == str(city.classes.class_code[-1])
    assert rules.version == SHIPPED.version


@pytest.mark.parametrize(("response", "hours"), [("red", 2), ("yellow", 24), ("blue", 168), ("grey", 360)])
def test_a_response_level_goes_before_the_class_and_runs_day_and_night(response: str, hours: float) -> None:
    assert SHIPPED.limit("CM05", "street", response)[:2] == (hours, "continuous")
    assert SHIPPED.response_hours[response] == hours


@pytest.mark.parametrize(
    ("step", "kind", "minutes"),
    [
        ("reported", "", 15),
        ("dispatch", "", 15),
        ("dispatched", "urban", 15),
        ("accept", "rural", 15),
        ("handled", "urban", 60),
        ("handled", "rural", 120),
        ("verify", "", 60),
        ("archived", "", None),
    ],
)
def test_each_step_has_the_clock_of_the_duty_that_is_due_in_it(step: str, kind: str, minutes: float | None) -> None:
    assert SHIPPED.step_limit(step, kind).hours == (None if minutes is None else minutes / 60)


def test_who_called_the_hotline_has_an_answer_within_working_hours_and_a_sensor_wants_none() -> None:
    assert SHIPPED.answer_limit("hotline")[:2] == (40, "working")
    assert SHIPPED.answer_limit("sensor").hours is None


def test_both_clocks_give_back_the_hours_they_were_given() -> None:
    start = datetime(2026, 9, 18, 9, tzinfo=UTC).timestamp()  # Friday, five o'clock in Shanghai
    assert SHIPPED.due(start, 4, "continuous") == start + 4 * HOUR
    assert SHIPPED.due(start, 4, "working") == datetime(2026, 9, 20, 3, tzinfo=UTC).timestamp()
    for clock in ("continuous", "working"):
        assert SHIPPED.elapsed(start, SHIPPED.due(start, 4, clock), clock) == 4


def test_the_holidays_of_china_are_not_those_of_new_york() -> None:
    abroad = Rules.load(None, "America/New_York")
    assert abroad.calendar.days == {}
    assert SHIPPED.calendar.days
    assert abroad.version != SHIPPED.version


def test_a_calendar_of_ones_own_counts_wherever_one_is(tmp_path: Path) -> None:
    put(tmp_path, "calendar.csv", "date,kind,name\n2013-07-04,holiday,Independence Day\n")
    rules = Rules.load(tmp_path, "America/New_York")
    start = datetime(2013, 7, 3, 21, tzinfo=UTC).timestamp()  # Wednesday, five o'clock
    assert rules.due(start, 2, "working") == datetime(2013, 7, 5, 13, tzinfo=UTC).timestamp()


def test_a_file_in_the_folder_wins_and_changes_the_version(tmp_path: Path) -> None:
    same = Rules.load(tmp_path)
    assert same.version == SHIPPED.version
    put(tmp_path, "classes.csv", "class_code,parent,name,name_en,limit_hours,level\nother,,其他,Other,9,community\n")
    changed = Rules.load(tmp_path)
    assert changed.limit("UP02", "street").hours == 9
    assert changed.version != SHIPPED.version


def test_opening_hours_are_the_citys_own(tmp_path: Path) -> None:
    put(tmp_path, "hours.toml", 'hours = ["09:00-24:00"]\ndays = ["sat"]\n')
    rules = Rules.load(tmp_path)
    friday = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
    assert rules.calendar.hours.a_day == 15
    assert rules.due(friday, 15, "working") == datetime(2026, 11, 21, 16, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("calendar.csv", "date,kind\n2026-13-01,holiday\n", "line 2: '2026-13-01' is no day"),
        ("calendar.csv", "date,kind\n2026-10-01,holiday\n2026-10-02,feast\n", "line 3: 'feast'"),
        ("calendar.csv", "date,kind\n2026-10-01,holiday\n2026-10-01,workday\n", "line 3: .* twice"),
        ("hours.toml", 'hours = ["eight to twelve"]\ndays = ["mon"]', "no stretch of time"),
        ("hours.toml", 'hours = ["14:00-18:00", "08:00-12:00"]\ndays = ["mon"]', "in order"),
        ("hours.toml", 'hours = ["08:00-25:00"]\ndays = ["mon"]', "no stretch of time"),
        ("hours.toml", 'hours = ["08:00-12:00"]\ndays = []', "must not be empty"),
        ("hours.toml", 'hours = ["08:00-12:00"]\ndays = ["noday"]', "'noday' is no day"),
        ("limits.toml", "steps = 3", "limits.toml"),
        ("limits.toml", "[steps]\naccept = { minutes = -5 }\n[response]\n[near]\n[repeat]", "minutes"),
        ("limits.toml", '[steps]\n[response]\n[near]\n[repeat]\n"*" = { metres = 1, hours = 1 }', "near"),
        ("departments.csv", "department,name,name_en,level\nlaw,综合执法局,Law,country\n", "line 2"),
        ("routes.csv", "class_code,area_id,level,department,seat\nUP,*,street,nobody,\n", "line 2: 'nobody'"),
        ("routes.csv", "class_code,area_id,level,department,seat\nUP,*,country,law,\n", "line 2: 'country'"),
        ("classes.csv", "class_code,parent,name,name_en,limit_hours,level\na,b,A,A,1,street\n", "'b'"),
        ("classes.csv", "class_code,parent,name,name_en,limit_hours,level\na,,A,A,soon,street\n", "soon"),
        ("classes.csv", "class_code,parent,name,name_en,limit_hours,level\na,,A,A,-1,street\n", "limit_hours"),
        ("classes.csv", "class_code,parent,name,name_en,limit_hours,level,clock\na,,A,A,1,street,sun\n", "'sun'"),
        ("classes.csv", "class_code,parent,name,name_en,limit_hours,level\na,,A,A,1,attic\n", "'attic'"),
        ("classes.csv", "class_code,parent,name,name_en,limit_hours,level\na,b,A,A,1,\nb,a,B,B,1,\n", "above itself"),
        ("classes.csv", "class_code,parent,name,name_en,limit_hours,level\n", "no class"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_by_whoever_reads_it(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    with pytest.raises(WrongRules, match=sentence):
        Rules.load(put(tmp_path / "rules", name, text))
    found = [trouble for trouble in check(load({}, data=str(tmp_path))) if trouble.code == "E111"]
    assert [name in str(trouble) for trouble in found] == [True]


def test_a_calendar_that_ends_is_a_warning_and_no_crash(tmp_path: Path) -> None:
    put(tmp_path / "rules", "calendar.csv", "date,kind,name\n2013-10-01,holiday,国庆节\n")
    codes = [trouble.code for trouble in check(load({}, data=str(tmp_path))) if "calendar" in trouble.what]
    assert codes
    assert set(codes) == {"W112"}
    assert Rules.load(tmp_path / "rules").due(datetime(2044, 10, 3, tzinfo=UTC).timestamp(), 8, "working") > 0


def test_a_tree_can_be_named_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("class_code,parent,name,name_en,limit_hours,level\nother,,其他,Other,3,street\n", "utf-8")
    assert Rules.load(None, classes=str(file)).limit("x", "street").hours == 3
    with pytest.raises(WrongRules, match="nowhere"):
        Rules.load(None, classes=str(tmp_path / "nowhere.csv"))


def test_the_city_shows_the_chosen_tree_unless_it_brought_one() -> None:
    plain = lattice("t", (116.0, 39.0, 116.02, 39.02))
    assert with_tree(plain, "urban") is plain
    demo = cities.build("wulingyuan")
    assert with_tree(demo, "") is demo
    assert "C010101" in with_tree(demo, "urban").class_row


def test_the_limits_that_come_with_a_city_are_in_force_and_never_replace_those_that_stand(tmp_path: Path) -> None:
    folder, data = tmp_path / "city", tmp_path / "hall"
    write_city(lattice("t", (116.0, 39.0, 116.02, 39.02)), folder)
    head = "class_code,parent,name,name_en,limit_hours,level\n"
    (folder / "classes.csv").write_text(head + "other,,其他,Other,7,street\n", "utf-8")
    command = ["import", "city", str(folder), "--anyway", "--data", str(data)]
    assert CliRunner().invoke(main, command, catch_exceptions=False).exit_code == 0
    assert Rules.load(data / "rules").limit("other", "street").hours == 7
    (folder / "classes.csv").write_text(head + "other,,其他,Other,8,street\n", "utf-8")
    assert "stays as it is" in CliRunner().invoke(main, command, catch_exceptions=False).output
    assert Rules.load(data / "rules").limit("other", "street").hours == 7


@needs_standards
def test_every_rule_of_the_municipal_standards_is_a_class_with_its_own_limit() -> None:
    with STANDARDS.open(encoding="utf-8-sig", newline="") as file:
        rules = list(csv.DictReader(file))
    classes, asked = load_tree("urban")
    leaves = {str(asked.filing_condition[row]): row for row in range(len(classes.name)) if asked.filing_condition[row]}
    assert sum(bool(text) for text in asked.filing_condition) == len(rules) == 519
    assert leaves.keys() == {rule["filing_condition"] for rule in rules}
    numbers: dict[str, int] = {}
    for rule in rules:
        small = {"component": "C", "event": "E"}[rule["kind"]] + rule["big_code"] + rule["small_code"]
        numbers[small] = numbers.get(small, 0) + 1
        code = f"{small}{numbers[small]:02}"
        row = URBAN.lineage(code)
        assert row == [code, small, small[:3], small[0]]
        at = list(classes.class_code).index(code)
        assert str(asked.closing_condition[at]) == rule["closing_condition"]
        assert str(asked.handling_unit[at]) == rule["handling_unit"]
        hours, clock, _ = URBAN.limit(code, "street")
        if rule["limit_value"]:
            day = 24 if rule["clock"] == "continuous" else 8
            assert hours == int(rule["limit_value"]) * (day if rule["limit_unit"] == "day" else 1), rule
            assert clock == rule["clock"], rule
        else:
            assert (rule["time_limit_text"], hours, clock) == ("1紧急工作时制止", 1, "continuous")


@needs_standards
def test_the_tree_that_ships_is_the_one_that_the_standards_make() -> None:
    with standards.TREE.open(encoding="utf-8", newline="") as file:
        shipped = list(csv.DictReader(file))
    with STANDARDS.open(encoding="utf-8-sig", newline="") as file:
        made = standards.tree_of(list(csv.DictReader(file)), {row["class_code"]: row["name_en"] for row in shipped})
    assert made == shipped


@pytest.mark.parametrize(
    ("text", "hours", "clock"),
    [
        ("2紧急工作时", 2, "continuous"),
        ("1紧急工作日", 24, "continuous"),
        ("4小时", 4, "working"),
        ("15天", 120, "working"),
        ("1紧急工作时制止", 1, "continuous"),
    ],
)
def test_a_published_limit_is_read_as_it_is_meant(text: str, hours: int, clock: str) -> None:
    assert standards.limit_of(text) == (hours, clock)


def test_a_limit_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="尽快"):
        standards.limit_of("尽快")


def test_a_class_without_hours_has_those_of_the_one_above_it(tmp_path: Path) -> None:
    rows = "other,,其他,Other,9,street,working\nA,,A,A,5,street,working\nA1,A,A1,A1,,street,\n"
    put(tmp_path, "classes.csv", f"class_code,parent,name,name_en,limit_hours,level,clock\n{rows}")
    assert Rules.load(tmp_path).limit("A1", "street")[:2] == (5, "working")
