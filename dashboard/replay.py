"""Replay: the process that plays recorded data through the door, with the hall clock set to the recorded time."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard.bus.connect import connect
from dashboard.bus.hall import Hall
from dashboard.clock import HallClock
from dashboard.settings import Settings
from feeds.city import City
from feeds.mapping import Mapping, WrongMapping, load_mapping
from feeds.record import Fix
from feeds.replay import Played, Recording, read
from feeds.replay_city import city_of
from feeds.sender import Door, Parcel, Sender, heartbeat, parcel

__all__ = ["Player", "Prepared", "parcels", "prepare", "run"]

SOURCE = "replay"
PAUSE = 0.05
BEAT_SECONDS = 10.0
#: The hall opens this many real seconds before the first record, so that all processes stand when it comes.
LEAD = 5.0
#: After a gap is skipped, the next record waits so many real seconds, until all processes know the new time.
BREATH = 2.5
MOST = 2000
QUIET_SECONDS = 2.0


@dataclass(frozen=True)
class Prepared:
    """What a hall needs before a replay can begin."""

    recording: Recording
    mapping: Mapping
    city: City
    clock: HallClock


def prepare(
    files: Iterable[str | Path], mapping: str, *, speed: float, city: City | None = None, now: float | None = None
) -> Prepared:
    """Read the files and say on stderr what was found in them. Raises WrongMapping."""
    recording, rules = _read(files, mapping)
    for line in recording.told():
        print(line, file=sys.stderr)  # noqa: T201
    if not recording.played:
        raise WrongMapping("there is nothing to play in " + ", ".join(map(str, files)))
    wall = (time.time() if now is None else now) * 1000
    clock = HallClock(recording.played[0].at * 1000 - LEAD * speed * 1000, wall, speed)
    return Prepared(recording, rules, city or city_of(recording, rules), clock)


def run(settings: Settings, files: Sequence[str], mapping: str, *, speed: float = 1.0, skip_gaps: float = 0.0) -> None:
    """Play the files into a running hall from where its clock stands; afterwards time goes on at its real pace."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    recording, _ = _read(files, mapping)
    hall = Hall(connect(settings.redis_url))
    with Sender(Door(f"http://{settings.ingest_host}:{settings.ingest_port}", SOURCE), limit=100_000) as sender:
        Player(hall, sender, recording.played, skip_gaps).play(stop)


class Player:
    """Sends what is due by the hall clock. Started again after a crash it sends the past again: that counts once."""

    def __init__(self, hall: Hall, sender: Sender, played: list[Played], skip_gaps: float = 0.0) -> None:
        self.hall, self.sender, self.played, self.skip_gaps = hall, sender, played, skip_gaps
        self.clock, self.next = hall.clock(), 0
        self.kinds = sorted({one.kind for one in played})
        self.beat = 0.0

    def play(self, stop: threading.Event, wall: Callable[[], float] = time.time) -> None:
        while not stop.is_set() and self.next < len(self.played):
            self.send_due(self._now(wall()))
            self._skip(wall())
            self._be_heard(wall())
            stop.wait(PAUSE)
        while not stop.is_set() and not self.sender.flush(1.0):
            self._be_heard(wall())
        if not stop.is_set():
            self._set(HallClock(self._now(wall()) * 1000, wall() * 1000, 1.0))

    def send_due(self, now: float) -> int:
        """How many records were sent."""
        first = self.next
        while self.next < len(self.played) and self.played[self.next].at <= now and self.next - first < MOST:
            self.next += 1
        for sent in parcels(self.played[first : self.next]):
            self.sender.put(sent, patient=True)
        return self.next - first

    def _now(self, wall: float) -> float:
        return self.clock.at(wall * 1000) / 1000

    def _skip(self, wall: float) -> None:
        if not self.skip_gaps or self.next == len(self.played) or not self.sender.flush(0.0):
            return
        to = self.played[self.next].at - BREATH * self.clock.speed
        if to - self._now(wall) > self.skip_gaps:
            self._set(HallClock(to * 1000, wall * 1000, self.clock.speed))

    def _set(self, clock: HallClock) -> None:
        self.clock = clock
        self.hall.set_clock(clock)

    def _be_heard(self, wall: float) -> None:
        if wall - self.beat > BEAT_SECONDS:
            self.beat = wall
            for kind in self.kinds:
                self.sender.put(heartbeat(kind), patient=True)


def parcels(played: Sequence[Played]) -> list[Parcel]:
    """One parcel a kind: fixes as columns, all else as records."""
    found: list[Parcel] = []
    for kind in dict.fromkeys(one.kind for one in played):
        mine = [one.record for one in played if one.kind == kind]
        fixes = [record for record in mine if isinstance(record, Fix)]
        found.append(parcel(kind, _columns(fixes) if fixes else mine, len(mine)))
    return found


def _columns(fixes: list[Fix]) -> dict[str, list[object]]:
    """Columns; those that nobody filled are left out."""
    columns: dict[str, list[object]] = {name: [getattr(fix, name) for fix in fixes] for name in Fix.__struct_fields__}
    return {name: column for name, column in columns.items() if any(value not in (None, False) for value in column)}


def _read(files: Iterable[str | Path], name: str) -> tuple[Recording, Mapping]:
    mapping, paths = load_mapping(name), [Path(file) for file in files]
    bar = _Bar(sum(path.stat().st_size for path in paths if path.is_file()))
    recording = read(paths, mapping, progress=bar.show)
    bar.done()
    return recording, mapping


class _Bar:
    """A line of progress on a terminal, for what takes longer than a moment."""

    def __init__(self, total: int) -> None:
        self.total, self.before, self.last = max(total, 1), 0, 0
        self.begun, self.shown = time.monotonic(), False

    def show(self, done: int) -> None:
        if done < self.last:  # the next file
            self.before += self.last
        self.last = done
        if sys.stderr.isatty() and time.monotonic() - self.begun > QUIET_SECONDS:
            part = min((self.before + done) / self.total, 1.0)
            print(f"\rreading {'█' * int(part * 30):30} {part:4.0%}", end="", file=sys.stderr, flush=True)  # noqa: T201
            self.shown = True

    def done(self) -> None:
        if self.shown:
            print("\r" + " " * 50 + "\r", end="", file=sys.stderr, flush=True)  # noqa: T201
