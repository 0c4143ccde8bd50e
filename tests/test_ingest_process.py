"""The door as a process: told to stop it answers for what it took; killed, it has lost nothing it answered for."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from dashboard.bus.connect import Redis
from dashboard.bus.hall import Hall
from dashboard.bus.streams import accepted
from dashboard.settings import load
from dashboard.supervise import environment
from feeds.lattice import lattice

ROOT = Path(__file__).resolve().parent.parent
RUN = "from dashboard.ingest import run; from dashboard.settings import load; run(load())"
CITY = lattice("town", (120.0, 30.0, 120.1, 30.1), districts=("west",), worker_ids=["w0"])


def start(url: str, port: int, data: Path) -> subprocess.Popen[bytes]:
    env = environment(load({}, redis_url=url, ingest_port=port, data=str(data)))
    return subprocess.Popen([sys.executable, "-c", RUN], env=env, cwd=ROOT)


def wait_until_open(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the door did not open")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_door_what_it_answered_for_is_there(
    redis: Redis, redis_url: str, free_port: int, tmp_path: Path, how: signal.Signals
) -> None:
    Hall(redis).put_city(CITY)
    process = start(redis_url, free_port, tmp_path)
    counts = {"sent": 0, "answered": 0}

    def send() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{free_port}") as client:
            while True:
                fixes = [{"worker_id": "w0", "lon": 120.05, "lat": 30.05, "at": time.time() * 1000}] * 20
                counts["sent"] += 20
                try:
                    counts["answered"] += client.post("/ingest/v1/fixes", json=fixes).json()["accepted"]
                except httpx.TransportError:
                    return

    try:
        wait_until_open(free_port)
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        until = time.monotonic() + 30
        while counts["answered"] <= 1000 and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(how)
        process.wait(10)
        sender.join(10)
    finally:
        process.kill()
        process.wait()
    stored = accepted(redis, ["west"])["west"]["fixes"]
    assert counts["answered"] > 100
    assert counts["answered"] <= stored <= counts["sent"]
