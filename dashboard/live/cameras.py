"""Cameras: what each platform last said of each camera. When it counts is for whoever looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.counters import Counters
from dashboard.live.frame import NOTHING
from feeds.city import City
from feeds.record import CAMERA_STATES, CameraStatus

__all__ = ["OFF", "CameraStates"]

Rows = npt.NDArray[np.int64]

#: States in which a camera shows nothing good.
OFF = tuple(CAMERA_STATES.index(state) for state in ("offline", "video_lost", "defect"))
_CODE = {state: code for code, state in enumerate(CAMERA_STATES)}


class CameraStates:
    """By local row. A camera that is off and then off in another way has been off since the first."""

    def __init__(self, city: City, rows: Rows) -> None:
        self.rows = rows
        self.row = {str(city.cameras.camera_id[row]): local for local, row in enumerate(rows)}
        self.at = np.zeros(len(rows), np.int64)
        self.since = np.zeros(len(rows), np.int64)
        self.state = np.zeros(len(rows), np.uint8)
        self.before = np.zeros(len(rows), np.uint8)
        self.dirty = np.zeros(len(rows), np.bool_)
        # Since the last table, and since the last checkpoint; the first has all.
        self.moved, self.unsaved = False, True

    def fold(self, reports: Iterable[CameraStatus], counters: Counters) -> None:
        for report in reports:
            counters.add(self._take(report))

    def _take(self, report: CameraStatus) -> str:
        """Lay one report in; the counter it belongs to."""
        row = self.row.get(report.camera_id)
        if row is None:
            return "unknown_camera"
        at, state = int(report.at), _CODE[report.state]
        if at < self.at[row]:
            return "cameras_late"
        was = int(self.state[row])
        if at == self.at[row] and state == was:
            return "cameras_duplicate"
        if state != was and not (state in OFF and was in OFF):
            self.before[row], self.since[row] = was, at
        self.at[row], self.state[row], self.dirty[row] = at, state, True
        self.moved = self.unsaved = True
        return "cameras"

    def table(self, whole: bool) -> dict[str, npt.NDArray[Any]]:
        if not (whole or self.moved):
            return NOTHING["cameras"]
        which = np.flatnonzero(self.at > 0 if whole else self.dirty)
        self.dirty[:] = self.moved = False
        return {"slot": self.rows[which]} | {name: column[which] for name, column in self.columns().items()}

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        return {"at": self.at, "since": self.since, "state": self.state, "before": self.before}

    def load(self, saved: dict[str, npt.NDArray[Any]], take: Rows, put: Rows) -> None:
        for name, column in self.columns().items():
            column[put] = saved[name][take]
