"""Heat and hexes: where events are, cooling with time; where patrols have been."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live.heat import Cells, Heat, Visits
from feeds import hexes
from feeds.lattice import lattice

CITY = lattice("t", (116.0, 39.0, 116.3, 39.2))
CELLS = Cells(CITY)
T = 1_763_700_000


def test_a_point_lies_within_a_side_of_the_middle_of_its_cell():
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(116, 116.3, 10_000), rng.uniform(39, 39.2, 10_000)
    size = CELLS.size
    x, y = hexes.centres(*hexes.cells(lon, lat, size), size)
    away = np.hypot(lon - x, hexes.mercator(lat) - hexes.mercator(y))
    assert away.max() <= size * (1 + 1e-9)


def test_the_middle_of_every_cell_lies_in_that_cell():
    every = np.arange(CELLS.count)
    assert (CELLS.index(*CELLS.centre(every)) == every).all()


def test_one_point_lies_in_the_same_cell_as_among_many():
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(115.9, 116.4, 20_000), rng.uniform(38.9, 39.3, 20_000)
    one_by_one = [CELLS.at(*point) for point in zip(lon.tolist(), lat.tolist(), strict=True)]
    assert one_by_one == CELLS.index(lon, lat).tolist()


def test_a_cell_is_150_metres_wide_or_a_250th_of_the_city():
    small = (
        hexes.cell_size(lattice("s", (116.0, 39.0, 116.01, 39.01)))
        * hexes.ROOT3
        * hexes.METRES
        * np.cos(np.radians(39))
    )
    assert small == pytest.approx(150, rel=0.01)
    wide = hexes.cell_size(lattice("w", (110.0, 39.0, 116.0, 41.0))) * hexes.ROOT3
    assert wide == pytest.approx(6 / 250, rel=0.01)


def test_the_six_corners_lie_a_side_from_the_middle():
    corners = hexes.corners(np.array([5]), np.array([7]), 0.01)
    x, y = hexes.centres(np.array([5]), np.array([7]), 0.01)
    away = np.hypot(corners[0, :, 0] - x, hexes.mercator(corners[0, :, 1]) - hexes.mercator(y))
    assert away == pytest.approx(0.01)


@settings(deadline=None)
@given(st.permutations([0, 600, 3600, 3600, 7200]))
def test_events_halve_in_weight_each_half_life_in_whatever_order_they_come(order):
    heat = Heat(CELLS, half_life=3600)
    for behind in order:
        heat.add(116.1, 39.1, T - behind)
    table = heat.table(whole=True)
    now = table["weight"][0] * 2 ** (-(T - float(table["at"][0])) / 3600)
    assert now == pytest.approx(1 + 2 ** (-1 / 6) + 0.5 + 0.5 + 0.25, rel=1e-5)


def test_a_frame_tells_of_warm_cells_only_and_each_change_once():
    heat = Heat(CELLS, half_life=3600)
    heat.add(116.1, 39.1, T)
    heat.add(116.2, 39.1, T - 3600 * 24)
    assert len(heat.table(whole=False)["q"]) == 2
    assert len(heat.table(whole=False)["q"]) == 0
    assert len(heat.table(whole=True)["q"]) == 1


def test_what_lies_beyond_the_city_warms_nothing():
    heat, visits = Heat(CELLS, 3600), Visits(CELLS)
    heat.add(0.0, 0.0, T)
    visits.fold(np.array([0]), np.array([0]), np.array([T]), np.array([0]))
    assert len(heat.table(True)["q"]) == len(visits.table(True)["q"]) == 0


def test_a_visit_is_the_newest_of_its_cell():
    visits = Visits(CELLS)
    visits.fold(np.full(3, 1_161_000_000), np.full(3, 391_000_000), np.array([T, T + 9, T + 3]), np.zeros(3, int))
    assert visits.table(False)["at"].tolist() == [T + 9]
