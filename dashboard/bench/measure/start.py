"""Start: from the command of a new user to pages that answer, and to a wall with people on it, for each city."""

from __future__ import annotations

import asyncio
import contextlib
import time

from dashboard.bench.figures import Figure, Figures, at_most
from dashboard.bench.rig import HOST, free_port, launched, until_ready, workshop
from dashboard.bench.trouble import CannotMeasure
from dashboard.bench.viewer import Viewer
from dashboard.live.frame import decode, unbundle
from dashboard.settings import load
from dashboard.supervise import gridhall

__all__ = ["measure"]

CITIES = ("wulingyuan", "yangling", "zhoushan", "changzhou", "jiamusi")
PATIENCE = 60.0


def measure(quick: bool) -> Figures:
    return [figure for city in CITIES for figure in _start(city, again=not quick)]


def _start(city: str, again: bool) -> Figures:
    """The first start builds the city; the second finds it built."""
    with workshop() as folder:
        rows: Figures = []
        for name in ("first start", "second start")[: 2 if again else 1]:
            settings = load({}, data=str(folder / "data"), port=free_port(), ingest_port=free_port())
            log, began = folder / "hall.log", time.monotonic()
            with launched(gridhall("demo", "--city", city), settings, log) as child:
                until_ready(f"http://{HOST}:{settings.port}", settings.ingest_port, child, log)
                ready = time.monotonic() - began
                alive = asyncio.run(_first_workers(settings.port)) - began
            rows.append(Figure(f"{city}, {name}: pages ready", ready, "s", at_most(15)))
            rows.append(Figure(f"{city}, {name}: people on the wall", alive, "s"))
    return rows


async def _first_workers(port: int) -> float:
    """When a client has the first frame with workers in it."""
    found: list[float] = []
    viewer = Viewer(
        f"ws://{HOST}:{port}/socket.io/?EIO=4&transport=websocket",
        {"area": "", "view": "overview", "lang": "zh", "theme": "dark"},
        see=lambda body, at: found.append(at) if _workers(body) else None,
    )
    work = asyncio.create_task(viewer.run(time.monotonic() + PATIENCE))
    until = time.monotonic() + PATIENCE
    while not found and time.monotonic() < until:
        await asyncio.sleep(0.02)
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work
    if not found:
        raise CannotMeasure(f"no worker was shown within {PATIENCE:.0f} s {viewer.refused}")
    return found[0]


def _workers(body: bytes) -> bool:
    return any(len(decode(view).tables.get("workers", {}).get("slot", ())) > 0 for view in unbundle(body))
