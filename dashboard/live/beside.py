"""Beside: state of the workers of several districts side by side, of which each district has its own part."""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Self

__all__ = ["Beside"]


class Beside:
    """Arrays by worker, the last axis; all are folded at once, and a part of them is looked at and saved by itself.

    EMPTY: array → what it holds for a worker of whom nothing is known. PLACED: arrays by district, the first axis.
    """

    EMPTY: ClassVar[dict[str, Any]] = {}
    PLACED: ClassVar[tuple[str, ...]] = ()

    #: A part shares the memory of the whole and is never folded by itself: its rows do not follow each other.
    whole = True

    def part(self, here: slice, place: int) -> Self:
        """The workers `here`, who are those of the district at `place`."""
        part = copy.copy(self)
        part.whole = False
        for name in self.EMPTY:
            setattr(part, name, getattr(self, name)[..., here])
        for name in self.PLACED:
            setattr(part, name, getattr(self, name)[place : place + 1])
        return part

    def clear(self) -> None:
        """Nothing is known of anybody."""
        for name, empty in self.EMPTY.items():
            getattr(self, name)[...] = empty
        for name in self.PLACED:
            getattr(self, name)[...] = 0
