"""Hottest: the places where events crowd now, the worst first."""

from __future__ import annotations

from layouts.naming import area_name
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

SHOWN = 6


def take(situation: Situation, say: Say) -> Payload:
    hot = [place for place in situation.hot if place.weight > 0][:SHOWN]
    if not hot:
        return {"empty": say("hottest.none")}
    most = max(float(place.weight) for place in hot)
    return {
        "note": say("hottest.what"),
        "rows": [
            {
                "key": f"{place.lon:.4f},{place.lat:.4f}",
                "name": area_name(situation.city, int(place.area), say),
                "value": f"{place.weight:.1f}",
                "share": round(float(place.weight) / most, 3),
            }
            for place in hot
        ],
    }


PANEL = Panel("hottest", take, ("events",), "events", door="/cases?open=true&area={area}", calm=True)
