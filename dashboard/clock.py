"""Clock: hall time. It is real time unless a replay or a faster simulation has set the hall clock."""

from __future__ import annotations

import time

import msgspec

__all__ = ["Clock", "HallClock"]


class HallClock(msgspec.Struct, frozen=True):
    """hall = hall_ms + (wall - wall_ms) · speed, all in ms since 1970. As kept in Redis and sent to browsers."""

    hall_ms: float = 0.0
    wall_ms: float = 0.0
    speed: float = 1.0

    def at(self, wall_ms: float) -> float:
        return self.hall_ms + (wall_ms - self.wall_ms) * self.speed

    @property
    def real(self) -> bool:
        return self.speed == 1.0 and self.hall_ms == self.wall_ms


class Clock:
    """What time it is in the hall. Time is handed in by this object; nothing else asks the machine."""

    def __init__(self, hall: HallClock | None = None) -> None:
        self.hall = hall or HallClock()

    def now_ms(self) -> float:
        return self.hall.at(time.time() * 1000)

    def now(self) -> float:
        """Seconds since 1970, hall time."""
        return self.now_ms() / 1000
