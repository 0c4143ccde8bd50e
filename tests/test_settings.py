"""Settings come from a table, the file and the environment; a wrong one is told in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.settings import SETTINGS, WrongSetting, load


def test_the_environment_wins_over_the_file_and_what_is_given_wins_over_both(tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text('port = 1000\nhost = "10.0.0.1"\nlang = "en"\n')
    settings = load({"GRIDHALL_SETTINGS": str(file), "GRIDHALL_PORT": "2000", "GRIDHALL_HOST": "::1"}, host="127.0.0.2")
    assert (settings.port, settings.host, settings.lang) == (2000, "127.0.0.2", "en")


def test_a_number_that_is_none_is_refused_with_its_name() -> None:
    with pytest.raises(WrongSetting, match="port must be a int, not 'many'"):
        load({"GRIDHALL_PORT": "many"})


def test_yes_and_no_may_be_said_in_words_and_nothing_else_is_taken_for_yes() -> None:
    for said, meant in (("false", False), ("0", False), ("Off", False), ("true", True), ("1", True), (False, False)):
        assert load({"GRIDHALL_INGEST_GUEST": said}).ingest_guest is meant  # type: ignore[dict-item]
    with pytest.raises(WrongSetting, match="ingest_guest must be a bool, not 'perhaps'"):
        load({"GRIDHALL_INGEST_GUEST": "perhaps"})


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(WrongSetting, match="no setting called prot"):
        load({"GRIDHALL_SETTINGS": str(file)})


def test_every_setting_has_a_name_of_its_own_and_a_line_of_help() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    assert all(10 < len(setting.help) < 120 for setting in SETTINGS)


def test_an_address_that_holds_a_password_is_in_no_print_of_the_settings() -> None:
    given = load({}, database_url="postgresql://hall:Birch-Kettle@db/hall", redis_url="redis://:Birch-Kettle@bus")
    assert given.database_url.endswith("@db/hall") and "Birch-Kettle" not in repr(given)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LANG", "fr", "lang must be one of zh, en, not 'fr'"),
        ("PORT", "99999", "port must be at least 1 and at most 65535, not '99999'"),
        ("INGEST_PORT", "-1", "ingest_port must be at least 1"),
        ("TICK_SECONDS", "-5", "tick_seconds must be at least 0.01, not '-5'"),
        ("TICK_SECONDS", "nan", "tick_seconds must be at least"),
        ("SESSION_HOURS", "inf", "session_hours must be at least"),
        ("PORT", "9" * 5000, "port must be a int, not '9{59}…"),
    ],
)
def test_a_value_that_no_hall_can_run_with_is_refused_with_what_may_be_said(
    name: str, value: str, sentence: str
) -> None:
    with pytest.raises(WrongSetting, match=sentence):
        load({f"GRIDHALL_{name}": value})
