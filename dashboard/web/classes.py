"""Classes: the type-ahead over the tree of classes."""

from __future__ import annotations

from dashboard.web.case_replies import ClassesQuery, ClassList, ClassReply
from dashboard.web.scene import Scene

__all__ = ["classes"]


def classes(scene: Scene, asked: ClassesQuery) -> ClassList:
    found = scene.books.rules.classes
    rows = [
        ClassReply(class_code=str(code), name=str(name), name_en=str(english))
        for code, name, english in zip(found.class_code, found.name, found.name_en, strict=True)
        if asked.q in f"{code} {name} {english}"
    ]
    return ClassList(classes=rows[: asked.limit])
