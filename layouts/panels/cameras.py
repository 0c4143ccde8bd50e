"""Cameras: how many of how many are online, the worst owners, and what is down as a whole."""

from __future__ import annotations

from typing import Any

from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]

WORST, OUTAGES = 8, 3


def take(situation: Situation, say: Say) -> Payload:
    online, of = situation.online
    if not situation.cameras_total:
        return {"empty": say("cameras.none")}
    if of and not situation.feeds and not online:
        return {"empty": say("cameras.silent")}
    target = float(situation.settings.camera_target)
    outages = [_outage(outage, situation.now, say) for outage in list(situation.outages)[:OUTAGES]]
    names, up, counted = (situation.owners[name][:WORST].tolist() for name in ("owner", "online", "of"))
    owners = [_owner(say, *row, target) for row in zip(names, up, counted, strict=True)]
    return {
        "percent": say.percent(online, of),
        "share": say.share(online, of),
        "target": say("cameras.target", percent=f"{target:g} %"),
        "below": bool(of) and 100 * online < target * of,
        "filled": online / of if of else 0,
        "mark": target / 100,
        "outages": outages,
        "heading": say("cameras.owners"),
        "owners": owners,
    }


def _owner(say: Say, name: str, online: int, of: int, target: float) -> dict[str, Any]:
    return {
        "key": name,
        "name": name,
        "percent": say.percent(online, of),
        "share": say.share(online, of),
        "below": 100 * online < target * of,
    }


def _outage(outage: Any, now: float, say: Say) -> dict[str, str]:
    """One switch is one line, however many cameras hang on it."""
    return {
        "key": f"{outage.kind}:{outage.name}",
        "name": f"{say(f'outage.{outage.kind}')} {outage.name}",
        "count": say("outage.cameras", n=say.number(outage.cameras)),
        "age": say.age(now - float(outage.since)),
    }


PANEL = Panel("cameras", take, ("overview",), "cameras", door="/list?of=cameras&area={area}")
