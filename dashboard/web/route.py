"""Route: one row of the API's table: where it stands, who may use it, what is asked, sent and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = ["CSV", "GEO", "JSON", "OCTETS", "PREFIX", "XLSX", "Route"]

PREFIX = "/api/v1"
JSON = "application/json"
GEO = "application/geo+json"
CSV = "text/csv"
OCTETS = "application/octet-stream"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Route:
    """path: with {names} for what stands in it; they are handed to `answer` in their order, behind the body.

    answer(scene, query, [body,] *names) gives a Struct, or a ready answer of Flask. reply: its shape; None: a file.
    capability: of dashboard.people.roles.ALL, or of dashboard.web.people.needs; a row without one is refused at start.
    sends: media type of a body that is no JSON (body is None then, the function reads the request itself).
    also: further statuses → (words, shape).
    """

    path: str
    summary: str
    query: type[msgspec.Struct]
    reply: type[msgspec.Struct] | None
    answer: Callable[..., Any]
    mime: str = JSON
    capability: str = ""
    method: str = "GET"
    body: type[msgspec.Struct] | None = None
    sends: str = ""
    also: Mapping[int, tuple[str, type[msgspec.Struct]]] = field(
        default_factory=dict[int, tuple[str, type[msgspec.Struct]]]
    )

    @property
    def name(self) -> str:
        """Unique in the table: of the path, and of what is done there unless it is only read."""
        words = self.path.strip("/").replace("/", "_").replace("{", "").replace("}", "").replace(".", "_")
        return words if self.method == "GET" else f"{self.method.lower()}_{words}"
