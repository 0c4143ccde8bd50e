"""Outages: camera states as they count now, and whole platforms and switches that went dark as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dashboard.live.cameras import OFF
from dashboard.live.mirror import Mirror
from dashboard.settings import Settings
from feeds.record import CAMERA_STATES

__all__ = ["Outage", "Seen", "look", "outages", "owners"]

Column = npt.NDArray[Any]

UNKNOWN, ONLINE, DISABLED = (CAMERA_STATES.index(state) for state in ("unknown", "online", "disabled"))

#: So many cameras, and such a share of them, must be dark before it is called one outage.
FEWEST, SHARE = 4, 0.8


@dataclass(frozen=True)
class Outage:
    """A whole platform or switch is down. since: when most of it was."""

    kind: Literal["platform", "switch"]
    name: str
    cameras: int
    since: float


@dataclass(frozen=True)
class Seen:
    """By row of the city. dark: off, or nothing has been said for long by a platform that once spoke."""

    state: Column
    since: Column
    dark: Column

    def online(self, rows: Column) -> int:
        return int(np.count_nonzero(self.state[rows] == ONLINE))

    def counted(self, rows: Column) -> int:
        """Those that are not switched off on purpose."""
        return int(np.count_nonzero(self.state[rows] != DISABLED))


def look(mirror: Mirror, settings: Settings, now: float) -> Seen:
    """Off counts after a minute, on at once; a camera whose platform is silent is unknown."""
    c = mirror.cameras
    since, at, state = c["since"].astype(float), c["at"].astype(float), c["state"]
    fresh = np.isin(state, OFF) & (now - since < settings.camera_off_seconds)
    state = np.where(fresh, c["before"], state)
    names, code = mirror.platforms
    word = np.zeros(len(names))
    np.maximum.at(word, code, at)
    silent = now - word[code] > settings.camera_unknown_minutes * 60.0
    dark = (np.isin(state, OFF) | silent) & (at > 0) & (state != DISABLED)
    since = np.where(silent, word[code], since)
    return Seen(np.where(silent & (state != DISABLED), UNKNOWN, state), np.where(at > 0, since, np.nan), dark)


def owners(seen: Seen, rows: Column, names: Column, code: Column) -> dict[str, Column]:
    """Online and of by owner, the worst first, the larger of equals before."""
    rows = rows[seen.state[rows] != DISABLED]
    of = np.bincount(code[rows], minlength=len(names))
    online = np.bincount(code[rows[seen.state[rows] == ONLINE]], minlength=len(names))
    some = np.flatnonzero(of)
    order = some[np.lexsort((-of[some], online[some] / of[some]))]
    return {"owner": names[order], "online": online[order], "of": of[order]}


def outages(mirror: Mirror, seen: Seen, rows: Column) -> list[Outage]:
    """The largest first. What hangs on a platform that is down is not told again."""
    platforms, platform = mirror.platforms
    switches, switch = mirror.switches
    rows = rows[seen.state[rows] != DISABLED]
    down = _down(seen, rows, platforms, platform)
    rest = rows[~np.isin(platform[rows], down)]
    found = [_outage("platform", platforms, platform, seen, rows, group) for group in down]
    found += [_outage("switch", switches, switch, seen, rest, group) for group in _down(seen, rest, switches, switch)]
    return sorted(found, key=lambda outage: -outage.cameras)


def _down(seen: Seen, rows: Column, names: Column, code: Column) -> list[int]:
    """Cameras that hang on nothing we know by name form no group."""
    of = np.bincount(code[rows], minlength=len(names))
    dark = np.bincount(code[rows[seen.dark[rows]]], minlength=len(names))
    return [int(group) for group in np.flatnonzero((of >= FEWEST) & (dark >= SHARE * of)) if str(names[group])]


def _outage(
    kind: Literal["platform", "switch"], names: Column, code: Column, seen: Seen, rows: Column, group: int
) -> Outage:
    dark = rows[(code[rows] == group) & seen.dark[rows]]
    return Outage(kind, str(names[group]), len(dark), float(np.median(seen.since[dark])))
