"""Happenings: events that come, move on and go, and cameras that are polled: as many a second as is asked for."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import shapely

from feeds.city import City

__all__ = ["Events", "Polls"]

#: What is told of an event, and the seconds between two words on it: so the backlog stays the same.
STEPS, BETWEEN = ("reported", "dispatched", "handled", "archived"), 5.0
#: One camera in so many is offline, and they take turns.
OFFLINE, POLL_SECONDS = 50, 30.0


class Events:
    """`rate`: words a second; a quarter of them are new events."""

    def __init__(self, city: City, start: float, rate: float, name: str) -> None:
        self.rng = np.random.default_rng(7)
        middle = shapely.get_coordinates(shapely.point_on_surface(city.grids.shape))
        self.lon, self.lat = middle[:, 0], middle[:, 1]
        self.classes = [str(code) for code in city.classes.class_code]
        self.every, self.next, self.name, self.made = len(STEPS) / rate if rate else 0.0, start, name, 0
        self.due: deque[tuple[float, int, dict[str, Any]]] = deque()

    def until(self, at: float) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        while self.every and self.next <= at:
            self.due.append((self.next, 0, self._new(self.next)))
            self.next += self.every
        # All wait equally long between two words, so each word's own line would be in order; the whole is sorted here.
        later: deque[tuple[float, int, dict[str, Any]]] = deque()
        for when, step, event in self.due:
            if when > at:
                later.append((when, step, event))
                continue
            told.append(event | {"step": STEPS[step], "updated_at": round(when, 3)})
            if step + 1 < len(STEPS):
                later.append((when + BETWEEN, step + 1, event))
        self.due = later
        return sorted(told, key=lambda word: word["updated_at"])

    def _new(self, at: float) -> dict[str, Any]:
        self.made += 1
        grid = int(self.rng.integers(len(self.lon)))
        return {
            "event_id": f"{self.name}-{self.made:07d}",
            "class_code": self.classes[int(self.rng.integers(len(self.classes)))],
            "reported_at": round(at, 3),
            "due_at": round(at + 7200, 3),
            "lon": round(float(self.lon[grid]), 7),
            "lat": round(float(self.lat[grid]), 7),
            "level": ("community", "street", "district")[self.made % 3],
            "source": "bench",
            "text": "bench",
        }


class Polls:
    """Every camera is asked every half minute, a share of them each second."""

    def __init__(self, city: City, start: float) -> None:
        self.names = [str(name) for name in city.cameras.camera_id]
        self.asked, self.start = 0, start

    def until(self, at: float) -> list[dict[str, Any]]:
        goal = int((at - self.start) * len(self.names) / POLL_SECONDS)
        rounds = [divmod(turn, len(self.names)) for turn in range(self.asked, goal)]
        self.asked = max(goal, self.asked)
        state = {True: "offline", False: "online"}
        return [
            {"camera_id": self.names[i], "state": state[(i + turn // 10) % OFFLINE == 0], "at": round(at, 3)}
            for turn, i in rounds
        ]
