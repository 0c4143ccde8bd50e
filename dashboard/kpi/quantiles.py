"""Quantiles: median and the like of each group at once, between the two nearest values, as pandas and numpy do."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["quantiles"]

Column = npt.NDArray[Any]

#: From so many values on they are counted into cells first, and only cells that a quantile lies in are sorted.
MANY = 30_000
#: Cells of all groups together: finer would be more to count than is saved in sorting.
CELLS = 1 << 18


def quantiles(values: Column, group: Column | None, size: int, shares: tuple[float, ...]) -> list[Column]:
    """One column a share, one row a group; NaN of nothing. group: of each value, 0 … size - 1; none: all are one.

    values: float64, none of them negative or NaN.
    """
    if group is None:
        return [np.array([value]) for value in _of(values, shares)]
    if len(values) < MANY:
        count = np.bincount(group, minlength=size)
        values, first = _sorted(values, group, size), np.cumsum(count) - count
        return [_between(values, first, first, count, share) for share in shares]
    return _counted(values, group, size, shares)


def _of(values: Column, shares: tuple[float, ...]) -> list[float]:
    return np.quantile(values, shares).tolist() if len(values) else [np.nan] * len(shares)


def _sorted(values: Column, group: Column, size: int) -> Column:
    """By value, then by group: the second sort keeps the order of the first, and is quick on narrow codes."""
    order = np.argsort(values)
    narrow = group.astype(np.min_scalar_type(size))
    return values[order[np.argsort(narrow[order], kind="stable")]]


def _counted(values: Column, group: Column, size: int, shares: tuple[float, ...]) -> list[Column]:
    """The same without sorting what no quantile lies in."""
    cell, cells = _cells(values, group, size)
    held = np.bincount(cell, minlength=cells)
    until = np.cumsum(held)
    count = held.reshape(size, -1).sum(axis=1)
    first = np.cumsum(count) - count
    wanted = np.zeros(cells, np.bool_)
    for share in shares:
        for place in _places(count, share)[:2]:
            wanted[np.searchsorted(until, (first + place)[count > 0], side="right")] = True
    kept, rank = wanted[cell], np.cumsum(wanted) - 1
    picked = _sorted(values[kept], rank[cell[kept]], int(wanted.sum()))
    # How many values before each one's place were not picked: none of them is in a cell that is wanted.
    left_out = np.cumsum(np.where(wanted, 0, held))
    found: list[Column] = []
    for share in shares:
        low, high, _ = _places(count, share)
        at = [place - left_out[np.searchsorted(until, np.minimum(place, len(values) - 1), side="right")]
              for place in (first + low, first + high)]  # fmt: skip
        found.append(_between(picked, at[0] - low, at[1] - high, count, share))
    return found


def _cells(values: Column, group: Column, size: int) -> tuple[Column, int]:
    """A cell of each value, and how many there are: in a group, a greater value is never in a cell before a smaller
    one's: the first bits of a float that is not negative are in its order.
    """
    bits = (values.astype(np.float32) + np.float32(0)).view(np.int32)
    low, high = int(bits.min()), int(bits.max())
    shift = 0
    while shift < 31 and ((high >> shift) - (low >> shift) + 1) * size > CELLS:
        shift += 1
    width = (high >> shift) - (low >> shift) + 1
    bits >>= shift
    bits -= low >> shift
    return group.astype(np.int64) * width + bits, size * width


def _places(count: Column, share: float) -> tuple[Column, Column, Column]:
    """In each group: places of the two nearest values, and how far from the one to the other."""
    place = (count - 1) * share
    low = np.maximum(np.floor(place).astype(np.int64), 0)
    return low, np.clip(low + 1, 0, np.maximum(count - 1, 0)), place - low


def _between(values: Column, low_from: Column, high_from: Column, count: Column, share: float) -> Column:
    """low_from, high_from: where a group's first value would stand, as seen from its low and its high place."""
    known = count > 0
    low, high, far = (one[known] for one in _places(count, share))
    a, b = values[low_from[known] + low], values[high_from[known] + high]
    found = np.full(len(count), np.nan)
    # From the nearer of the two, as numpy does: the same to the last digit.
    found[known] = np.where(far < 0.5, a + (b - a) * far, b - (b - a) * (1 - far))
    return found
