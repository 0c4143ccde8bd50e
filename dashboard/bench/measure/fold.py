"""Fold: how many fixes a second one core folds, and whether each of them finds the grid it lies in."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.bench.figures import Figure, Figures, at_least, exactly
from dashboard.bench.rig import built, workshop
from dashboard.live.district import District, Ground
from dashboard.live.muster import Muster
from dashboard.progress import done
from dashboard.settings import Settings, load
from feeds.city import City
from feeds.record import FIX

__all__ = ["measure"]

CITY = "jiamusi"
#: Fixes in a tick at 7,000 and at 35,000 a second, and in a large read after a pause.
TICK, BURST, LARGE = 1750, 8750, 100_000
ROUNDS = {False: {TICK: 120, BURST: 60, LARGE: 12}, True: {TICK: 30, BURST: 12, LARGE: 4}}
POINTS = {False: 500_000, True: 100_000}
START = 1_763_700_000
#: Metres that people are off the middle of their walk, in 1e-7 degrees.
STROLL = 5000.0

Batches = list[npt.NDArray[Any]]


def measure(quick: bool) -> Figures:
    city = built(CITY)
    with workshop() as folder:
        ground = Ground(city, folder)
        settings = load({})
        places = _Places(city)
        whole = [_fold(ground, settings, places, size, rounds) for size, rounds in ROUNDS[quick].items()]
        return [*whole, *_locate(ground, places, POINTS[quick])]


class _Places:
    """Where workers are: about the middle of a part of their own grid, some a street further."""

    def __init__(self, city: City) -> None:
        self.rng = np.random.default_rng(3)
        middle = shapely.get_coordinates(shapely.point_on_surface(city.grids.shape))[city.workers.grid]
        self.at = np.rint(middle * 1e7)
        self.order = self.rng.permutation(len(middle))

    def batch(self, first: int, size: int) -> npt.NDArray[Any]:
        """Fixes `first` to `first + size` of the city's stream: worker after worker, each every 5 s."""
        turn = np.arange(first, first + size)
        worker = self.order[turn % len(self.order)]
        spot = self.at[worker] + self.rng.normal(0, STROLL, (size, 2))
        fixes = np.zeros(size, FIX)
        fixes["worker"], fixes["lon"], fixes["lat"] = worker, spot[:, 0], spot[:, 1]
        fixes["at"], fixes["acc"] = START * 1000 + turn * 5000 // len(self.order), 8
        return fixes


def _fold(ground: Ground, settings: Settings, places: _Places, size: int, rounds: int) -> Figure:
    """What a fold does at one tick: fold what was dealt to the districts, make the tables of the frames."""
    city = ground.city
    rows = [int(row) for row in city.districts]
    muster = Muster(ground, settings, rows)
    districts = [District(ground, row, settings, muster) for row in rows]
    owner = city.district_of_worker
    # Everybody has been seen once before it counts.
    warm = -(-2 * len(owner) // size)
    spent: list[float] = []
    for number in range(warm + rounds):
        batch = places.batch(number * size, size)
        # Ingest has dealt them already.
        dealt = [(place, batch[owner[batch["worker"]] == row].tobytes()) for place, row in enumerate(rows)]
        spent.append(_seconds(lambda dealt=dealt: _tick(muster, districts, dealt)))
        done(f"folding {size:,} at once", number / (warm + rounds))
    done("", 1.0)
    tick = statistics.median(spent[warm:])
    name = f"whole fold, {len(city.grids.shape):,} grids, {len(districts)} districts, {size:,} at once"
    # A fold that is busy reads more at once; what it can take is what it does with a large read.
    return Figure(
        name, size / tick, "fixes/s a core", at_least(900_000) if size == LARGE else None, f"{tick * 1000:.1f} ms"
    )


def _tick(muster: Muster, districts: list[District], dealt: list[tuple[int, bytes]]) -> None:
    muster.fold(dealt)
    for district in districts:
        district.tables(whole=False)


def _locate(ground: Ground, places: _Places, points: int) -> Figures:
    fixes = places.batch(0, points)
    lon, lat = fixes["lon"] * 1e-7, fixes["lat"] * 1e-7
    found: list[npt.NDArray[np.int32]] = []
    seconds = [_seconds(lambda: found.append(ground.locator.grid(lon, lat))) for _ in range(5)]
    wrong = int(np.count_nonzero(found[-1] != _truth(ground.city, lon, lat)))
    return [
        Figure("point to grid alone", points / statistics.median(seconds), "points/s a core"),
        Figure(
            "agreement with STRtree",
            100 * (points - wrong) / points,
            "%",
            exactly(100),
            f"{wrong} of {points:,} differ",
        ),
    ]


def _truth(city: City, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The lowest grid that has the point in it or on its border, by the tree alone; -1 for none."""
    point, shape = shapely.STRtree(city.grids.shape).query(shapely.points(lon, lat), predicate="intersects")
    truth = np.full(len(lon), len(city.grids.shape), np.int64)
    np.minimum.at(truth, point, shape)
    return np.where(truth == len(city.grids.shape), -1, truth)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
