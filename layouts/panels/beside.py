"""Beside the map: open events that have no position. Counted, never dropped."""

from __future__ import annotations

from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]


def take(situation: Situation, say: Say) -> Payload:
    count = int(situation.nowhere)
    return {"count": count, "text": say("beside.nowhere", n=say.number(count)) if count else ""}


PANEL = Panel("beside", take, feed="events", framed=False, door="/cases?open=true&unplaced=true&area={area}")
