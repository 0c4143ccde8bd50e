"""Opening: what an office does first with a few old cases, so that a new hall shows parked and returned ones."""

from __future__ import annotations

import numpy as np

from feeds.simulator.choices import DAY, FALLBACK, Choice
from feeds.simulator.seen import Seen

__all__ = ["Opening"]

#: What becomes of how many old cases; each is then worked on like all others.
FATES = {"park": 8, "return": 6}
#: Older than this, seconds, an event is history.
OLD = DAY / 2
#: Seconds until each of the moves that lead there.
SOON = (4.0, 20.0)


class Opening:
    """Chosen once, out of what is seen for the first time and still as its source told it."""

    def __init__(self) -> None:
        self._left, self._fates = dict(FATES), dict[str, str]()

    def meet(self, case: Seen, now: float) -> None:
        """A case that was not seen before."""
        if not case.told or case.step != "dispatched" or case.reported_at > now - OLD:
            return
        fate = max(self._left, key=lambda name: self._left[name])
        if self._left[fate]:
            self._left[fate] -= 1
            self._fates[case.case_id] = fate

    def next(self, case: Seen, rng: np.random.Generator) -> Choice | None:
        """The move that leads there; None: it is there, or was never to go there."""
        fate = self._fates.get(case.case_id)
        if fate is None:
            return None
        there = case.parked or case.parks if fate == "park" else case.returns >= 2
        choice = None if there else _towards(case, fate, float(rng.uniform(*SOON)))
        if choice is None:
            del self._fates[case.case_id]
        return choice


def _towards(case: Seen, fate: str, soon: float) -> Choice | None:
    department = case.department or FALLBACK
    if case.step == "reported":
        return Choice("dispatch", "dispatcher", soon, "", {"department": department})
    if case.step != "dispatched":
        return None
    if case.pending.get("park") is not None:
        return Choice("approve_park", "leader", soon, "同意暂缓")
    return _ordered(case, fate, soon, department)


def _ordered(case: Seen, fate: str, soon: float, department: str) -> Choice:
    owner = f"department:{department}"
    if case.order not in ("sent", "reached", "accepted"):
        return Choice("redispatch", "dispatcher", soon, "改由平台派单", {"department": department})
    if case.order != "accepted":
        return Choice("accept", owner, soon)
    if fate == "return":
        return Choice("return", owner, soon, "现场查看，不在职责范围")
    return Choice("park", owner, soon, "受季节限制，暂缓处理", {"until": round(case.updated_at + 20 * DAY)})
