"""Scene: what this process knows of the hall: its city, mirror, clock and feeds. Nothing in it is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any, TypeVar

import gevent
import msgspec
from gevent.lock import BoundedSemaphore

from dashboard.bus import keys
from dashboard.bus.feeds import FeedHealth, Feeds
from dashboard.bus.hall import Hall, NoCity
from dashboard.bus.rejected import Rejected
from dashboard.bus.round import ask
from dashboard.clock import Clock
from dashboard.live.frame import Skimmed
from dashboard.live.mirror import Mirror
from dashboard.live.situation import Situation
from dashboard.settings import Settings
from dashboard.web.cases.books import Books
from feeds.city import City

__all__ = ["Scene"]

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

#: So many frames wait for somebody who looks at the mirror, and no more.
MANY = 100


class FoldHealth(msgspec.Struct):
    """How a fold says it goes."""

    at_ms: float = 0.0
    fold_ms: float = 0.0
    behind: bool = False


_fold = msgspec.json.Decoder(FoldHealth, strict=False)


class Scene:
    def __init__(self, redis: Any, settings: Settings) -> None:
        self.redis, self.settings = redis, settings
        self.hall, self.heartbeats, self.book = Hall(redis), Feeds(redis), Rejected(redis)
        self.clock = Clock()
        self.books = Books(settings, self.now, lambda: self.city)
        self.feeds: list[FeedHealth] = []
        self.refused: dict[str, int] = {}
        self.folds: dict[str, FoldHealth] = {}
        self.reachable = False
        self._city: City | None = None
        self._mirror: Mirror | None = None
        # Held by whoever reads the mirror away from the main thread; frames wait in the meantime.
        self._still = BoundedSemaphore(1)
        self._waiting: list[Skimmed] = []
        self._missed: set[int] = set()
        self.on_city: list[Callable[[City], None]] = []

    @property
    def city(self) -> City:
        if self._city is None:
            raise NoCity("no city has been put into this hall yet, or Redis has not been reached")
        return self._city

    @property
    def mirror(self) -> Mirror:
        """With all in it that was heard, unless somebody reads it away from the main thread."""
        if self._mirror is None:
            raise NoCity("no city has been put into this hall yet, or Redis has not been reached")
        if not self._still.locked():
            self._settle(self._mirror)
        return self._mirror

    def now(self) -> float:
        """Hall time, seconds since 1970; the clock itself is exchanged when the hall's is set."""
        return self.clock.now()

    @property
    def ready(self) -> bool:
        return self._city is not None

    @property
    def version(self) -> int:
        """As frames name the city: the first 8 hex digits of its version."""
        return int(self._city.version[:8], 16) if self._city else 0

    def refresh(self) -> None:
        """Clock, city and heartbeats as Redis has them now. Raises what the bus raises when Redis is away."""
        self.reachable = False
        told = ask(self.redis, self.heartbeats)
        self.clock, self.feeds, self.refused = Clock(told.clock), told.feeds, told.refused
        self.folds = {name: _fold.decode(body) for name, body in told.folds.items()}
        if told.version and (self._city is None or self._city.version != told.version):
            self._move(self.hall.city())
        self.reachable = True

    def _move(self, city: City) -> None:
        self._waiting.clear()
        self._city, self._mirror = city, Mirror(city)
        log.info("showing %s, version %s", city.name, city.version)
        for tell in self.on_city:
            tell(city)

    def renew(self) -> None:
        """Forget what was heard: the hall has begun anew, and its frames are numbered from the start."""
        self._waiting.clear()
        self._mirror = Mirror(self.city)

    def hear(self, frames: Iterable[Skimmed]) -> list[int]:
        """Keep frames for the mirror, in order; answers the districts in which one has not fitted since last time.

        They are laid into it when somebody looks, as many at once cost little more than one.
        """
        self._waiting.extend(frames)
        if len(self._waiting) > MANY:
            _ = self.mirror
        missed, self._missed = self._missed, set()
        return sorted(missed)

    def _settle(self, mirror: Mirror) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._missed.update(mirror.apply_all(frame for frame in waiting if frame.city == self.version))

    @contextmanager
    def still(self) -> Generator[Mirror]:
        """The mirror, with all in it that was heard, and nothing moving in it."""
        with self._still:
            mirror = self._mirror
            if mirror is None:
                raise NoCity("no city has been put into this hall yet, or Redis has not been reached")
            self._settle(mirror)
            yield mirror

    def aside(self, work: Callable[[Mirror], Answer]) -> Answer:
        """Do work on the still mirror on another thread: frames go out meanwhile."""
        with self.still() as mirror:
            done: list[Answer] = []
            failed: list[BaseException] = []

            def run() -> None:
                try:
                    done.append(work(mirror))
                except BaseException as error:  # noqa: BLE001 - raised again where it was asked for
                    failed.append(error)

            gevent.get_hub().threadpool.apply(run)
        if failed:
            raise failed[0]
        return done[0]

    def situation(self, mirror: Mirror, area: int) -> Situation:
        return Situation(mirror, self.city, self.settings, self.clock.now(), area, self.feeds, self.clock.hall.speed)

    def as_of(self, area: int) -> float | None:
        """Hall time of the last frame of an area's district; of the oldest, for the city. None: nothing yet."""
        district = int(self.city.district_of_area[area])
        times = [self.mirror.now(int(d)) for d in ([district] if district >= 0 else self.city.districts)]
        known = [at for at in times if at]
        return min(known) / 1000 if known else None

    def ask(self, districts: Iterable[int]) -> None:
        """Ask the folds for the whole picture of these districts."""
        for district in districts:
            name = keys.ask(str(self.city.areas.area_id[district]))
            self.redis.incr(name)
            self.redis.expire(name, 3600)
