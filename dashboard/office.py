"""Office: the accounts of a demo, the keys of its simulated people, and the thread in which they work."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from dashboard.cases.rules.in_force import FOLDER
from dashboard.cases.rules.rules import Rules
from dashboard.people.people import People
from dashboard.settings import Settings
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from feeds.simulator.clerk import Away, Clerk
from feeds.simulator.office import Office
from feeds.simulator.staff import DESKS, account_of

__all__ = ["hire", "keys_of", "work"]

log = logging.getLogger(__name__)

#: In the data folder, readable by its owner alone: account of each simulated person → its key.
FILE = "office.json"
#: Accounts for whoever tries the demo: role → department.
VISITORS = {
    "admin": "", "dispatcher": "", "department": "law", "verifier": "", "assessor": "", "leader": "", "auditor": "",
}  # fmt: skip
#: Seconds between two looks at the cases, and after the hall did not answer.
PAUSE, AWAY_PAUSE = 0.5, 1.0
#: Turns without an answer after which it is worth a word: a hall that starts needs some.
WORTH_A_WORD = 15


def hire(settings: Settings) -> list[str]:
    """Make the accounts of a demo once. Lines that say how to sign in: passwords are shown this once."""
    engine = connect(settings.database_url, settings.data)
    try:
        upgrade(engine)
        people = People(engine)
        known = {account.name for account in people.accounts()}
        _staff(people, known, Path(settings.data))
        return _visitors(people, known)
    finally:
        engine.dispose()


def _staff(people: People, known: set[str], data: Path) -> None:
    """Simulated people have no password: they come with keys."""
    file = data / FILE
    if file.exists():
        return
    departments = Rules.load(data / FOLDER).departments
    roles = dict.fromkeys(DESKS, "") | {f"department:{name}": name for name in departments}
    keys: dict[str, str] = {}
    for who, department in roles.items():
        name = account_of(who)
        if name not in known:
            people.add(name, who.partition(":")[0], department=department, seat="simulated")
        keys[name] = people.tokens.add("account", name)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.json.encode(keys))


def _visitors(people: People, known: set[str]) -> list[str]:
    missing = [role for role in VISITORS if f"demo-{role}" not in known]
    if not missing:
        return ["sign in as before: the passwords were shown when this demo was first begun"]
    lines = ["sign in with (shown this once):"]
    for role in missing:
        password = secrets.token_urlsafe(12)
        people.add(f"demo-{role}", role, password=password, department=VISITORS[role], seat="demo")
        lines.append(f"  demo-{role:12} {password}")
    return lines


def keys_of(settings: Settings) -> dict[str, str]:
    """Account → key; none where nobody was hired."""
    file = Path(settings.data) / FILE
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str]) if file.exists() else {}


def work(
    settings: Settings, keys: dict[str, str], seed: int, second_of_day: Callable[[float], float],
    now: Callable[[], float], speed: float, stop: threading.Event,
) -> threading.Thread:  # fmt: skip
    """Let the office work on the hall's cases until told to stop. now: hall seconds."""
    clerk = Clerk(f"http://{settings.host}:{settings.port}", keys, Office(seed, second_of_day), speed)
    thread = threading.Thread(target=_run, args=(clerk, now, stop), name="office", daemon=True)
    thread.start()
    return thread


def _run(clerk: Clerk, now: Callable[[], float], stop: threading.Event) -> None:
    away = 0  # turns in a row without an answer
    while not stop.is_set():
        try:
            made = clerk.turn(now())
            away = 0
        except Away as error:
            made, away = 0, away + 1
            if away == WORTH_A_WORD:
                log.warning("the office waits: %s", error)
        except Exception:
            # One case that cannot be read must not send everybody home.
            log.exception("the office lost a turn")
            made, away = 0, away + 1
        stop.wait(AWAY_PAUSE if away else 0.0 if made else PAUSE)
    clerk.close()
