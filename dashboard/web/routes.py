"""Routes: the reading API as one table. What is not in it is not served; what is in it is documented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from dashboard.web import answers, walks, workers
from dashboard.web.replies import (
    AreaSummary,
    CameraList,
    CamerasQuery,
    CityReply,
    Collection,
    EventsQuery,
    FeedList,
    NoQuery,
    RejectedList,
    RejectedQuery,
    Track,
    TrackQuery,
    Tracks,
    TracksQuery,
    WorkerReply,
)  # fmt: skip

__all__ = ["PREFIX", "ROUTES", "Route"]

PREFIX = "/api/v1"
GEO = "application/geo+json"


@dataclass(frozen=True)
class Route:
    """path: with {names} for what stands in it; they are handed to `answer` in their order."""

    path: str
    summary: str
    query: type[msgspec.Struct]
    reply: type[msgspec.Struct]
    answer: Callable[..., Any]
    mime: str = "application/json"

    @property
    def name(self) -> str:
        return self.path.strip("/").replace("/", "_").replace("{", "").replace("}", "")


ROUTES = (
    Route("/city", "The city in force: its names, bounds and how many of everything.", NoQuery, CityReply, answers.city),
    Route("/areas/{area_id}/summary", "An area at this moment: backlog, workers, patrol, cameras, feeds.", NoQuery, AreaSummary, answers.area),
    Route("/workers/{worker_id}", "A worker: where, how fresh, inside the own grid or not, patrol minutes.", NoQuery, WorkerReply, workers.worker),
    Route("/workers/{worker_id}/track", "A worker's last hour, a line between two gaps.", TrackQuery, Track, walks.track, GEO),
    Route("/tracks", "The last hour of chosen workers, or of all who came near a place.", TracksQuery, Tracks, walks.walks),
    Route("/events", "Open events, newest first; those without a position have no geometry.", EventsQuery, Collection, answers.events, GEO),
    Route("/cameras", "Cameras and their states, short interruptions left out.", CamerasQuery, CameraList, answers.cameras, GEO),
    Route("/feeds", "Where records come from, and how long each has been silent.", NoQuery, FeedList, answers.feeds),
    Route("/rejected", "Records that were refused: counts by reason, and the latest.", RejectedQuery, RejectedList, answers.rejected),
)  # fmt: skip
