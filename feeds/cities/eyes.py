"""Eyes: the cameras of a demo city, along its streets, on the switches and platforms they would hang on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from feeds.cities.plans import Plan
from feeds.cities.terrain import chance
from feeds.city import Cameras, Grids

__all__ = ["cameras"]

#: Owner, platform it reports through, share of all cameras.
OWNERS = (
    ("公安局", "视频专网平台", 0.40),
    ("交警支队", "视频专网平台", 0.16),
    ("城市管理局", "城管视频平台", 0.14),
    ("教育局", "平安校园平台", 0.08),
    ("文旅局", "文旅视频平台", 0.08),
    ("综治中心", "雪亮工程平台", 0.14),
)
#: What a camera looks at, by owner.
PLACES = {
    "公安局": ("路口", "卡口", "小区门口"),
    "交警支队": ("路口", "路段", "匝道"),
    "城市管理局": ("市场门口", "沿街", "广场"),
    "教育局": ("校门口", "操场", "通学路"),
    "文旅局": ("游客中心", "步道", "停车场"),
    "综治中心": ("村口", "巷口", "活动中心"),
}
PER_SWITCH = 16

Floats = npt.NDArray[np.float64]


def cameras(plan: Plan, grids: Grids, weight: Floats, area: Floats, seed: str) -> Cameras:
    grid = _grids(plan, grids, weight, area)
    random = chance(seed, "eyes").random((plan.cameras, 4))
    lon, lat = _places(grids.shape[grid], random)
    owner = _owners(grids, grid, random[:, 2])
    places = [PLACES[OWNERS[o][0]][int(r * 3)] for o, r in zip(owner, random[:, 3], strict=True)]
    return Cameras(
        camera_id=np.array([f"{plan.prefix}-C{n + 1:05d}" for n in range(plan.cameras)]),
        name=np.array(
            [
                f"{str(grids.name[g]).rpartition('第')[0]}{place}{n + 1}"
                for n, (g, place) in enumerate(zip(grid, places, strict=True))
            ]
        ),
        lon=lon,
        lat=lat,
        grid=grid.astype(np.int32),
        owner=np.array([OWNERS[o][0] for o in owner]),
        platform=np.array([OWNERS[o][1] for o in owner]),
        switch=_switches(plan, owner),
    )


def _grids(plan: Plan, grids: Grids, weight: Floats, area: Floats) -> npt.NDArray[np.int64]:
    """Dense in town: by households, and by the root of land so that open country has its share too."""
    pull = weight * np.where(grids.kind == 1, 0.35, 1.0) + 0.3 * np.sqrt(np.minimum(area, 4e6) / 1e6) * weight.mean()
    total = np.cumsum(pull) / pull.sum()
    return np.searchsorted(total, (np.arange(plan.cameras) + 0.5) / plan.cameras)


def _places(shapes: npt.NDArray[np.object_], random: Floats) -> tuple[Floats, Floats]:
    """A little inside the edge of the grid: on the street, yet in one grid for sure."""
    flat = shapely.get_parts(shapes) if all(shapely.get_num_geometries(shapes) == 1) else _largest(shapes)
    edge = shapely.get_exterior_ring(flat)
    point = shapely.line_interpolate_point(edge, random[:, 0], normalized=True)
    inside = shapely.point_on_surface(flat)
    there, middle = shapely.get_coordinates(point), shapely.get_coordinates(inside)
    gap = np.hypot(*((middle - there) * 1e5).T)[:, None]
    at = there + (middle - there) * np.minimum(0.5, (4 + 10 * random[:, 1:2]) / np.maximum(gap, 1.0))
    at = np.where(shapely.contains_xy(flat, at)[:, None], at, middle).round(7)
    return at[:, 0], at[:, 1]


def _largest(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    return np.array([max(shapely.get_parts(shape), key=lambda part: part.area) for shape in shapes], object)


def _owners(grids: Grids, grid: npt.NDArray[np.int64], random: Floats) -> npt.NDArray[np.int64]:
    edges = np.cumsum([share for _, _, share in OWNERS])
    owner = np.searchsorted(edges, random * edges[-1]).clip(max=len(OWNERS) - 1)
    # Nobody runs a traffic junction in the fields; scenic places are the tourist office's.
    country = grids.kind[grid] == 1
    owner = np.where(country & (owner < 4), np.where(owner < 1, 0, 5), owner)
    return np.where((grids.kind[grid] == 2) & (random < 0.7), 4, owner)


def _switches(plan: Plan, owner: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Cameras of one platform that stand near each other (grids are in order of place) hang on one switch."""
    platforms = sorted({platform for _, platform, _ in OWNERS})
    platform = np.array([platforms.index(OWNERS[o][1]) for o in owner])
    names = np.empty(len(owner), "U24")
    for number in range(len(platforms)):
        rows = np.flatnonzero(platform == number)
        blocks = max(1, round(len(rows) / PER_SWITCH))
        for block, part in enumerate(np.array_split(rows, blocks)):
            names[part] = f"{plan.prefix}-SW{number + 1}{block + 1:03d}"
    # As wide as the longest name and no wider: the bytes of a column are part of the city's version.
    return np.array(names.tolist())
