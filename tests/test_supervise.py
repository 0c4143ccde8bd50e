"""The supervisor keeps its processes running, and leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from dashboard.settings import load
from dashboard.supervise import Child, environment

ROOT = Path(__file__).resolve().parent.parent
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]

#: A process that supervises one sleeper and tells the sleeper's pid.
SUPERVISED = """
import sys, threading, time
from dashboard.settings import load
from dashboard.supervise import Child, Supervisor
child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"])
def tell():
    while True:
        time.sleep(0.05)
        if child.process: print(child.process.pid, flush=True)
threading.Thread(target=tell, daemon=True).start()
Supervisor(load({}), [child]).run()
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not holds():
        time.sleep(0.02)
    return holds()


@pytest.fixture
def supervised():
    process = subprocess.Popen([sys.executable, "-c", SUPERVISED], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield process, int(process.stdout.readline())
    threading.Thread(target=process.stdout.read, daemon=True).start()
    if process.poll() is None:
        process.kill()
    process.wait()


def test_a_killed_child_is_started_again_at_once() -> None:
    child = Child("sleeper", SLEEPER)
    child.look(os.environ, 0.0)
    assert child.process
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    assert child.look(os.environ, 1.0) == "sleeper was ended by signal 9; starting it again"
    child.look(os.environ, 1.0)
    assert child.process and child.process.pid != first
    child.stop(signal.SIGKILL)
    child.process.wait()


def test_a_child_that_fails_again_and_again_is_given_more_time() -> None:
    child = Child("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    waits = []
    now = 0.0
    for _ in range(5):
        child.look(os.environ, now)
        assert child.process
        child.process.wait()
        assert "stopped with code 3" in child.look(os.environ, now)
        waits.append(child.due - now)
        now = child.due
    assert waits == [0.0, 0.5, 1.0, 2.0, 4.0]


def test_a_child_that_may_end_is_not_started_again() -> None:
    child = Child("player", [sys.executable, "-c", ""], lasting=False)
    child.look(os.environ, 0.0)
    assert child.process
    child.process.wait()
    assert child.look(os.environ, 1.0) == "player is done"
    assert child.look(os.environ, 1e9) == ""
    assert child.process is None


def test_a_child_that_ends_is_heard_of_at_once_and_not_at_the_next_look() -> None:
    patient = SUPERVISED.replace("child = ", "import dashboard.supervise; dashboard.supervise.ROUND = 60.0\nchild = ")
    process = subprocess.Popen([sys.executable, "-c", patient], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    first = int(process.stdout.readline())
    os.kill(first, signal.SIGKILL)
    said = islice(process.stdout, 400)
    assert any(int(line) != first for line in said if line.strip().isdigit()), "it is told twenty times a second"
    process.send_signal(signal.SIGTERM)
    threading.Thread(target=process.stdout.read, daemon=True).start()
    assert process.wait(10) == 0


def test_ctrl_c_leaves_nothing_running(supervised: tuple[subprocess.Popen[str], int]) -> None:
    process, sleeper = supervised
    assert alive(sleeper)
    process.send_signal(signal.SIGINT)
    assert until(lambda: process.poll() is not None)
    assert until(lambda: not alive(sleeper))


def test_a_killed_supervisor_takes_its_children_along(supervised: tuple[subprocess.Popen[str], int]) -> None:
    process, sleeper = supervised
    process.kill()
    assert until(lambda: not alive(sleeper))


def test_a_child_gets_exactly_the_settings_of_its_parent() -> None:
    settings = load({}, port=1234, data="elsewhere")
    assert load(environment(settings, {})) == settings
