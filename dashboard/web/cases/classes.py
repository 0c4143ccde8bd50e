"""Classes: the type-ahead over the tree of classes, by name, code or initials in pinyin."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dashboard.cases.rules.rules import Rules
from dashboard.web.cases.case_replies import ClassesQuery, ClassList, ClassReply
from dashboard.web.scene import Scene
from feeds.city import Classes
from feeds.typeahead import TypeAhead

__all__ = ["classes", "standard"]


def classes(scene: Scene, asked: ClassesQuery) -> ClassList:
    rules = scene.books.rules
    rows = scene.books.aside(lambda book: _ahead(book.rules).find(asked.q, asked.limit))
    return ClassList(classes=[_reply(rules, int(row)) for row in rows])


def standard(rules: Rules, class_code: str) -> ClassReply | None:
    """What the standard asks of one class; None for one that it does not know."""
    rows = np.flatnonzero(rules.classes.class_code == class_code)
    return _reply(rules, int(rows[0])) if len(rows) else None


def _reply(rules: Rules, row: int) -> ClassReply:
    """What the standard asks of a class; its limit is that of the level which usually works on it."""
    tree, code = rules.classes, str(rules.classes.class_code[row])
    limit, asked = rules.limit(code, rules.level(code)), rules.asked
    return ClassReply(
        class_code=code, name=str(tree.name[row]), name_en=str(tree.name_en[row]), limit_hours=limit.hours,
        clock=limit.clock, level=rules.level(code), filing_condition=_said(tree, asked.filing_condition, row),
        closing_condition=_said(tree, asked.closing_condition, row),
        handling_unit=_said(tree, asked.handling_unit, row),
    )  # fmt: skip


def _said(tree: Classes, column: npt.NDArray[np.str_], row: int) -> str:
    """What the standard says of a class, or else of the nearest above it."""
    while not str(column[row]) and tree.parent[row] >= 0:
        row = int(tree.parent[row])
    return str(column[row])


@lru_cache(maxsize=2)
def _ahead(rules: Rules) -> TypeAhead:
    """Made once for each set of rules, on the thread that asks first."""
    return TypeAhead(rules.classes)
