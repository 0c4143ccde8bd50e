"""The command line: what it starts, what it says when it cannot, and that it leaves nothing behind."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard import keeping, sources_cli
from dashboard.bus.feeds import Beat, Feeds
from dashboard.bus.hall import Hall
from dashboard.bus.rejected import Refusal, Rejected
from dashboard.bus.streams import STREAMS
from dashboard.checks import CHECKS, check
from dashboard.cli import main
from dashboard.clock import HallClock
from dashboard.demo_day import begun
from dashboard.launch import connected
from dashboard.settings import SETTINGS, load
from feeds.cities import build


@pytest.fixture
def say():
    runner = CliRunner()
    return lambda *words, **env: runner.invoke(main, list(words), env=env)


def test_help_names_every_way_in(say) -> None:
    text = say("--help").output
    for word in ("demo", "replay", "import", "key", "up", "check", "rejected", "bench", "ingest", "fold", "serve"):
        assert word in text


@pytest.mark.parametrize(
    "command", ["demo", "replay", "up", "ingest", "fold", "serve", "check", "bench", "rejected", "export"]
)
def test_every_command_explains_itself(say, command: str) -> None:
    answer = say(command, "--help")
    assert answer.exit_code == 0
    assert len(answer.output) > 100


def test_the_settings_are_listed_with_their_variables(say) -> None:
    text = say("settings").output
    assert all(setting.variable in text for setting in SETTINGS)


def test_a_hall_without_a_city_says_what_to_do(say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_port) -> None:
    monkeypatch.setattr("dashboard.checks.CHECKS", ())
    answer = say("up", "--data", str(tmp_path))
    assert answer.exit_code == 1
    assert "gridhall import city DIR" in answer.output


def test_a_taken_port_is_named_with_the_option_that_changes_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = load({}, port=taken.getsockname()[1], data=str(tmp_path))
        found = [trouble for trouble in check(settings) if trouble.code == "E105"]
    assert len(found) == 1
    assert "--port" in found[0].hint


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "E103" in {trouble.code for trouble in check(load({}, data=str(tmp_path / "deeper" / "down")))}


def test_what_lets_strangers_in_without_a_key_is_told(tmp_path: Path) -> None:
    def codes(**given: object) -> set[str]:
        return {trouble.code for trouble in check(load({}, data=str(tmp_path), **given))} & {"W118", "W119"}

    assert codes() == set()
    assert codes(guest="leader") == {"W119"}
    assert codes(host="0.0.0.0") == codes(ingest_host="0.0.0.0") == {"W118"}
    assert codes(host="0.0.0.0", ingest_guest=False) == set()


def test_every_check_may_be_asked_and_none_falls_over(tmp_path: Path) -> None:
    settings = load({}, data=str(tmp_path), redis_url="redis://127.0.0.1:1")
    for look in CHECKS:
        for trouble in look(settings):
            assert trouble.code[0] in "EW" and trouble.hint


def test_a_process_alone_needs_to_know_its_redis(say) -> None:
    answer = say("fold")
    assert answer.exit_code == 1
    assert "--redis URL" in answer.output


def test_a_key_is_shown_once_listed_by_source_and_ends_when_revoked(say, tmp_path: Path) -> None:
    place = ("--data", str(tmp_path))
    key = say("key", "add", "phones", *place).output.strip()
    assert len(key) >= 20
    listed = say("key", "list", *place).output
    assert listed.strip() == "phones" and key not in listed
    say("key", "revoke", "phones", *place)
    assert say("key", "list", *place).output.strip() == ""


def test_a_city_goes_out_as_files_and_comes_in_again(say, tmp_path: Path) -> None:
    files, place = tmp_path / "files", ("--data", str(tmp_path / "data"))
    assert say("export", str(files), "--city", "wulingyuan", *place).exit_code == 0
    answer = say("import", "city", str(files), *place)
    assert answer.exit_code == 0, answer.output
    assert "68 grids" in answer.output and "in force" in answer.output


def test_what_is_no_city_is_refused_with_a_sentence(say, tmp_path: Path) -> None:
    file = tmp_path / "poem.geojson"
    file.write_text("roses are red")
    answer = say("import", "city", str(file), "--data", str(tmp_path / "data"))
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output and len(answer.output) > 20


def test_the_room_of_keeping_has_a_command_for_each_subject() -> None:
    assert {"import", "export", "rejected", "key", "bench"} <= main.commands.keys()
    assert keeping.add


def test_a_grid_set_of_tomorrow_waits_for_its_day(say, tmp_path: Path) -> None:
    files, place = tmp_path / "files", ("--data", str(tmp_path / "data"))
    say("export", str(files), "--city", "wulingyuan", *place)
    assert "in force: " in say("import", "city", str(files), "--from", "2026-01-01", *place).output
    later = say("import", "city", str(files), "--from", "2999-01-01", *place).output
    assert "comes into force on 2999-01-01" in later and "in force: " not in later
    marked = [line[0] for line in say("cities", *place).output.splitlines()]
    assert marked == ["●", " "]


def test_a_future_state_alone_is_not_said_to_be_in_force(say, tmp_path: Path) -> None:
    files, place = tmp_path / "files", ("--data", str(tmp_path / "data"))
    say("export", str(files), "--city", "wulingyuan", *place)
    answer = say("import", "city", str(files), "--from", "2999-01-01", *place).output
    assert "comes into force on 2999-01-01" in answer and "no city that is in force before" in answer
    assert "'notaday'" in say("import", "city", str(files), "--from", "notaday", *place).output


def test_a_city_of_an_unknown_zone_is_refused_before_anything_is_kept(say, tmp_path: Path) -> None:
    files, place = tmp_path / "files", ("--data", str(tmp_path / "data"))
    say("export", str(files), "--city", "wulingyuan", *place)
    facts = files / "city.json"
    facts.write_text(facts.read_text("utf-8").replace("Asia/Shanghai", "Mars/Base"), "utf-8")
    for more in ((), ("--dry-run",), ("--anyway",)):
        answer = say("import", "city", str(files), *more, *place)
        assert answer.exit_code == 1 and "time zone Mars/Base" in answer.output
    assert "there is no city yet" in say("cities", *place).output


def test_a_hall_that_holds_a_city_of_an_unknown_zone_lives_and_is_mended_by_a_good_one(redis, caplog) -> None:
    hall, good = Hall(redis), build("wulingyuan")
    bad = replace(good, zone="Mars/Base")
    hall.put_city(bad)
    assert hall.city_version() == hall.city().version == bad.version
    assert hall.city().zone == "UTC"
    assert [record.getMessage() for record in caplog.records if "Mars/Base" in record.getMessage()][1:] == []
    hall.put_city(good)
    assert hall.city().zone == "Asia/Shanghai"


def test_a_demo_that_is_taken_up_again_goes_on_with_its_day(tmp_path: Path) -> None:
    first, later = 1.7e12, 1.7e12 + 3600_000
    clock = begun(tmp_path, 1, False, 1.0, first)
    assert clock == HallClock(hall_ms=first, wall_ms=first, speed=1.0)
    assert begun(tmp_path, 1, False, 1.0, later) == clock
    (tmp_path / "day.json").write_bytes((tmp_path / "day.json").read_bytes()[:-3])
    assert begun(tmp_path, 1, False, 1.0, later).hall_ms == later, "a file that is cut off is no day"


@pytest.mark.parametrize(("seed", "storm", "speed", "hours"), [
    (2, False, 1.0, 1), (1, True, 1.0, 1), (1, False, 10.0, 1), (1, False, 1.0, 25), (1, False, 1.0, -1),
])  # fmt: skip
def test_another_day_is_not_taken_for_the_one_before(
    tmp_path: Path, seed: int, storm: bool, speed: float, hours: int
) -> None:
    begun(tmp_path, 1, False, 1.0, 1.7e12)
    now = 1.7e12 + hours * 3600_000
    for _ in range(2):
        assert begun(tmp_path, seed, storm, speed, now) == HallClock(hall_ms=now, wall_ms=now, speed=speed)


def test_a_clock_before_all_years_still_has_a_city(redis) -> None:
    hall, good = Hall(redis), build("wulingyuan")
    hall.put_city(good)
    for ms in (-1e17, 1e17):
        hall.set_clock(HallClock(hall_ms=ms, wall_ms=0.0, speed=1.0))
        assert hall.city_version() == good.version


def test_the_refused_are_listed_by_kind_and_reason(say, tmp_path: Path) -> None:
    place = ("--data", str(tmp_path))
    assert say("rejected", *place).output.strip() == "nothing was refused"
    with connected(load({}, data=str(tmp_path))) as redis:
        told = [Refusal("fixes", "phones", "too_old", "a day late", '{"at": 1}', 1.7e12)] * 2
        Rejected(redis).add([*told, Refusal("events", "app", "malformed", "no id", "{}", 1.7e12)])
    answer = say("rejected", *place)
    assert answer.exit_code == 0, answer.output
    assert [line.split() for line in answer.output.splitlines()[:2]] == [
        ["2", "fixes", "too_old"], ["1", "events", "malformed"],
    ]  # fmt: skip
    assert "phones too_old: a day late" in answer.output


@pytest.mark.parametrize("words", [("rejected",), ("feed", "list"), ("feed", "forget", "old-app")])
def test_who_asks_beside_a_demo_is_told_where_it_lives(say, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "demo-jiamusi" / "redis").mkdir(parents=True)
    answer = say(*words, "--data", str(tmp_path))
    assert f"gridhall {' '.join(words)} --data {tmp_path / 'demo-jiamusi'}" in answer.output
    assert not (tmp_path / "redis").exists()


def test_a_source_that_was_given_up_is_waited_for_no_longer_until_it_sends_again(say, tmp_path: Path) -> None:
    place, settings = ("--data", str(tmp_path)), load({}, data=str(tmp_path))
    assert say("feed", "list", *place).output.strip() == "nobody has sent anything yet"
    now = time.time() * 1000
    beats = [Beat("fixes", "phones", now, now, 1200, 1190, 10), Beat("fixes", "old-app", now - 4e6, now - 4e6, 7, 7, 0),
             Beat("events", "old-app", now - 4e6, now - 4e6, 3, 3, 0)]  # fmt: skip
    with connected(settings) as redis:
        Feeds(redis).beat(beats)
    rows = [line.split() for line in say("feed", "list", *place).output.splitlines()]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("dead", "events", "old-app:"), ("dead", "fixes", "old-app:"), ("live", "fixes", "phones:"),
    ]  # fmt: skip
    assert "1,190 accepted, 10 rejected" in say("feed", "list", *place).output
    assert "no source of fixes any more" in say("feed", "forget", "old-app", "--kind", "fixes", *place).output
    assert "no source of events any more" in say("feed", "forget", "old-app", *place).output
    again = say("feed", "forget", "old-app", *place)
    assert again.exit_code == 1 and "there is no source 'old-app'" in again.output
    with connected(settings) as redis:
        assert [feed.source for feed in Feeds(redis).all()] == ["phones"]
        Feeds(redis).beat(beats[1:2])
        assert [feed.source for feed in Feeds(redis).all()] == ["old-app", "phones"]


def test_the_kinds_that_can_be_forgotten_are_those_there_are() -> None:
    assert tuple(STREAMS) == sources_cli.KINDS


def test_the_rules_in_force_are_told(say, tmp_path: Path) -> None:
    answer = say("rules", "--data", str(tmp_path))
    assert answer.exit_code == 0, answer.output
    assert "Asia/Shanghai" in answer.output and " classes" in answer.output


def test_an_export_that_cannot_be_is_told_in_a_sentence(say, tmp_path: Path) -> None:
    place, file = ("--data", str(tmp_path / "data")), tmp_path / "file"
    file.write_text("")
    for words, sentence in (
        (("x", "--city", "atlantis"), "no city is called 'atlantis'; there are wulingyuan"),
        (("x",), "there is no city yet"),
        ((str(file / "deeper"), "--city", "wulingyuan"), "cannot be written"),
    ):
        answer = say("export", *words, *place)
        assert answer.exit_code and sentence in answer.output, answer.output
        assert isinstance(answer.exception, SystemExit)


def test_a_data_folder_that_is_a_file_is_told_by_every_command(say, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for words in (("check",), ("cities",), ("rejected",), ("demo",), ("up",)):
        answer = say(*words, "--data", str(file))
        assert answer.exit_code == 1 and isinstance(answer.exception, SystemExit), words
        assert str(file) in answer.output


def test_what_is_no_redis_is_told_by_every_command(say, tmp_path: Path) -> None:
    for words in (("check",), ("fold",), ("serve",), ("cities",), ("up",)):
        answer = say(*words, "--redis", "nonsense", "--data", str(tmp_path))
        assert answer.exit_code == 1 and "is not the address of a Redis" in answer.output, answer.output


def test_a_process_says_at_once_that_its_redis_is_silent_and_goes_on(say, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr("dashboard.fold.run", begun.append)
    answer = say("fold", "--redis", "redis://127.0.0.1:1")
    assert "Redis does not answer" in answer.output and "trying on" in answer.output
    assert len(begun) == 1


def test_pages_and_ingest_cannot_share_a_port(say, tmp_path: Path) -> None:
    answer = say("up", "--port", "8099", "--ingest-port", "8099", "--data", str(tmp_path))
    assert answer.exit_code == 1
    assert "cannot both listen on port 8099" in answer.output and "--ingest-port" in answer.output


def test_a_hall_without_a_city_a_server_that_is_none_and_a_misspelt_variable_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDHALL_INGEST_PROT", "1")
    found = {one.code: one for one in check(load({}, data=str(tmp_path), redis_server="/nope"))}
    assert "import city" in found["W121"].hint
    assert "/nope" in found["E110"].what
    assert "GRIDHALL_INGEST_PROT" in found["W120"].what and "GRIDHALL_INGEST_PORT" in found["W120"].hint
