"""Staff: which accounts an office has, and when they are at work: desks day and night, departments by day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["DESKS", "account_of", "at_work"]

#: role → its account. A department has one of its own, see `account_of`.
DESKS = {
    "dispatcher": "sim-dispatcher",
    "verifier": "sim-verifier",
    "assessor": "sim-assessor",
    "leader": "sim-leader",
}
HOUR, DAY = 3600.0, 86400.0
#: role → first and last hour of the local day; who is not here works round the clock.
HOURS = {"department": (7.5, 19.5), "assessor": (8.5, 18.0), "leader": (8.0, 20.0)}
#: What must be done within so many seconds is done at night too, and so is this share of everything.
URGENT, NIGHT_CREW = 6.5 * HOUR, 0.25


def account_of(who: str) -> str:
    """who: a role, or department:name."""
    role, _, department = who.partition(":")
    return f"sim-{department}" if role == "department" else DESKS[role]


def at_work(
    who: str, at: float, limit: float, second_of_day: Callable[[float], float], rng: np.random.Generator
) -> float:
    """That moment, or some time after the beginning of the next working day."""
    first, last = HOURS.get(who.partition(":")[0], (0.0, 24.0))
    hour = second_of_day(at) / HOUR
    if first <= hour < last or limit <= URGENT or rng.random() < NIGHT_CREW:
        return at
    until = (first - hour) % 24.0
    return at + until * HOUR + float(rng.exponential(0.6 * HOUR))
