"""Viewers: a process of many viewers, one of which reads what it gets. Stops by itself, says one JSON line."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from dashboard.bench.ages import Ages
from dashboard.bench.viewer import Viewer

__all__ = ["Seen", "Sight"]

VIEWS = ("overview", "events", "patrol")


class Sight(msgspec.Struct):
    """seconds: how long. ages: file for (sent, heard) of every fix that the first viewer saw; empty: nobody reads.

    wholes: what is first seen in a whole picture counts too.
    """

    url: str
    clients: int
    seconds: float
    table: str
    workers: int
    ages: str = ""
    wholes: bool = False


class Seen(msgspec.Struct):
    """curve: (moment, frames, bytes, bytes of parts) of all clients together, each second."""

    curve: list[tuple[float, int, int, int]] = []
    joins: int = 0
    cuts: int = 0
    refused: str = ""


async def watch(sight: Sight) -> Seen:
    ages = Ages(Path(sight.table), sight.workers, sight.wholes)
    viewers = [
        Viewer(sight.url, {"area": "", "view": VIEWS[number % len(VIEWS)], "lang": "zh", "theme": "dark"})
        for number in range(sight.clients)
    ]
    if sight.ages:
        viewers[0].see = ages.see
    seen, until = Seen(), time.monotonic() + sight.seconds
    work = [asyncio.create_task(viewer.run(until)) for viewer in viewers]
    while time.monotonic() < until:
        await asyncio.sleep(min(1.0, max(until - time.monotonic(), 0.0)))
        seen.curve.append(_sum(viewers))
    await asyncio.gather(*work)
    seen.joins, seen.cuts = sum(v.joins for v in viewers), sum(v.cuts for v in viewers)
    seen.refused = next((viewer.refused for viewer in viewers if viewer.refused), "")
    if sight.ages:
        np.save(sight.ages, np.stack(ages.columns()))
    return seen


def _sum(viewers: list[Viewer]) -> tuple[float, int, int, int]:
    return (
        time.monotonic(),
        sum(viewer.frames for viewer in viewers),
        sum(viewer.bytes for viewer in viewers),
        sum(viewer.part_bytes for viewer in viewers),
    )


def main() -> None:
    sight = msgspec.json.decode(sys.argv[1], type=Sight)
    sys.stdout.write(msgspec.json.encode(asyncio.run(watch(sight))).decode() + "\n")


if __name__ == "__main__":
    main()
