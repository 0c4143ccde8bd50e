"""Classes: the type-ahead over the tree of classes, by name, code or initials in pinyin."""

from __future__ import annotations

from functools import lru_cache

from dashboard.cases.rules.rules import Rules
from dashboard.web.cases.case_replies import ClassesQuery, ClassList, ClassReply
from dashboard.web.scene import Scene
from feeds.typeahead import TypeAhead

__all__ = ["classes"]


def classes(scene: Scene, asked: ClassesQuery) -> ClassList:
    tree = scene.books.rules.classes
    rows = scene.books.aside(lambda book: _ahead(book.rules).find(asked.q, asked.limit))
    return ClassList(
        classes=[
            ClassReply(class_code=str(tree.class_code[row]), name=str(tree.name[row]), name_en=str(tree.name_en[row]))
            for row in rows
        ]
    )


@lru_cache(maxsize=2)
def _ahead(rules: Rules) -> TypeAhead:
    """Made once for each set of rules, on the thread that asks first."""
    return TypeAhead(rules.classes)
