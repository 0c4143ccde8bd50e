"""Accounts at the shell: people are made, changed and closed by words; a password is never an argument."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from serving import put_city, riverside

from dashboard.bus.connect import connect as connect_redis
from dashboard.cli import main
from dashboard.people.people import People
from dashboard.sql.engine import connect

GOOD = "Birch-Kettle-42"
Say = Callable[..., Result]


@pytest.fixture
def say(tmp_path: Path) -> Say:
    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, [*words, "--data", str(tmp_path)], input=typed)

    return run


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(connect("", str(tmp_path)))


def test_an_account_is_made_with_a_password_from_a_pipe_and_signs_in(say: Say, people: People) -> None:
    made = say("user", "add", "Mei", "--role", "dispatcher", "--scope", "west", "--seat", "desk 3", typed=f"{GOOD}\n")
    assert made.exit_code == 0, made.output
    assert GOOD not in made.output
    assert people.sessions.who(people.sign_in("mei", GOOD, "here"))
    listed = say("user", "list").output
    assert "mei" in listed and "dispatcher" in listed and "west" in listed


@pytest.mark.parametrize("word", ["--password", "-p"])
def test_a_password_cannot_be_an_argument_that_everybody_could_read(say: Say, word: str) -> None:
    refused = say("user", "add", "mei", "--role", "leader", word, GOOD)
    assert (refused.exit_code, "No such option" in refused.output) == (2, True)


def test_what_cannot_be_is_refused_with_a_sentence(say: Say) -> None:
    assert "至少 10 个字符" in say("user", "add", "mei", "--role", "leader", typed="short\n").output
    assert "no name" in say("user", "add", "a b", "--role", "leader", typed=f"{GOOD}\n").output
    assert "no account called nobody" in say("user", "passwd", "nobody", typed=f"{GOOD}\n").output
    assert "there was no password" in say("user", "add", "mei", "--role", "leader").output
    assert say("user", "add", "mei", "--role", "king", typed=f"{GOOD}\n").exit_code == 2
    assert say("user", "list").output == ""


@pytest.mark.parametrize(("words", "typed"), [(("passwd", "mei"), f"{GOOD}2\n"), (("role", "mei", "verifier"), "")])
def test_who_changes_an_account_is_told_of_its_tokens_and_may_end_them(
    say: Say, people: People, words: tuple[str, ...], typed: str
) -> None:
    say("user", "add", "mei", "--role", "dispatcher", typed=f"{GOOD}\n")
    key = people.tokens.add("account", "mei")
    assert "--revoke-tokens ends them" in say("user", *words, typed=typed).output
    assert people.tokens.who(key)
    assert "1 tokens of mei ended" in say("user", *words, "--revoke-tokens", typed=typed).output
    assert people.tokens.who(key) is None


def test_the_id_of_a_worker_is_an_account_of_that_worker_only(say: Say, people: People, redis_url: str) -> None:
    with connect_redis(redis_url) as redis:
        put_city(redis, riverside())
    where = ("--redis", redis_url)
    for role in ("leader", "department", "admin"):
        refused = say("user", "add", "Ｗ012", "--role", role, "--no-password", *where)
        assert refused.exit_code == 1 and "W012 is a worker of the city" in refused.output
    made = say("user", "add", "W012", "--role", "worker", "--no-password", *where)
    assert made.exit_code == 0 and "orders to that id are theirs" in made.output
    assert [(one.name, one.role) for one in people.accounts()] == [("w012", "worker")]
    assert "worker" not in say("user", "add", "w999", "--role", "leader", "--no-password", *where).output


def test_an_area_that_the_city_does_not_have_is_refused_with_those_that_it_has(
    say: Say, people: People, redis_url: str
) -> None:
    with connect_redis(redis_url) as redis:
        put_city(redis, riverside())
    where = ("--redis", redis_url)
    for words in (
        ("wall", "lobby", "--area", "wesd"),
        ("add", "mei", "--role", "leader", "--no-password", "--scope", "wesd"),
    ):
        refused = say("user", *words, *where)
        assert refused.exit_code == 1 and "there is no area wesd in riverside; it has west (" in refused.output
    assert say("user", "list", *where).output == "", "nothing was made"
    assert say("user", "wall", "lobby", "--area", "west", *where).exit_code == 0
    assert say("user", "add", "mei", "--role", "leader", "--no-password", "--scope", "west", *where).exit_code == 0
    assert say("user", "role", "mei", "leader", "--scope", "nowhere", *where).exit_code == 1
    assert people.account("mei").scope == "west"
    assert "it has west (" in say("user", "wall", "hall", "--area", "nowhere", *where).output, "its districts"


def test_where_the_city_cannot_be_asked_that_is_said(say: Say, people: People) -> None:
    nowhere = ("--redis", "unix:///nowhere/redis.sock")
    made = say("user", "add", "mei", "--role", "leader", "--no-password", *nowhere)
    assert made.exit_code == 0 and "could not be asked" in made.output and people.account("mei")


def test_another_password_another_role_and_closing_end_what_was(say: Say, people: People) -> None:
    say("user", "add", "mei", "--role", "dispatcher", typed=f"{GOOD}\n")
    for words, typed in (
        (("passwd", "mei"), "Another-Kettle-43\n"),
        (("role", "mei", "verifier", "--scope", "east"), ""),
    ):
        session = people.sessions.begin("mei", "here")
        assert session and people.sessions.who(session)
        done = say("user", *words, typed=typed)
        assert done.exit_code == 0, done.output
        assert people.sessions.who(session) is None
    account = people.account("mei")
    assert (account.role, account.scope) == ("verifier", "east")
    say("user", "disable", "mei")
    assert people.sessions.begin("mei", "here") is None
    assert "closed" in say("user", "list").output
    say("user", "enable", "mei")
    assert people.sessions.begin("mei", "here")


def test_a_token_of_an_account_is_shown_once_replaced_and_revoked(say: Say, people: People) -> None:
    say("user", "add", "robot", "--role", "auditor", "--no-password")
    first = say("user", "token", "robot").output.strip()
    second = say("user", "token", "robot", "--rotate", "--overlap", "1").output.strip()
    assert people.tokens.who(first) and people.tokens.who(second)
    third = say("user", "token", "robot", "--rotate", "--overlap", "0").output.strip()
    assert people.tokens.who(first) is None and people.tokens.who(second) is None and people.tokens.who(third)
    say("user", "token", "robot", "--revoke")
    assert people.tokens.who(third) is None
    assert say("user", "token", "nobody").exit_code == 1


def test_a_source_has_two_keys_while_one_takes_the_place_of_the_other(say: Say, people: People) -> None:
    old = say("key", "add", "buses").output.strip()
    new = say("key", "rotate", "buses").output.strip()
    assert people.tokens.who(old) and people.tokens.who(new)
    assert say("key", "list").output.split() == ["buses"]
    assert say("key", "revoke", "buses").exit_code == 0
    assert say("key", "list").output == ""
    assert say("key", "revoke", "buses").exit_code == 1
    assert say("key", "rotate", "trains").exit_code == 1


def test_a_wall_gets_an_address_that_hangs_it_up_until_it_is_taken_back(say: Say, people: People) -> None:
    address = say("user", "wall", "lobby", "--area", "west").output.strip()
    assert address.startswith("/walls/gh_"), "no port is said: only the hall that runs knows its own"
    assert people.sessions.hang(address.rpartition("/")[2], "here")
    assert "wall:lobby" in say("user", "list").output
    assert say("user", "wall", "lobby").exit_code == 1
    assert say("user", "wall", "lobby", "--revoke").exit_code == 0
    assert people.sessions.hang(address.rpartition("/")[2], "here") is None


def test_check_says_when_nobody_could_sign_in(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "W111" in say("check").output
    say("user", "add", "mei", "--role", "admin", typed=f"{GOOD}\n")
    assert "W111" not in say("check").output
    say("user", "disable", "mei")
    assert "W111" in say("check").output
    monkeypatch.setenv("GRIDHALL_GUEST", "leader")
    assert "W111" not in say("check").output
