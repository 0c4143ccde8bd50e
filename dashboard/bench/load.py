"""Load: a process that sends a city's fixes, events and camera states at a given pace, and stops by itself.

Told what to do by one JSON argument; says what became of it in one JSON line.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np

from dashboard.bench.crowd import Crowd, sent_table
from dashboard.bench.happenings import Events, Polls
from dashboard.bench.percentiles import spread
from dashboard.bench.posting import JSON, MSGPACK, Line
from feeds.city import City

__all__ = ["HISTORY_STEP", "Order", "Result"]

TICK = 0.05
#: Seconds between two words of a system that tells what has come since the last one. That is how often the house's own
#: simulator speaks of events; of cameras it speaks every five seconds.
EVERY = {"events": 0.25, "cameras": 1.0}
#: Seconds after the last phase in which what was not yet answered is sent on.
GRACE = 30.0
#: Seconds between two fixes of the past.
HISTORY_STEP = 20


class Order(msgspec.Struct):
    """phases: (seconds, fixes a second). stop: a file that ends them early once it is there.

    history: seconds of the past that are sent first, a fix of everybody every 20 s.
    """

    host: str
    port: int
    city: str
    table: str
    phases: list[tuple[float, float]]
    events: float = 50.0
    cameras: bool = True
    batch: int = 350
    lines: int = 8
    history: float = 0.0
    name: str = "bench"
    stop: str = ""


class Result(msgspec.Struct):
    """Of distinct records; a retry is not another one. answer_ms: p50, p95, p99 of a request with its retries."""

    fixes: int = 0
    events: int = 0
    cameras: int = 0
    unanswered: int = 0
    counts: dict[str, int] = {}
    answer_ms: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lag_ms: float = 0.0
    began: float = 0.0
    phases: list[float] = []


Job = tuple[str, bytes, str, int, tuple[np.ndarray, np.ndarray] | None]


class Load:
    def __init__(self, order: Order, city: City) -> None:
        self.order, self.result = order, Result()
        self.crowd = Crowd(city)
        self.sent = sent_table(Path(order.table), len(self.crowd))
        # Wide open for a burst, bounded for a hall that is dead.
        self.queue: asyncio.Queue[Job] = asyncio.Queue(1000)
        # Words on events go one after the other: one that a later word on the same event overtakes is not written.
        self.words: asyncio.Queue[Job] = asyncio.Queue(1000)
        self.counts: Counter[str] = Counter()
        self.took: list[float] = []
        self.end = float("inf")
        self.city = city
        self.next = dict.fromkeys(EVERY, 0.0)

    async def run(self) -> Result:
        lines = [asyncio.create_task(self._line(self.queue)) for _ in range(self.order.lines)]
        lines.append(asyncio.create_task(self._line(self.words)))
        await self._history()
        self.result.began = time.monotonic()
        start = time.time()
        others = Events(self.city, start, self.order.events, self.order.name), Polls(self.city, start)
        for seconds, rate in self.order.phases:
            self.result.phases.append(time.monotonic())
            await self._phase(seconds, rate, *others)
        self.result.phases.append(time.monotonic())
        self.end = time.monotonic() + GRACE
        await self._drained()
        for line in lines:
            line.cancel()
        self.result.unanswered = self.queue.qsize() + self.words.qsize()
        self.result.counts, self.result.answer_ms = dict(self.counts), spread(np.array(self.took) * 1000)
        return self.result

    async def _drained(self) -> None:
        try:
            await asyncio.wait_for(asyncio.gather(self.queue.join(), self.words.join()), GRACE)
        except TimeoutError:
            return

    async def _history(self) -> None:
        now = int(time.time())
        for second in range(now - int(self.order.history), now - HISTORY_STEP, HISTORY_STEP):
            for first in range(0, len(self.crowd), 5000):
                await self._fixes(self.crowd.order[first : first + 5000], np.array(second * 1000))
                while self.queue.qsize() > 2 * self.order.lines:
                    await asyncio.sleep(0.01)
        await self.queue.join()
        self.took.clear()

    async def _phase(self, seconds: float, rate: float, events: Events, polls: Polls) -> None:
        """Worker after worker, round and round: each sends every (workers ÷ rate) seconds."""
        began, began_ms, done = time.monotonic(), time.time() * 1000, 0
        while (passed := time.monotonic() - began) < seconds and not self._told_to_stop():
            due = int(passed * rate)
            self.result.lag_ms = max(self.result.lag_ms, (due - done) / rate * 1000 if rate else 0.0)
            while done < due:
                count = min(self.order.batch, due - done, len(self.crowd))
                turn = np.arange(done, done + count)
                workers = self.crowd.order[turn % len(self.crowd)]
                await self._fixes(workers, (began_ms + turn / rate * 1000).astype(np.int64))
                done += count
            await self._others(events, polls)
            await asyncio.sleep(max(TICK - (time.monotonic() - began) % TICK, 0.001))

    def _told_to_stop(self) -> bool:
        return bool(self.order.stop) and Path(self.order.stop).exists()

    async def _fixes(self, workers: np.ndarray, at_ms: np.ndarray) -> None:
        fixes = self.crowd.fixes(workers, np.broadcast_to(at_ms, workers.shape))
        body = msgspec.msgpack.encode(self.crowd.columns(fixes))
        await self.queue.put(("fixes", body, MSGPACK, len(workers), (workers, fixes["number"])))

    async def _others(self, events: Events, polls: Polls) -> None:
        if self._due("events") and (told := events.until(time.time())):
            await self.words.put(("events", msgspec.json.encode(told), JSON, len(told), None))
        if not self.order.cameras or not self._due("cameras"):
            return
        if states := polls.until(time.time()):
            await self.queue.put(("cameras", msgspec.json.encode(states), JSON, len(states), None))

    def _due(self, kind: str) -> bool:
        now = time.monotonic()
        due = now >= self.next[kind]
        if due:
            self.next[kind] = now + EVERY[kind] - TICK / 2  # the ticks are not exact
        return due

    async def _line(self, queue: asyncio.Queue[Job]) -> None:
        line = Line(self.order.host, self.order.port, self.counts, lambda: time.monotonic() > self.end)
        while True:
            kind, body, content, rows, marks = await queue.get()
            began = time.monotonic()
            if marks is not None:
                self.sent[marks] = began
            if await line.deliver(kind, body, content):
                setattr(self.result, kind, getattr(self.result, kind) + rows)
            self.took.append(time.monotonic() - began)
            queue.task_done()


def main() -> None:
    order = msgspec.json.decode(sys.argv[1], type=Order)
    city = City.from_bytes(Path(order.city).read_bytes())
    result = asyncio.run(Load(order, city).run())
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")


if __name__ == "__main__":
    main()
