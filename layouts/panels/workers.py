"""Workers: how many were heard of, and how long ago; each age with its shape."""

from __future__ import annotations

from layouts.naming import FRESHNESS
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]


def take(situation: Situation, say: Say) -> Payload:
    counts = {name: int(situation.freshness.get(name, 0)) for name in FRESHNESS}
    everyone = sum(counts.values())
    if not everyone:
        return {"empty": say("workers.none")}
    heard = counts["fresh"] + counts["ageing"] + counts["old"]
    return {
        "number": say.number(heard),
        "of": say.number(everyone),
        "percent": say.percent(heard, everyone),
        "note": say("workers.heard", n=int(situation.settings.old_seconds // 60)),
        "rows": [
            {
                "key": name,
                "name": say(f"freshness.{name}"),
                "value": say.number(count),
                "share": round(count / everyone, 4),
            }
            for name, count in counts.items()
        ],
    }


PANEL = Panel("workers", take, ("overview", "patrol"), "fixes", door="/list?of=workers&area={area}")
