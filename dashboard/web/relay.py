"""Relay: reads what the folds publish and hands on what fits: frames to the gateway, everything to the mirror."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from dashboard.bus import keys
from dashboard.bus.connect import AWAY
from dashboard.bus.publish import Subscriber
from dashboard.live.frame import Skimmed, bundle, skim, unbundle
from dashboard.web.order import Order
from dashboard.web.push import Gateway
from dashboard.web.scene import Scene
from feeds.city import City

__all__ = ["Relay"]

log = logging.getLogger(__name__)

#: Tables of what happens to events.
MOVING = ("events", "flow")
#: Seconds between two requests for the whole picture of one district.
ASK_EVERY = 1.0


@dataclass
class Relay:
    scene: Scene
    gateway: Gateway
    order: dict[str, Order] = field(default_factory=dict)
    asked: dict[int, float] = field(default_factory=dict)
    lag_ms: float = 0.0

    def __post_init__(self) -> None:
        patience = 2 * float(self.scene.settings.lease_seconds)
        self.order = {keys.FRAMES: Order(patience), keys.FACTS: Order(patience)}

    def listen(self) -> None:
        """For ever: one bundle after the other. The subscriber itself outlives a restart of the server."""
        for channel, body in Subscriber(self.scene.redis, [keys.FRAMES, keys.FACTS]).listen():
            try:
                self.take(channel, body)
            except AWAY as error:
                log.warning("the folds could not be asked: %s", error)
            except Exception:
                # Whatever was in it is missed, which the next frame shows.
                log.exception("a bundle of %d bytes could not be relayed", len(body))

    def take(self, channel: str, body: bytes) -> None:
        if not self.scene.ready:
            return
        if not channel:
            self.start_anew()
            return
        heard = [(view, skim(view)) for view in unbundle(body)]
        fitting = self._fitting(channel, [frame for _, frame in heard])
        if channel == keys.FRAMES and fitting:
            views = [(frame.district, view) for view, frame in heard if id(frame) in fitting]
            self.lag_ms = self.scene.clock.now_ms() - heard[0][1].now
            self.gateway.show(views, body if len(views) == len(heard) else bundle(view for _, view in views))
        self.ask(self.scene.hear(fitting.values()))
        moved = any(_moved(frame) for frame in fitting.values())
        if channel == keys.FRAMES:
            self.gateway.parts.beat(moved)
        elif moved:
            self.gateway.parts.hurry()

    def _fitting(self, channel: str, frames: list[Skimmed]) -> dict[int, Skimmed]:
        now, order = time.monotonic(), self.order[channel]
        ours = [frame for frame in frames if frame.city == self.scene.version]
        fits = [(frame, order.take(frame, now)) for frame in ours]
        if any(fit == "anew" for _, fit in fits):
            self.scene.renew()
            self.order = {name: Order(known.patience) for name, known in self.order.items()}
            self.start_anew()
            return {}
        self.ask([frame.district for frame, fit in fits if fit == "gap"])
        return {id(frame): frame for frame, fit in fits if fit == "fits"}

    def start_anew(self) -> None:
        """The line was cut, or the city is another: ask everybody for everything."""
        for order in self.order.values():
            order.forget()
        self.asked.clear()
        self.ask([int(district) for district in self.scene.city.districts])

    def new_city(self, _city: City) -> None:
        self.start_anew()

    def remind(self) -> None:
        """Ask again for what is still missing."""
        if self.scene.ready:
            districts = [int(district) for district in self.scene.city.districts]
            self.ask({d for order in self.order.values() for d in order.lost(districts)})

    def ask(self, districts: Any) -> None:
        now = time.monotonic()
        due = {d for d in districts if now - self.asked.get(d, -ASK_EVERY) >= ASK_EVERY}
        if due:
            self.asked |= dict.fromkeys(due, now)
            self.scene.ask(sorted(due))


def _moved(frame: Skimmed) -> bool:
    """Whether an event in it did: on the map, or in the numbers of the steps."""
    return any(frame.tables[name][0] for name in MOVING if name in frame.tables)
