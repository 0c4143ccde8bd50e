"""Refusing: why a move was not made, as a sentence in the reader's language, with every value in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layouts.words import NOTHING, WORDS, Say, say

__all__ = ["refusal"]

#: value → room of its word.
ROOMS = {
    "move": "move", "step": "step", "before": "step", "role": "role", "roles": "role", "level": "level", "what": "need",
    "seat": "seat",
}  # fmt: skip
JOIN = {"zh": "、", "en": ", "}


def refusal(lang: str, code: str, values: Mapping[str, Any], zone: str) -> str:
    """The sentence of NotAllowed(code, **values). zone: IANA name of the city's clock."""
    speak = say(lang)
    said = {name: _said(speak, name, value, zone) for name, value in values.items()}
    return speak(f"refusal.{code}", **said)


def _said(speak: Say, name: str, value: Any, zone: str) -> str:
    if isinstance(value, list | tuple):
        return JOIN[speak.lang].join(_said(speak, name, one, zone) for one in value)
    if name.endswith("_at"):
        return NOTHING if value is None else speak.moment(float(value), zone)
    key = f"{ROOMS.get(name, '')}.{value}"
    return speak(key) if key in WORDS else str(value)
