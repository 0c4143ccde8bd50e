"""The five cities: real outlines and names, exact counts, and grids that are a partition."""

from functools import cache

import numpy as np
import pytest
import shapely

from feeds.cities import NAMES, build
from feeds.city import City
from feeds.reference import known_outlines

#: grids, urban, rural, scenic, dedicated, districts, streets, communities, full-time, part-time, cameras (None: any)
COUNTS = {
    "wulingyuan": (68, 15, 45, 8, 0, 1, 6, 34, 404, 0, 522),
    "yangling": (404, 272, 132, 0, 0, 1, 5, 76, 404, 0, 2300),
    "zhoushan": (2463, None, None, 0, 0, 4, 43, 428, 2463, 4926, 1800),
    "changzhou": (6257, None, None, 0, 1295, 6, 65, 1047, 3420, 9660, 2000),
    "jiamusi": (8541, None, None, 0, 0, 10, 97, 1160, 8541, 26459, 2300),
}
SMALL = ("wulingyuan", "yangling")

#: Each city is built once for all tests here.
built = cache(build)


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def city(name):
    return built(name)


def test_every_count_is_the_one_that_the_city_published(name, city):
    kinds, levels = np.bincount(city.grids.kind, minlength=4), np.bincount(city.areas.level, minlength=4)
    roles = np.bincount(city.workers.role, minlength=2)
    got = (kinds.sum(), *kinds, *levels[1:], *roles, len(city.cameras.camera_id))
    assert all(want is None or want == have for want, have in zip(COUNTS[name], got, strict=True)), got
    assert levels[0] == 1


def test_the_grids_are_a_partition_of_the_city(city):
    shapes = city.grids.shape
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    whole = city.areas.shape[0]
    assert abs(shapely.area(shapes).sum() / whole.area - 1) < 1e-9
    assert shapely.get_num_interior_rings(shapely.get_parts(whole)).sum() == 0, "a hole between grids"


def test_every_area_is_the_sum_of_what_lies_in_it(city):
    area = shapely.area(city.areas.shape)
    of_grids = np.bincount(city.grids.area, shapely.area(city.grids.shape), minlength=len(area))
    leaf = city.areas.level == 3
    assert np.allclose(of_grids[leaf], area[leaf], rtol=1e-9, atol=0)
    below = np.bincount(city.areas.parent[1:], area[1:], minlength=len(area))
    assert np.allclose(below[~leaf], area[~leaf], rtol=1e-9, atol=0)


def test_a_point_falls_into_exactly_one_grid_and_into_all_areas_above_it(city):
    random = np.random.default_rng(7)
    west, south, east, north = city.bounds
    points = shapely.points(random.uniform((west, south), (east, north), (4000, 2)))
    on_land = shapely.contains(city.areas.shape[0], points)
    which, grid = shapely.STRtree(city.grids.shape).query(points, predicate="within")
    assert np.array_equal(np.unique(which), np.flatnonzero(on_land))
    assert len(np.unique(which)) == len(which)
    for p, g in list(zip(which, grid, strict=True))[:200]:
        rows = [row for row in city.path[city.grids.area[g]] if row >= 0]
        assert shapely.contains(city.areas.shape[rows], points[p]).all()


def test_codes_are_whole_unique_and_begin_with_the_code_above(city):
    ids = city.areas.area_id
    assert len(set(ids)) == len(ids) and len(set(city.grids.grid_id)) == len(city.grids.grid_id)
    assert {len(code) for code in city.grids.grid_id} == {15}
    assert all(code.startswith(ids[area]) for code, area in zip(city.grids.grid_id, city.grids.area, strict=True))
    assert [len(code) for code in ids[1:]] == [(6, 9, 12)[level - 1] for level in city.areas.level[1:]]
    below = np.flatnonzero(city.areas.level > 1)
    assert all(ids[row].startswith(ids[city.areas.parent[row]]) for row in below)
    assert (city.areas.parent[1:] < np.arange(1, len(ids))).all(), "a parent stands before its children"


def test_the_districts_are_the_real_counties(city):
    land = shapely.union_all(known_outlines())
    whole = city.areas.shape[0]
    # Edges of an outline bend a few metres with the land that they bound.
    assert shapely.difference(whole, land).area < 2e-3 * whole.area
    assert len(set(city.workers.worker_id)) == len(city.workers.worker_id)


def test_every_camera_stands_in_its_grid_on_a_switch_with_its_neighbours(city):
    cameras = city.cameras
    assert shapely.contains_xy(city.grids.shape[cameras.grid], cameras.lon, cameras.lat).all()
    assert len(set(cameras.camera_id)) == len(cameras.camera_id)
    _, switch, size = np.unique(cameras.switch, return_inverse=True, return_counts=True)
    assert size.min() >= 8 and size.max() <= 24
    assert all(len(set(cameras.platform[switch == n])) == 1 for n in range(len(size)))


def test_every_label_stands_in_its_area_and_households_fit_the_kind(city):
    areas = city.areas
    assert shapely.contains_xy(areas.shape, areas.lon, areas.lat).all()
    assert city.grids.households.min() >= 50 and city.grids.households.max() <= 500
    assert city.workers.grid.min() >= 0 and city.workers.grid.max() < len(city.grids.grid_id)


def test_there_are_streets_enough_for_a_map_and_not_too_many(city):
    assert 20 < len(city.streets) <= 15_000
    assert set(city.street_rank) == {0, 1, 2}
    assert (np.diff(city.street_rank.astype(int)) >= 0).all()


@pytest.mark.parametrize("small", SMALL)
def test_a_city_comes_out_the_same_twice_and_survives_its_bytes(small):
    city = build(small)
    assert build(small).version == city.version
    assert City.from_bytes(city.to_bytes()).version == city.version


def test_changzhou_has_fewer_terminals_than_workers():
    workers = built("changzhou").workers
    assert workers.sends.sum() == 8507
    assert workers.sends[workers.role == 0].all()


def test_every_worker_of_yangling_has_a_grid_of_their_own():
    assert sorted(built("yangling").workers.grid) == list(range(404))


def test_an_unknown_city_is_answered_with_the_names_that_are_known():
    with pytest.raises(ValueError, match="wulingyuan, yangling, zhoushan, changzhou, jiamusi"):
        build("atlantis")
