"""Locate: from points to grids, held against the tree of all polygons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live.locate import OUTSIDE, Locator
from feeds.city import City
from feeds.lattice import lattice

BOUNDS = (116.0, 39.0, 116.2, 39.1)


def voronoi(points: int, seed: int = 7) -> City:
    """A city of wild polygons with a hole in the middle and an island beside it."""
    rng = np.random.default_rng(seed)
    west, south, east, north = BOUNDS
    box = shapely.box(*BOUNDS).difference(shapely.Point(116.1, 39.05).buffer(0.008))
    seeds = shapely.multipoints(rng.uniform((west, south), (east, north), (points, 2)))
    cells = shapely.intersection(np.array(shapely.voronoi_polygons(seeds, extend_to=box).geoms), box)
    shapes = np.append(cells[~shapely.is_empty(cells)], shapely.box(116.21, 39.04, 116.22, 39.06))
    plain = lattice("wild", BOUNDS, columns=len(shapes), rows=1, districts=("a", "b"))
    grids = type(plain.grids)(**(vars(plain.grids) | {"shape": shapes}))
    return City(**(vars(plain) | {"grids": grids}))


@pytest.fixture(scope="module")
def wild() -> City:
    return voronoi(300)


@pytest.fixture(scope="module")
def locator(wild: City) -> Locator:
    return Locator(wild)


def by_tree(city: City, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    found = np.full(len(x), 1 << 30)
    point, shape = shapely.STRtree(city.grids.shape).query(shapely.points(x, y), predicate="intersects")
    np.minimum.at(found, point, shape)
    return np.where(found == 1 << 30, OUTSIDE, found)


def test_every_point_is_found_where_the_tree_of_polygons_finds_it(wild, locator):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(115.98, 116.24, 200_000), rng.uniform(38.99, 39.11, 200_000)
    assert (locator.grid(x, y) == by_tree(wild, x, y)).all()


def test_points_beside_and_on_the_borders_are_found_exactly(wild, locator):
    rng = np.random.default_rng(2)
    corners = shapely.get_coordinates(wild.grids.shape)
    near = corners[rng.integers(0, len(corners), 50_000)] + rng.normal(0, 1e-7, (50_000, 2))
    for x, y in (corners.T, near.T):
        assert (locator.grid(x, y) == by_tree(wild, x, y)).all()


def test_a_point_on_a_shared_border_belongs_to_the_lowest_row():
    locator = Locator(lattice("t", BOUNDS, columns=4, rows=2))
    assert locator.grid([116.05, 116.1], [39.05, 39.05]).tolist() == [0, 1]


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e9, 1e9) | st.just(float("nan")), st.floats(-1e9, 1e9) | st.just(float("nan")))
def test_what_lies_in_no_grid_is_outside_and_never_wraps_round(locator, x, y):
    assert locator.grid([x], [y])[0] == (
        by_tree(locator.city, np.array([x]), np.array([y]))[0] if abs(x) < 400 else OUTSIDE
    )


def test_a_hole_is_outside_and_an_island_is_found(wild, locator):
    assert locator.grid([116.1, 116.215], [39.05, 39.05]).tolist() == [OUTSIDE, len(wild.grids.shape) - 1]


def test_a_point_between_the_grids_of_a_district_still_has_its_district(wild, locator):
    west = int(wild.districts[0])
    assert locator.district([116.095, 100.0], [39.051, 39.05])[1] == OUTSIDE
    inside = shapely.point_on_surface(wild.areas.shape[west])
    assert locator.district([inside.x], [inside.y])[0] in wild.districts


def test_the_raster_is_kept_and_read_again(wild, locator, tmp_path: Path):
    first, again = Locator(wild, tmp_path / "cache"), Locator(wild, tmp_path / "cache")
    assert isinstance(again.cells.base, np.memmap)
    assert (first.cells == locator.cells).all()
    assert (again.cells == locator.cells).all()


def test_a_cache_that_is_damaged_or_cannot_be_written_costs_time_only(wild, locator, tmp_path: Path):
    (tmp_path / f"raster-{wild.version}.npy").write_bytes(b"not a raster")
    assert (Locator(wild, tmp_path).cells == locator.cells).all()
    (tmp_path / "file").write_text("in the way")
    assert (Locator(wild, tmp_path / "file").cells == locator.cells).all()
