"""Case acts: the Dash component with the buttons of a case. Its script is assets/js/case.js, mounted by js/stub.js."""

from __future__ import annotations

from typing import Any, ClassVar

from dash.development.base_component import Component

__all__ = ["CaseActs"]

PROPS = ["id", "options"]
NO_PROPS: list[str] = []


class CaseActs(Component):
    """CaseActs(id, options).

    options: {case_id, version, offered: [{name, words, needs, brings}], departments: [[id, name]], personal: whether
    the caller may see who reported, lang}.
    """

    _children_props = NO_PROPS
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "layouts"
    _type = "CaseActs"
    _prop_names = PROPS
    _valid_wildcard_attributes = NO_PROPS
    available_properties = PROPS
    available_wildcard_properties = NO_PROPS

    def __init__(self, id: str, options: dict[str, Any] | None = None) -> None:
        super().__init__(id=id, options=options or {})
