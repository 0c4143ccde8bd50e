"""Classes: the tree of event classes, a CSV that an operator may replace, with the hours each class may take."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from feeds.city import Classes

__all__ = ["Limits", "load"]


class Limits(NamedTuple):
    """Row by row beside Classes: hours an event may stay open, and the level that usually works on it."""

    hours: npt.NDArray[np.float64]
    level: npt.NDArray[np.str_]


def load(path: Path | None = None) -> tuple[Classes, Limits]:
    """Columns: class_code,parent,name,name_en,limit_hours,level. Row 0 must be what unknown classes are counted as."""
    text = (path or resources.files("feeds") / "classes.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    row_of = {row["class_code"]: n for n, row in enumerate(rows)}
    if len(row_of) != len(rows):
        raise ValueError("a class_code stands twice in the class table")
    classes = Classes(
        class_code=np.array([row["class_code"] for row in rows]),
        name=np.array([row["name"] for row in rows]),
        name_en=np.array([row["name_en"] for row in rows]),
        parent=np.array([row_of[row["parent"]] if row["parent"] else -1 for row in rows], np.int32),
    )
    hours = np.array([float(row["limit_hours"] or "nan") for row in rows])
    return classes, Limits(hours, np.array([row["level"] or "community" for row in rows]))
