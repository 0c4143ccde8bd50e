"""Standards: the urban class tree, made from a municipal table of rules: `python -m feeds.standards FILE`."""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

__all__ = ["COLUMNS", "TREE", "limit_of", "tree_of"]

TREE = Path(__file__).parent / "rules" / "urban_standards.csv"
COLUMNS: tuple[str, ...] = (
    "class_code", "parent", "name", "name_en", "limit_hours", "level", "clock", "reply_hours",
    "filing_condition", "closing_condition", "handling_unit", "supervisor",
)  # fmt: skip

#: The first letter of a code; then two digits of the big class, two of the small one, two of the condition.
KINDS = {"component": ("C", "部件"), "event": ("E", "事件")}
#: 紧急: the clock runs day and night, and a day has 24 hours; else it runs in working time, and a day has 8.
LIMIT = re.compile(r"(\d+)(紧急工作时|紧急工作日|小时|天)")
HOURS = {
    "紧急工作时": (1, "continuous"),
    "紧急工作日": (24, "continuous"),
    "小时": (1, "working"),
    "天": (8, "working"),
}
#: What stands above the conditions has the longest of their limits; what stands above that, the table's commonest.
COMMON = ("40", "working")
SHORT = 28

Row = dict[str, str]


class Limit(NamedTuple):
    hours: int
    clock: str


def limit_of(text: str) -> Limit:
    """`2紧急工作时` → 2 hours, continuous; `5天` → 40 hours, working. Raises ValueError."""
    found = LIMIT.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no time limit")
    hours, clock = HOURS[found[2]]
    return Limit(int(found[1]) * hours, clock)


def tree_of(rules: list[Row], english: dict[str, str]) -> list[Row]:
    """Rows of a class tree: 其他, then kind → big class → small class → condition. english: names of what is above."""
    rows = {"other": _row("other", "", "其他", "168", "continuous", name_en="Other", level="community")}
    numbers: dict[str, int] = defaultdict(int)
    longest: dict[str, Limit] = {}
    for rule in rules:
        letter, kind = KINDS[rule["kind"]]
        big = letter + rule["big_code"]
        small = big + rule["small_code"]
        numbers[small] += 1
        limit = limit_of(rule["time_limit_text"])
        longest[small] = max(longest.get(small, limit), limit, key=_days)
        rows.setdefault(letter, _row(letter, "", kind, *COMMON))
        rows.setdefault(big, _row(big, letter, rule["big_name"], *COMMON))
        rows[small] = _row(small, big, rule["small_name"], str(longest[small].hours), longest[small].clock)
        rows.setdefault(f"{small}{numbers[small]:02}", _leaf(small, numbers[small], rule, limit))
    for code, row in rows.items():
        row["name_en"] = row["name_en"] or english.get(code) or f"{english.get(code[:5], code[:5])}, {int(code[5:])}"
    return sorted(rows.values(), key=lambda row: (row["class_code"] != "other", row["class_code"]))


def _days(limit: Limit) -> float:
    return limit.hours / (24 if limit.clock == "continuous" else 8)


def _row(class_code: str, parent: str, name: str, hours: str, clock: str, **more: str) -> Row:
    given = {"class_code": class_code, "parent": parent, "name": name, "limit_hours": hours, "clock": clock}
    return dict.fromkeys(COLUMNS, "") | given | {"level": "street"} | more


def _leaf(small: str, number: int, rule: Row, limit: Limit) -> Row:
    columns = ("filing_condition", "closing_condition", "handling_unit", "supervisor")
    name = f"{rule['small_name']}·{_short(rule['filing_condition'])}"
    return _row(
        f"{small}{number:02}", small, name, str(limit.hours), limit.clock, **{one: rule[one] for one in columns}
    )


def _short(condition: str) -> str:
    """A condition as part of a name: whole clauses while they fit."""
    text = condition.strip().rstrip("。；;")
    if len(text) <= SHORT:
        return text
    cut = max(text.rfind(sign, 0, SHORT) for sign in "，、,；;。 ")
    return text[: cut if cut > 0 else SHORT] + "…"


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def main(source: str) -> None:
    """English names of classes that stand in the tree already are kept."""
    english = {row["class_code"]: row["name_en"] for row in _read(TREE)} if TREE.exists() else {}
    rows = tree_of(_read(Path(source)), english)
    with TREE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1])
