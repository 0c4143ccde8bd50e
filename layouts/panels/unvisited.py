"""Not visited: how much of the ground nobody has been on since midnight."""

from __future__ import annotations

from urllib.parse import quote

from layouts.panel import Panel, Payload, Situation
from layouts.words import Say

__all__ = ["PANEL"]


def take(situation: Situation, say: Say) -> Payload:
    count, of = len(situation.unvisited[0]), int(situation.cells_total)
    if not of:
        return {"empty": say("state.empty")}
    area = quote(str(situation.city.areas.area_id[situation.area]), safe="")
    return {
        "cells": f"/api/v1/areas/{area}/unvisited",
        "percent": say.percent(count, of),
        "share": say.share(count, of),
        "of": say("unvisited.of") if count else say("unvisited.none"),
        "filled": round(count / of, 4),
    }


PANEL = Panel("unvisited", take, ("patrol",), "fixes", door="/list?of=unvisited&area={area}", calm=True)
