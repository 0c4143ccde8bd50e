"""Rules: what the city demands of a case: limits, clocks, routes. Files of the operator win over those that ship."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from dashboard.cases.rules.calendar import Calendar
from dashboard.cases.rules.routing import Department, Route, Routes
from dashboard.cases.rules.rulebook import Limits as Table
from dashboard.cases.rules.rulebook import Near, Source, WrongRules
from dashboard.cases.rules.rulebook import calendar as read_calendar
from dashboard.cases.rules.rulebook import departments as read_departments
from dashboard.cases.rules.rulebook import limits as read_limits
from dashboard.cases.rules.rulebook import routes as read_routes
from dashboard.cases.rules.rulebook import tree as read_tree
from feeds.city import Classes
from feeds.classes import Limits as Asked

__all__ = ["CHINA", "Limit", "Near", "Rules", "WrongRules"]

CHINA = "Asia/Shanghai"
OTHER = "other"
HOUR = 3600.0
#: The duty that is due while a case stands in a step: its clock is the step's.
DUTY = {"reported": "dispatch", "dispatched": "accept", "handled": "verify", "verified": "archive"}


class Limit(NamedTuple):
    """hours: None where there is no limit; clock: continuous or working; reply_hours: a second, earlier due time."""

    hours: float | None
    clock: str = "continuous"
    reply_hours: float | None = None


@dataclass(frozen=True, eq=False)
class Rules:
    """All rules of a city at one moment. `version` names their content: 16 hex digits, the same for the same files."""

    version: str
    zone: str
    calendar: Calendar
    classes: Classes
    asked: Asked
    table: Table
    routes: Routes
    departments: Mapping[str, Department] = field(default_factory=dict[str, Department])
    also_known: frozenset[str] = frozenset()

    @classmethod
    def load(cls, folder: Path | None, zone: str = CHINA, classes: str = "", city: Classes | None = None) -> Rules:
        """folder: `<data>/rules`; what does not stand there is taken from what ships. Raises WrongRules.

        classes: the setting of that name: empty, `urban`, or the path of a tree. city: classes of the city in force;
        those that the tree lacks are known too, with the limits of 其他.
        """
        source = Source(folder)
        tree, asked = read_tree(source, classes)
        table, calendar = read_limits(source), read_calendar(source, zone)
        departments = read_departments(source)
        routes = read_routes(source, departments)
        digest = hashlib.sha256(zone.encode())
        for name, body in sorted(source.read.items()):
            digest.update(name.encode() + b"\0" + body)
        made = cls(digest.hexdigest()[:16], zone, calendar, tree, asked, table, routes, departments)
        return made if city is None else replace(made, also_known=frozenset(map(str, city.class_code)))

    def limit(self, class_code: str, level: str, response: str = "") -> Limit:
        """Of the whole case. A response level, where there is one, goes before the class; it runs day and night."""
        hours, clock, reply = self._limits[self._row(class_code)]
        if response in self.table.response:
            return Limit(self.table.response[response], "continuous", reply)
        return Limit(_known(hours * self.table.level.get(level, 1.0)), clock, reply)

    def level(self, class_code: str) -> str:
        """The level that usually works on this class."""
        return str(self.asked.level[self._row(class_code)])

    def step_limit(self, step: str, grid_kind: str = "") -> Limit:
        """Of one of STEPS, or of a duty in it: check, dispatch, accept, verify, archive."""
        row = self.table.steps.get(DUTY.get(step, step))
        return Limit(None) if row is None else Limit(row.of(grid_kind) / 60, row.clock)

    def answer_limit(self, source: str) -> Limit:
        """Until whoever reported through this source has an answer; none for sources that ask for no answer."""
        row = self.table.answer.get(source)
        return Limit(None) if row is None else Limit(row.hours, row.clock, row.hours)

    def due(self, start: float, hours: float, clock: str) -> float:
        """The first moment (s since 1970 UTC) at which the clock has run so many hours since start."""
        return self.calendar.due(start, hours) if clock == "working" else start + hours * HOUR

    def elapsed(self, start: float, end: float, clock: str) -> float:
        """Hours that the clock runs from start to end; negative when end is the earlier."""
        return self.calendar.elapsed(start, end) if clock == "working" else (end - start) / HOUR

    def route(self, class_code: str, area_ids: Sequence[str], level: str) -> Route | None:
        """area_ids: where it is, lowest first. None: unrouted, a dispatcher decides."""
        return self.routes.find(self.lineage(class_code), area_ids, level)

    def known(self, class_code: str) -> str:
        """The class itself, or 其他 (`other`) for one that nobody knows."""
        return class_code if class_code in self._rows or class_code in self.also_known else self.other

    @property
    def other(self) -> str:
        return self._codes[0]

    @property
    def response_hours(self) -> dict[str, float]:
        return self.table.response

    def lineage(self, class_code: str) -> list[str]:
        """The class and those above it, itself first."""
        found = [self._codes[row] for row in self._above(self._row(class_code))]
        return found if class_code in self._rows else [class_code, *found]

    def near(self, class_code: str) -> Near:
        """How near and how soon after another an event may be the same one."""
        return self._nearest(self.table.near, class_code)

    def repeat(self, class_code: str) -> Near:
        """How near and how long after another an event is the same complaint again."""
        return self._nearest(self.table.repeat, class_code)

    def _nearest(self, table: Mapping[str, Near], class_code: str) -> Near:
        return next((table[code] for code in self.lineage(class_code) if code in table), table["*"])

    def _above(self, row: int) -> list[int]:
        """The class and those above it, itself first."""
        found = list[int]()
        while row >= 0:
            found.append(row)
            row = self._parents[row]
        return found

    # What is asked for each report is kept as Python's own words: to take it out of a column costs ten times as much.

    @cached_property
    def _codes(self) -> list[str]:
        return [str(code) for code in self.classes.class_code]

    @cached_property
    def _parents(self) -> list[int]:
        return [int(row) for row in self.classes.parent]

    @cached_property
    def _limits(self) -> list[tuple[float, str, float | None]]:
        """Hours (its own, else those of the nearest above it; nan: none), clock and reply hours of each class."""
        found = list[tuple[float, str, float | None]]()
        for row in range(len(self._codes)):
            above = self._above(row)
            own = next((one for one in above if not math.isnan(self.asked.hours[one])), above[-1])
            reply = _known(float(self.asked.reply_hours[row]))
            found.append((float(self.asked.hours[own]), str(self.asked.clock[own]), reply))
        return found

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self._codes)}

    def _row(self, class_code: str) -> int:
        return self._rows.get(class_code, 0)


def _known(hours: float) -> float | None:
    return None if math.isnan(hours) else hours
