"""Attributes: data-* and aria-* of an element, written with the underscores that Python wants."""

from __future__ import annotations

from typing import Any

__all__ = ["attributes"]


def attributes(**values: Any) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in values.items()}
