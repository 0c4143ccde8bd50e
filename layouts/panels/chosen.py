"""Chosen: what was chosen on the map. The page asks the API for it; until then this says how to choose."""

from __future__ import annotations

from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]


def take(situation: Situation, say: Say) -> Payload:
    return {"none": say("chosen.none"), "keys": say("chosen.keys")}


PANEL = Panel("chosen", take)
