"""Ingest: requests answered after the write, beside a server of the same make that does nothing, turn by turn."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Generator
from pathlib import Path

import msgspec
import numpy as np

from dashboard.bench.crew import hire
from dashboard.bench.crowd import Crowd
from dashboard.bench.figures import Figure, Figures, at_most, median
from dashboard.bench.hammer import Blow, Struck, requests_file
from dashboard.bench.rig import HOST, built, free_port, launched, until_open, workshop
from dashboard.bus.connect import connect
from dashboard.bus.embedded import Embedded
from dashboard.bus.hall import Hall
from dashboard.progress import done
from dashboard.settings import load
from dashboard.supervise import gridhall
from feeds.city import City

__all__ = ["measure"]

CITY = "jiamusi"
#: Fixes a request → how many different requests are made, and over how many connections: many phones, few platforms.
SIZES = {1: (20_000, 128), 50: (2_000, 32)}
ROUNDS, SECONDS = {False: 5, True: 1}, {False: 4.0, True: 2.0}
#: The same server, loop and parser as ingest's own; nothing is logged there either.
NOTHING = [
    "uvicorn", "dashboard.bench.nothing:app", "--http", "httptools", "--loop", "auto", "--no-access-log",
    "--no-proxy-headers", "--no-server-header", "--no-date-header", "--log-level", "warning",
]  # fmt: skip


def measure(quick: bool) -> Figures:
    city = built(CITY)
    with workshop() as folder, _servers(city, folder) as ports:
        return [figure for size in SIZES for figure in _beside(_requests(city, folder, size), ports, size, quick)]


@contextlib.contextmanager
def _servers(city: City, folder: Path) -> Generator[dict[str, int]]:
    ports = {"ingest": free_port(), "nothing": free_port()}
    with Embedded(folder) as server:
        url = server.start()
        Hall(connect(url)).put_city(city)
        settings = load({}, data=str(folder), redis_url=url, ingest_port=ports["ingest"])
        nothing = [sys.executable, "-m", *NOTHING, "--host", HOST, "--port", str(ports["nothing"])]
        with (
            launched(gridhall("ingest"), settings, folder / "ingest.log") as ingest,
            launched(nothing, settings, folder / "nothing.log") as other,
        ):
            until_open("ingest", ports["ingest"], ingest)
            until_open("the server that does nothing", ports["nothing"], other)
            yield ports


def _requests(city: City, folder: Path, size: int) -> Path:
    """As phones send them: JSON, an object alone or an array."""
    crowd, now = Crowd(city), int(time.time() * 1000)
    bodies: list[bytes] = []
    for number in range(SIZES[size][0]):
        turn = np.arange(number * size, (number + 1) * size) % len(crowd)
        columns = crowd.columns(crowd.fixes(crowd.order[turn], np.full(size, now, np.int64)))
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        bodies.append(msgspec.json.encode(rows[0] if size == 1 else rows))
    return requests_file(folder / f"requests-{size}", bodies, "fixes", "application/json")


def _beside(requests: Path, ports: dict[str, int], size: int, quick: bool) -> Figures:
    rounds: dict[str, list[Struck]] = {name: [] for name in ports}
    for number in range(ROUNDS[quick]):
        done(f"{size} a request", number / ROUNDS[quick])
        for name, port in ports.items():
            with hire("hammer", Blow(HOST, port, str(requests), SECONDS[quick], SIZES[size][1])) as hand:
                rounds[name].append(hand.answer(Struck, SECONDS[quick] + 30))
    done("", 1.0)
    rates = {name: [struck.answered / struck.seconds for struck in taken] for name, taken in rounds.items()}
    ratio = median(ours / theirs for ours, theirs in zip(rates["ingest"], rates["nothing"], strict=True))
    ours = median(rates["ingest"]) or 0.0
    refused = [struck for taken in rounds.values() for struck in taken if struck.refused]
    words = refused[0].words if refused else ""
    what = "single fixes" if size == 1 else f"batches of {size}"
    return [
        Figure(f"{what}: ingest", ours, "requests/s"),
        Figure(f"{what}: ingest", ours * size, "fixes/s"),
        Figure(f"{what}: server that does nothing", median(rates["nothing"]), "requests/s"),
        Figure(f"{what}: ingest ÷ nothing", ratio, "", note="median of rounds, turn by turn"),
        Figure(f"{what}: answer p99", median(struck.answer_ms[2] for struck in rounds["ingest"]), "ms"),
        Figure(f"{what}: refused", sum(struck.refused for struck in refused), "", at_most(0), words),
    ]
