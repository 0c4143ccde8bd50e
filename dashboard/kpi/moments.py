"""Moments: when something comes to a case; what happened in a period by one, what stands between two of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dashboard.kpi.view import Span, View

__all__ = ["About", "Either", "Event", "Moment", "State", "Test"]

Column = npt.NDArray[Any]
Test = Callable[[View, Span], Column]


@dataclass(frozen=True)
class Moment:
    """A time of each case. only: cases that it comes to at all; to others, and where it is NaN, it never comes."""

    name: str
    only: Callable[[View], Column] | None = None

    def passed(self, view: View, at: Any) -> Column:
        """Whether it came before `at`: one moment for all, or a column of them."""
        found: Column = view[self.name] < at
        return found if self.only is None else found & self.only(view)

    def of(self, view: View) -> Column:
        """Row by row, NaN where it never comes."""
        return view[self.name] if self.only is None else np.where(self.only(view), view[self.name], np.nan)


@dataclass(frozen=True)
class Event:
    """It happened in the period: start ≤ time < end; or, of that, until the moment that is asked about."""

    moment: Moment
    until: Literal["end", "at"] = "end"

    def __call__(self, view: View, span: Span) -> Column:
        return self.moment.passed(view, getattr(span, self.until)) & (view[self.moment.name] >= span.start)


@dataclass(frozen=True)
class State:
    """It stands at the moment that is asked about: all of `begins` have come, `ends` has not."""

    begins: tuple[Moment, ...]
    ends: Moment | None = None

    def __call__(self, view: View, span: Span) -> Column:
        found = reduce(np.logical_and, (moment.passed(view, span.at) for moment in self.begins))
        return found if self.ends is None else found & ~self.ends.passed(view, span.at)


@dataclass(frozen=True)
class Either:
    """One or the other, of which no case is both at once."""

    pieces: tuple[Event | State, ...]

    def __call__(self, view: View, span: Span) -> Column:
        return reduce(np.logical_or, (piece(view, span) for piece in self.pieces))


#: What an indicator can be about.
About = Event | State | Either
