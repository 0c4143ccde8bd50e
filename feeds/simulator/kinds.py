"""Kinds: which classes of events happen how often, and how long each may take."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feeds.city import City
from feeds.classes import usual

__all__ = ["Kinds", "kinds_of"]

HOUR, DAY = 3600.0, 86400.0
#: Response levels (red, yellow, blue, grey) for classes that are not in our table: the limit, and who has it.
LIMITS = ((2 * HOUR, 0.44), (DAY, 0.38), (7 * DAY, 0.13), (15 * DAY, 0.05))
#: A class that may take this long or less happens often; the longer, the rarer.
SHORT, RARER = 6 * HOUR, 0.8
#: How often the classes of a top class happen, by what its name says; others are 1.
OFTEN = (("民生", 3.0), ("城建", 2.6), ("执法", 2.0), ("治安", 1.4), ("矛盾", 1.2), ("党建", 0.3))
#: Signs of a class that a storm brings.
STORMY = ("水", "树", "电", "灯", "井", "坍", "倒", "灾", "路面", "广告", "险", "water", "tree", "power", "street")


@dataclass(frozen=True)
class Kinds:
    """Leaf classes: row of City.classes, running share, share in a storm, limit in seconds, who usually works on it."""

    row: npt.NDArray[np.int64]
    share: npt.NDArray[np.float64]
    storm: npt.NDArray[np.float64]
    limit: npt.NDArray[np.float64]
    level: list[str]

    def draw(self, rng: np.random.Generator, *, storm: bool = False) -> int:
        share = self.storm if storm else self.share
        return min(int(np.searchsorted(share, rng.random() * share[-1], "right")), len(share) - 1)


def kinds_of(city: City) -> Kinds:
    parent = city.classes.parent
    leaf = np.setdiff1d(np.arange(1, len(parent)), parent)
    row = leaf if len(leaf) else np.array([0])
    codes, names = city.classes.class_code[row], city.classes.name[row]
    dice = np.array([zlib.crc32(str(code).encode()) for code in codes])
    tops = [str(city.classes.name[_top(parent, int(r))]) for r in row]
    # A few classes are most of what happens: 1/rank, and what each top class is known for.
    weight = np.array([next((w for sign, w in OFTEN if sign in top), 1.0) for top in tops])
    stormy = np.array([any(sign in str(name).lower() for sign in STORMY) for name in names])
    limit, level = _rules(codes, dice)
    share = weight / (1 + dice // 101 % 12) * np.minimum(1.0, SHORT / limit) ** RARER
    return Kinds(row, np.cumsum(share), np.cumsum(share * (stormy if stormy.any() else 1)), limit, level)


def _rules(codes: npt.NDArray[np.str_], dice: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Limit and level of each class: of our own tables, or dealt out."""
    table = usual()
    known = [table.get(str(code), (np.nan, "community")) for code in codes]
    rank = np.argsort(np.argsort(dice)) / len(dice)
    dealt = np.searchsorted(np.cumsum([part for _, part in LIMITS])[:-1], rank, "right")
    hours = np.array([hours for hours, _ in known])
    limit = np.where(np.isnan(hours), np.array([seconds for seconds, _ in LIMITS])[dealt], hours * HOUR)
    return limit, [level for _, level in known]


def _top(parent: npt.NDArray[np.int32], row: int) -> int:
    while parent[row] >= 0:
        row = int(parent[row])
    return row
