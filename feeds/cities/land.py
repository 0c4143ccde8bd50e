"""Land: the outlines, streets and communities of one city, weighed and carved into grids on the bent plane."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from feeds.cities.carve import Lot, Sample, carve
from feeds.cities.plans import PLANS, Plan
from feeds.cities.seats import SEATS
from feeds.cities.terrain import Terrain, Turn, chance

__all__ = ["Cut", "Land"]

Floats = npt.NDArray[np.float64]
Cut = tuple[shapely.Geometry, int, float, int]

#: Of what a street weighs: how much stands around its seat, how much around villages; the rest is open land.
TOWN = (("街道", 0.80, 0.05), ("", 0.36, 0.20))
DEDICATED_WEIGHT = 0.4
GOLDEN = np.pi * (3 - np.sqrt(5))


def quota(weights: list[float], count: int) -> list[int]:
    """Whole numbers in proportion that add up to count, each at least one (largest remainder)."""
    share = np.array(weights) / sum(weights) * (count - len(weights))
    whole = np.floor(share).astype(int)
    rest = np.argsort(whole - share, kind="stable")[: count - len(weights) - int(whole.sum())]
    whole[rest] += 1
    return [int(n) + 1 for n in whole]


@dataclass
class Land:
    city: str

    @cached_property
    def plan(self) -> Plan:
        return PLANS[self.city]

    @cached_property
    def facts(self) -> dict[str, Any]:
        return json.loads((resources.files("feeds.cities") / "data" / f"{self.city}.json").read_text(encoding="utf-8"))

    @cached_property
    def communities(self) -> dict[str, list[tuple[str, str]]]:
        """Code and name by street; those with a town's name first."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for code, name in sorted(self.facts["communities"], key=lambda row: (not row[1].endswith("社区"), row[0])):
            found[code[:9]].append((code, name))
        return found

    @cached_property
    def terrain(self) -> Terrain:
        outlines = shapely.union_all(list(self._degrees.values()))
        west, south, east, north = outlines.bounds
        flat = Terrain((west + east) / 2, (south + north) / 2, self.plan.bend, (), self.city)
        return Terrain(flat.lon, flat.lat, flat.bend, self._turns(flat), self.city)

    def _turns(self, flat: Terrain) -> tuple[Turn, ...]:
        """Each town has its own angle; towns that stand close together share one."""
        turns: list[Turn] = []
        for code, _ in self.facts["streets"]:
            if code not in SEATS:
                continue
            x, y = flat.metres(np.array([SEATS[code]]))[0]
            if all(np.hypot(turn.x - x, turn.y - y) > 2.2 * turn.reach for turn in turns):
                turns.append(Turn(float(x), float(y), 2800.0, (chance(self.city, code, "turn").random() - 0.5) * 0.8))
        return tuple(turns)

    @cached_property
    def _degrees(self) -> dict[str, shapely.Geometry]:
        return {
            code: shapely.MultiPolygon([shapely.Polygon(ring) for ring in rings])
            if len(rings) > 1
            else shapely.Polygon(rings[0])
            for code, _, rings in self.facts["districts"]
        }

    @cached_property
    def outlines(self) -> dict[str, shapely.Geometry]:
        """District outlines on the bent plane."""
        terrain = self.terrain
        bend = lambda points: terrain.unbend(terrain.metres(points))  # noqa: E731
        return {code: shapely.make_valid(shapely.transform(shape, bend)) for code, shape in self._degrees.items()}

    @cached_property
    def seats(self) -> dict[str, tuple[float, float]]:
        """Where each street has its middle, on the bent plane; those nobody wrote down go where there is most room."""
        seats: dict[str, tuple[float, float]] = {}
        for district, outline in self.outlines.items():
            codes = [code for code, _ in self.facts["streets"] if code.startswith(district)]
            known = {code: SEATS[code] for code in codes if code in SEATS}
            places = self.terrain.unbend(self.terrain.metres(np.array(list(known.values())).reshape(-1, 2)))
            seats |= dict(zip(known, map(tuple, places.tolist()), strict=True))
            room = _scatter(outline, 2000, chance(self.city, district, "room"))
            edge = shapely.distance(shapely.boundary(outline), shapely.points(room))
            for code in codes:
                if code not in seats:
                    taken = np.array([seats[other] for other in codes if other in seats] or [room.mean(axis=0)])
                    gap = np.hypot(*(room[:, None] - taken[None]).transpose(2, 0, 1)).min(axis=1)
                    u, v = room[int(np.argmax(np.minimum(gap, 2.2 * edge)))]
                    seats[code] = (float(u), float(v))
        return seats

    def carved(self, told: Callable[[float], object] = lambda share: None) -> tuple[list[Lot], list[Cut]]:
        """The districts as lots with streets, communities and grids in them, and all cuts that were made."""
        cuts: list[Cut] = []

        def cut(*made: Any) -> None:
            cuts.append(made)
            told(len(cuts) / self.plan.grids)

        lots = self._lots()
        for code, lot in lots.items():
            sample = self._sample(code)
            lot.points = np.arange(len(sample.at))
            carve(lot, sample, cut)
        return list(lots.values()), cuts

    def _lots(self) -> dict[str, Lot]:
        rows = [(street, code, name) for street, of in sorted(self.communities.items()) for code, name in of]
        counts = quota([1.35 if name.endswith("社区") else 1.0 for _, _, name in rows], self.plan.grids)
        dedicated = self._dedicated(rows, counts)
        lots: dict[str, Lot] = {}
        streets: dict[str, Lot] = {}
        for (street, code, _), count, special in zip(rows, counts, dedicated, strict=True):
            district = lots.setdefault(street[:6], Lot(0.0, shape=self.outlines[street[:6]]))
            if street not in streets:
                streets[street] = Lot(0.0, self.seats[street], level=1)
                district.parts.append(streets[street])
            weights = [1.0] * (count - special) + [DEDICATED_WEIGHT] * special
            order = np.argsort(chance(self.city, code).random(count), kind="stable")
            community = Lot(sum(weights), parts=[Lot(weights[n], level=3) for n in order], level=2)
            streets[street].parts.append(community)
            streets[street].weight += community.weight
        return {code: lots[code] for code in self.outlines}

    def _dedicated(self, rows: list[tuple[str, str, str]], counts: list[int]) -> list[int]:
        """How many of a community's grids are dedicated: campuses and markets stand in town rather than in villages."""
        if not self.plan.dedicated:
            return [0] * len(rows)
        random = chance(self.city, "dedicated").random(len(rows))
        weight = [
            (2.0 if name.endswith("社区") else 1.0) * (0.3 + r) for (_, _, name), r in zip(rows, random, strict=True)
        ]
        wanted = np.array(weight) / sum(weight) * self.plan.dedicated
        special = np.minimum(np.floor(wanted).astype(int), np.array(counts) - 1)
        order = np.argsort(special - wanted, kind="stable")
        while special.sum() < self.plan.dedicated:
            free = [n for n in order if special[n] < counts[n] - 1]
            special[free[: self.plan.dedicated - int(special.sum())]] += 1
        return special.tolist()

    def _sample(self, district: str) -> Sample:
        outline = self.outlines[district]
        random = chance(self.city, district, "sample")
        at: list[Floats] = []
        weight: list[Floats] = []
        open_land = villages = hamlets = 0.0
        for code, name in self.facts["streets"]:
            if not code.startswith(district):
                continue
            count = len(self.communities[code])
            grids = count * self.plan.grids / len(self.facts["communities"])
            _, town, around = next(row for row in TOWN if name.endswith(row[0]))
            town *= self.plan.town
            cluster = _sunflower(
                self.seats[code], int(50 * town * grids) + 8, np.sqrt(grids * town * self.plan.block / np.pi)
            )
            inside = cluster[shapely.contains_xy(outline, cluster)]
            at.append(inside)
            weight.append(np.full(len(inside), town * grids / max(len(inside), 1)))
            open_land, villages, hamlets = (
                open_land + grids * (1 - town - around),
                villages + grids * around,
                hamlets + count,
            )
        land = _scatter(outline, int(45 * (open_land + villages)) + 200, random)
        middles = land[np.argsort(random.random(len(land)), kind="stable")[: int(hamlets)]]
        near = np.concatenate([_sunflower(middle, 14, 1.8 * np.sqrt(self.plan.block)) for middle in middles])
        near = near[shapely.contains_xy(outline, near)]
        islets = shapely.get_coordinates(shapely.point_on_surface(shapely.get_parts(outline)))
        at += [land, near, islets]
        weight += [np.full(len(land), open_land / len(land)), np.full(len(near), villages / max(len(near), 1))]
        weight.append(np.full(len(islets), open_land / len(land) * 0.2))
        return Sample(np.concatenate(at), np.concatenate(weight))


def _sunflower(middle: tuple[float, float] | Floats, count: int, radius: float) -> Floats:
    """Points that thin out from a middle like a bell."""
    n = np.arange(count) + 0.5
    far = radius * np.sqrt(-np.log(1 - n / count * 0.985))
    return np.asarray(middle) + np.stack([far * np.cos(n * GOLDEN), far * np.sin(n * GOLDEN)], axis=1)


def _scatter(outline: shapely.Geometry, count: int, random: np.random.Generator) -> Floats:
    """About `count` points evenly over land, each a little off its place."""
    west, south, east, north = shapely.bounds(outline)
    step = float(np.sqrt(shapely.area(outline) / count))
    x, y = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    points = points + step * random.random(points.shape)
    shapely.prepare(outline)
    return points[shapely.contains_xy(outline, points)]
