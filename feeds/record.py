"""Records: what came in from the city, said once and never judged."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

__all__ = [
    "CAMERA_STATES", "FIX", "LEVELS", "NONE", "STATUS_STEP", "STEPS",
    "BadRecord", "CameraStatus", "EventReport", "Fix",
]  # fmt: skip

#: The six steps (六步), in order. An event is open until it is archived.
STEPS = ("reported", "dispatched", "handled", "verified", "archived", "appraised")

#: The levels that work on an event, from the ground up.
LEVELS = ("community", "street", "district")

#: Words of other systems for where an event stands, and our step for each.
STATUS_STEP = {
    "open": "reported",
    "assigned": "dispatched",
    "pending": "handled",
    "closed": "archived",
} | {step: step for step in STEPS}

#: Index is the code on the wire; unknown is what nobody has reported on.
CAMERA_STATES = ("unknown", "online", "offline", "video_lost", "defect", "disabled")

#: "No row", in a column of rows.
NONE = 0xFFFFFFFF

#: One fix as it travels and is stored: 28 bytes.
#: worker: row of the roster; at: observed, ms since 1970 UTC; lon, lat: WGS-84 in 1e-7 degrees;
#: acc: metres, speed: cm/s, heading: degrees (65535 = not known); battery: percent (255 = not known).
FIX = np.dtype(
    [
        ("worker", "<u4"),
        ("at", "<i8"),
        ("lon", "<i4"),
        ("lat", "<i4"),
        ("acc", "<u2"),
        ("speed", "<u2"),
        ("heading", "<u2"),
        ("battery", "u1"),
        ("flags", "u1"),
    ]
)

#: Bits of FIX["flags"].
MOCK, SOS, INDOOR = 1, 2, 4


class BadRecord(Exception):
    """A record that is refused. `reason` is a short word that is counted; `detail` a sentence for whoever sent it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason, self.detail = reason, detail or reason


class Fix(msgspec.Struct, frozen=True):
    """定位 as a client sends it: degrees WGS-84, metres, m/s.

    `at`: ISO 8601 with zone, or ms (s if < 1e11) since 1970.
    """

    worker_id: str
    lon: float
    lat: float
    at: str | float
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None
    battery: float | None = None
    mock: bool = False
    sos: bool = False
    indoor: bool = False


class EventReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """事件上报, and each later word on it: the same event_id with a later `updated_at`.

    Times are seconds since 1970 UTC. An event without a position has lon and lat None; it is counted, never dropped.
    What the ledger of cases tells has a version (the case's, from 1) and says everything each time; 0: it is a source's
    own word. parked, returns, department: what only a case has.
    """

    event_id: str
    class_code: str
    reported_at: float
    updated_at: float
    step: Literal["reported", "dispatched", "handled", "verified", "archived", "appraised"] = "reported"
    level: Literal["community", "street", "district"] = "community"
    lon: float | None = None
    lat: float | None = None
    due_at: float | None = None
    area_id: str = ""
    grid_id: str = ""
    worker_id: str = ""
    source: str = ""
    text: str = ""
    address: str = ""
    version: int = 0
    parked: bool = False
    returns: int = 0
    department: str = ""


class CameraStatus(msgspec.Struct, frozen=True):
    """摄像机状态, as its platform says it. `at`: seconds since 1970 UTC."""

    camera_id: str
    state: Literal["unknown", "online", "offline", "video_lost", "defect", "disabled"]
    at: float
