"""Case load: reports and moves over HTTP at a pace; each is asked again, under the same key, until it was answered."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import shapely

from feeds.city import City

__all__ = ["Acknowledged", "CaseLoad"]

#: What is done to a case, one after the other, and what each move brings.
LIFE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("check", {"note": "bench"}),
    ("dispatch", {"data": {"handler": "bench-worker"}}),
    ("urge", {"note": "bench"}),
    ("void", {"note": "bench", "data": {"answer": "bench"}}),
)
PATIENCE = 15.0
PAUSE = 0.05


@dataclass
class Acknowledged:
    """What the hall has answered for. moves: request_key → (case_id, move, version after it)."""

    reports: set[str] = field(default_factory=set[str])
    moves: dict[str, tuple[str, str, int]] = field(default_factory=dict[str, tuple[str, str, int]])
    again: int = 0
    retries: int = 0
    refused: dict[str, int] = field(default_factory=dict[str, int])
    unanswered: int = 0


class CaseLoad:
    """Threads that report and move until `stop`; then what is under way is brought to its end."""

    def __init__(self, city: City, host: str, pages: int, door: int, rate: float, lines: int = 4) -> None:
        self.host, self.pages, self.door, self.rate = host, pages, door, rate
        middle = shapely.get_coordinates(shapely.point_on_surface(city.grids.shape))
        self.places = np.round(middle, 7).tolist()
        self.done = Acknowledged()
        self.stop = threading.Event()
        self._dice = random.Random(7)  # noqa: S311 - which case comes next is no secret
        self._lock = threading.Lock()
        self._made = 0
        self._waiting: deque[tuple[str, int]] = deque()  # (case_id, place in LIFE)
        jobs = (*(self._report for _ in range(lines)), *(self._move for _ in range(lines)))
        self._threads = [threading.Thread(target=self._line, args=(job, lines / rate), daemon=True) for job in jobs]

    def __enter__(self) -> CaseLoad:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(90)
        self.done.unanswered = sum(thread.is_alive() for thread in self._threads)

    def _line(self, job: Callable[[_Line], None], every: float) -> None:
        line, due = _Line(self), time.monotonic() + self._dice.random() * every
        while not self.stop.wait(max(0.0, due - time.monotonic())):
            job(line)
            due = max(due + every, time.monotonic() - 5.0)  # what was missed while all was dead is made up for

    def _report(self, line: _Line) -> None:
        with self._lock:
            self._made += 1
            number = self._made
        lon, lat = self.places[number % len(self.places)]
        name, now = f"bench-{number:07d}", round(time.time(), 3)
        report = {
            "event_id": name, "class_code": "other", "reported_at": now, "updated_at": now, "lon": lon, "lat": lat,
            "source": "citizen", "text": "bench",
        }  # fmt: skip
        answer = line.until_answered(self.door, "/ingest/v1/events", [report])
        with self._lock:
            if answer.get("accepted") == 1:
                self.done.reports.add(name)
                self._waiting.append((name, 0))
            else:
                self._refuse(str(answer))

    def _move(self, line: _Line) -> None:
        with self._lock:
            if not self._waiting:
                return
            self._waiting.rotate(-self._dice.randrange(min(len(self._waiting), 200)))
            case_id, place = self._waiting.popleft()
            number = len(self.done.moves) + sum(self.done.refused.values())
        move, words = LIFE[place]
        key = f"bench-{case_id}-{move}-{number}"
        answer = line.until_answered(
            self.pages, f"/api/v1/cases/{case_id}/moves", words | {"move": move, "request_key": key}
        )
        with self._lock:
            if "entry" not in answer:
                self._refuse(str(answer.get("error", answer)))
                return
            self.done.moves[key] = (case_id, answer["entry"]["move"], answer["entry"]["version"])
            self.done.again += bool(answer["again"])
            if place + 1 < len(LIFE):
                self._waiting.append((case_id, place + 1))

    def _refuse(self, why: str) -> None:
        self.done.refused[why[:120]] = self.done.refused.get(why[:120], 0) + 1

    def retried(self) -> None:
        with self._lock:
            self.done.retries += 1


class _Line:
    """Kept connections of one thread, a port each."""

    def __init__(self, load: CaseLoad) -> None:
        self._load = load
        self._open: dict[int, http.client.HTTPConnection] = {}

    def until_answered(self, port: int, path: str, body: Any) -> dict[str, Any]:
        """200, or a refusal (4xx); all else is asked again."""
        words, until = msgspec.json.encode(body), float("inf")
        headers = {"Content-Type": "application/json", "X-Source": "bench"}
        while time.monotonic() < until:
            if self._load.stop.is_set() and until == float("inf"):
                until = time.monotonic() + 60.0
            try:
                line = self._open.setdefault(port, http.client.HTTPConnection(self._load.host, port, timeout=PATIENCE))
                line.request("POST", path, words, headers)
                answer = line.getresponse()
                text = answer.read()
                if answer.status == 200 or (400 <= answer.status < 500 and answer.status not in (408, 429)):
                    return msgspec.json.decode(text)
            except (OSError, http.client.HTTPException):
                if lost := self._open.pop(port, None):
                    lost.close()
            self._load.retried()
            time.sleep(PAUSE)
        return {"error": "never answered"}
