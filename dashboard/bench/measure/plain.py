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
from dashboard.bench.rig import HOST, Rig, built, free_port, hall_of, launched, until_open, workshop
from dashboard.bench.trouble import CannotMeasure
from dashboard.bench.usage import Usage
from dashboard.bench.watching import View, loaded, looked_at
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
class Served:
    """Of one update of one client. ms: CPU of all server processes; latency: p50, p95, p99."""

    ms: float
    kilobytes: float
    latency: tuple[float, float, float]


@dataclass(frozen=True)
class Drawn:
    """Of one update of one page. ms: CPU of the renderer.

    own: what of the hall's is our JavaScript for the map; the rest are panels and the putting together of the page;
    alone: the renderer's for a wall that is only a map, as the plain pages are.
    """

    ms: float
    own: float = 0.0
    alone: float = 0.0


def measure(quick: bool) -> Figures:
    """Servers right after one another, and the hall's before and after theirs: a machine is not equally quick all day.
    Then the pages. The hall stands idle while a plain app is measured.
    """
    plan, city = PLANS[quick], built(CITY)
    with workshop() as folder, hall_of(city, folder) as rig, Usage(rig.processes) as usage:
        places = _places(city, folder)
        views = [_looked_at(rig, usage, plan, "before")]
        plain = {variant: _polled(variant, places, plan) for variant in VARIANTS}
        views.append(_looked_at(rig, usage, plan, "after"))
        wall = _wall(rig, plan)
        pages = {variant: _page(variant, places, plan) for variant in VARIANTS}
    hall = _served(views)
    rows = [*_server_rows(f"hall, {MANY} clients", hall), *_page_rows("hall", wall)]
    for variant in VARIANTS:
        rows += _server_rows(f"plain {variant}, {POLLING} clients", plain[variant])
        rows += _page_rows(f"plain {variant}", pages[variant])
        rows += _ratios(variant, plain[variant].ms / hall.ms, pages[variant], wall)
    return rows


def _looked_at(rig: Rig, usage: Usage, plan: Plan, name: str) -> View:
    with _busy(rig, plan.settle + plan.seconds, name):
        return looked_at(rig, usage, MANY, plan.seconds, plan.settle)


@contextlib.contextmanager
def _busy(rig: Rig, seconds: float, name: str) -> Generator[None]:
    """The hall's own load, for so long at least."""
    so_far = rig.fixes_written()
    with loaded(rig, [(seconds + 60, RATE)], events=EVENTS, name=name):
        until_flowing(rig, start=so_far + 1000)
        yield


def _served(views: list[View]) -> Served:
    frames = sum(view.total(1) for view in views)
    if not frames:
        raise CannotMeasure(f"the viewers were shown nothing: {views[0].refused}")
    spent = sum(view.busy * view.seconds for view in views)
    sent = sum(view.total(2) + view.total(3) for view in views)
    return Served(spent / frames * 1000, sent / frames / 1000, spread(np.concatenate([view.ages.ms for view in views])))


def _places(city: City, folder: Path) -> Path:
    places = folder / "places.npy"
    middle = shapely.get_coordinates(shapely.point_on_surface(city.grids.shape))[city.workers.grid]
    np.save(places, middle.T)
    return places


def _polled(variant: str, places: Path, plan: Plan) -> Served:
    port = free_port()
    with _app(variant, port, places) as process:
        before = _spent(process)
        with hire("pollers", Poll(HOST, port, POLLING, EVERY, plan.seconds)) as hand:
            wait(plan.seconds, f"plain {variant}, {POLLING} clients")
            polled = hand.answer(Polled, 60)
        spent = _spent(process) - before
    if not polled.updates:
        raise CannotMeasure(f"the plain app answered nothing; it refused {polled.refused} times")
    return Served(spent / polled.updates * 1000, polled.bytes / polled.updates / 1000, polled.answer_ms)


def _wall(rig: Rig, plan: Plan) -> Drawn:
    with _busy(rig, 2 * (plan.settle + plan.rest + plan.seconds + 90), "pages"):
        with browser() as chrome:
            whole = _renderer(chrome, f"{rig.pages}/wall", plan)
            said = chrome.wall()
        with browser() as chrome:
            alone = _renderer(chrome, f"{rig.pages}/wall?alone=1", plan)
    return Drawn(whole, (said["apply_ms"] + said["draw_ms"]) / said["updates"], alone)


def _page(variant: str, places: Path, plan: Plan) -> Drawn:
    port = free_port()
    with _app(variant, port, places), browser() as chrome:
        return Drawn(_renderer(chrome, f"http://{HOST}:{port}/", plan, 4 * PAGE_EVERY))


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


def _server_rows(name: str, served: Served) -> Figures:
    return [
        Figure(f"{name}: server CPU a client-update", served.ms, "ms"),
        Figure(f"{name}: bytes a client-update", served.kilobytes, "KB"),
        Figure(f"{name}: latency p50", served.latency[0], "ms"),
        Figure(f"{name}: latency p95", served.latency[1], "ms"),
    ]


def _page_rows(name: str, drawn: Drawn) -> Figures:
    each = {name: drawn.ms, f"{name}, its map on a page alone": drawn.alone}
    return [Figure(f"{page}: renderer CPU an update", ms, "ms") for page, ms in each.items() if ms]


def _ratios(variant: str, servers: float, page: Drawn, wall: Drawn) -> Figures:
    server, renderer = (at_least(less) if less else None for less in LESS[variant])
    return [
        Figure(f"server CPU: plain {variant} ÷ hall", servers, "×", server),
        Figure(f"renderer CPU: plain {variant} ÷ hall's map on a page alone", page.ms / wall.alone, "×", renderer),
        Figure(f"renderer CPU: plain {variant} ÷ hall with all panels", page.ms / wall.ms, "×"),
        Figure(f"renderer CPU: plain {variant} ÷ our JavaScript for the map", page.ms / wall.own, "×"),
    ]
