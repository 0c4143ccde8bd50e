"""Head: which city and area, how old each feed's word is, and what time it is in the hall."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from layouts.naming import area_name, city_name
from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["GRADES", "KINDS", "PANEL"]

KINDS = ("fixes", "events", "cameras")

#: A source with less than one in so many of the records of the busiest of its kind does not speak for the kind.
FEW = 100
#: From good to bad, each with its mark: shape as well as colour and word.
GRADES = {"live": "●", "quiet": "○", "late": "▲", "dead": "✕", "none": "—"}


def take(situation: Situation, say: Say) -> Payload:
    city, settings = situation.city, situation.settings
    zone = datetime.fromtimestamp(situation.now, UTC).astimezone(ZoneInfo(city.zone))
    offset = zone.utcoffset()
    return {
        "place": _place(city, situation.area, say),
        "now": round(situation.now),
        "offset": int(offset.total_seconds()) if offset else 0,
        "late": settings.feed_quiet_seconds,
        "dead": settings.feed_dead_seconds,
        "feeds": [_feed(kind, situation, say) for kind in KINDS],
        "idle": "" if situation.feeds else say("state.idle", where=_door(settings)),
        "simulated": any(str(feed.source).startswith("simul") for feed in situation.feeds),
    }


def _place(city: Any, area: int, say: Say) -> str:
    """In each language's own order. Where there is little room its end is cut: in the longer one that is the city."""
    names = [city_name(city, say), *([area_name(city, area, say)] if area else [])]
    return " · ".join(dict.fromkeys(reversed(names) if say.lang == "en" else names))


def _door(settings: Any) -> str:
    """Where records are sent to."""
    return f"http://{settings.ingest_host}:{settings.ingest_port}/ingest/v1/"


def _feed(kind: str, situation: Situation, say: Say) -> dict[str, Any]:
    """The worst source of a kind speaks for it: one dead source is not hidden behind a live one."""
    grades = list(GRADES)
    of_kind = [feed for feed in situation.feeds if feed.kind == kind]
    if not of_kind:
        return {"kind": kind, "word": say(f"feed.{kind}"), "source": "", "age": None, "grade": "none"}
    most = max(feed.accepted for feed in of_kind)
    worst = max((feed for feed in of_kind if _speaks(feed, most)), key=lambda feed: grades.index(feed.grade))
    return {
        "kind": kind,
        "word": say(f"feed.{kind}"),
        "source": str(worst.source) if len(of_kind) > 1 else "",
        "age": None if worst.age is None else round(float(worst.age)),
        "grade": worst.grade,
    }


def _speaks(feed: Any, most: int) -> bool:
    """Not who once sent a record by hand beside a platform: nobody waits for the next. Who only ever said that it is
    alive is waited for."""
    return not feed.accepted or feed.accepted * FEW >= most


PANEL = Panel("head", take, framed=False)
