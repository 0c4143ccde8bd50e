"""Heard: how long ago a feed was last heard, and whether it is live, quiet, late or dead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboard.bus.feeds import FeedHealth
from dashboard.settings import Settings

__all__ = ["Heard", "heard"]


@dataclass(frozen=True)
class Heard:
    """age: real seconds since its last sign of life, however fast the hall's clock runs. quiet: it is alive and has
    nothing to say."""

    kind: str
    source: str
    age: float
    grade: Literal["live", "quiet", "late", "dead"]
    accepted: int
    rejected: int


def heard(feed: FeedHealth, settings: Settings, now: float, pace: float = 1.0) -> Heard:
    """now: hall time, seconds, as the feed's moments are; pace: seconds of the hall in a real one."""
    age = max(now - max(feed.last_record_ms, feed.last_beat_ms) / 1000, 0.0) / pace
    silence = (now - feed.last_record_ms / 1000) / pace
    if age >= settings.feed_dead_seconds:
        grade = "dead"
    elif age >= settings.feed_quiet_seconds:
        grade = "late"
    else:
        grade = "quiet" if silence >= settings.feed_quiet_seconds else "live"
    return Heard(feed.kind, feed.source, age, grade, feed.accepted, feed.rejected)
