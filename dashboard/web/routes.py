"""Routes: the API as one table. What is not in it is not served; what is in it is documented."""

from __future__ import annotations

from dashboard.web import answers, events, walks, workers
from dashboard.web.cases.case_routes import CASES
from dashboard.web.cases.kpi_routes import KPI
from dashboard.web.list_exports import LISTS
from dashboard.web.people.people import PEOPLE
from dashboard.web.replies import (
    AreaSummary,
    CameraList,
    CamerasQuery,
    Cells,
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
from dashboard.web.route import GEO, PREFIX, Route

__all__ = ["PREFIX", "ROUTES", "Route"]

CITY = "The city in force: its names, bounds and how many of everything."
AREA = "An area at this moment: backlog, workers, patrol, cameras, feeds."
UNVISITED = "Patrol cells of an area that nobody has visited today, as hex cells (q, r)."
WORKER = "A worker: where, how fresh, inside the own grid or not, patrol minutes."
TRACK = "A worker's last hour, a line from gap to gap."
TRACKS = "The last hour of chosen workers, or of all who came near a place, the nearest first."
EVENTS = "Open events, newest first; those without a position have no geometry."
CAMERAS = "Cameras and their states, short interruptions left out."
FEEDS = "Where records come from, and how long each has been silent."
REJECTED = "Records that were refused: counts by reason, and the latest."

READING = (
    Route("/city", CITY, NoQuery, CityReply, answers.city, capability="wall"),
    Route("/areas/{area_id}/summary", AREA, NoQuery, AreaSummary, answers.area, capability="wall"),
    Route("/areas/{area_id}/unvisited", UNVISITED, NoQuery, Cells, answers.unvisited, capability="wall"),
    Route("/workers/{worker_id}", WORKER, NoQuery, WorkerReply, workers.worker, capability="wall"),
    Route("/workers/{worker_id}/track", TRACK, TrackQuery, Track, walks.track, GEO, capability="wall"),
    Route("/tracks", TRACKS, TracksQuery, Tracks, walks.walks, capability="wall"),
    Route("/events", EVENTS, EventsQuery, Collection, events.events, GEO, "lists"),
    Route("/cameras", CAMERAS, CamerasQuery, CameraList, answers.cameras, GEO, capability="wall"),
    Route("/feeds", FEEDS, NoQuery, FeedList, answers.feeds, capability="feeds"),
    Route("/rejected", REJECTED, RejectedQuery, RejectedList, answers.rejected, capability="feeds"),
)


#: Everything. Rows of other rooms are hung in behind.
ROUTES = (*READING, *LISTS, *CASES, *KPI, *PEOPLE)
