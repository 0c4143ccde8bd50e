"""Checks: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dashboard.reach import NoAddress, silent
from dashboard.settings import OTHERS, SETTINGS, Settings

if TYPE_CHECKING:
    from dashboard.cases.duties import Duty

__all__ = ["ASSETS", "CHECKS", "Trouble", "check"]

ASSETS = Path(__file__).resolve().parent.parent / "assets"
GIGABYTE = 1 << 30
#: Seconds without a word of any steward after which there is none.
ABSENT = 300.0


@dataclass(frozen=True)
class Trouble:
    """What is wrong, under a code that stays; `hint` says what to do. Codes starting with E stop the hall."""

    code: str
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.code}  {self.what}\n      {self.hint}"


def check(settings: Settings) -> Iterator[Trouble]:
    for look in CHECKS:
        yield from look(settings)


def _bundle(_: Settings) -> Iterator[Trouble]:
    if not (ASSETS / "gen" / "wall.mjs").exists():
        yield Trouble("E102", "the browser bundle is missing", "install again with `pip install .`, which builds it")


def _folder(settings: Settings) -> Iterator[Trouble]:
    folder = Path(settings.data)
    nearest = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    if not nearest.is_dir():
        yield Trouble("E103", f"{nearest} is a file, not a folder", "choose another folder with --data")
    elif not os.access(nearest, os.W_OK):
        yield Trouble("E103", f"{nearest} cannot be written to", "choose another folder with --data")
    elif (free := shutil.disk_usage(nearest).free) < GIGABYTE:
        hint = "free some space, or choose another folder with --data"
        yield Trouble("W104", f"only {free >> 20} MB are free under {nearest}", hint)


def _names(_: Settings) -> Iterator[Trouble]:
    """A variable that is written wrong says nothing, and nobody hears that it does not."""
    known = {setting.variable for setting in SETTINGS} | OTHERS
    for name in sorted(name for name in os.environ if name.startswith("GRIDHALL_") and name not in known):
        near = get_close_matches(name, known, 1, 0.8)
        hint = f"is {near[0]} meant? " if near else ""
        yield Trouble("W120", f"there is no setting called {name}", f"{hint}`gridhall settings` lists them all")


def _ports(settings: Settings) -> Iterator[Trouble]:
    if settings.port == settings.ingest_port and _meet(settings.host, settings.ingest_host):
        what = f"pages and ingest cannot both listen on port {settings.port}"
        yield Trouble("E122", what, "choose another with --port or --ingest-port")
        return
    for host, port, option in (
        (settings.host, settings.port, "--port"),
        (settings.ingest_host, settings.ingest_port, "--ingest-port"),
    ):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except (OSError, OverflowError) as error:
                hint = f"stop what listens there (another hall?), or choose another port with {option}"
                yield Trouble("E105", f"{host}:{port} cannot be listened on: {getattr(error, 'strerror', error)}", hint)


def _meet(one: str, other: str) -> bool:
    """Whether two hosts are one address: the same, two names of this machine, or one that stands for all of them."""
    return one == other or (_here(one) and _here(other)) or not {one, other}.isdisjoint({"", "0.0.0.0", "::"})  # noqa: S104


def _files(_: Settings) -> Iterator[Trouble]:
    if sys.platform == "win32":
        return
    import resource  # not on Windows

    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1024:
        hint = "raise it with `ulimit -n 4096`: each browser needs one"
        yield Trouble("W106", f"only {soft} files may be open", hint)


def _server(settings: Settings) -> Iterator[Trouble]:
    from dashboard.bus.connect import Unreachable, connect, persistence

    if not settings.redis_url:
        return
    try:
        if why := silent(settings.redis_url):
            yield Trouble("E107", f"Redis does not answer: {why}", "check GRIDHALL_REDIS_URL, and that the server runs")
            return
    except NoAddress as error:
        yield Trouble("E107", str(error), "mend --redis or GRIDHALL_REDIS_URL; without it, the hall runs its own")
        return
    try:
        lacks = persistence(connect(settings.redis_url, patience=2))
    except Unreachable as error:
        yield Trouble("E107", f"Redis does not answer: {error}", "check GRIDHALL_REDIS_URL, and that the server runs")
        return
    for what, hint in lacks:
        yield Trouble("W108", what, hint)


def _door(settings: Settings) -> Iterator[Trouble]:
    if not _here(settings.ingest_host):
        yield Trouble(
            "W109",
            f"ingest listens on {settings.ingest_host}: sources outside this machine need an API key each",
            "make one with `gridhall key add SOURCE`",
        )
    if settings.ingest_guest and not (_here(settings.host) and _here(settings.ingest_host)):
        yield Trouble(
            "W118",
            "others reach this machine, and whatever runs on it, a proxy too, is heard by ingest without a key",
            "give every source a key and set GRIDHALL_INGEST_GUEST=false",
        )
    if settings.guest:
        yield Trouble(
            "W119",
            f"whoever asks from this machine, through a bare proxy too, is {settings.guest} without signing in",
            "leave GRIDHALL_GUEST empty: only a demo and a replay need no accounts",
        )


def _here(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")


def _embedded(settings: Settings) -> Iterator[Trouble]:
    from dashboard.bus.embedded import find_server

    if settings.redis_url or find_server(settings.redis_server) is not None:
        return
    if settings.redis_server:
        what = f"GRIDHALL_REDIS_SERVER names {settings.redis_server}, which is no program"
        yield Trouble("E110", what, "leave it empty to take the server that is on this machine, or name its binary")
    else:
        hint = "install valkey-server or redis-server, or set GRIDHALL_REDIS_URL"
        yield Trouble("E110", "there is no server binary for the embedded Redis on this machine", hint)


def _city(settings: Settings) -> Iterator[Trouble]:
    """Only of a server that runs: none is started to be asked."""
    from dashboard.bus.connect import AWAY, connect
    from dashboard.bus.embedded import Embedded
    from dashboard.bus.hall import Hall

    folder = Path(settings.data)
    url = settings.redis_url
    if not url and (folder / "redis").is_dir():
        if not (own := Embedded(folder, settings.redis_server)).alive():
            return
        url = own.url
    try:
        if url and (silent(url) or Hall(connect(url, patience=2)).city_version() is not None):
            return
    except (NoAddress, *AWAY):
        return  # said by _server
    hint = "`gridhall import city DIR` brings one in, `gridhall demo` shows one"
    yield Trouble("W121", "there is no city in this hall yet", hint)


def _rules(settings: Settings) -> Iterator[Trouble]:
    from dashboard.cases.rules.rules import CHINA, Rules, WrongRules

    hint = f"copy the file from feeds/rules into {Path(settings.data) / 'rules'} and mend it there"
    try:
        calendar = Rules.load(Path(settings.data) / "rules", CHINA, settings.classes).calendar
    except WrongRules as error:
        yield Trouble("E111", str(error), hint)
        return
    # The holidays of a year are made known in November of the year before.
    soon = datetime.now(ZoneInfo(CHINA)) + timedelta(days=31)
    for year in calendar.lacks(soon.year - 1, soon.year):
        what = f"calendar.csv has no day of {year}: working time has no holidays then, only weekends"
        yield Trouble("W112", what, f"add the holidays and make-up days of {year}; {hint}")


def _people(settings: Settings) -> Iterator[Trouble]:
    from dashboard.people.people import People
    from dashboard.sql.engine import FILE, connect
    from dashboard.sql.migrate import upgrade

    if settings.guest or not os.access(settings.data, os.W_OK):
        return
    new = not settings.database_url and not (Path(settings.data) / FILE).exists()
    if not new:
        engine = connect(settings.database_url, settings.data)
        upgrade(engine)
        new = People(engine).empty()
    if new:
        hint = "make one with `gridhall user add NAME --role admin`"
        yield Trouble("W111", "there is no account yet, so nobody can sign in", hint)


def _ledger(settings: Settings) -> Iterator[Trouble]:
    """How those who watch over the ledger are: the steward, its duties, the trail."""
    from dashboard.cases.duties import Duties
    from dashboard.cases.store.away import away
    from dashboard.cases.trail.verify import verified
    from dashboard.sql.engine import FILE, connect
    from dashboard.sql.migrate import NewerDatabase, upgrade

    new = not settings.database_url and not (Path(settings.data) / FILE).exists()
    if new or not os.access(settings.data, os.W_OK):
        return
    engine = connect(settings.database_url, settings.data)
    try:
        upgrade(engine)
        duties, checked = list(Duties(engine, "").all().values()), verified(engine)
    except NewerDatabase as error:
        yield Trouble("E114", str(error), "nothing was changed")
        return
    except Exception as error:
        if not away(error):
            raise
        yield Trouble("E113", f"the database does not answer: {error}", "check GRIDHALL_DATABASE_URL, and the server")
        return
    finally:
        engine.dispose()
    yield from _stewards(duties)
    hint = "`gridhall verify` walks all of it; keep the database as it is, and compare with the signed heads"
    broken = [said.finding for said in checked.values() if said.finding is not None]
    yield from (Trouble("W117", finding.sentence(settings.lang), hint) for finding in broken)


def _stewards(duties: list[Duty]) -> Iterator[Trouble]:
    for duty in duties:
        if duty.trouble:
            what = f"the steward's duty {duty.name} failed at {_local(duty.failed_at)}: {duty.trouble}"
            yield Trouble("W115", what, "its log says more")
    seen = max((duty.done_at or 0.0 for duty in duties), default=None)
    if seen is not None and seen < time.time() - ABSENT:
        yield Trouble("W116", f"no steward has done anything since {_local(seen)}", "`gridhall up` runs one")


def _local(at: float | None) -> str:
    return datetime.fromtimestamp(at or 0.0).astimezone().isoformat(timespec="seconds")


CHECKS: tuple[Callable[[Settings], Iterator[Trouble]], ...] = (
    _bundle,
    _folder,
    _names,
    _ports,
    _files,
    _embedded,
    _server,
    _city,
    _door,
    _people,
    _rules,
    _ledger,
)
