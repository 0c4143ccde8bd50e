"""Classes: the tree of event classes, a CSV that an operator may replace, with what is asked of each class."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from feeds.city import City, Classes
from feeds.record import LEVELS

__all__ = ["SHIPPED", "Limits", "load", "read", "usual", "with_tree"]

Texts = npt.NDArray[np.str_]

CLOCKS = ("continuous", "working")
#: Columns without which there is no tree.
NEEDED = ("class_code", "parent", "name")
#: Ten years, in hours: more is a mistake.
LONGEST = 87_600
#: Trees that ship, by the name that the setting `classes` may give.
SHIPPED = {"": "classes.csv", "urban": "rules/urban_standards.csv"}


class Limits(NamedTuple):
    """Row by row beside Classes: hours an event may stay open, and the level that usually works on it.

    clock: of the hours, `continuous` or `working`; reply_hours: until a first, procedural reply (nan: none is asked).
    """

    hours: npt.NDArray[np.float64]
    level: Texts
    clock: Texts
    reply_hours: npt.NDArray[np.float64]
    filing_condition: Texts
    closing_condition: Texts
    handling_unit: Texts
    supervisor: Texts

    @property
    def about(self) -> npt.NDArray[np.float64]:
        """Hours day and night in which the limits are over, about: a week has 40 working hours."""
        return np.where(self.clock == "working", self.hours * 168 / 40, self.hours)


def load(path: Path | str | None = None) -> tuple[Classes, Limits]:
    """The shipped tree (no path, or one of SHIPPED), or that of a file. Row 0 is what unknown classes are counted as.

    Columns: class_code,parent,name,name_en,limit_hours,level and, where they are known, the other fields of Limits.
    """
    return read(_source(path).read_text(encoding="utf-8-sig"))


def _source(path: Path | str | None) -> Path | Traversable:
    shipped = SHIPPED.get(str(path or ""))
    return Path(str(path)) if shipped is None else resources.files("feeds") / shipped


def with_tree(city: City, chosen: str) -> City:
    """The city with the chosen tree, unless it brought one of its own."""
    standard, _ = load()
    if not chosen or not np.array_equal(city.classes.class_code, standard.class_code):
        return city
    return replace(city, classes=load(chosen)[0])


def usual() -> dict[str, tuple[float, str]]:
    """Of each class of all trees that ship: about how many hours it may take (nan: not said), the level that has it."""
    trees = [load(name) for name in SHIPPED]
    return {
        str(code): (float(hours), str(level))
        for classes, limits in reversed(trees)
        for code, hours, level in zip(classes.class_code, limits.about, limits.level, strict=True)
    }


def read(text: str) -> tuple[Classes, Limits]:
    """As `load`, from the text of a file. Raises ValueError with a sentence."""
    table = csv.DictReader(text.splitlines())
    if lacking := [name for name in NEEDED if name not in (table.fieldnames or ())]:
        raise ValueError(f"the class table has no column {', '.join(lacking)}")
    rows = list(table)
    if not rows:
        raise ValueError("there is no class in the class table")
    if any(not row["class_code"] for row in rows):
        raise ValueError("a row of the class table has no class_code")
    row_of = {row["class_code"]: n for n, row in enumerate(rows)}
    if len(row_of) != len(rows):
        raise ValueError(f"the class_code {_twice(rows)} stands twice in the class table")
    for row in rows:
        if row["parent"] and row["parent"] not in row_of:
            raise ValueError(f"the class {row['class_code']} stands under {row['parent']!r}, which there is not")
    classes = Classes(
        class_code=_texts(rows, "class_code"),
        name=_texts(rows, "name"),
        name_en=_texts(rows, "name_en"),
        parent=np.array([row_of[row["parent"]] if row["parent"] else -1 for row in rows], np.int32),
    )
    _check_lineage(classes)
    return classes, Limits(
        _hours(rows, "limit_hours"), _words(rows, "level", LEVELS),
        _words(rows, "clock", CLOCKS), _hours(rows, "reply_hours"),
        *(_texts(rows, name) for name in Limits._fields[4:]),
    )  # fmt: skip


def _twice(rows: list[dict[str, Any]]) -> str:
    return Counter(row["class_code"] for row in rows).most_common(1)[0][0]


def _check_lineage(classes: Classes) -> None:
    above = classes.parent
    for _ in range(len(above)):
        if (above < 0).all():
            return
        above = np.where(above < 0, above, classes.parent[above])
    raise ValueError(f"the class {classes.class_code[np.argmax(above >= 0)]} stands above itself in the class table")


def _texts(rows: list[dict[str, Any]], column: str) -> Texts:
    return np.array([row.get(column) or "" for row in rows], dtype=str)


def _words(rows: list[dict[str, Any]], column: str, words: tuple[str, ...]) -> Texts:
    """One of the words in each row, the first where there is none."""
    found = np.array([row.get(column) or words[0] for row in rows], dtype=str)
    if wrong := sorted(set(found.tolist()) - set(words)):
        raise ValueError(f"the class table has {wrong[0]!r} as {column}; there are {', '.join(words)}")
    return found


def _hours(rows: list[dict[str, Any]], column: str) -> npt.NDArray[np.float64]:
    found = np.array([_hour(row.get(column) or "", column) for row in rows])
    if not np.all(np.isnan(found) | ((found > 0) & (found <= LONGEST))):
        raise ValueError(f"the class table has a {column} that is not between 0 and {LONGEST} hours")
    return found


def _hour(text: str, column: str) -> float:
    try:
        return float(text) if text else math.nan
    except ValueError as error:
        raise ValueError(f"the class table has {text!r} as {column}, which is no number") from error
