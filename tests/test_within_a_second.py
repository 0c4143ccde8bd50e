"""A whole walk: a report at the door or a move by the API, and a moment later the wall has it, frame and gauge."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from serving import ROOT, Viewer, get, put_city, riverside, serving, until
from sqlalchemy import Engine

from dashboard.bus.connect import Redis
from dashboard.cases.store.schema import CASES
from dashboard.settings import load
from dashboard.supervise import environment
from feeds.record import LEVELS, STEPS

CITY = riverside()
MOVES = 30
RUN = "import sys; from importlib import import_module; from dashboard.settings import load; import_module('dashboard.' + sys.argv[1]).run(load())"  # noqa: E501


@contextmanager
def process(name: str, **settings: object) -> Iterator[None]:
    """One of the hall's processes, ended as a supervisor ends it."""
    env = environment(load({}, **settings))
    running = subprocess.Popen([sys.executable, "-c", RUN, name], cwd=ROOT, env=env)
    try:
        yield
    finally:
        running.terminate()
        running.wait(15)


class Walk:
    """A hall with a wall that looks on."""

    def __init__(self, url: str, door: str, viewer: Viewer) -> None:
        self.url, self.door, self.viewer = url, door, viewer

    def post(self, base: str, path: str, body: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{base}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def report(self, **more: Any) -> str:
        said = {
            "event_id": uuid.uuid4().hex,
            "class_code": "litter",
            "reported_at": time.time(),
            "lon": 116.01,
            "lat": 40.01,
        }
        self.post(self.door, "/ingest/v1/events", said | more)
        return str((said | more)["event_id"])

    def move(self, case_id: str, name: str, **data: Any) -> dict[str, Any]:
        body = {"move": name, "note": "because", "data": data}
        return self.post(self.url, f"/api/v1/cases/{case_id}/moves", body)["case"]

    def frames(self) -> list[Any]:
        return [frame for _, frames in list(self.viewer.frames) for frame in frames]

    def in_frame(self, step: str, since: int) -> bool:
        """Whether a row of events in that step has come in a frame after the first `since`."""
        code = STEPS.index(step)
        return any(code in frame.tables.get("events", {}).get("step", ()) for frame in self.frames()[since:])

    def river(self) -> list[int]:
        """Open events by step, as the wall's river shows them now."""
        shown = [said["parts"]["river"] for said in list(self.viewer.parts) if "river" in said["parts"]]
        return [step["open"] for step in shown[-1]["steps"]] if shown else []


@pytest.fixture
def walk(redis: Redis, redis_url: str, tmp_path: Path, database_url: str, free_port: int) -> Iterator[Walk]:
    put_city(redis, CITY)
    common = {"redis_url": redis_url, "data": str(tmp_path), "database_url": database_url}
    with (
        process("fold", **common),
        process("ingest", **common, ingest_port=free_port),
        serving(redis_url, tmp_path / "serve.log", data=str(tmp_path), database_url=database_url) as url,
    ):
        door = f"http://127.0.0.1:{free_port}"
        assert until(lambda: healthy(url) and healthy(door), 30)
        with Viewer(url) as viewer:
            viewer.watch(view="overview")
            yield Walk(url, door, viewer)


def healthy(url: str) -> bool:
    try:
        return get(f"{url}/healthz").status == 200
    except (OSError, urllib.error.URLError):
        return False


def test_from_a_post_to_the_wall_and_the_screens_agree_with_the_ledger(walk: Walk, engine: Engine) -> None:
    cases = [walk.report(lon=116.01 + 0.02 * (n % 7), level=LEVELS[n % 3]) for n in range(12)]
    assert until(lambda: walk.river()[:1] == [12], 5)
    for number, case_id in enumerate(cases):
        for move in ("dispatch", "park", "void")[: number % 3]:
            walk.move(case_id, move, department="law", until=time.time() + 86_400)
    walk.move(cases[0], "void")
    assert until(lambda: walk.river() == by(engine, "step", STEPS), 5), (walk.river(), by(engine, "step", STEPS))
    events = json.loads(get(f"{walk.url}/api/v1/events?limit=500").body)["features"]
    assert [sum(event["properties"]["level"] == level for event in events) for level in LEVELS] == by(
        engine, "level", LEVELS
    )


def by(engine: Engine, name: str, words: tuple[str, ...]) -> list[int]:
    """Open cases by a column, as SQL counts them."""
    is_open = CASES.c.step.not_in(("archived", "appraised"))
    query = sa.select(CASES.c[name], sa.func.count().label("n")).where(is_open).group_by(CASES.c[name])
    with engine.connect() as connection:
        counts = {row[0]: row.n for row in connection.execute(query)}
    return [counts.get(word, 0) for word in words]


def test_a_move_is_in_frame_and_gauge_within_a_second(walk: Walk) -> None:
    cases = [walk.report() for _ in range(MOVES)]
    assert until(lambda: walk.river()[:1] == [MOVES], 5)
    frames: list[float] = []
    gauges: list[float] = []
    for number, case_id in enumerate(cases):
        heard = len(walk.frames())
        walk.move(case_id, "dispatch", department="law")
        began = time.monotonic()
        assert until(lambda heard=heard: walk.in_frame("dispatched", heard), 3)
        frames.append(time.monotonic() - began)
        assert until(lambda number=number: walk.river()[1] == number + 1, 3)
        gauges.append(time.monotonic() - began)
        time.sleep(0.07 * (number % 5))
    for name, took in (("frame", frames), ("gauge", gauges)):
        half, most = np.quantile(took, [0.5, 0.95])
        print(f"move answered → {name}: p50 {half * 1000:.0f} ms, p95 {most * 1000:.0f} ms")
        assert most < 1.0
