"""Map: the Dash component that holds the map. Written by hand; its script is assets/js/stub.js, built to gen/stub.js.

The page loads STUB as a plain script (`external_scripts`), keeps Dash from loading gen/ by itself (`assets_ignore`),
and the stub imports the bundle when a map is first mounted. It goes away with its page and takes all it holds along.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dash.development.base_component import Component

__all__ = ["STUB", "GridMap"]

#: Where the script of the component is, under the assets folder.
STUB = "gen/stub.js"

PROPS = ["id", "options", "selected"]
NO_PROPS: list[str] = []


class GridMap(Component):
    """GridMap(id, options, selected).

    options: {area, view, lang, theme, tour}: what is absent is read from the page's address.
    selected: what was chosen on the map, told by it: {kind: worker|event|camera, row, key, district, lon, lat} or None.
    """

    _children_props = NO_PROPS
    _base_nodes: ClassVar[list[str]] = ["children"]
    _namespace = "layouts"
    _type = "GridMap"
    _prop_names = PROPS
    _valid_wildcard_attributes = NO_PROPS
    available_properties = PROPS
    available_wildcard_properties = NO_PROPS

    def __init__(self, id: str, options: dict[str, Any] | None = None, selected: dict[str, Any] | None = None) -> None:
        super().__init__(id=id, options=options or {}, selected=selected)
