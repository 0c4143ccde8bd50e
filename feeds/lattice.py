"""Lattice: a plain city of square grids over a rectangle, for replays of recorded data and for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from feeds.city import Areas, Cameras, City, Classes, Grids, Workers

__all__ = ["lattice"]

Bounds = tuple[float, float, float, float]


def lattice(
    city_id: str,
    bounds: Bounds,
    *,
    columns: int = 8,
    rows: int = 8,
    districts: Sequence[str] = ("district",),
    worker_ids: Sequence[str] = (),
    cameras: int = 0,
    classes: Sequence[tuple[str, str]] = (("litter", "litter"), ("noise", "noise")),
    zone: str = "Asia/Shanghai",
) -> City:
    """A city of columns x rows grids, dealt to the districts from west to east; each is one street, one community.

    bounds: west, south, east, north in degrees. Worker i belongs to grid i modulo the number of grids.
    """
    west, south, east, north = bounds
    xs, ys = np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)
    i, j = (index.ravel() for index in np.meshgrid(np.arange(columns), np.arange(rows)))
    shapes = shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1])
    district = i * len(districts) // columns
    areas = _areas(city_id, districts, [shapely.union_all(shapes[district == d]) for d in range(len(districts))])
    grids = Grids(
        grid_id=np.array([f"{city_id}-{b:03d}-{a:03d}" for a, b in zip(i, j, strict=True)]),
        name=np.array([f"{b + 1}-{a + 1}" for a, b in zip(i, j, strict=True)]),
        kind=np.zeros(len(i), np.uint8),
        area=(1 + 3 * district + 2).astype(np.int32),
        households=np.full(len(i), 300, np.int32),
        shape=shapes,
    )
    workers = Workers(
        worker_id=np.array(list(worker_ids), dtype=str),
        name=np.array(list(worker_ids), dtype=str),
        role=np.zeros(len(worker_ids), np.uint8),
        grid=(np.arange(len(worker_ids)) % len(i)).astype(np.int32),
    )
    placed = _cameras(grids, cameras)
    return City(city_id, city_id, city_id, "1970-01-01", areas, grids, workers, placed, _classes(classes), zone=zone)


def _areas(city_id: str, districts: Sequence[str], shapes: list[shapely.Geometry]) -> Areas:
    whole = shapely.union_all(shapes)
    ids, names, level, parent, shape = [city_id], [city_id], [0], [-1], [whole]
    for number, (district, outline) in enumerate(zip(districts, shapes, strict=True)):
        row = 1 + 3 * number
        ids += [district, f"{district}-street", f"{district}-community"]
        names += [district] * 3
        level += [1, 2, 3]
        parent += [0, row, row + 1]
        shape += [outline] * 3
    points = shapely.point_on_surface(np.array(shape, object))
    return Areas(
        np.array(ids), np.array(names), np.array(level, np.uint8), np.array(parent, np.int32),
        shapely.get_x(points), shapely.get_y(points), np.array(shape, object),
    )  # fmt: skip


def _cameras(grids: Grids, count: int) -> Cameras:
    grid = (np.arange(count) % len(grids.shape)).astype(np.int32)
    points = shapely.centroid(grids.shape[grid])
    return Cameras(
        camera_id=np.array([f"cam-{n:05d}" for n in range(count)], dtype=str),
        name=np.array([f"cam-{n:05d}" for n in range(count)], dtype=str),
        lon=shapely.get_x(points),
        lat=shapely.get_y(points),
        grid=grid,
        owner=np.array([("police", "traffic")[n % 2] for n in range(count)], dtype=str),
        platform=np.array(["platform-1"] * count, dtype=str),
        switch=np.array([f"switch-{n // 16}" for n in range(count)], dtype=str),
    )


def _classes(classes: Sequence[tuple[str, str]]) -> Classes:
    codes = [("other", "其他"), *classes]
    return Classes(
        class_code=np.array([code for code, _ in codes]),
        name=np.array([name for _, name in codes]),
        name_en=np.array(["other", *(name for _, name in classes)]),
        parent=np.full(len(codes), -1, np.int32),
    )
