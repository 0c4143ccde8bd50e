"""Replies: the shapes of what the reading API is asked and what it says. openapi.py makes its document from these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

__all__ = [
    "AreaSummary", "Backlog", "CameraList", "CamerasQuery", "Cells", "CityReply", "Collection", "Count", "EventsQuery",
    "Feature", "FeedList", "FeedReply", "Health", "NoQuery", "Position", "Problem", "Rate", "RefusalReply",
    "RejectedList", "RejectedQuery", "Track", "TrackQuery", "Tracks", "TracksQuery", "Walk", "WorkerReply",
]  # fmt: skip

Seconds = Annotated[float, Meta(description="seconds since 1970 UTC, hall time")]
Age = Annotated[float, Meta(description="seconds between this word and now")]


class Query(Struct, forbid_unknown_fields=True):
    """Parameters behind the question mark. One that is not known is refused, not passed over."""


class NoQuery(Query):
    pass


class TrackQuery(Query, rename={"since": "from", "until": "to"}):
    since: Annotated[str, Meta(description="ISO 8601 with zone, or seconds since 1970; an hour ago unless given")] = ""
    until: Annotated[str, Meta(description="the same; now unless given")] = ""


class TracksQuery(TrackQuery, rename={"since": "from", "until": "to"}):
    slot: Annotated[str, Meta(description="rows of workers, with commas between")] = ""
    near: Annotated[str, Meta(description="lon,lat: of all workers who came near this place")] = ""
    metres: Annotated[float, Meta(gt=0, le=5000, description="how near")] = 300.0
    limit: Annotated[int, Meta(ge=1, le=500)] = 60


class EventsQuery(Query):
    status: Annotated[
        Literal["open", "assigned", "pending", "reported", "dispatched", "handled", "verified"],
        Meta(description="open: all that are not archived; assigned means dispatched, pending means handled"),
    ] = "open"
    area: Annotated[str, Meta(description="area_id")] = ""
    bbox: Annotated[str, Meta(description="west,south,east,north")] = ""
    class_code: Annotated[str, Meta(description="of this class, or of one below it")] = ""
    nowhere: Annotated[bool, Meta(description="only those without a position")] = False
    limit: Annotated[int, Meta(ge=1, le=5000)] = 500
    cursor: Annotated[str, Meta(description="`next` of the page before")] = ""


class CamerasQuery(Query):
    state: Literal["", "unknown", "online", "offline", "video_lost", "defect", "disabled"] = ""
    area: Annotated[str, Meta(description="area_id")] = ""
    slot: Annotated[Annotated[int, Meta(ge=0)] | None, Meta(description="row of one camera: it alone")] = None
    limit: Annotated[int, Meta(ge=1, le=10000)] = 1000
    cursor: Annotated[int, Meta(ge=0, description="`next` of the page before")] = 0


class RejectedQuery(Query):
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class Reply(Struct, kw_only=True, forbid_unknown_fields=True):
    pass


class Problem(Reply):
    """Why a question was not answered."""

    error: str


class Rate(Reply):
    """Never a bare percentage. Of nothing, there is none."""

    count: int
    of: int
    percent: float | None


class Stamped(Reply):
    now: Seconds


class Count(Reply):
    name: str
    count: int


class Cells(Stamped):
    """Patrol cells of an area in which nobody has been today: axial coordinates, and of how many."""

    q: list[int]
    r: list[int]
    total: int


class CityReply(Stamped):
    city_id: str
    name: str
    name_en: str
    version: str
    valid_from: str
    zone: str
    bounds: tuple[float, float, float, float]
    speed: Annotated[float, Meta(description="how fast hall time runs; 1 is real time")]
    areas: list[Count]
    grids: list[Count]
    workers: list[Count]
    cameras: int


class Backlog(Reply):
    """Open work of one level, by age band."""

    name: str
    open: int
    due: int
    soon: int
    overdue: int
    long_open: int


class FeedReply(Reply):
    kind: str
    source: str
    age: Annotated[float | None, Meta(description="seconds since the last word; null if there was none")]
    grade: Literal["live", "quiet", "late", "dead"]
    accepted: int
    rejected: int


class AreaSummary(Stamped):
    """as_of: hall time of the last frame of the area; age: how old that is."""

    area_id: str
    name: str
    level: Literal["city", "district", "street", "community"]
    as_of: float | None
    age: float | None
    backlog: list[Backlog]
    steps: list[Backlog]
    overdue: Rate
    without_position: int
    workers: dict[str, int]
    containment: dict[str, int]
    patrol: Rate
    cameras_online: Rate
    feeds: list[FeedReply]


class Position(Reply):
    lon: float
    lat: float
    at: Seconds
    age: Age
    freshness: Literal["fresh", "ageing", "old", "lost"]
    containment: Literal["unknown", "inside", "doubtful", "outside"]
    doubts: Annotated[list[str], Meta(description="mock, teleport, frozen: doubt, not guilt")]
    states: Annotated[list[str], Meta(description="sos, indoor")]


class WorkerReply(Stamped):
    worker_id: str
    slot: int
    role: str
    grid_id: str
    grid_name: str
    area_id: str
    position: Annotated[Position | None, Meta(description="null: never heard of")]
    patrol: Annotated[Rate, Meta(description="minutes inside the own grid today, of the target of the grid's kind")]


class Feature(Reply, kw_only=True):
    type: Literal["Feature"] = "Feature"
    id: int | str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class Collection(Stamped, kw_only=True):
    """A GeoJSON FeatureCollection. total: how many there are on all pages; next: where the next page begins."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]
    total: int
    next: str | None
    as_of: float | None = None


class Track(Stamped, kw_only=True):
    """A GeoJSON FeatureCollection: a LineString (of one fix: a Point) from gap to gap, with its `times`."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    worker_id: str
    features: list[Feature]
    since: Seconds
    until: Seconds


class Walk(Reply):
    slot: int
    worker_id: str
    at: list[int]
    lon: list[float]
    lat: list[float]


class Tracks(Stamped):
    since: Seconds
    until: Seconds
    workers: list[Walk]
    total: Annotated[int, Meta(description="how many there were; more than are listed if the limit was reached")]


class CameraList(Collection, kw_only=True):
    online: Rate


class FeedList(Stamped):
    feeds: list[FeedReply]


class RefusalReply(Reply):
    kind: str
    source: str
    reason: str
    detail: str
    body: Annotated[
        str,
        Meta(
            description="an excerpt; empty for callers who may neither read personal data nor keep accounts, and of a "
            "request that could not be read as a whole"
        ),
    ]
    at: Seconds


class RejectedList(Stamped):
    counts: Annotated[dict[str, int], Meta(description="kind:reason → since the hall began")]
    recent: list[RefusalReply]


class Health(Stamped):
    status: Literal["ok", "degraded"]
    redis: bool
    city: str
    frame_age: Annotated[float | None, Meta(description="real seconds since the oldest district's last frame")]
    clients: int
    feeds: Annotated[dict[str, str], Meta(description="kind → live, quiet, late or dead: its liveliest source")]
