"""Launch: which processes a hall is made of, and how it comes up."""

from __future__ import annotations

import contextlib
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

from dashboard import checks
from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.hall import Hall
from dashboard.cases.store.away import away
from dashboard.clock import HallClock
from dashboard.progress import done
from dashboard.settings import Settings
from dashboard.sql.engine import connect as connect_sql
from dashboard.sql.migrate import upgrade
from dashboard.supervise import Child, Supervisor, gridhall
from feeds.city import City
from feeds.classes import with_tree

__all__ = ["CannotStart", "addresses", "bring_up", "connected", "demo_city", "fresh", "redis_of"]

NO_CITY = "there is no city yet: `gridhall import city DIR` brings one in, `gridhall demo` shows one"


class CannotStart(Exception):
    """The hall cannot come up; the sentence says why and what to do."""


def fresh(settings: Settings, name: str, keep: bool) -> Settings:
    """The settings with a data folder of its own for this demo or replay, emptied unless it is to be kept."""
    folder = Path(settings.data) / name
    if folder.exists() and not keep:
        with Embedded(folder, settings.redis_server).lock():  # raises when another hall lives there
            shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"the folder {folder} cannot be made: {error.strerror}; choose another with --data"
        ) from error
    return replace(settings, data=str(folder), ingest_guest=True)  # who simulates or plays has no key


def demo_city(name: str, cache: Path, tell: Callable[[str], object]) -> City:
    """The built-in city, from the cache if it was built before."""
    from feeds import cities  # heavy, and only a demo needs it

    file = cache / f"{name}-{cities.BUILD}.city"
    if file.exists():
        return City.from_bytes(file.read_bytes())
    tell(f"building {name} (once) …")
    city = cities.build(name, lambda share: done(name, share))
    cache.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_bytes(city.to_bytes())
    partial.replace(file)
    return city


@contextlib.contextmanager
def redis_of(settings: Settings) -> Generator[tuple[Settings, Callable[[], object]]]:
    """Settings whose redis_url answers, and what must be called now and then to keep it answering."""
    if settings.redis_url:
        yield settings, lambda: None
        return
    with Embedded(Path(settings.data), settings.redis_server) as server:
        yield replace(settings, redis_url=server.start()), server.ensure


@contextlib.contextmanager
def connected(settings: Settings) -> Generator[Redis]:
    """A Redis of this hall for one command; the embedded server is started for it if it does not run."""
    with redis_of(settings) as (reachable, _):
        yield connect(reachable.redis_url)


def bring_up(
    settings: Settings,
    *,
    city: Callable[[], City] | None = None,
    folds: int = 1,
    extra: tuple[Child, ...] = (),
    clock: HallClock | None = None,
    tell: Callable[[str], object] = print,
) -> None:
    """Run a whole hall until it is told to stop. Raises CannotStart when it cannot even begin.

    The processes start while `city` is still being made; `extra`, which need it, start when it is in force.
    """
    troubles = list(checks.check(settings))
    if errors := [trouble for trouble in troubles if trouble.code.startswith("E")]:
        raise CannotStart("\n".join(map(str, errors)))
    with redis_of(settings) as (reachable, ensure):
        hall = Hall(connect(reachable.redis_url))
        if city is None and hall.city_version() is None:
            raise CannotStart(NO_CITY)
        if clock is not None:
            hall.set_clock(clock)
        made_ready(reachable)
        tell(addresses(reachable))
        supervisor = Supervisor(reachable, hall_processes(folds), watch=ensure, tell=tell)
        Preparation(reachable, supervisor, hall, city, extra, tell).start()
        supervisor.run()


def made_ready(settings: Settings) -> None:
    """The tables as this version wants them, before the processes start that write them. Raises CannotStart."""
    engine = connect_sql(settings.database_url, settings.data)
    try:
        upgrade(engine)
    except Exception as error:
        if not away(error):
            raise
        raise CannotStart(f"the database does not answer: {error}") from error
    finally:
        engine.dispose()


class Preparation(threading.Thread):
    """What goes on beside the start: the city is made and put in force, then everybody is told where to look."""

    def __init__(
        self,
        settings: Settings,
        supervisor: Supervisor,
        hall: Hall,
        city: Callable[[], City] | None,
        extra: tuple[Child, ...],
        tell: Callable[[str], object],
    ) -> None:
        super().__init__(daemon=True)
        self.settings, self.supervisor, self.hall = settings, supervisor, hall
        self.city, self.extra, self.tell = city, extra, tell

    def run(self) -> None:
        try:
            if self.city is not None:
                self.hall.put_city(with_tree(self.city(), self.settings.classes))
        except Exception:
            # A hall that waits for a city that never comes helps nobody.
            self.supervisor.stopping.set()
            raise
        self.supervisor.children += self.extra
        page = f"http://{self.settings.host}:{self.settings.port}"
        while not self.supervisor.stopping.wait(0.1):
            if _answers(f"{page}/healthz"):
                self.tell(f"open {page}/wall    (Ctrl-C stops everything)")
                return


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - our own page
            return b'"status":"ok"' in answer.read()
    except (urllib.error.URLError, OSError):
        return False


def hall_processes(folds: int) -> list[Child]:
    return [
        Child("ingest", gridhall("ingest")),
        *(Child(f"fold {number + 1}", gridhall("fold")) for number in range(folds)),
        Child("serve", gridhall("serve")),
        Child("steward", gridhall("steward")),
    ]


def addresses(settings: Settings) -> str:
    pages, door = f"http://{settings.host}:{settings.port}", f"http://{settings.ingest_host}:{settings.ingest_port}"
    rows = (
        ("wall", f"{pages}/wall"),
        ("API", f"{pages}/api/v1/openapi.json"),
        ("metrics", f"{pages}/metrics"),
        ("refused", f"{pages}/rejected"),
        ("ingest", f"{door}/ingest/v1/fixes · events · cameras"),
        ("data", settings.data),
    )
    return "\n".join(f"  {name:8} {place}" for name, place in rows)
