"""Definitions: every number a hall is judged by, as one table: what it is about, what counts, what is left out.

After CJ/T 292 (protocols §6.4), whose counts and rates these are: received report_num, valid valid_report_num,
accepted inst_num, dispatched dispatch_num, handled dispose_num, archived archive_num, backlog to_archive, filing rate
inst/report, closed rate archive/report, loop rate archive/inst, on-time rate intime_archive/need_archive, rework rate
rework/dispose.

Which cases belong to a period [start, end): those to which it happened in it, by the time that the indicator names
(`about`). A rate follows those cases until the end of the period (or now, if that is earlier) and no further, so that a
month that is over keeps its number and months can be compared. What is standing (backlog, open overdue) is counted at
that same moment. Accepted (受理): first dispatched; solved without that, its first later step. Void and merged cases
are left out and counted as exclusions. Steps, levels and marks are today's: the register keeps cases, not their past.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dashboard.kpi import cohorts as c
from dashboard.kpi.moments import About, Event, Test

__all__ = ["HOPS", "INDICATORS", "STAYS", "Indicator"]

Kind = Literal["count", "standing", "rate", "duration", "parts"]
Unit = Literal["cases", "percent", "hours"]

#: Void and merged.
DROPPED = ("void", "merged")

#: Where the time goes: seconds that a case stood in each step.
STAYS = {
    "reported": "spent_reported", "dispatched": "spent_dispatched", "handled": "spent_handled",
    "verified": "spent_verified",
}  # fmt: skip

#: From which moment to which: each handing over.
HOPS = {
    "to_dispatch": ("received_at", "first_dispatched_at"),
    "to_accept": ("dispatched_at", "accepted_at"),
    "to_handle": ("accepted_at", "handled_at"),
    "to_verify": ("handled_at", "verified_at"),
    "to_archive": ("verified_at", "archived_at"),
    "to_appraise": ("archived_at", "appraised_at"),
}


@dataclass(frozen=True)
class Indicator:
    """One line. about: the cases of the period; reach: of any part of it, where that is more; counts: the numerator.

    left: names of cohorts.LEFT; between: a duration's two times; better: which way is good, "" where neither is.
    """

    name: str
    kind: Kind
    about: About
    left: tuple[str, ...] = DROPPED
    counts: Test | None = None
    between: tuple[str, str] = ("", "")
    parts: Mapping[str, str | tuple[str, str]] | None = None
    better: Literal["more", "less", ""] = ""
    reach: Test | None = None

    @property
    def unit(self) -> Unit:
        return {"rate": "percent", "duration": "hours", "parts": "hours"}.get(self.kind, "cases")  # type: ignore[return-value]


def _count(name: str, when: str, left: tuple[str, ...] = DROPPED) -> Indicator:
    return Indicator(name, "count", c.within(when), left)


def _rate(
    name: str, about: About, counts: Test, better: Literal["more", "less", ""], left: tuple[str, ...] = DROPPED
) -> Indicator:
    return Indicator(name, "rate", about, left, counts, better=better)


def _time(name: str, begin: str, end: str, about: Event | None = None) -> Indicator:
    """Of the cases whose end lies in the period."""
    return Indicator(name, "duration", about or c.within(end), between=(begin, end), better="less")


_DISPATCHED = c.within("first_dispatched_at")

_TABLE = (
    # counts
    _count("received", "received_at", left=()),
    _count("valid", "received_at"),
    _count("accepted", "filed_at"),
    _count("dispatched", "first_dispatched_at"),
    _count("handled", "first_handled_at"),
    _count("verified", "verified_at"),
    Indicator("archived", "count", c.closed_within, DROPPED),
    _count("appraised", "appraised_at"),
    # what is standing
    Indicator("backlog", "standing", c.open_at, (), better="less", reach=c.open_within),
    Indicator(
        "overdue_rate", "rate", c.open_at, (), c.overdue_at, better="less", reach=c.open_within,
    ),
    # rates
    _rate("closed_rate", c.within("received_at"), c.closed_by, "more"),
    _rate("loop_rate", c.within("filed_at"), c.closed_by, "more"),
    _rate("filing_rate", c.within("received_at"), c.filed_by, "more", ("merged",)),
    _rate("on_time_rate", c.settled_or_overdue, c.in_time, "more", (*DROPPED, "exempt", "no_due")),
    _rate("rework_rate", c.within("first_handled_at"), c.at_least("reworks"), "less"),
    _rate("return_rate", _DISPATCHED, c.at_least("returns"), "less"),
    _rate("dispatch_accuracy", _DISPATCHED, c.none_of("returns"), "more"),
    _rate("extension_rate", _DISPATCHED, c.at_least("extends"), "less"),
    _rate("parking_rate", c.within("filed_at"), c.at_least("parks"), "less"),
    _rate("grid_level_rate", c.closed_within, c.level("community"), "more"),
    _rate("satisfaction", c.closed_within, c.satisfied, "more", (*DROPPED, "unrated")),
    _rate("answer_rate", c.closed_within, c.answered, "more", (*DROPPED, "no_citizen")),
    # times
    _time("response_time", "received_at", "first_dispatched_at"),
    _time("solve_time", "received_at", "handled_at"),
    _time("close_time", "received_at", "archived_at", c.closed_within),
    _time("feedback_time", "received_at", "answered_at"),
    # where the time goes
    Indicator("step_time", "parts", c.closed_within, parts=STAYS, better="less"),
    Indicator("hop_time", "parts", c.closed_within, parts=HOPS, better="less"),
)  # fmt: skip

#: name → Indicator, in the order in which they are listed.
INDICATORS: dict[str, Indicator] = {indicator.name: indicator for indicator in _TABLE}
