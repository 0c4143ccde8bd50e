"""City: areas, grids, workers and cameras, as columns. Rows are what records and frames speak of."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["AREA_LEVELS", "GRID_KINDS", "ROLES", "Areas", "Cameras", "City", "Classes", "Grids", "Workers"]

AREA_LEVELS = ("city", "district", "street", "community")
GRID_KINDS = ("urban", "rural", "scenic", "dedicated")
ROLES = ("full_time", "part_time")

Rows = npt.NDArray[np.int32]
Codes = npt.NDArray[np.uint8]
Degrees = npt.NDArray[np.float64]
Texts = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Areas:
    """区域. Row 0 is the city, a parent stands before its children. level: of AREA_LEVELS; parent of row 0: -1."""

    area_id: Texts
    name: Texts
    level: Codes
    parent: Rows
    lon: Degrees
    lat: Degrees
    shape: Shapes


@dataclass(frozen=True, eq=False)
class Grids:
    """网格. area: row of the area it hangs under (community, or street where there is none); kind: of GRID_KINDS."""

    grid_id: Texts
    name: Texts
    kind: Codes
    area: Rows
    households: Rows
    shape: Shapes


@dataclass(frozen=True, eq=False)
class Workers:
    """网格员. grid: row of the worker's own grid. A row is for ever: those who leave stay, new ones come at the end.

    terminal: whether the worker has a device that sends positions; empty says that all have one.
    """

    worker_id: Texts
    name: Texts
    role: Codes
    grid: Rows
    terminal: Flags = field(default_factory=lambda: np.empty(0, np.bool_))

    @property
    def sends(self) -> Flags:
        """Row by row: whether a position is to be expected at all."""
        return self.terminal if len(self.terminal) else np.ones(len(self.worker_id), np.bool_)


@dataclass(frozen=True, eq=False)
class Cameras:
    """摄像机. owner, platform, switch: what each hangs on, by name; a platform or a switch may go dark as a whole."""

    camera_id: Texts
    name: Texts
    lon: Degrees
    lat: Degrees
    grid: Rows
    owner: Texts
    platform: Texts
    switch: Texts


@dataclass(frozen=True, eq=False)
class Classes:
    """事件类别. Row 0 is 其他: what an unknown class_code is counted as. parent: row above, -1 for the top."""

    class_code: Texts
    name: Texts
    name_en: Texts
    parent: Rows


@dataclass(frozen=True, eq=False)
class City:
    """One dated state of a city. `streets` are main roads for the map, `street_rank` 0 for the widest."""

    city_id: str
    name: str
    name_en: str
    valid_from: str
    areas: Areas
    grids: Grids
    workers: Workers
    cameras: Cameras
    classes: Classes
    streets: Shapes = field(default_factory=lambda: np.empty(0, object))
    street_rank: Codes = field(default_factory=lambda: np.empty(0, np.uint8))
    zone: str = "Asia/Shanghai"

    @cached_property
    def version(self) -> str:
        """Names this content: 16 hex digits."""
        digest = hashlib.sha256()
        for name, column in sorted(_columns(self).items()):
            digest.update(name.encode() + b"\0" + str(column.dtype).encode() + column.tobytes())
        return digest.hexdigest()[:16]

    @cached_property
    def area_row(self) -> dict[str, int]:
        return {str(area_id): row for row, area_id in enumerate(self.areas.area_id)}

    @cached_property
    def grid_row(self) -> dict[str, int]:
        return {str(grid_id): row for row, grid_id in enumerate(self.grids.grid_id)}

    @cached_property
    def worker_row(self) -> dict[str, int]:
        return {str(worker_id): row for row, worker_id in enumerate(self.workers.worker_id)}

    @cached_property
    def camera_row(self) -> dict[str, int]:
        return {str(camera_id): row for row, camera_id in enumerate(self.cameras.camera_id)}

    @cached_property
    def class_row(self) -> dict[str, int]:
        return {str(class_code): row for row, class_code in enumerate(self.classes.class_code)}

    @cached_property
    def districts(self) -> Rows:
        """Area rows of the districts: the unit that a fold owns."""
        return np.flatnonzero(self.areas.level == AREA_LEVELS.index("district")).astype(np.int32)

    @cached_property
    def path(self) -> npt.NDArray[np.int32]:
        """(areas, 4): for each area its row at each of AREA_LEVELS, -1 below its own level."""
        path = np.full((len(self.areas.level), len(AREA_LEVELS)), -1, np.int32)
        for row, (level, parent) in enumerate(zip(self.areas.level, self.areas.parent, strict=True)):
            if parent >= 0:
                path[row] = path[parent]
            path[row, level] = row
        return path

    @cached_property
    def district_of_area(self) -> Rows:
        return self.path[:, 1]

    @cached_property
    def district_of_grid(self) -> Rows:
        return self.district_of_area[self.grids.area]

    @cached_property
    def district_of_worker(self) -> Rows:
        return self.district_of_grid[self.workers.grid]

    @cached_property
    def district_of_camera(self) -> Rows:
        return self.district_of_grid[self.cameras.grid]

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all grids, degrees."""
        west, south, east, north = shapely.total_bounds(self.grids.shape)
        return float(west), float(south), float(east), float(north)

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        np.savez_compressed(out, **_columns(self))  # type: ignore[arg-type]
        return out.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> City:
        with np.load(io.BytesIO(body), allow_pickle=False) as file:
            columns = {name: file[name] for name in file.files}
        tables: dict[str, Any] = {
            table.__name__.lower(): table(
                **{f.name: _read(columns, f"{table.__name__.lower()}.{f.name}") for f in fields(table)}
            )
            for table in (Areas, Grids, Workers, Cameras, Classes)
        }
        facts = {name: str(columns[name]) for name in ("city_id", "name", "name_en", "valid_from", "zone")}
        return cls(**facts, **tables, streets=_read(columns, "streets.shape"), street_rank=columns["street_rank"])


def _columns(city: City) -> dict[str, npt.NDArray[Any]]:
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.array(getattr(city, name)) for name in ("city_id", "name", "name_en", "valid_from", "zone")
    }
    for name in ("areas", "grids", "workers", "cameras", "classes"):
        table = getattr(city, name)
        columns |= {f"{name}.{f.name}": getattr(table, f.name) for f in fields(table) if f.name != "shape"}
    columns |= _write("areas.shape", city.areas.shape) | _write("grids.shape", city.grids.shape)
    return columns | _write("streets.shape", city.streets) | {"street_rank": city.street_rank}


def _write(name: str, shapes: Shapes) -> dict[str, npt.NDArray[Any]]:
    parts = [shapely.to_wkb(shape) for shape in shapes]
    lengths = np.array([len(part) for part in parts], np.uint32)
    return {f"{name}.wkb": np.frombuffer(b"".join(parts), np.uint8), f"{name}.length": lengths}


def _read(columns: dict[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
    if name in columns:
        return columns[name]
    body, ends = columns[f"{name}.wkb"].tobytes(), np.cumsum(columns[f"{name}.length"])
    return shapely.from_wkb([body[end - size : end] for end, size in zip(ends, columns[f"{name}.length"], strict=True)])
