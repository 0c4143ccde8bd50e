"""Plain: the hall beside what one would write instead, in one run: server, bytes, latency, renderer."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import shapely

from dashboard.bench.chrome import Browser, browser
from dashboard.bench.crew import hire
from dashboard.bench.figures import Figure, Figures, at_least
from dashboard.bench.measure.hall import CITY, EVENTS, MANY, RATE, until_flowing
from dashboard.bench.percentiles import spread
from dashboard.bench.plain_app import VARIANTS
from dashboard.bench.pollers import Poll, Polled
from dashboard.bench.rig import HOST, built, free_port, hall_of, launched, until_open, workshop
from dashboard.bench.trouble import CannotMeasure
from dashboard.bench.usage import Usage
from dashboard.bench.watching import loaded, looked_at
from dashboard.progress import wait
from dashboard.settings import load
from feeds.city import City

__all__ = ["measure"]

#: Clients that poll, how often, and how often a page in the browser does: always done before the next.
POLLING, EVERY, PAGE_EVERY = 10, 1.0, 4.0


@dataclass(frozen=True)
class Plan:
    """Seconds. rest: before a page is measured, ours and theirs alike: a browser compiles and tidies for the first
    minute of a page, and a wall stands for weeks."""

    settle: float
    rest: float
    seconds: float


PLANS = {False: Plan(10.0, 60.0, 60.0), True: Plan(6.0, 5.0, 8.0)}
#: Times less than the variant: server CPU a client-update, renderer CPU an update.
LESS = {"px": (500.0, None), "tuned": (50.0, 150.0), "packed": (None, None)}


@dataclass(frozen=True)
class Cost:
    """Of one update of one client. ms: CPU of all server processes, of the renderer; latency: p50, p95, p99.

    own: what of the renderer's is our JavaScript for the map; the rest are panels and the putting together of the page;
    alone: the renderer's for a wall that is only a map, as the plain pages are.
    """

    server: float
    kilobytes: float
    latency: tuple[float, float, float]
    renderer: float
    own: float = 0.0
    alone: float = 0.0


def measure(quick: bool) -> Figures:
    plan, city = PLANS[quick], built(CITY)
    with workshop() as folder:
        hall = _hall(city, folder, plan)
        plain = {variant: _plain(variant, city, folder, plan) for variant in VARIANTS}
    rows = [*_rows(f"hall, {MANY} clients", hall)]
    for variant, cost in plain.items():
        rows += _rows(f"plain {variant}, {POLLING} clients", cost) + _ratios(variant, cost, hall)
    return rows


def _hall(city: City, folder: Path, plan: Plan) -> Cost:
    seconds = 3 * (plan.settle + plan.seconds) + 2 * plan.rest + 80
    with (
        hall_of(city, folder) as rig,
        Usage(rig.processes) as usage,
        loaded(rig, [(seconds, RATE)], events=EVENTS),
    ):
        until_flowing(rig)
        view = looked_at(rig, usage, MANY, plan.seconds, plan.settle)
        with browser() as chrome:
            renderer = _renderer(chrome, f"{rig.pages}/wall", plan)
            said = chrome.wall()
        with browser() as chrome:
            alone = _renderer(chrome, f"{rig.pages}/wall?alone=1", plan)
    frames = view.total(1)
    if not frames:
        raise CannotMeasure(f"the viewers were shown nothing: {view.refused}")
    server = view.busy * view.seconds / frames * 1000
    kilobytes = (view.total(2) + view.total(3)) / frames / 1000
    own = (said["apply_ms"] + said["draw_ms"]) / said["updates"]
    return Cost(server, kilobytes, spread(view.ages.ms), renderer, own, alone)


def _plain(variant: str, city: City, folder: Path, plan: Plan) -> Cost:
    places = folder / "places.npy"
    middle = shapely.get_coordinates(shapely.point_on_surface(city.grids.shape))[city.workers.grid]
    np.save(places, middle.T)
    port = free_port()
    with _app(variant, port, places) as process:
        before = _spent(process)
        with hire("pollers", Poll(HOST, port, POLLING, EVERY, plan.seconds)) as hand:
            wait(plan.seconds, f"plain {variant}, {POLLING} clients")
            polled = hand.answer(Polled, 60)
        spent = _spent(process) - before
        with browser() as chrome:
            renderer = _renderer(chrome, f"http://{HOST}:{port}/", plan, 4 * PAGE_EVERY)
    if not polled.updates:
        raise CannotMeasure(f"the plain app answered nothing; it refused {polled.refused} times")
    return Cost(spent / polled.updates * 1000, polled.bytes / polled.updates / 1000, polled.answer_ms, renderer)


@contextlib.contextmanager
def _app(variant: str, port: int, places: Path) -> Generator[psutil.Process]:
    command = [sys.executable, "-m", "dashboard.bench.plain_app", variant, str(port), str(places), str(PAGE_EVERY)]
    with launched(command, load({}), places.with_suffix(".log")) as child:
        until_open("the plain app", port, child)
        assert child.process
        yield psutil.Process(child.process.pid)


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _renderer(chrome: Browser, url: str, plan: Plan, least: float = 0.0) -> float:
    """Milliseconds of renderer CPU for one update, over the plan's seconds, `least` at least."""
    seconds = max(plan.seconds, least)
    chrome.open(url)
    chrome.until(2, 90.0)
    wait(plan.rest, "the page settles")
    drawn, spent = chrome.updates(), chrome.cpu()["renderer"]
    wait(seconds, "the page draws")
    updates = chrome.updates() - drawn
    if not updates:
        raise CannotMeasure(f"{url} drew nothing in {seconds:.0f} s")
    return (chrome.cpu()["renderer"] - spent) / updates * 1000


def _rows(name: str, cost: Cost) -> Figures:
    return [
        Figure(f"{name}: server CPU a client-update", cost.server, "ms"),
        Figure(f"{name}: bytes a client-update", cost.kilobytes, "KB"),
        Figure(f"{name}: latency p50", cost.latency[0], "ms"),
        Figure(f"{name}: latency p95", cost.latency[1], "ms"),
        Figure(f"{name}: renderer CPU an update", cost.renderer, "ms"),
    ]


def _ratios(variant: str, cost: Cost, hall: Cost) -> Figures:
    server, renderer = (at_least(less) if less else None for less in LESS[variant])
    return [
        Figure(f"server CPU: plain {variant} ÷ hall", cost.server / hall.server, "×", server),
        Figure(
            f"renderer CPU: plain {variant} ÷ hall's map on a page alone", cost.renderer / hall.alone, "×", renderer
        ),
        Figure(f"renderer CPU: plain {variant} ÷ hall with all panels", cost.renderer / hall.renderer, "×"),
        Figure(f"renderer CPU: plain {variant} ÷ our JavaScript for the map", cost.renderer / hall.own, "×"),
    ]
