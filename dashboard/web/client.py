"""Client: one browser as the gateway knows it: what it asked to see, and how far it has come with drawing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from dashboard.people.person import Person
from dashboard.web.parts import Sight

__all__ = ["Client", "Count", "Scope", "Watch"]

#: Districts whose frames somebody is sent, and the area (row) that they are narrowed to; -1: they are not.
Scope = tuple[tuple[int, ...], int]


class Watch(msgspec.Struct, frozen=True):
    """What a browser asks to see. area: an area_id, empty for the whole city."""

    area: str = ""
    view: str = "overview"
    lang: str = "zh"
    theme: str = "dark"
    alone: bool = False


@dataclass
class Client:
    """One browser. new: the whole picture is on its way; live: in the room; resting: until it has drawn what it has."""

    sid: str
    person: Person
    state: Literal["idle", "new", "live", "resting"] = "idle"
    watch: Watch | None = None
    scope: Scope = ((), -1)
    sight: Sight | None = None
    sent: list[int] = field(default_factory=list)
    last: int = 0
    beat: float = 0.0
    asked: float = 0.0
    shown: float = 0.0
    checked: float = 0.0  # moment at which they were known to be who they are

    def count(self, number: int, now: float, tick: float) -> None:
        """Frames of several folds that come in one beat are one frame to draw."""
        self.last = number
        if self.sent and now - self.beat < tick / 2:
            self.sent[-1] = number
        else:
            self.sent.append(number)
            self.beat = now


@dataclass
class Count:
    """What the gateway did, for /metrics."""

    frames: int = 0
    bytes: int = 0
    skipped: int = 0
    wholes: int = 0
