"""Spans: from when to when a recording goes, and which of its rows a wrong clock has thrown far from all others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

__all__ = ["FAR", "far", "moment", "span"]

#: Seconds from the median moment beyond which a row is out of its recording: ten years.
FAR = 10 * 365.25 * 86_400


def far(moments: Sequence[float]) -> list[int]:
    """Which of the moments lie far from all others. One such row would open the hall in another century."""
    if not moments:
        return []
    at = np.asarray(moments)
    return np.flatnonzero(np.abs(at - np.median(at)) > FAR).tolist()


def span(first: float, last: float, zone: str) -> str:
    return f"from {moment(first, zone)} to {moment(last, zone)} ({zone})"


def moment(at: float, zone: str) -> str:
    """In the time of the recording, to the minute."""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat(" ", "minutes")[:16]
