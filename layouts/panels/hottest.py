"""Hottest: the places where events crowd now, the worst first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from layouts.naming import area_name
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

SHOWN = 6
#: From the east against the clock, as angles go.
SIDES = ("e", "ne", "n", "nw", "w", "sw", "s", "se")


def take(situation: Situation, say: Say) -> Payload:
    hot = [place for place in situation.hot if place.weight > 0][:SHOWN]
    if not hot:
        return {"empty": say("hottest.none")}
    most = max(float(place.weight) for place in hot)
    return {
        "note": say("hottest.what", n=f"{situation.settings.heat_half_life / 60:g}"),
        "rows": [
            {
                "key": f"{place.lon:.4f},{place.lat:.4f}",
                "name": name,
                "value": say("hottest.heat", n=f"{place.weight:.1f}"),
                "share": round(float(place.weight) / most, 3),
            }
            for place, name in zip(hot, _names(hot, situation.city, say), strict=True)
        ],
    }


def _names(hot: Sequence[Any], city: Any, say: Say) -> list[str]:
    """No two read alike: the street stands before communities of one name, the side behind places of one community."""
    areas = [int(place.area) for place in hot]
    names = {area: area_name(city, area, say) for area in areas}
    above = {area: int(city.areas.parent[area]) for area in areas}
    # The street first; streets have their namesakes as well, then the district stands before it.
    while alike := {area for area in names if above[area] > 0 and list(names.values()).count(names[area]) > 1}:
        names |= {area: f"{area_name(city, above[area], say)} {names[area]}" for area in alike}
        above |= {area: int(city.areas.parent[above[area]]) for area in alike}
    named = [names[area] for area in areas]
    often = Counter(named)
    return [
        f"{name} · {_side(place, [hot[at] for at, other in enumerate(named) if other == name], say)}"
        if often[name] > 1
        else name
        for place, name in zip(hot, named, strict=True)
    ]


def _side(place: Any, among: Sequence[Any], say: Say) -> str:
    """On which side of the middle of them all it lies."""
    north = place.lat - sum(one.lat for one in among) / len(among)
    east = (place.lon - sum(one.lon for one in among) / len(among)) * math.cos(math.radians(place.lat))
    return say(f"hottest.side.{SIDES[round(math.atan2(north, east) / (math.pi / 4)) % len(SIDES)]}")


PANEL = Panel("hottest", take, ("events",), "events", door="/cases?open=true&area={area}", calm=True)
