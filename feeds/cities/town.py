"""Town: puts a carved land together as a City: codes, names, kinds, and areas that are the sum of their grids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from feeds.cities.carve import Lot
from feeds.cities.eyes import cameras
from feeds.cities.knit import knit
from feeds.cities.land import DEDICATED_WEIGHT, Cut, Land
from feeds.cities.people import workers
from feeds.cities.roads import roads
from feeds.cities.terrain import chance
from feeds.city import GRID_KINDS, Areas, City, Grids
from feeds.classes import load

__all__ = ["Town"]

URBAN, RURAL, SCENIC, DEDICATED = range(len(GRID_KINDS))
VALID_FROM = "2026-01-01"
#: Fewest and most households by kind.
HOUSEHOLDS = ((220, 500), (50, 260), (50, 120), (50, 300))
#: Which share of the work the carving is.
CARVING = 0.75
CAMPUSES = ("校园", "园区", "商圈", "医院", "市场", "楼宇", "工地")

Floats = npt.NDArray[np.float64]


@dataclass
class _Plot:
    """One grid on its way: the lot, and the community it belongs to."""

    lot: Lot
    code: str
    community: str
    name: str


@dataclass
class Town:
    key: str
    told: Callable[[float], object] = lambda share: None

    @cached_property
    def land(self) -> Land:
        return Land(self.key)

    @cached_property
    def _carved(self) -> tuple[list[Lot], list[Cut]]:
        return self.land.carved(lambda share: self.told(CARVING * share))

    @cached_property
    def plots(self) -> list[_Plot]:
        """All grids in order of their codes; the densest communities of a street get its town names."""
        plots: list[_Plot] = []
        streets = sorted(self.land.communities)
        lots = [street for district in self._carved[0] for street in district.parts]
        for code, street in zip(streets, lots, strict=True):
            dense = sorted(street.parts, key=lambda lot: shapely.area(lot.shape) / lot.weight)
            for (community, name), lot in zip(self.land.communities[code], dense, strict=True):
                plots += [
                    _Plot(part, f"{community}{n + 1:03d}", community, name)
                    for n, part in enumerate(_in_order(lot.parts))
                ]
        return sorted(plots, key=lambda plot: plot.code)

    @cached_property
    def shapes(self) -> npt.NDArray[np.object_]:
        return knit([plot.lot.shape for plot in self.plots], self.land.terrain)

    @cached_property
    def area(self) -> Floats:
        """Square metres of each grid."""
        return np.array([shapely.area(plot.lot.shape) for plot in self.plots])

    @cached_property
    def kind(self) -> npt.NDArray[np.uint8]:
        plan, area = self.land.plan, self.area
        town = np.array([plot.name.endswith("社区") for plot in self.plots])
        kind = np.where((town & (area < 6e5)) | (area < 1e5), URBAN, RURAL).astype(np.uint8)
        kind[[plot.lot.weight == DEDICATED_WEIGHT for plot in self.plots]] = DEDICATED
        if plan.urban >= 0:
            scenic = (
                np.array([plot.name.startswith(plan.scenic_names) for plot in self.plots])
                if plan.scenic
                else ~town & False
            )
            kind[:] = RURAL
            kind[np.lexsort((-area, ~scenic))[: plan.scenic]] = SCENIC
            kind[np.lexsort((area, self._density, kind == SCENIC))[: plan.urban]] = URBAN
        return kind

    @cached_property
    def _density(self) -> Floats:
        """Middle size of the grids in each grid's community."""
        _, of = np.unique([plot.community for plot in self.plots], return_inverse=True)
        return (np.bincount(of, self.area) / np.bincount(of))[of]

    def city(self) -> City:
        plan, (_, cuts) = self.land.plan, self._carved
        areas, grids = self._areas_and_grids()
        classes, _ = load()
        weight = grids.households.astype(float)
        streets, rank = roads(cuts, self.land.seats, self.land.outlines, self.land.terrain)
        self.told(1.0)
        return City(
            self.key, plan.name, plan.name_en, VALID_FROM, areas, grids,
            workers(plan, weight, self.key), cameras(plan, grids, weight, self.area, self.key), classes, streets, rank,
        )  # fmt: skip

    def _areas_and_grids(self) -> tuple[Areas, Grids]:
        names = {code: name for code, name, _ in self.land.facts["districts"]} | dict(self.land.facts["streets"])
        names |= {plot.community: plot.name for plot in self.plots} | {self.key: self.land.plan.name}
        codes = [plot.community for plot in self.plots]
        ids = [self.key, *(code for cut in (6, 9, 12) for code in sorted({code[:cut] for code in codes}))]
        row = {code: n for n, code in enumerate(ids)}
        shape = self._area_shapes(codes, ids)
        lon, lat = self._labels(ids, shape)
        areas = Areas(
            area_id=np.array(ids),
            name=np.array([names[code] for code in ids]),
            level=np.array([0, *(len(code) // 3 - 1 for code in ids[1:])], np.uint8),
            parent=np.array([-1, *(row.get(code[:-3], 0) if len(code) > 6 else 0 for code in ids[1:])], np.int32),
            lon=lon,
            lat=lat,
            shape=shape,
        )
        grids = Grids(
            grid_id=np.array([plot.code for plot in self.plots]),
            name=np.array(self._grid_names()),
            kind=self.kind,
            area=np.array([row[code] for code in codes], np.int32),
            households=self._households(),
            shape=self.shapes,
        )
        return areas, grids

    def _area_shapes(self, codes: list[str], ids: list[str]) -> npt.NDArray[np.object_]:
        shape: dict[str, Any] = dict(zip([plot.code for plot in self.plots], self.shapes, strict=True))
        kept: dict[str, Any] = {}
        for cut in (12, 9, 6, 0):
            below: dict[str, list[Any]] = {}
            for code, part in shape.items():
                below.setdefault(code[:cut] or self.key, []).append(part)
            united = {code: shapely.normalize(shapely.coverage_union_all(parts)) for code, parts in below.items()}
            kept |= united
            shape = dict(united)
        found = np.empty(len(ids), object)
        found[:] = [kept[code] for code in ids]
        return found

    def _labels(self, ids: list[str], shape: npt.NDArray[np.object_]) -> tuple[Floats, Floats]:
        """A street is labelled at its seat, everything else in its middle; always inside."""
        middle = shapely.centroid(shape)
        codes = [n for n, code in enumerate(ids) if code in self.land.seats]
        terrain = self.land.terrain
        seats = terrain.degrees(terrain.bent(np.array([self.land.seats[ids[n]] for n in codes])))
        middle[codes] = shapely.points(seats)
        outside = ~shapely.contains(shape, middle)
        middle[outside] = shapely.point_on_surface(shape[outside])
        return shapely.get_x(middle).round(6), shapely.get_y(middle).round(6)

    def _grid_names(self) -> list[str]:
        random = chance(self.key, "campus").random(len(self.plots))
        return [
            f"{plot.name}第{int(plot.code[-3:])}网格"
            if kind != DEDICATED
            else f"{plot.name}第{int(plot.code[-3:])}网格（{CAMPUSES[int(r * len(CAMPUSES))]}）"
            for plot, kind, r in zip(self.plots, self.kind, random, strict=True)
        ]

    def _households(self) -> npt.NDArray[np.int32]:
        low, high = np.array(HOUSEHOLDS)[self.kind].T
        return (low + (high - low + 1) * chance(self.key, "households").random(len(self.plots))).astype(np.int32)


def _in_order(lots: list[Lot]) -> list[Lot]:
    """From north to south, then from west to east: as grids are numbered."""
    at = shapely.get_coordinates(shapely.centroid([lot.shape for lot in lots]))
    return [lots[n] for n in np.lexsort((at[:, 0], -(at[:, 1] // 150)))]
