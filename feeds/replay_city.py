"""Replay city: a plain city for recorded data: square grids where something was recorded, areas as they are named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from feeds.city import Areas, Cameras, City, Classes, Grids, Workers
from feeds.mapping import Mapping
from feeds.record import CameraStatus, EventReport, Fix
from feeds.replay import Recording

__all__ = ["city_of"]

Degrees = npt.NDArray[np.float64]
Cells = npt.NDArray[np.int64]
Path = tuple[str, ...]

#: Cells along the longer side, how near (in cells) something must have been recorded, and the least width in degrees.
CELLS, NEAR, LEAST = 36, 2, 0.02
#: Id of the city, and of the district when no record names one.
CITY, SOMEWHERE = "replay", "all"


def city_of(recording: Recording, mapping: Mapping, name: str = "") -> City:
    """Grids are cells of a lattice near any record; each belongs to the area that the nearest record with one names."""
    lon, lat, path = _points(recording)
    lattice = Lattice.over(lon, lat)
    seen = lattice.cells(lon, lat)
    cells = _near(seen)
    named = [row for row, names in enumerate(path) if names] or [0]
    paths = [_filled(path[named[row]]) for row in _nearest(cells, seen[named])]
    shapes = lattice.shapes(cells)
    title = name or mapping.name or "replay"
    areas = _areas(title, [*paths, *_named(recording)], len(paths), shapes)
    row_of = {str(one): row for row, one in enumerate(areas.area_id)}
    grids = Grids(
        grid_id=np.array([f"{x:02d}-{y:02d}" for x, y in cells.tolist()]),
        name=np.array([f"{x}-{y}" for x, y in cells.tolist()]),
        kind=np.zeros(len(cells), np.uint8),
        area=np.array([row_of[community] for _, _, community in paths], np.int32),
        households=np.full(len(cells), 300, np.int32),
        shape=shapes,
    )
    grid_of = {(x, y): row for row, (x, y) in enumerate(cells.tolist())}
    homes = {one: grid_of[cell] for one, cell in _homes(recording, lattice).items()}
    tables = areas, grids, _workers(recording, homes), _cameras(recording, homes), _classes(recording)
    return City(CITY, title, title, "1970-01-01", *tables, zone=mapping.zone)


def _points(recording: Recording) -> tuple[Degrees, Degrees, list[Path]]:
    found: list[tuple[float, float, Path]] = [(lon, lat, ()) for lon, lat, _ in recording.places.values()]
    for _, _, record in recording.played:
        if isinstance(record, Fix):
            found.append((record.lon, record.lat, ()))
        elif isinstance(record, EventReport) and record.lon is not None and record.lat is not None:
            found.append((record.lon, record.lat, _path(record)))
    found = found or [(0.0, 0.0, ())]
    return np.array([row[0] for row in found]), np.array([row[1] for row in found]), [row[2] for row in found]


def _path(record: EventReport) -> Path:
    return tuple(record.area_id.split("/")) if record.area_id else ()


def _named(recording: Recording) -> list[Path]:
    """The areas of all events: those without a position shall find theirs too."""
    paths = {_path(record) for _, _, record in recording.played if isinstance(record, EventReport)}
    return [_filled(path) for path in paths if path]


def _filled(path: Path) -> Path:
    """Ids of district, street and community; what no record names is called after what is above."""
    district = path[0] if path else SOMEWHERE
    street = f"{district}/{path[1]}" if len(path) > 1 else f"{district}-street"
    return district, street, f"{street}/{path[2]}" if len(path) > 2 else f"{street}-community"


@dataclass(frozen=True)
class Lattice:
    """Cells that are about square on the ground. Columns and rows are counted from west and south."""

    west: float
    south: float
    width: float
    height: float

    @classmethod
    def over(cls, lon: Degrees, lat: Degrees) -> Lattice:
        # Recorded positions have far-off mistakes; the city is where nearly all of them are.
        part = (0.002, 0.998) if len(lon) > 500 else (0.0, 1.0)
        west, east = np.quantile(lon, part)
        south, north = np.quantile(lat, part)
        squeeze = max(float(np.cos(np.radians((south + north) / 2))), 0.1)
        height = max((east - west) * squeeze, north - south, LEAST) / CELLS
        return cls(
            float(west - NEAR * height / squeeze), float(south - NEAR * height), float(height / squeeze), float(height)
        )

    def cells(self, lon: Degrees, lat: Degrees) -> Cells:
        last = CELLS + NEAR
        x, y = (lon - self.west) // self.width, (lat - self.south) // self.height
        return np.column_stack([np.clip(x, NEAR, last), np.clip(y, NEAR, last)]).astype(np.int64)

    def one(self, lon: float, lat: float) -> tuple[int, int]:
        x, y = self.cells(np.array([lon]), np.array([lat]))[0].tolist()
        return x, y

    def shapes(self, cells: Cells) -> npt.NDArray[np.object_]:
        # Edges are computed once for both neighbours, so that no sliver is left between them.
        x = self.west + np.arange(CELLS + 3 * NEAR + 2) * self.width
        y = self.south + np.arange(CELLS + 3 * NEAR + 2) * self.height
        column, row = cells[:, 0], cells[:, 1]
        return shapely.box(x[column], y[row], x[column + 1], y[row + 1])


def _near(cell: Cells) -> Cells:
    steps = np.arange(-NEAR, NEAR + 1)
    around = np.array([(x, y) for x in steps for y in steps if x * x + y * y <= NEAR * NEAR + 1])
    return np.unique((np.unique(cell, axis=0)[:, None, :] + around).reshape(-1, 2), axis=0)


def _nearest(cells: Cells, of: Cells) -> Cells:
    places, first = np.unique(of, axis=0, return_index=True)
    far = ((cells[:, None, :] - places) ** 2).sum(axis=2)
    return first[far.argmin(axis=1)]


def _areas(title: str, paths: list[Path], placed: int, shapes: npt.NDArray[np.object_]) -> Areas:
    """The areas of all paths. Only the first `placed` have grids; one without has the outline of what is above it."""
    ids, parent, level = [CITY], [-1], [0]
    row_of = {CITY: 0}
    for path in sorted(set(paths)):
        for depth, one in enumerate(path):
            if one not in row_of:
                row_of[one] = len(ids)
                ids.append(one)
                parent.append(row_of[path[depth - 1]] if depth else 0)
                level.append(depth + 1)
    members: list[list[int]] = [[] for _ in ids]
    for number, path in enumerate(paths[:placed]):
        for one in (CITY, *path):
            members[row_of[one]].append(number)
    outline: list[shapely.Geometry] = []
    for row, grids in enumerate(members):
        outline.append(shapely.union_all(shapes[grids]) if grids else outline[parent[row]])
    middle = shapely.point_on_surface(np.array(outline, object))
    names = [title, *(one.split("/")[-1].removesuffix("-community").removesuffix("-street") for one in ids[1:])]
    return Areas(
        np.array(ids), np.array(names), np.array(level, np.uint8), np.array(parent, np.int32),
        shapely.get_x(middle), shapely.get_y(middle), np.array(outline, object),
    )  # fmt: skip


def _homes(recording: Recording, lattice: Lattice) -> dict[str, tuple[int, int]]:
    """The cell of each worker, where most of the fixes are, and of each camera."""
    found = {name: (lon, lat) for name, (lon, lat, _) in recording.places.items()}
    homes = {name: lattice.one(lon, lat) for name, (lon, lat) in found.items()}
    seen: dict[str, Counter[tuple[int, int]]] = {}
    fixes = [record for _, _, record in recording.played if isinstance(record, Fix)]
    cells = lattice.cells(np.array([fix.lon for fix in fixes]), np.array([fix.lat for fix in fixes])).tolist()
    for fix, (x, y) in zip(fixes, cells, strict=True):
        seen.setdefault(fix.worker_id, Counter())[x, y] += 1
    return homes | {name: cells.most_common(1)[0][0] for name, cells in seen.items()}


def _workers(recording: Recording, homes: dict[str, int]) -> Workers:
    ids = sorted({record.worker_id for _, _, record in recording.played if isinstance(record, Fix)})
    return Workers(
        worker_id=np.array(ids, dtype=str),
        name=np.array(ids, dtype=str),
        role=np.zeros(len(ids), np.uint8),
        grid=np.array([homes[one] for one in ids], np.int32),
    )


def _cameras(recording: Recording, homes: dict[str, int]) -> Cameras:
    ids = sorted({record.camera_id for _, _, record in recording.played if isinstance(record, CameraStatus)})
    middle = next(iter(recording.places.values()), (0.0, 0.0, ""))
    places = [recording.places.get(one, middle) for one in ids]
    return Cameras(
        camera_id=np.array(ids, dtype=str),
        name=np.array(ids, dtype=str),
        lon=np.array([place[0] for place in places]),
        lat=np.array([place[1] for place in places]),
        grid=np.array([homes.get(one, 0) for one in ids], np.int32),
        owner=np.array([place[2] for place in places], dtype=str),
        platform=np.array(["replay"] * len(ids), dtype=str),
        switch=np.array([f"switch-{row // 16}" for row in range(len(ids))], dtype=str),
    )


def _classes(recording: Recording) -> Classes:
    """The classes of the records, the commonest first."""
    counts = Counter(
        record.class_code
        for at, _, record in recording.played
        if isinstance(record, EventReport) and record.reported_at == at and record.class_code != "other"
    )
    names = [name for name, _ in sorted(counts.items(), key=lambda row: (-row[1], row[0]))]
    return Classes(
        class_code=np.array(["other", *names]),
        name=np.array(["其他", *names]),
        name_en=np.array(["Other", *names]),
        parent=np.full(len(names) + 1, -1, np.int32),
    )
