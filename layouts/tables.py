"""Tables: plain tables of the pages that are read at a desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.words import Say

__all__ = ["as_of", "table"]


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], numbers: Sequence[int] = ()) -> Component:
    """numbers: columns that stand at the right."""
    top = html.Thead(html.Tr([_cell(html.Th, head, at in numbers) for at, head in enumerate(heads)]))
    return html.Table(
        [
            top,
            html.Tbody([html.Tr([_cell(html.Td, cell, at in numbers) for at, cell in enumerate(row)]) for row in rows]),
        ]
    )


def _cell(tag: Any, content: Any, number: bool) -> Component:
    return tag(content, className="number" if number else None)


def as_of(at: float | None, zone: str, speak: Say) -> Component:
    """Of when a table's rows are: hall time, seconds since 1970; None: nothing has been heard yet."""
    said = speak("list.as_of.none") if at is None else speak("list.as_of", at=speak.moment(at, zone))
    return html.Small(said, className="as-of")
