"""The command line: what it starts, what it says when it cannot, and that it leaves nothing behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard import keeping
from dashboard.checks import CHECKS, check
from dashboard.cli import main
from dashboard.settings import SETTINGS, load


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
    assert "will be in force on its day" in say("import", "city", str(files), "--from", "2999-01-01", *place).output
    marked = [line[0] for line in say("cities", *place).output.splitlines()]
    assert marked == ["●", " "]
