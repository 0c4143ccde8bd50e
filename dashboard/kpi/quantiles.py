"""Quantiles: median and the like of each group at once, between the two nearest values, as pandas and numpy do."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["quantiles"]

Column = npt.NDArray[Any]

#: Up to so many groups each is looked at by itself, which needs no sorting.
SINGLE = 500


def quantiles(values: Column, group: Column | None, size: int, shares: tuple[float, ...]) -> list[Column]:
    """One column a share, one row a group; NaN of nothing. group: of each value, 0 … size - 1; none: all are one."""
    if group is None:
        return [np.array([value]) for value in _of(values, shares)]
    narrow = group.astype(np.min_scalar_type(size))  # stable sorting is quick on narrow codes
    count = np.bincount(group, minlength=size)
    ends = np.cumsum(count)
    if size <= SINGLE:
        values = values[np.argsort(narrow, kind="stable")]
        found = [_of(values[end - many : end], shares) for end, many in zip(ends.tolist(), count.tolist(), strict=True)]
        return list(np.array(found).reshape(size, len(shares)).T)
    # Sorted by value, then by group: the second sort keeps the order of the first.
    order = np.argsort(values)
    values = values[order[np.argsort(narrow[order], kind="stable")]]
    return [_between(values, ends - count, count, share) for share in shares]


def _of(values: Column, shares: tuple[float, ...]) -> list[float]:
    return np.quantile(values, shares).tolist() if len(values) else [np.nan] * len(shares)


def _between(values: Column, first: Column, count: Column, share: float) -> Column:
    known = count > 0
    place = share * (count[known] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, count[known] - 1)
    a, b = values[first[known] + low], values[first[known] + high]
    found = np.full(len(count), np.nan)
    found[known] = a + (b - a) * (place - low)
    return found
