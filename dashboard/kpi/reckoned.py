"""Reckoned: when a case was taken on, whether it was closed in time, whether it is overdue: for one, or for columns.

The numbers of the hall and the tables it hands out say these by the same three functions, so that they add up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["filed_at", "in_time", "overdue"]

#: A float or a column of them, seconds since 1970 UTC; nan where it has not happened.
Times = Any


def filed_at(first_dispatched: Times, first_handled: Times, verified: Times, archived: Times, dropped: Any) -> Times:
    """受理: first dispatched; without that (solved on the spot), the first later step. nan: it never was.

    dropped: void or merged: that they were archived is no taking on.
    """
    return np.fmin.reduce([first_dispatched, first_handled, verified, np.where(dropped, np.nan, archived)])


def in_time(archived: Times, due: Times) -> Any:
    """Closed, not after its due time. One without a due time is neither in time nor late."""
    return archived <= due


def overdue(due: Times, paused: Times, now: Times) -> Any:
    """Past its due time; a paused clock stands where it was stopped."""
    return due < np.fmin(paused, now)
