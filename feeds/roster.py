"""Roster: workers and cameras as files bring them, each on its grid. A worker's row is for ever."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from feeds.city import Cameras, City, Grids, Workers
from feeds.codes import sound
from feeds.datum import Datum, convert
from feeds.findings import Findings
from feeds.sheets import Row

__all__ = ["cameras", "workers"]

ROLE_WORDS = {"full_time": 0, "专职": 0, "全职": 0, "0": 0, "part_time": 1, "兼职": 1, "1": 1}
NO, YES = {"0", "false", "no", "n", "否", "无"}, {"1", "true", "yes", "y", "是", "有"}


def workers(rows: list[Row], grids: Grids, previous: City | None, findings: Findings) -> Workers:
    """Those of the previous state first, in their rows; who has left stays, without a terminal."""
    known = {str(code): n for n, code in enumerate(grids.grid_id)}
    ids = sound([row.get("worker_id") for row in rows], "worker", [row.place for row in rows], findings)
    new: dict[str, tuple[str, int, int, bool]] = {}
    for row, worker in zip(rows, ids, strict=True):
        said = "".join(row.text("worker_grid").split())
        if said in known:
            new[worker] = (
                row.text("name", worker),
                _role(row, worker, findings),
                known[said],
                _sends(row, worker, findings),
            )
        else:
            sentence = (
                f"worker {worker} belongs to grid {said or '(none)'}, which there is not; left out until corrected"
            )
            findings.add("unknown-grid", "error", sentence, (worker,))
    kept = {} if previous is None else _kept(previous, grids, known, new, findings)
    roster = list((kept | new).items())
    return Workers(
        worker_id=np.array([worker for worker, _ in roster], dtype=str),
        name=np.array([name for _, (name, _, _, _) in roster], dtype=str),
        role=np.array([role for _, (_, role, _, _) in roster], np.uint8),
        grid=np.array([grid for _, (_, _, grid, _) in roster], np.int32),
        terminal=np.array([sends for _, (_, _, _, sends) in roster], np.bool_),
    )


def _role(row: Row, worker: str, findings: Findings) -> int:
    word = row.text("role").lower()
    if word and word not in ROLE_WORDS:
        sentence = f"worker {worker} has the role {word}, which there is not; taken as full_time"
        findings.add("unknown-role", "warning", sentence, (worker,))
    return ROLE_WORDS.get(word, 0)


def _sends(row: Row, worker: str, findings: Findings) -> bool:
    word = row.text("terminal", "1").lower()
    if word not in YES | NO:
        sentence = f"worker {worker} has {word} as terminal, which is neither 1 nor 0; taken as having one"
        findings.add("unknown-terminal", "warning", sentence, (worker,))
    return word not in NO


def _kept(
    previous: City, grids: Grids, known: dict[str, int], new: dict[str, tuple[str, int, int, bool]], findings: Findings
) -> dict[str, tuple[str, int, int, bool]]:
    kept: dict[str, tuple[str, int, int, bool]] = {}
    left: list[str] = []
    old = previous.workers
    for row, worker in enumerate(map(str, old.worker_id)):
        if worker not in new:
            left.append(worker)
            grid = known.get(str(previous.grids.grid_id[old.grid[row]]))
            there = _nearest(grids, previous, int(old.grid[row])) if grid is None else grid
            kept[worker] = str(old.name[row]), int(old.role[row]), there, False
        else:
            kept[worker] = new[worker]
    if left:
        said = "1 worker is" if len(left) == 1 else f"{len(left):,} workers are"
        findings.add("left", "note", f"{said} no longer named, but a row is for ever and stays", left[:50])
    return kept


def _nearest(grids: Grids, previous: City, row: int) -> int:
    shape: Any = previous.grids.shape[row]
    return int(np.argmin(shapely.distance(grids.shape, shapely.point_on_surface(shape))))


def cameras(rows: list[Row], grids: Grids, datum: Datum, findings: Findings) -> Cameras:
    ids = sound([row.get("camera_id") for row in rows], "camera", [row.place for row in rows], findings)
    places = [_place(row, camera, findings) for row, camera in zip(rows, ids, strict=True)]
    kept = [n for n, place in enumerate(places) if place]
    points = np.array([places[n] for n in kept], float).reshape(-1, 2)
    lon, lat = convert(points[:, 0], points[:, 1], datum)
    grid = _grids(np.stack([lon, lat], axis=1), [rows[n] for n in kept], [ids[n] for n in kept], grids, findings)
    text = {
        field: np.array([rows[n].text(field, default) for n in kept], dtype=str)
        for field, default in (("name", ""), ("owner", "未知"), ("platform", "platform"), ("switch", "switch"))
    }
    return Cameras(camera_id=np.array([ids[n] for n in kept], dtype=str), lon=lon, lat=lat, grid=grid, **text)


def _place(row: Row, camera: str, findings: Findings) -> tuple[float, float] | None:
    try:
        lon, lat = float(row.text("lon", "nan")), float(row.text("lat", "nan"))
    except ValueError:
        lon = lat = math.nan
    if abs(lat) > 90 >= abs(lon):
        findings.add("swapped", "warning", f"camera {camera} has latitude before longitude; turned round", (camera,))
        lon, lat = lat, lon
    if not (abs(lon) <= 180 and abs(lat) <= 90) or (lon == 0 and lat == 0):
        findings.add("no-position", "error", f"camera {camera} ({row.place}) has no position; left out", (camera,))
        return None
    return lon, lat


def _grids(
    points: npt.NDArray[np.float64], rows: list[Row], ids: list[str], grids: Grids, findings: Findings
) -> npt.NDArray[np.int32]:
    """By position; where that is in no grid, by the grid named; else the nearest."""
    known = {str(code): n for n, code in enumerate(grids.grid_id)}
    tree, spots = shapely.STRtree(grids.shape), np.asarray(shapely.points(points), object)
    grid = np.full(len(points), -1, np.int32)
    of, hit = tree.query(spots, predicate="intersects")
    grid[of[::-1]] = hit[::-1]
    for n in np.flatnonzero(grid < 0):
        said = rows[n].text("worker_grid")
        grid[n] = known[said] if said in known else int(tree.nearest(spots[int(n)]))
        sentence = f"camera {ids[n]} stands in no grid; it counts in {grids.grid_id[grid[n]]}"
        findings.add("outside", "warning", sentence, (ids[n],))
    return grid
