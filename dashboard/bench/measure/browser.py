"""Browser: what the wall costs a browser for each update, and whether it keeps anything over many frames."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from pathlib import Path

from dashboard.bench.chrome import SMALL, Browser, browser
from dashboard.bench.feeding import HALF_LIFE, Feeder
from dashboard.bench.figures import Figure, Figures, at_most
from dashboard.bench.measure.hall import CITY, EVENTS, RATE, until_flowing
from dashboard.bench.rig import HOST, built, free_port, hall_of, launched, until_open, workshop
from dashboard.bench.trouble import CannotMeasure
from dashboard.bench.watching import loaded
from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.hall import Hall
from dashboard.progress import done, wait
from dashboard.settings import load
from dashboard.supervise import gridhall
from feeds.city import City

__all__ = ["measure"]

SECONDS = {False: 60.0, True: 10.0}
FRAMES = {False: 20_000, True: 1_000}
#: A run of fewer frames says nothing of the heap.
JUDGED = 10_000
#: How often the heap is looked at in a run, and frames before the first look.
LOOKS, FIRST = 20, 100


def measure(quick: bool) -> Figures:
    city = built(CITY)
    with workshop() as folder:
        rows = _renderer(city, folder, SECONDS[quick])
    with workshop() as folder:
        return [*rows, *_heap(city, folder, FRAMES[quick])]


def _renderer(city: City, folder: Path, seconds: float) -> Figures:
    with hall_of(city, folder) as rig, loaded(rig, [(seconds + 120, RATE)], events=EVENTS):
        until_flowing(rig)
        with browser() as chrome:
            chrome.open(f"{rig.pages}/wall")
            chrome.until(4, 90.0)
            wait(10.0, "the wall settles")
            drawn, spent, own, began = chrome.updates(), chrome.cpu(), chrome.wall(), time.monotonic()
            wait(seconds, "the wall draws")
            updates, now, took = chrome.updates() - drawn, chrome.cpu(), time.monotonic() - began
            said = chrome.wall()
    if not updates:
        raise CannotMeasure(f"the wall drew nothing in {seconds:.0f} s")

    def each(before: dict[str, float], after: dict[str, float], name: str) -> float:
        return (after.get(name, 0.0) - before.get(name, 0.0)) / updates

    return [
        Figure(f"updates a second, {rig.workers:,} workers", updates / took, "1/s"),
        Figure("renderer CPU an update, panels and all", each(spent, now, "renderer") * 1000, "ms"),
        Figure("of it, our own for the map", each(own, said, "apply_ms") + each(own, said, "draw_ms"), "ms"),
        Figure("drawing process (no GPU) CPU an update", each(spent, now, "gpu-process") * 1000, "ms"),
    ]


def _heap(city: City, folder: Path, frames: int) -> Figures:
    # Small: without a GPU the drawing would take longer than all that could leak.
    with _fed(city, folder) as (redis, url), browser(SMALL) as chrome:
        feeder = Feeder(city, redis, folder)
        chrome.open(url)
        _joined(chrome, feeder)
        heaps: list[int] = []
        began = time.monotonic()
        for number in feeder.feed(frames, chrome.updates):
            done(f"{frames:,} frames", number / frames)
            if number >= FIRST and number % (frames // LOOKS) == 0:
                heaps.append(chrome.heap())
        took = time.monotonic() - began
    last = heaps[len(heaps) // 2 :]
    # A short run ends before the engine has settled.
    target = at_most(1) if frames >= JUDGED else None
    return [
        Figure("frames drawn a second when fed at once", frames / took, "1/s"),
        Figure("JS heap after the first frames", heaps[0] / 1e6, "MB"),
        Figure(f"JS heap after {frames:,} frames", heaps[-1] / 1e6, "MB"),
        Figure("JS heap, last half: highest − lowest", (max(last) - min(last)) / 1e6, "MB", target),
    ]


def _joined(chrome: Browser, feeder: Feeder) -> None:
    """Until the page draws; it is fed meanwhile, and told everything when it asks."""
    until = time.monotonic() + 90
    while chrome.updates() < 3:
        if time.monotonic() > until:
            raise CannotMeasure("the wall did not begin to draw within 90 s")
        feeder.listen()
        feeder.publish()
        time.sleep(0.25)


@contextlib.contextmanager
def _fed(city: City, folder: Path) -> Generator[tuple[Redis, str]]:
    """A server and the pages alone: the frames are ours."""
    with Embedded(folder) as server:
        url = server.start()
        Hall(connect(url)).put_city(city)
        ours: dict[str, object] = {"data": str(folder), "port": free_port(), "guest": "leader"}
        settings = load({}, redis_url=url, heat_half_life=HALF_LIFE, **ours)
        with launched(gridhall("serve"), settings, folder / "serve.log") as child:
            until_open("serve", settings.port, child)
            yield connect(url), f"http://{HOST}:{settings.port}/wall"
