"""Fold: the process that reads a district's streams, folds them, tells what changed, and saves where it stands."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import cast

import msgspec

from dashboard.bus import keys
from dashboard.bus.checkpoint import Lease
from dashboard.bus.connect import AWAY, Redis, connect
from dashboard.bus.hall import Hall, NoCity
from dashboard.bus.publish import Publisher
from dashboard.bus.streams import Batch, Outlet
from dashboard.clock import Clock
from dashboard.holding import Holding
from dashboard.live.desk import Desk
from dashboard.live.district import District, Ground
from dashboard.live.frame import bundle
from dashboard.live.muster import Muster
from dashboard.settings import Settings

__all__ = ["Fold", "run"]

log = logging.getLogger(__name__)

#: Entries of a stream that are read at once: doubled while more waits, halved when a tick gets long.
FEWEST, MOST = 16, 1024
LONG_SECONDS = 0.4
#: Facts go out once a second, and of districts in which events moved after this many seconds at least.
SOON_SECONDS = 0.5


class Fold:
    """One fold. Several share the districts: each takes what is free, a few at a time."""

    def __init__(self, redis: Redis, settings: Settings, owner: str = "") -> None:
        self.redis, self.settings = redis, settings
        self.owner = owner or f"{socket.gethostname()}:{os.getpid()}"
        self.hall, self.publisher, self.clock = Hall(redis), Publisher(redis), Clock()
        self.ground: Ground | None = None
        self.muster: Muster | None = None
        self.districts: dict[str, int] = {}  # name → area row, of the city in force
        self.held: dict[str, Holding] = {}
        self.count = FEWEST
        self.behind = False
        self._looked = self._renewed = self._told = self._told_facts = 0.0
        self.fold_seconds = 0.0

    def tick(self, wall: float) -> None:
        """One beat at `wall` (seconds, compared only with itself). Raises what the bus raises when Redis is away."""
        if wall - self._looked >= 1.0:
            self._looked = wall
            self._look()
        if self.ground is None:
            return
        self._take_free(wall)
        self._fold()
        self._tell(wall)
        self._save(wall)

    def _look(self) -> None:
        """Which city is in force, and what time it is."""
        hall_clock, version = self.hall.look()
        self.clock = Clock(hall_clock)
        if version and (self.ground is None or self.ground.city.version != version):
            self.let_go()
            self.ground = Ground(self.hall.city(), Path(self.settings.data) / "cache")
            city = self.ground.city
            self.districts = {str(city.areas.area_id[row]): int(row) for row in city.districts}
            self.muster = Muster(self.ground, self.settings, list(self.districts.values()))
            log.info("folding %s, version %s", city.name, version)

    def _take_free(self, wall: float) -> None:
        """A quarter of what is missing at a time, so that folds that start together share."""
        missing = [name for name in self.districts if name not in self.held]
        if not missing:
            return
        wanted = -(-len(missing) // 4)
        for name, owner in zip(missing, self._owners(missing), strict=True):
            if wanted and (owner is None or owner == self.owner or self._bury(name, owner)):
                wanted -= self._take(name, self.districts[name], wall)

    def _owners(self, names: list[str]) -> list[str | None]:
        pipe = self.redis.pipeline(transaction=False)
        for name in names:
            pipe.get(keys.lease(name))
        return [owner.decode() if owner else None for owner in pipe.execute()]

    def _bury(self, name: str, owner: str) -> bool:
        """A fold of this machine that is dead needs its lease no longer: nobody waits for it to run out."""
        host, _, pid = owner.rpartition(":")
        if (
            host != socket.gethostname()
            or not pid.isdigit()
            or Path(f"/proc/{pid}").exists()
            or not Path("/proc/self").exists()
        ):
            return False
        lease = Lease(self.redis, name, owner, self.settings.lease_seconds)
        lease.epoch = int(cast("bytes | None", self.redis.get(keys.epoch(name))) or 0)
        lease.release()
        return True

    def _take(self, name: str, row: int, wall: float) -> bool:
        assert self.ground is not None
        lease = Lease(self.redis, name, self.owner, self.settings.lease_seconds)
        epoch = lease.acquire()
        if epoch is None:
            return False
        desk = Desk(District(self.ground, row, self.settings, self.muster), epoch)
        holding = Holding(self.redis, lease, desk)
        holding.load()
        # Districts are saved one after the other, not all in the same tick.
        period = self.settings.checkpoint_seconds
        holding.save_at = wall + period * (0.5 + (len(self.held) * 0.618) % 1.0)
        self.held[name] = holding
        log.info("%s is folded here, epoch %d", name, epoch)
        return True

    def _lose(self, holding: Holding) -> None:
        log.warning("%s is another's now", holding.name)
        del self.held[holding.name]

    def _fold(self) -> None:
        began = time.perf_counter()
        positions = {name: holding.positions for name, holding in self.held.items()}
        batches, asked = Outlet(self.redis, list(self.held)).look(positions, self.count)
        for name, times in asked.items():
            self.held[name].answer(times)
        parts: dict[tuple[str, str], list[Batch]] = {}
        for batch in batches:
            parts.setdefault((batch.district, batch.kind), []).append(batch)
        self._fold_parts(parts)
        self.behind = any(len(own) >= self.count for own in parts.values())
        self.fold_seconds = time.perf_counter() - began
        if self.fold_seconds > LONG_SECONDS:
            self.count = max(FEWEST, self.count // 2)
        elif self.behind:
            self.count = min(MOST, self.count * 2)

    def _fold_parts(self, parts: dict[tuple[str, str], list[Batch]]) -> None:
        """Fixes of all districts at once, the rest one by one."""
        fixes: list[tuple[int, bytes]] = []
        for (district, kind), own in parts.items():
            holding, payloads = self.held[district], [batch.payload for batch in own]
            if kind == "fixes":
                fixes.append((holding.desk.state.place, holding.desk.readable(payloads)))
            else:
                holding.desk.fold(kind, payloads)
            holding.moved |= kind == "events"
            holding.positions[kind] = own[-1].id
        if fixes and self.muster:
            self.muster.fold(fixes)

    def _tell(self, wall: float) -> None:
        now_ms = self.clock.now_ms()
        words = {name: told for name, holding in self.held.items() if (told := holding.desk.state.told())}
        beat = wall - self._told >= 1.0
        frames = [frame for holding in self.held.values() if (frame := holding.desk.frame(now_ms, beat))]
        facts = self._facts(wall, now_ms, beat) if beat or wall - self._told_facts >= SOON_SECONDS else []
        bundles = [(channel, bundle(told)) for channel, told in ((keys.FRAMES, frames), (keys.FACTS, facts)) if told]
        renewing = list(self.held.values()) if wall - self._renewed >= self.settings.lease_seconds / 3 else []
        health = {self.owner: self._health(now_ms)} if beat else {}
        renewed = self.publisher.tell(words, bundles, health, [holding.lease for holding in renewing])
        if beat:
            self._told = wall
        if renewing:
            self._renewed = wall
        for holding, ours in zip(renewing, renewed, strict=True):
            if not ours:
                self._lose(holding)

    def _facts(self, wall: float, now_ms: float, beat: bool) -> list[bytes]:
        """Once a second of every district; in between only where an event moved, so that its numbers move with it."""
        telling = [holding for holding in self.held.values() if beat or holding.moved]
        facts = [frame for holding in telling if (frame := holding.desk.facts(now_ms))]
        if facts:
            self._told_facts = wall
        for holding in telling:
            holding.moved = False
        return facts

    def _health(self, now_ms: float) -> bytes:
        return msgspec.json.encode({
            "at_ms": now_ms, "districts": list(self.held), "fold_ms": round(self.fold_seconds * 1000, 2),
            "behind": self.behind, "entries": self.count,
        })  # fmt: skip

    def _save(self, wall: float) -> None:
        for holding in list(self.held.values()):
            if wall >= holding.save_at:
                holding.save_at = wall + self.settings.checkpoint_seconds
                if not holding.save():
                    self._lose(holding)

    def let_go(self) -> None:
        """Save everything and free the districts."""
        for holding in list(self.held.values()):
            if holding.save():
                holding.lease.release()
            del self.held[holding.name]
        self.redis.hdel(keys.FOLDS, self.owner)

    def forget(self) -> None:
        """Redis was away: what it has is what counts. Our districts are read again from their checkpoints."""
        self.held.clear()
        self._looked = self._renewed = 0.0


def run(settings: Settings, stop: threading.Event | None = None) -> None:
    """Fold until SIGTERM or Ctrl-C."""
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        # What a tick makes goes by itself: looking for what does not is a tenth of its time at the usual pace.
        gc.set_threshold(50_000, 20)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    fold = Fold(connect(settings.redis_url), settings)
    while not stop.is_set():
        began = time.monotonic()
        try:
            fold.tick(began)
        except (*AWAY, NoCity) as error:
            log.warning("the fold waits: %s", error)
            fold.forget()
            stop.wait(0.5)
        except Exception:
            # One bad tick must not end the hall: start again from what was saved.
            log.exception("a tick failed")
            fold.forget()
            stop.wait(0.5)
        if not fold.behind:
            stop.wait(max(0.0, settings.tick_seconds - (time.monotonic() - began)))
    _leave(fold)


def _leave(fold: Fold) -> None:
    try:
        fold.let_go()
    except AWAY as error:
        log.warning("the last checkpoint could not be saved: %s", error)
