"""Classes: the tree of event classes, a CSV that an operator may replace, with what is asked of each class."""

from __future__ import annotations

import csv
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from feeds.city import Classes

__all__ = ["SHIPPED", "Limits", "load", "read"]

Texts = npt.NDArray[np.str_]

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


def load(path: Path | str | None = None) -> tuple[Classes, Limits]:
    """The shipped tree (no path, or one of SHIPPED), or that of a file. Row 0 is what unknown classes are counted as.

    Columns: class_code,parent,name,name_en,limit_hours,level and, where they are known, the other fields of Limits.
    """
    return read(_source(path).read_text(encoding="utf-8-sig"))


def _source(path: Path | str | None) -> Path | Traversable:
    shipped = SHIPPED.get(str(path or ""))
    return Path(str(path)) if shipped is None else resources.files("feeds") / shipped


def read(text: str) -> tuple[Classes, Limits]:
    """As `load`, from the text of a file. Raises ValueError, or KeyError for a parent or a column that is not there."""
    rows = list(csv.DictReader(text.splitlines()))
    row_of = {row["class_code"]: n for n, row in enumerate(rows)}
    if len(row_of) != len(rows):
        raise ValueError("a class_code stands twice in the class table")
    classes = Classes(
        class_code=_texts(rows, "class_code"),
        name=_texts(rows, "name"),
        name_en=_texts(rows, "name_en"),
        parent=np.array([row_of[row["parent"]] if row["parent"] else -1 for row in rows], np.int32),
    )
    return classes, Limits(
        _hours(rows, "limit_hours"), _texts(rows, "level", "community"),
        _texts(rows, "clock", "continuous"), _hours(rows, "reply_hours"),
        *(_texts(rows, name) for name in Limits._fields[4:]),
    )  # fmt: skip


def _texts(rows: list[dict[str, Any]], column: str, default: str = "") -> Texts:
    return np.array([row.get(column) or default for row in rows], dtype=str)


def _hours(rows: list[dict[str, Any]], column: str) -> npt.NDArray[np.float64]:
    return np.array([float(row.get(column) or "nan") for row in rows])
