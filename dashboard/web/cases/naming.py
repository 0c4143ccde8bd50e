"""Naming: what the places, classes and departments of a case are called, for a table or a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.cases.case import Case
from dashboard.cases.rules.rules import Rules
from dashboard.web.cases.case_replies import PlaceReply
from feeds.city import City
from layouts.words import WORDS, say

__all__ = ["Names", "place"]


@dataclass(frozen=True)
class Names:
    """What has no name is called by its id: nothing is ever left out because nobody knows it."""

    city: City
    rules: Rules
    lang: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.city.zone)

    def word(self, room: str, word: str) -> str:
        """In the reader's language where we have a word for it, else as it was said."""
        key = f"{room}.{word}"
        return say(self.lang)(key) if key in WORDS else word

    def area(self, area_id: str) -> str:
        row = self.city.area_row.get(area_id)
        return area_id if row is None else str(self.city.areas.name[row])

    def grid(self, grid_id: str) -> str:
        row = self.city.grid_row.get(grid_id)
        return grid_id if row is None else str(self.city.grids.name[row])

    def class_name(self, class_code: str) -> str:
        return self.class_at(class_code, -1)

    def class_at(self, class_code: str, depth: int) -> str:
        """Of the class itself (-1), or of the one above it that stands at this depth of the tree (0: the top)."""
        branch = self._branch(class_code)
        if depth >= len(branch):
            return ""
        code, names = branch[depth]
        return names or code

    def department(self, department: str) -> str:
        found = self.rules.departments.get(department)
        if found is None:
            return department
        return (found.name_en if self.lang == "en" else found.name) or found.name or department

    def _branch(self, class_code: str) -> list[tuple[str, str]]:
        """(code, name) from the top of the tree down to the class. Classes of the rules go before the city's."""
        for classes in (self.rules.classes, self.city.classes):
            codes: Any = classes.class_code
            found = (codes == class_code).nonzero()[0]
            if len(found):
                names = classes.name_en if self.lang == "en" else classes.name
                row, branch = int(found[0]), list[tuple[str, str]]()
                while row >= 0:
                    branch.append((str(codes[row]), str(names[row]) or str(classes.name[row])))
                    row = int(classes.parent[row])
                return branch[::-1]
        return [(class_code, class_code)]


def place(case: Case, names: Names) -> PlaceReply:
    return PlaceReply(
        district=names.area(case.district), street=names.area(case.street), community=names.area(case.community),
        area=names.area(case.area_id), grid=names.grid(case.grid_id), class_name=names.class_name(case.class_code),
    )  # fmt: skip
