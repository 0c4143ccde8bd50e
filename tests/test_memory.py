"""Memory: what a process no longer needs goes back to the machine."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from typing import Any

import pytest
from click.testing import CliRunner

from dashboard import cli, fold, memory

#: A peak of 100 MB of which one small piece at its top is kept, as a cache keeps it.
PEAK = """
import psutil
from dashboard.memory import give_back
resident = lambda: psutil.Process().memory_info().rss
pieces = [bytes(2000) for _ in range(50_000)]
kept = pieces.pop()
del pieces
peak = resident()
give_back()
print(peak - resident())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library gives back by itself")
def test_what_a_peak_left_free_below_something_in_use_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 80e6


def test_a_c_library_that_cannot_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    assert not memory.give_back()
    thread = memory.keep_giving_back()
    thread.join(5)
    assert not thread.is_alive()


def test_it_is_done_again_and_again_and_never_keeps_a_process_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    times, thrice = [0], threading.Event()

    def once() -> bool:
        times[0] += 1
        if times[0] == 3:
            thrice.set()
        return times[0] < 3

    monkeypatch.setattr(memory, "give_back", once)
    thread = memory.keep_giving_back(0.01)
    assert thread.daemon and thrice.wait(5)
    thread.join(5)


def test_a_process_of_the_hall_gives_back_from_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[str] = []
    monkeypatch.setattr(memory, "keep_giving_back", lambda: began.append("memory"))

    def run(settings: Any) -> None:
        began.append(settings.redis_url)

    monkeypatch.setattr(fold, "run", run)
    done = CliRunner().invoke(cli.main, ["fold", "--redis", "redis://nowhere"])
    assert (done.exit_code, began) == (0, ["memory", "redis://nowhere"]), done.output
