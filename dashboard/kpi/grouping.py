"""Grouping: by what a number may be split: areas, departments, posts, classes, steps, levels, or days and months."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.kpi.tree import Tree
from dashboard.kpi.view import View

__all__ = ["CALENDAR", "DIMENSIONS", "BadGrouping", "Groups", "dimensions", "groups"]

Column = npt.NDArray[Any]

#: word → column. A post (岗位) is who the order is with.
DIMENSIONS = {
    "district": "district", "street": "street", "community": "community", "grid": "grid_id",
    "department": "department", "handler": "handler", "post": "handler", "class": "class_code",
    "top_class": "class_code", "source": "source", "origin": "origin", "level": "level", "step": "step",
}  # fmt: skip
#: Parts of the period, each a period of its own.
CALENDAR = ("day", "month")


class BadGrouping(Exception):
    """Asked by something that a number cannot be split by."""


class Groups(NamedTuple):
    """codes: the group of each row; keys: what each group is called, one word for each dimension."""

    codes: Column
    keys: list[tuple[str, ...]]


def dimensions(by: str) -> tuple[str, ...]:
    """Words with commas between. Raises BadGrouping."""
    names = tuple(filter(None, by.split(",")))
    unknown = [name for name in names if name not in DIMENSIONS and name not in CALENDAR]
    if unknown:
        known = ", ".join((*DIMENSIONS, *CALENDAR))
        raise BadGrouping(f"by: a number is split by {known}, not by {unknown[0][:40]}")
    if len(set(names)) < len(names) or (set(names) & set(CALENDAR) and len(names) > 1) or len(names) > 4:
        raise BadGrouping("by: up to four different ones; day and month only by themselves")
    return names


def groups(view: View, names: tuple[str, ...], tree: Tree) -> Groups:
    """In the order of their words' codes; in some there may be nobody. No names: all rows are one group."""
    if not names:
        return Groups(np.zeros(len(view), np.uint8), [()])
    pairs = [_column(view, name, tree) for name in names]
    if len(pairs) == 1:
        return Groups(pairs[0][0], [(word,) for word in pairs[0][1]])
    shape = tuple(len(words) for _, words in pairs)
    codes: Column = pairs[0][0]
    for column, words in pairs[1:]:
        codes = codes.astype(np.int64) * len(words) + column
    seen, dense = _dense(codes, int(np.prod(shape)))
    said = [
        [words[at] for at in place.tolist()]
        for (_, words), place in zip(pairs, np.unravel_index(seen, shape), strict=True)
    ]
    return Groups(dense, list(zip(*said, strict=True)))


def _column(view: View, name: str, tree: Tree) -> tuple[Column, list[str]]:
    # The list may grow while we look; codes of this view are in what stands there now.
    words = list(view.words[DIMENSIONS[name]].words)
    column = view[DIMENSIONS[name]]
    if name != "top_class":
        return column, words
    tops = [tree.top(word) for word in words]
    kept = sorted(set(tops))
    return np.array([kept.index(top) for top in tops], np.uint32)[column], kept


def _dense(codes: Column, size: int) -> tuple[Column, Column]:
    """Which codes there are, and each row's place among them."""
    if size > 4_000_000:
        return np.unique(codes, return_inverse=True)
    there = np.bincount(codes, minlength=size) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]
