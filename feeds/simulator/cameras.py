"""Cameras: each is polled by its platform; some flap, some lose the picture, and at times a whole switch goes dark."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from feeds.city import City
from feeds.record import CAMERA_STATES, CameraStatus
from feeds.simulator.storm import Storm

__all__ = ["Cameras"]

Codes = npt.NDArray[np.int64]
UNKNOWN, ONLINE, OFFLINE, VIDEO_LOST, DEFECT, DISABLED = range(6)

#: Seconds between two looks, and after how many looks a platform reports every camera again.
BEAT, POLL = 5.0, 12
#: At the start: share in each state.
AT_START = ((ONLINE, 0.968), (OFFLINE, 0.012), (VIDEO_LOST, 0.006), (DEFECT, 0.004), (DISABLED, 0.01))
#: Failures an hour and camera, what it becomes then, and for how many seconds at most. The first is flapping.
FAILURES = ((0.05, OFFLINE, 45.0), (0.008, OFFLINE, 5400.0), (0.004, VIDEO_LOST, 7200.0), (0.002, DEFECT, 28800.0))
#: Outages an hour in the whole city, and for how many seconds at least and at most.
SWITCH_OUTAGES, SWITCH_SECONDS = 3.0, (150.0, 900.0)
PLATFORM_OUTAGES, PLATFORM_SECONDS = 0.25, (120.0, 480.0)
#: The worst owner's cameras fail this many times as often as the best's.
WORST_OWNER = 6.0
#: In a storm: share of the cameras under it that lose their picture each beat, and seconds until it comes back.
STORM_LOSS, STORM_SECONDS = 0.02, (120.0, 900.0)


class Cameras:
    """Columns over all cameras. own: state of the camera itself; dark_until: of what it hangs on."""

    def __init__(self, city: City, start: float, rng: np.random.Generator, storm: Storm | None = None) -> None:
        count = len(city.cameras.camera_id)
        self.ids = [str(name) for name in city.cameras.camera_id]
        self.rng, self.storm, self.start, self.beat = rng, storm, start, 0
        _, owner = np.unique(city.cameras.owner, return_inverse=True)
        self.frailty = np.geomspace(0.5, WORST_OWNER / 2, max(int(owner.max(initial=0)) + 1, 2))[owner]
        self.switch = np.unique(city.cameras.switch, return_inverse=True)[1]
        self.platform = np.unique(city.cameras.platform, return_inverse=True)[1]
        self.own: Codes = rng.choice([code for code, _ in AT_START], count, p=[share for _, share in AT_START])
        self.lasts = np.where(self.own == DISABLED, np.inf, start + rng.exponential(7200.0, count))
        self.dark_until = np.zeros(count)
        self.said: Codes = np.full(count, UNKNOWN)

    def until(self, at: float) -> Iterator[tuple[float, list[CameraStatus]]]:
        """What the platforms say up to a time: a change at once, everything once a minute."""
        while self.start + self.beat * BEAT <= at:
            now = self.start + self.beat * BEAT
            if self.beat:
                self._live(now)
            state = np.where((self.dark_until > now) & (self.own != DISABLED), OFFLINE, self.own)
            rows = np.flatnonzero((state != self.said) | (np.arange(len(state)) % POLL == self.beat % POLL))
            self.said, self.beat = state, self.beat + 1
            if len(rows):
                yield now, [CameraStatus(self.ids[row], CAMERA_STATES[state[row]], now) for row in rows]  # type: ignore[arg-type]

    def _live(self, now: float) -> None:
        self.own[(self.lasts <= now) & (self.own != ONLINE)] = ONLINE
        for often, state, longest in FAILURES:
            hit = (self.own == ONLINE) & (self._dice() < often * self.frailty * BEAT / 3600)
            self._fail(hit, state, now, (longest / 8, longest))
        if self.storm is not None:
            hit = self.storm.cameras(now) & (self.own == ONLINE) & (self._dice() < STORM_LOSS)
            self._fail(hit, VIDEO_LOST, now, STORM_SECONDS)
        self._outage(self.switch, SWITCH_OUTAGES, SWITCH_SECONDS, now)
        self._outage(self.platform, PLATFORM_OUTAGES, PLATFORM_SECONDS, now)

    def _fail(self, hit: npt.NDArray[np.bool_], state: int, now: float, seconds: tuple[float, float]) -> None:
        self.own[hit] = state
        self.lasts[hit] = now + self.rng.uniform(*seconds, int(hit.sum()))

    def _outage(self, group: Codes, often: float, seconds: tuple[float, float], now: float) -> None:
        if len(group) and self.rng.random() < often * BEAT / 3600:
            hit = group == self.rng.choice(group)
            self.dark_until[hit] = np.maximum(self.dark_until[hit], now + self.rng.uniform(*seconds))

    def _dice(self) -> npt.NDArray[np.float64]:
        return self.rng.random(len(self.own))
