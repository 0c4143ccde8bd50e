"""Ranking: the best and the worst of a split number, defensibly: none of too few cases, equals stand side by side."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.kpi.definitions import INDICATORS
from dashboard.kpi.results import Group, Measure

__all__ = ["MINIMUM", "Place", "Ranking", "ranking"]

#: Fewer cases than these say nothing about whoever had them.
MINIMUM = 30


class Place(NamedTuple):
    """rank: 1 is the best (of `worst`: the worst). tie: others have the same value, and the same rank."""

    rank: int
    tie: bool
    group: Group


class Ranking(NamedTuple):
    """few: groups that were not ranked, for they had too few cases; nobody stands in both lists."""

    best: list[Place]
    worst: list[Place]
    few: list[Group]


def ranking(measured: Measure, count: int = 3, minimum: int = MINIMUM) -> Ranking:
    """The first `count` of each end, and all who tie with the last of them. Groups of nobody in particular do not run.

    Raises ValueError for a number of which neither way is good.
    """
    better = INDICATORS[measured.name].better
    if not better:
        raise ValueError(f"of {measured.name} neither more nor less is better: there is no best")
    known = [one for one in measured.groups if one.value is not None and all(one.keys) and one.keys]
    # A standing number has no denominator: it is itself the number of its cases.
    few = [one for one in known if (one.numerator if one.denominator is None else one.denominator) < minimum]
    # Equals stand in the order of their names.
    running = sorted((one for one in known if one not in few), key=lambda one: one.keys)
    best = _places(sorted(running, key=_value, reverse=better == "more"), count)
    taken = [place.group for place in best]
    rest = sorted((one for one in running if one not in taken), key=_value, reverse=better == "less")
    return Ranking(best, _places(rest, count), few)


def _value(group: Group) -> float:
    assert group.value is not None
    return group.value


def _places(running: list[Group], count: int) -> list[Place]:
    values = [one.value for one in running]
    ranked = [Place(values.index(one.value) + 1, values.count(one.value) > 1, one) for one in running]
    return [place for place in ranked if place.rank <= count]
