"""Bench: measures this machine against what the hall promises. One file a measurement, one table of them all."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import msgspec

from dashboard.bench.figures import Figure, Figures, at_most, plain, table
from dashboard.bench.machine import facts
from dashboard.bench.trouble import CannotMeasure, need, need_browser
from dashboard.progress import tell

__all__ = ["MEASUREMENTS", "run"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Measurement:
    """What it is about, and the libraries it needs beyond the hall's own."""

    about: str
    libraries: tuple[str, ...] = ()
    browser: bool = False


WATCHED = ("psutil", "websockets")

#: Each is dashboard/bench/measure/<name>.py with measure(quick) -> Figures.
MEASUREMENTS = {
    "fold": Measurement("fixes a second and core, and whether every point finds its grid"),
    "hall": Measurement("the largest city live: fix sent → frame received, CPU and memory of each process", WATCHED),
    "burst": Measurement("five times the load for a minute", WATCHED),
    "ingest": Measurement("requests answered after the write, beside a server that does nothing", ("psutil",)),
    "plain": Measurement("what one would write instead: Dash that polls", WATCHED, browser=True),
    "browser": Measurement("the wall itself: renderer CPU, memory over many frames", WATCHED, browser=True),
    "kill": Measurement("kill -9 of everything, again and again, under load", WATCHED),
    "kill_cases": Measurement("kill -9 of everything while cases are reported and moved: each once", ("psutil",)),
    "ledger": Measurement("a million cases: load, lists, numbers, moves of four processes, verify", ("psutil",)),
    "replay": Measurement("recorded data against pandas"),
    "start": Measurement("from the command to a living wall", WATCHED),
}


def run(file: str | None, only: tuple[str, ...], quick: bool) -> int:
    """Measure, print the table, write the file. 0: all promises kept; 1: not all; 2: there is no such measurement."""
    if unknown := [name for name in only if name not in MEASUREMENTS]:
        sys.stderr.write(f"there is no measurement called {', '.join(unknown)}: choose of {', '.join(MEASUREMENTS)}\n")
        return 2
    report: dict[str, Any] = {
        "machine": facts(),
        "quick": quick,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    report["measurements"] = taken = {}
    measured: dict[str, Figures] = {}
    for name in only or MEASUREMENTS:
        tell(f"{name}: {MEASUREMENTS[name].about}")
        taken[name] = _take(name, quick, measured)
        # After each one: hours of measuring are not lost to the last.
        if file:
            Path(file).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
    sys.stdout.write("\n".join([*_head(report), *table(measured), *_missing(taken)]) + "\n")
    return 0 if all(figure.reached is not False for figures in measured.values() for figure in figures) else 1


def _take(name: str, quick: bool, measured: dict[str, Figures]) -> dict[str, Any]:
    began = time.monotonic()
    try:
        need(*MEASUREMENTS[name].libraries)
        if MEASUREMENTS[name].browser:
            need_browser()
        measure = cast(Callable[[bool], Figures], import_module(f"dashboard.bench.measure.{name}").measure)
        measured[name] = measure(quick)
    except CannotMeasure as why:
        tell(f"{name}: skipped: {why}")
        return {"skipped": str(why)}
    except Exception as error:
        # The other measurements are still worth having.
        log.exception("%s could not be measured", name)
        measured[name] = [Figure("could not be measured", None, "", at_most(0), str(error))]
    return {"seconds": round(time.monotonic() - began, 1), "figures": [plain(figure) for figure in measured[name]]}


def _head(report: dict[str, Any]) -> list[str]:
    machine = report["machine"]
    line = (
        f"gridhall {machine['gridhall']}, {machine['cores']} cores, {machine['processor']}, Python {machine['python']}"
    )
    return [line, *(["quick: a first look, no figures to quote"] if report["quick"] else []), ""]


def _missing(taken: dict[str, Any]) -> list[str]:
    return [f"{name}: skipped: {row['skipped']}" for name, row in taken.items() if "skipped" in row]
