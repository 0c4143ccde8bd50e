"""Walks: where workers went in the last hour, from the folds' checkpoints and, for the last few seconds, the mirror."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import gevent
import numpy as np
import numpy.typing as npt
import shapely

from dashboard.bus import keys
from dashboard.live import tracks
from dashboard.web.asking import place, slots, span
from dashboard.web.errors import BadQuestion, NotFound
from dashboard.web.people.permit import mine
from dashboard.web.replies import Feature, Track, TrackQuery, Tracks, TracksQuery, Walk
from dashboard.web.scene import Scene

__all__ = ["track", "walks"]

Rows = npt.NDArray[Any]
METRES = 111_195.0

#: Metres that a worker is expected to stray out of the own district at most.
STRAY = 2000.0
#: Minutes of track that are read from Redis at once.
CHUNK = 6


def track(scene: Scene, asked: TrackQuery, worker_id: str) -> Track:
    row = scene.city.worker_row.get(worker_id)
    if row is None:
        raise NotFound(f"there is no worker {worker_id}")
    now = scene.clock.now()
    since, until = span(asked.since, asked.until, now)
    rows = _points(scene, _districts(scene, {row}), {row}, since, until)
    pieces = np.split(rows, np.flatnonzero(np.diff(rows["at"].astype(np.int64)) > scene.settings.split_seconds) + 1)
    features = [_piece(number, piece) for number, piece in enumerate(pieces) if len(piece)]
    return Track(now=now, worker_id=worker_id, features=features, since=since, until=until)


def walks(scene: Scene, asked: TracksQuery) -> Tracks:
    if bool(asked.slot) == bool(asked.near):
        raise BadQuestion("either slot or near must be given, and not both")
    now = scene.clock.now()
    since, until = span(asked.since, asked.until, now)
    workers = slots(asked.slot, len(scene.city.workers.worker_id)) if asked.slot else None
    spot = place(asked.near) if asked.near else None
    districts = _around(scene, *spot, asked.metres) if spot else _districts(scene, workers or ())
    rows = _points(scene, districts, workers, since, until)
    # Who was asked for by name is told, also without a track: nobody should take the last one's for theirs.
    order = _near(rows, *spot, asked.metres) if spot else np.array(sorted(workers or ()), np.int64)
    order = order[mine(scene.city.workers.grid[order])]
    said = [_walk(scene, slot, rows[rows["worker"] == slot]) for slot in order[: asked.limit].tolist()]
    return Tracks(now=now, since=since, until=until, workers=said, total=len(order))


def _points(
    scene: Scene, districts: Iterable[int], workers: Collection[int] | None, since: float, until: float
) -> Rows:
    fields, pool = tracks.names(since, until), gevent.get_hub().threadpool
    chunks = [_fields(scene, int(district), fields) for district in districts]
    parts = [pool.apply(tracks.read, (chunk, workers, since, until)) for chunk in chunks]
    rows = np.concatenate(parts) if parts else np.zeros(0, tracks.TRACK)
    return _with_present(scene, rows, workers, since, until)


def _districts(scene: Scene, workers: Collection[int]) -> Iterable[int]:
    return np.unique(scene.city.district_of_worker[list(workers)])


def _around(scene: Scene, lon: float, lat: float, metres: float) -> Iterable[int]:
    """Districts whose workers may have come near: those that are not far, for a worker may stray."""
    shapes = scene.city.areas.shape[scene.city.districts]
    return scene.city.districts[shapely.distance(shapes, shapely.Point(lon, lat)) * METRES <= metres + STRAY]


def _fields(scene: Scene, district: int, fields: list[str]) -> dict[str, bytes]:
    """A few minutes at a time: a whole hour of a large district would hold up the frames."""
    key, found = keys.checkpoint(str(scene.city.areas.area_id[district])), dict[str, bytes]()
    for start in range(0, len(fields), CHUNK):
        names = fields[start : start + CHUNK]
        bodies = scene.redis.hmget(key, names)
        found |= {name: body for name, body in zip(names, bodies, strict=True) if body}
    return found


def _with_present(scene: Scene, rows: Rows, workers: Collection[int] | None, since: float, until: float) -> Rows:
    """A checkpoint is some seconds old: each track goes on to where its worker stands now."""
    there = scene.mirror.workers
    known = (
        np.fromiter(workers, np.int64, len(workers))
        if workers is not None
        else np.unique(rows["worker"]).astype(np.int64)
    )
    at = there["at"][known].astype(np.int64)
    known = known[(at > 0) & (at >= since) & (at <= until)]
    present = np.zeros(len(known), tracks.TRACK)
    present["worker"] = known
    for name in ("at", "lon", "lat"):
        present[name] = there[name][known]
    every = np.concatenate([rows, present])
    every = every[np.lexsort((every["at"], every["worker"]))]
    same = (np.diff(every["worker"]) == 0) & (np.diff(every["at"].astype(np.int64)) == 0)
    return every[np.r_[True, ~same]] if len(every) else every


def _near(rows: Rows, lon: float, lat: float, metres: float) -> Rows:
    """Who came near at any time, the nearest first."""
    north = (rows["lat"] / 1e7 - lat) * METRES
    east = (rows["lon"] / 1e7 - lon) * METRES * np.cos(np.radians(lat))
    away = np.hypot(east, north)
    workers, starts = np.unique(rows["worker"], return_index=True)
    nearest = np.minimum.reduceat(away, starts) if len(rows) else away
    order = np.argsort(nearest, kind="stable")
    return workers[order][nearest[order] <= metres]


def _piece(number: int, rows: Rows) -> Feature:
    points = np.stack([rows["lon"], rows["lat"]], axis=1) / 1e7
    one = len(rows) == 1
    geometry = {"type": "Point" if one else "LineString", "coordinates": points[0].tolist() if one else points.tolist()}
    return Feature(id=number, geometry=geometry, properties={"times": rows["at"].tolist(), "fixes": len(rows)})


def _walk(scene: Scene, slot: int, rows: Rows) -> Walk:
    return Walk(
        slot=slot, worker_id=str(scene.city.workers.worker_id[slot]), at=rows["at"].tolist(),
        lon=(rows["lon"] / 1e7).tolist(), lat=(rows["lat"] / 1e7).tolist(),
    )  # fmt: skip
