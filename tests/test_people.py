"""People: accounts, passwords, sessions, keys, attempts and looks, on both databases, with a clock that is moved."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy import Engine

from dashboard import accounts_cli
from dashboard.people.limits import Limits
from dashboard.people.passwords import Passwords, WeakPassword
from dashboard.people.people import NoAccount, People, Refused, WrongAccount
from dashboard.people.person import Person
from dashboard.people.roles import ACCOUNTS as ACCOUNT_ROLES
from dashboard.people.roles import ALL, CAPABILITIES
from dashboard.people.schema import ACCOUNTS, ATTEMPTS, SESSIONS, TOKENS

GOOD = "Birch-Kettle-42"
LIMITS = Limits(idle=600, absolute=3600, tries=3, window=300, tries_address=6, tries_name=6, wall=86400)
#: So that a test is quick; one of them weighs with the real parameters.
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1_780_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def people(engine: Engine, watch: Watch) -> People:
    return People(engine, watch, LIMITS, CHEAP)


@pytest.fixture
def mei(people: People) -> str:
    return people.add("Mei", "dispatcher", password=GOOD, scope="west", seat="desk 3").name


def refused(work: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value


def texts(engine: Engine) -> str:
    """Everything that is written down of people."""
    with engine.connect() as connection:
        return repr([connection.execute(sa.select(table)).all() for table in (ACCOUNTS, SESSIONS, TOKENS, ATTEMPTS)])


# --- roles


def test_every_role_may_only_what_there_is_and_a_wall_may_only_show() -> None:
    assert all(granted <= ALL.keys() for granted in CAPABILITIES.values())
    assert CAPABILITIES["wall"] == {"wall"}
    assert Person(name="x").may("wall") is False
    assert Person(name="x", role="unheard of").may("wall") is False


def test_who_the_reporter_was_is_for_those_who_talk_to_them() -> None:
    assert {role for role, granted in CAPABILITIES.items() if "personal" in granted} == {
        "dispatcher", "department", "verifier",
    }  # fmt: skip
    assert {role for role, granted in CAPABILITIES.items() if "people" in granted} == {"admin"}


def test_the_shell_offers_the_roles_that_there_are() -> None:
    assert set(accounts_cli.ROLES) == set(ACCOUNT_ROLES)


# --- accounts


def test_an_account_is_made_found_however_its_name_is_typed_and_made_once(people: People, mei: str) -> None:
    assert mei == "mei"
    account = people.account("ＭＥＩ ")
    assert (account.name, account.role, account.scope, account.seat) == ("mei", "dispatcher", "west", "desk 3")
    with pytest.raises(WrongAccount, match="already"):
        people.add("MEI", "leader", password=GOOD)


@pytest.mark.parametrize("name", ["", " ", "a b", "<script>", "x" * 65, "-x", "a/b", "a\nb"])
def test_what_is_no_name_is_refused(people: People, name: str) -> None:
    with pytest.raises(WrongAccount, match="no name"):
        people.add(name, "leader", password=GOOD)


@pytest.mark.parametrize("role", ["", "root", "source", "guest"])
def test_a_role_that_no_account_can_have_is_refused(people: People, role: str) -> None:
    with pytest.raises(WrongAccount, match="no role"):
        people.add("li", role, password=GOOD)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "short"),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaa", "plain"),
        ("Password-123", "plain"),
        ("li-wei-2026!", "name"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(people: People, password: str, code: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        people.add("li-wei", "leader", password=password)
    assert caught.value.code == code
    with pytest.raises(NoAccount):
        people.account("li-wei")


def test_nobody_can_be_changed_who_is_not_there(people: People) -> None:
    for change in (
        lambda: people.passwd("nobody", GOOD), lambda: people.assign("nobody", role="leader"),
        lambda: people.disable("nobody"), lambda: people.account("nobody"),
    ):  # fmt: skip
        with pytest.raises(NoAccount):
            change()


def test_no_password_no_session_and_no_key_is_written_down(people: People, mei: str, engine: Engine) -> None:
    secret, key = people.sign_in(mei, GOOD, "10.0.0.1"), people.tokens.add("account", mei)
    refused(lambda: people.sign_in(mei, "Wrong-" + GOOD, "10.0.0.1"))
    written = texts(engine)
    assert not any(word in written for word in (GOOD, secret, key))
    assert "$argon2id$" in written


# --- signing in


def test_whoever_knows_the_password_is_signed_in_as_what_they_are(people: People, mei: str) -> None:
    person = people.sessions.who(people.sign_in(" Mei", GOOD, "10.0.0.1"))
    assert person
    assert (person.name, person.role, person.scope, person.seat, person.kind) == (
        "mei", "dispatcher", "west", "desk 3", "account",
    )  # fmt: skip


def test_a_wrong_password_an_unknown_name_a_closed_and_a_passwordless_account_are_told_the_same(
    people: People, mei: str
) -> None:
    people.add("closed", "leader", password=GOOD)
    people.disable("closed")
    people.add("elsewhere", "leader", subject="issuer 1")
    for name, password in ((mei, "Wrong-Kettle-42"), ("nobody", GOOD), ("closed", GOOD), ("elsewhere", ""), ("", "")):
        assert refused(lambda name=name, password=password: people.sign_in(name, password, "10.9.0.1")).code == "wrong"


def wrong(people: People, name: str, *addresses: str, device: str = "") -> list[str]:
    """What each try with a wrong password is answered with."""
    tries = [(lambda where=where: people.sign_in(name, "Wrong-Kettle-42", where, device)) for where in addresses]
    return [refused(one).code for one in tries]


def test_after_some_wrong_passwords_who_tried_waits_and_even_the_right_one_does_not_help_there(
    people: People, mei: str, watch: Watch
) -> None:
    for _ in range(LIMITS.tries):
        assert wrong(people, mei, "10.0.0.1") == ["wrong"]
        watch.at += 10
    waits = refused(lambda: people.sign_in(mei, GOOD, "10.0.0.1"))
    assert waits.code == "wait"
    assert 0 < waits.values["seconds"] <= LIMITS.window
    assert people.sign_in(mei, GOOD, "10.0.0.9"), "whose account it is need not wait for what others try"
    watch.at += waits.values["seconds"] - 1
    assert refused(lambda: people.sign_in(mei, GOOD, "10.0.0.1")).code == "wait"
    watch.at += 2
    assert people.sign_in(mei, GOOD, "10.0.0.1")


def test_who_guesses_from_everywhere_waits_everywhere_but_where_the_account_was_at_home(
    people: People, mei: str, watch: Watch
) -> None:
    assert people.sign_in(mei, GOOD, "10.0.0.1")
    watch.at += 30 * 86400
    guesses = [f"10.7.0.{number}" for number in range(LIMITS.tries_name + 3)]
    assert wrong(people, mei, *guesses) == ["wrong"] * LIMITS.tries_name + ["wait"] * 3
    assert refused(lambda: people.sign_in(mei, GOOD, "10.9.9.9")).code == "wait", "a new address is nobody's yet"
    assert people.sign_in(mei, GOOD, "10.0.0.1")
    assert wrong(people, mei, "10.7.0.99") == ["wait"], "that she came in does not let the others go on"
    assert wrong(people, mei, *["10.0.0.1"] * (LIMITS.tries + 1)) == ["wrong"] * LIMITS.tries + ["wait"]
    watch.at += LIMITS.window + 1
    assert people.sign_in(mei, GOOD, "10.9.9.9")


def test_who_guesses_at_the_same_address_does_not_hold_up_a_device_that_is_known(people: People, mei: str) -> None:
    """A colleague behind the same router, or a program that floods from the whole office."""
    device = people.device(mei)
    names = [f"guess{number}" for number in range(LIMITS.tries_address)]
    assert [wrong(people, name, "10.0.0.1") for name in names] == [["wrong"]] * LIMITS.tries_address
    assert wrong(people, mei, "10.0.0.1") == ["wait"]
    assert people.sign_in(mei, GOOD, "10.0.0.1", device)
    assert people.sign_in(mei, GOOD, "10.3.3.3", device), "and wherever it is carried"


def test_a_known_device_waits_for_its_own_tries_wherever_it_is_carried(
    people: People, mei: str, engine: Engine, watch: Watch
) -> None:
    device = people.device(mei)
    everywhere = [f"10.5.0.{number}" for number in range(LIMITS.tries + 1)]
    assert wrong(people, mei, *everywhere, device=device) == ["wrong"] * LIMITS.tries + ["wait"]
    assert people.sign_in(mei, GOOD, "10.5.0.1"), "without it, as anybody else"
    assert people.sign_in(mei, GOOD, "10.5.0.1", people.device(mei))
    with engine.connect() as connection:
        told = connection.execute(sa.select(ATTEMPTS.c.address).where(ATTEMPTS.c.outcome == "wrong")).scalars().all()
    assert [address.split(" device ")[0] for address in told] == everywhere[: LIMITS.tries], "who looks sees from where"
    watch.at += LIMITS.window + 1
    assert people.sign_in(mei, GOOD, "10.5.0.1", device)


def test_a_device_is_known_for_its_account_and_its_password_only(people: People, mei: str, engine: Engine) -> None:
    people.add("li", "leader", password=GOOD)
    device, made_up = people.device(mei), f"{'0' * 16}.{'0' * 64}"
    assert wrong(people, mei, *["10.0.0.1"] * LIMITS.tries) == ["wrong"] * LIMITS.tries
    forged = (people.device("li"), people.device("nobody"), made_up, "x", "", ".", "\udcff.é", f"{device}0", "%.%")
    for one in forged:
        assert refused(lambda one=one: people.sign_in(mei, GOOD, "10.0.0.1", one)).code == "wait", one
    assert people.sign_in(mei, GOOD, "10.0.0.1", device)
    people.passwd(mei, "Another-Kettle-43")
    assert refused(lambda: people.sign_in(mei, "Another-Kettle-43", "10.0.0.1", device)).code == "wait"
    people.disable(mei)
    assert refused(lambda: people.sign_in(mei, GOOD, "10.0.0.2", people.device(mei))).code == "wrong"


def test_asking_while_one_waits_does_not_make_the_wait_longer(people: People, mei: str, watch: Watch) -> None:
    for _ in range(LIMITS.tries):
        wrong(people, mei, "10.0.0.1")
    for second in range(0, int(LIMITS.window), 30):
        watch.at = 1_780_000_000.0 + second
        assert refused(lambda: people.sign_in(mei, GOOD, "10.0.0.1")).code == "wait"
    watch.at = 1_780_000_000.0 + LIMITS.window + 1
    assert people.sign_in(mei, GOOD, "10.0.0.1")


def test_a_name_that_nobody_has_waits_as_well_so_that_waiting_says_nothing(people: People) -> None:
    codes = [refused(lambda: people.sign_in("ghost", "Wrong-Kettle-42", "10.0.0.1")).code for _ in range(5)]
    assert codes == ["wrong"] * LIMITS.tries + ["wait"] * 2


def test_a_right_password_forgives_what_was_wrong_before(people: People, mei: str) -> None:
    for _ in range(4):
        for number in range(LIMITS.tries - 1):
            refused(lambda number=number: people.sign_in(mei, "Wrong-Kettle-42", f"10.0.1.{number}"))
        assert people.sign_in(mei, GOOD, "10.0.0.1")


def test_an_address_that_tries_many_names_waits_and_others_do_not(people: People, mei: str) -> None:
    for number in range(LIMITS.tries_address):
        assert refused(lambda number=number: people.sign_in(f"guess{number}", GOOD, "10.6.6.6")).code == "wrong"
    assert refused(lambda: people.sign_in(mei, GOOD, "10.6.6.6")).code == "wait"
    assert people.sign_in(mei, GOOD, "10.0.0.1")


def test_a_flood_of_tries_writes_nothing(people: People, mei: str, engine: Engine, watch: Watch) -> None:
    def written() -> int:
        with engine.connect() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(ATTEMPTS)).scalar_one()

    for number in range(30):
        refused(lambda n=number: people.sign_in(f"flood{n}", GOOD, "10.6.6.8"))
    assert written() == LIMITS.tries_address
    assert refused(lambda: people.sign_in(mei, GOOD, "10.6.6.8")).values["seconds"] == LIMITS.window
    watch.at += LIMITS.window + 1
    assert people.sign_in(mei, GOOD, "10.6.6.8")


def test_who_has_a_whole_net_of_ipv6_is_one_address(people: People, mei: str) -> None:
    for number in range(LIMITS.tries_address):
        assert refused(lambda n=number: people.sign_in(f"g{n}", GOOD, f"2001:db8:1:2::{n:x}")).code == "wrong"
    assert refused(lambda: people.sign_in(mei, GOOD, "2001:db8:1:2:ffff::1")).code == "wait"
    assert people.sign_in(mei, GOOD, "2001:db8:1:3::1")
    for number in range(LIMITS.tries_address):
        assert refused(lambda n=number: people.sign_in(f"h{n}", GOOD, "::ffff:10.6.6.7")).code == "wrong"
    assert refused(lambda: people.sign_in(mei, GOOD, "10.6.6.7")).code == "wait"


@pytest.mark.parametrize(
    ("address", "most"), [("10.2.0.1", LIMITS.tries), ("10.2.0.{}", LIMITS.tries_name)], ids=["one", "many"]
)
def test_of_many_tries_at_the_same_moment_no_more_are_weighed_than_one_after_the_other(
    people: People, mei: str, engine: Engine, watch: Watch, address: str, most: int
) -> None:
    codes: list[str] = []

    def attack(number: int) -> None:
        own = People(engine, watch, LIMITS, CHEAP)
        codes.append(refused(lambda: own.sign_in(mei, f"Wrong-Kettle-{number}", address.format(number))).code)

    threads = [threading.Thread(target=attack, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(codes) == 12
    assert codes.count("wrong") <= most


def test_an_unknown_name_is_weighed_as_long_as_a_known_one(engine: Engine, watch: Watch) -> None:
    people = People(engine, watch, replace(LIMITS, tries=1000, tries_address=1000))
    people.add("mei", "leader", password=GOOD)
    refused(lambda: people.sign_in("warm-up", GOOD, "10.0.0.1"))

    def seconds(name: str) -> float:
        begin = time.process_time()
        refused(lambda: people.sign_in(name, "Wrong-Kettle-42", "10.0.0.1"))
        return time.process_time() - begin

    pairs = [(seconds("mei"), seconds(f"nobody{number}")) for number in range(7)]
    known, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert unknown == pytest.approx(known, rel=0.5)
    assert known > 0.02


def test_a_password_is_hashed_again_when_the_parameters_change_and_sessions_live_on(
    people: People, mei: str, engine: Engine, watch: Watch
) -> None:
    before = people.sign_in(mei, GOOD, "10.0.0.1")
    dearer = People(engine, watch, LIMITS, Passwords(PasswordHasher(time_cost=2, memory_cost=128, parallelism=1)))
    assert "m=64" in texts(engine)
    dearer.sign_in(mei, GOOD, "10.0.0.1")
    assert "m=64" not in texts(engine) and "m=128" in texts(engine)
    assert people.sessions.who(before)


# --- sessions


def test_a_session_ends_when_it_is_idle_and_at_the_end_of_the_shift(people: People, mei: str, watch: Watch) -> None:
    idle = people.sign_in(mei, GOOD, "10.0.0.1")
    watch.at += LIMITS.idle - 1
    assert people.sessions.who(idle)
    watch.at += LIMITS.idle + 1
    assert people.sessions.who(idle) is None
    busy = people.sign_in(mei, GOOD, "10.0.0.1")
    end = watch.at + LIMITS.absolute
    while watch.at + 300 < end:
        watch.at += 300
        assert people.sessions.who(busy)
    watch.at = end
    assert people.sessions.who(busy) is None


@pytest.mark.parametrize("change", ["passwd", "role", "scope", "disable", "sign out"])
def test_what_changes_what_somebody_may_ends_their_sessions(people: People, mei: str, change: str) -> None:
    other = people.sign_in(people.add("li", "leader", password=GOOD).name, GOOD, "10.0.0.1")
    mine, also = people.sign_in(mei, GOOD, "10.0.0.1"), people.sign_in(mei, GOOD, "10.0.0.2")
    {
        "passwd": lambda: people.passwd(mei, "Another-Kettle-43"), "role": lambda: people.assign(mei, role="verifier"),
        "scope": lambda: people.assign(mei, scope="east"), "disable": lambda: people.disable(mei),
        "sign out": lambda: people.sessions.end(mine),
    }[change]()  # fmt: skip
    assert people.sessions.who(mine) is None
    assert bool(people.sessions.who(also)) is (change == "sign out")
    assert people.sessions.who(other)


def test_a_password_that_was_changed_while_the_old_one_was_weighed_opens_nothing(
    people: People, mei: str, engine: Engine, watch: Watch
) -> None:
    class Slow(Passwords):
        def fits(self, kept: str, password: str) -> bool:
            fits = CHEAP.fits(kept, password)
            people.passwd(mei, "Another-Kettle-43")
            return fits

    assert refused(lambda: People(engine, watch, LIMITS, Slow()).sign_in(mei, GOOD, "10.0.0.1")).code == "wrong"


def test_what_is_no_session_is_nobody(people: People) -> None:
    assert [people.sessions.who(word) for word in ("", "x", "\udcff", "' OR 1=1 --")] == [None] * 4


def test_sweeping_deletes_what_has_ended_and_nothing_else(people: People, mei: str, watch: Watch) -> None:
    people.tokens.add("wall", "east wall")
    people.sign_in(mei, GOOD, "10.0.0.1")
    watch.at += LIMITS.idle + 1
    fresh = people.sign_in(mei, GOOD, "10.0.0.1")
    assert people.sweep() == 1
    assert people.sessions.who(fresh)


# --- keys


def test_a_key_speaks_for_its_source_until_it_is_revoked(people: People) -> None:
    key, other = people.tokens.add("source", "buses"), people.tokens.add("source", "hotline")
    who = people.tokens.who(key)
    assert who and (who.name, who.role, who.kind) == ("buses", "source", "source")
    assert people.tokens.who(key[:-1]) is None
    assert sorted(people.tokens.table().values()) == ["buses", "hotline"]
    assert people.tokens.revoke("source", "buses") == 1
    assert people.tokens.who(key) is None
    assert list(people.tokens.table().values()) == ["hotline"]
    assert people.tokens.who(other)


def test_a_replaced_key_and_its_successor_are_both_good_for_a_while(people: People, watch: Watch) -> None:
    old = people.tokens.add("source", "buses")
    new = people.tokens.rotate("source", "buses", overlap=3600)
    assert people.tokens.who(old) and people.tokens.who(new)
    assert len(people.tokens.table()) == 2
    watch.at += 3601
    assert people.tokens.who(old) is None
    assert people.tokens.who(new)
    with pytest.raises(LookupError):
        people.tokens.rotate("source", "trains")


def test_replacing_twice_never_makes_an_old_key_live_longer(people: People, watch: Watch) -> None:
    old = people.tokens.add("source", "buses")
    people.tokens.rotate("source", "buses", overlap=60)
    people.tokens.rotate("source", "buses", overlap=3600)
    watch.at += 61
    assert people.tokens.who(old) is None


def test_a_token_is_its_account_as_that_is_now(people: People, mei: str) -> None:
    key = people.tokens.add("account", mei)
    who = people.tokens.who(key)
    assert who and (who.name, who.role, who.scope) == ("mei", "dispatcher", "west")
    people.assign(mei, role="verifier", scope="east")
    who = people.tokens.who(key)
    assert who and (who.role, who.scope) == ("verifier", "east")
    people.disable(mei)
    assert people.tokens.who(key) is None
    people.enable(mei)
    assert people.tokens.who(key) is None


# --- walls


def test_a_wall_hangs_by_its_pass_for_as_long_as_it_is_seen(people: People, watch: Watch) -> None:
    key = people.tokens.add("wall", "lobby", "west")
    secret = people.sessions.hang(key, "10.0.0.7")
    assert secret
    for _ in range(10):
        watch.at += LIMITS.wall - 60
        who = people.sessions.who(secret)
        assert who and (who.name, who.role, who.scope, who.kind) == ("wall:lobby", "wall", "west", "wall")
    watch.at += LIMITS.wall + 1
    assert people.sessions.who(secret) is None


def test_a_wall_whose_pass_was_taken_back_is_nobody_and_known_as_such(people: People) -> None:
    key = people.tokens.add("wall", "lobby", "west")
    secret = people.sessions.hang(key, "10.0.0.7")
    assert secret and not people.sessions.taken_back(secret)
    people.tokens.revoke("wall", "lobby")
    assert people.sessions.who(secret) is None
    assert people.sessions.taken_back(secret)
    assert not people.sessions.taken_back("somebody else")
    assert people.sessions.hang(key, "10.0.0.7") is None


def test_a_pass_is_no_key_and_a_key_is_no_pass(people: People) -> None:
    assert people.tokens.who(people.tokens.add("wall", "lobby")) is None
    assert people.sessions.hang(people.tokens.add("source", "buses"), "10.0.0.7") is None


# --- looks


def test_every_look_is_written_down_with_who_when_and_why(people: People, watch: Watch) -> None:
    mei, li = (Person(name=name, role="verifier", kind="account") for name in ("mei", "li"))
    people.looks.add(mei, ["A1", "A2"], "10.0.0.1", "call back")
    watch.at += 5
    people.looks.add(li, ["A1"], "10.0.0.2", "")
    people.looks.add(li, [], "10.0.0.2", "nothing was looked at")
    assert [(look.account, look.at - 1_780_000_000, look.why) for look in people.looks.of(case_id="A1")] == [
        ("li", 5.0, ""), ("mei", 0.0, "call back"),
    ]  # fmt: skip
    assert [look.case_id for look in people.looks.of(account="mei")] == ["A2", "A1"]
    assert len(people.looks.of(limit=2)) == 2
    assert len(people.looks.of(before=watch.at)) == 2
