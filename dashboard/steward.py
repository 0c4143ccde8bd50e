"""Steward: does what must be done whoever is asleep: tells what nobody told, verifies, signs, brings back, cleans."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from dashboard.bus.connect import AWAY, connect
from dashboard.bus.hall import Hall, NoCity
from dashboard.cases import applied, overdue
from dashboard.cases.attachments import FOLDER, Files
from dashboard.cases.duties import Duties
from dashboard.cases.ledger import Ledger
from dashboard.cases.publish import Publisher
from dashboard.cases.rules.in_force import InForce
from dashboard.cases.store.away import away
from dashboard.cases.sweep import Sweep
from dashboard.cases.trail import onward, signing
from dashboard.cases.trail.broken import Finding
from dashboard.cases.trail.erase import aged, erase, scrub
from dashboard.clock import Clock
from dashboard.people.limits import Limits
from dashboard.people.people import People
from dashboard.settings import Settings
from dashboard.sql.engine import connect as connect_sql
from dashboard.sql.migrate import upgrade
from dashboard.sql.wal import checkpoint

__all__ = ["DUTIES", "Duty", "House", "Steward", "TrailBroken", "run"]

log = logging.getLogger(__name__)

#: Entries of each chain that are verified at once: so few that the other duties need not wait.
STRIDE = 5_000
#: Entries of all chains that are verified over again each time at most: a million in an hour, for some 1 % of a core.
AGAIN = 5_000
DAY = 86_400.0
#: Seconds between two looks at the hall's clock, city and rules: no duty that asks for them is due more often.
LOOK = 5.0


class TrailBroken(Exception):
    """The ledger is not what was written; the sentence names the first broken entry."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(" ".join(finding.sentence("en") for finding in findings))
        self.findings = findings


class House:
    """All that a steward needs. `ledger.now` is hall time; what is signed and verified has the machine's time."""

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self.settings, self.now = settings, now
        self.data = Path(settings.data)
        self.redis = connect(settings.redis_url)
        self.hall, self.clock = Hall(self.redis), Clock()
        self.engine = connect_sql(settings.database_url, settings.data)
        upgrade(self.engine)
        self.in_force = InForce(settings.data, settings.classes)
        self.ledger = Ledger(self.engine, self.in_force.rules, self.hall_time)
        self.publisher = Publisher(self.engine, self.redis)
        self.sweep = Sweep(self.publisher)
        self.ledger.committed.append(self._publish)
        self.people = People(self.engine, now, Limits.of(settings))
        self.files = Files(self.data / FOLDER, self.engine, self.ledger)

    def hall_time(self) -> float:
        return self.clock.now()

    def _publish(self, districts: set[str]) -> None:
        self.publisher.publish(districts)

    def look(self) -> None:
        """What time it is in the hall, and which rules are in force. Raises what the bus raises when away."""
        self.clock = Clock(self.hall.clock())
        try:
            city = self.hall.city()
        except NoCity:
            city = None
        self.ledger.rules = self.in_force.look(city)


def _outbox(house: House) -> None:
    house.sweep()


def _wal(house: House) -> None:
    checkpoint(house.engine)


def _verify(house: House) -> None:
    _whole(onward.step(house.engine, house.now(), STRIDE))


def _again(house: House) -> None:
    _whole(onward.step(house.engine, house.now(), AGAIN, onward.AGAIN))


def _whole(findings: list[Finding]) -> None:
    if findings:
        raise TrailBroken(findings)


def _heads(house: House) -> None:
    signing.export(house.engine, house.data, house.now(), _zone(house))


def _zone(house: House) -> dt.tzinfo:
    return ZoneInfo(house.ledger.rules.zone)


def _rules(house: House) -> None:
    """When the rules are others than those last gone by, and once more: a process may have opened cases by the old."""
    now, version = house.now(), house.ledger.rules.version
    if not applied.due(house.engine, version, now):
        return
    done = overdue.recompute(house.ledger)
    applied.note(house.engine, version, now)
    log.info("%s due times computed again", done)


def _orders(house: House) -> None:
    overdue.come_back(house.ledger)
    overdue.unpark(house.ledger)


def _people(house: House) -> None:
    house.people.sessions.sweep()
    house.people.attempts.sweep()


def _files(house: House) -> None:
    house.files.sweep()


def _personal(house: House) -> None:
    if house.settings.personal_days:
        before = house.ledger.now() - house.settings.personal_days * DAY
        why = f"older than {house.settings.personal_days} days"
        erase(house.ledger, aged(house.engine, before), overdue.STEWARD, why)
    scrub(house.engine)


@dataclass(frozen=True)
class Duty:
    """every: seconds. shared: any number of stewards may do it at the same time, and nothing is written about it."""

    name: str
    every: float
    work: Callable[[House], object]
    shared: bool = False


DUTIES = (
    Duty("hall", LOOK, House.look, shared=True),
    Duty("outbox", 1.0, _outbox, shared=True),
    Duty("wal", 1.0, _wal, shared=True),
    Duty("orders", 10.0, _orders),
    Duty("verify", 10.0, _verify),
    Duty("rules", 30.0, _rules),
    Duty("again", 15.0, _again),
    Duty("people", 300.0, _people),
    Duty("heads", 300.0, _heads),
    Duty("files", 3600.0, _files),
    Duty("personal", 3600.0, _personal),
)


class Steward:
    """Two hands: one for what is due each second, one for what may take a while. One failing duty stops no other."""

    def __init__(self, house: House, duties: tuple[Duty, ...] = DUTIES, holder: str = "") -> None:
        self.house, self.duties = house, duties
        self.book = Duties(house.engine, holder or f"{socket.gethostname()}:{os.getpid()}", house.now)
        self.failures: dict[str, int] = {}
        self._next: dict[str, float] = {}
        self._waits: dict[str, str] = {}

    def round(self, wall: float, *, shared: bool | None = None) -> None:
        """Every duty that is due at `wall` (seconds, compared only with itself). shared: only those of one hand."""
        for duty in self.duties:
            if shared not in (None, duty.shared) or wall < self._next.get(duty.name, 0.0):
                continue
            # What several share out is asked for more often than it is due: its holder may have died.
            self._next[duty.name] = wall + (duty.every if duty.shared else min(duty.every, 15.0))
            self._do(duty)

    def _do(self, duty: Duty) -> None:
        trouble = ""
        try:
            if not duty.shared and not self.book.take(duty.name):
                return
            duty.work(self.house)
            self._waits.pop(duty.name, None)
        except Exception as error:  # noqa: BLE001 - one failing duty must not stop the others
            trouble = str(error) or type(error).__name__
            self.failures[duty.name] = self.failures.get(duty.name, 0) + 1
            self._tell(duty, error)
        if not duty.shared:
            self._note(duty, trouble)

    def _tell(self, duty: Duty, error: Exception) -> None:
        if isinstance(error, TrailBroken):
            log.error("the trail is broken: %s", error)
        elif isinstance(error, AWAY) or away(error):
            if self._waits.get(duty.name) != str(error):  # once, however long it waits
                log.warning("%s waits: %s", duty.name, error)
            self._waits[duty.name] = str(error)
        else:
            log.error("%s failed", duty.name, exc_info=error)

    def _note(self, duty: Duty, trouble: str) -> None:
        try:
            self.book.done(duty.name, duty.every, trouble)
        except Exception as error:
            if not away(error):
                raise
            log.warning("%s is not written down: %s", duty.name, error)


def run(settings: Settings, stop: threading.Event | None = None) -> None:
    """Until SIGTERM or Ctrl-C, which end it at once: every duty may be broken off at any moment."""
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    house = _moved_in(settings, stop)
    if house is None:
        return
    steward = Steward(house)
    patient = threading.Thread(target=_hand, args=(steward, stop, False), daemon=True)
    patient.start()
    _hand(steward, stop, True)
    patient.join(1.0)


def _moved_in(settings: Settings, stop: threading.Event) -> House | None:
    """The house, as soon as its database answers; None: we are to end before."""
    while not stop.is_set():
        try:
            return House(settings)
        except Exception as error:
            if not isinstance(error, AWAY) and not away(error):
                raise
            log.warning("the steward waits: %s", error)
            stop.wait(1.0)
    return None


def _hand(steward: Steward, stop: threading.Event, quick: bool) -> None:
    while not stop.is_set():
        began = time.monotonic()
        try:
            steward.round(began, shared=quick)
        except Exception as error:
            if not isinstance(error, AWAY) and not away(error):
                log.exception("a round failed")
            stop.wait(0.5)
        stop.wait(max(0.05, 1.0 - (time.monotonic() - began)))
