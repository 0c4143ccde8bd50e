"""Chrome: a headless browser without a GPU, what its pages cost it, and what they keep."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator
from typing import Any

import psutil
from playwright.sync_api import CDPSession, Page, sync_playwright

from dashboard.bench.trouble import CHROMIUM, CannotMeasure

__all__ = ["FLAGS", "SMALL", "Browser", "browser"]

FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--use-gl=angle",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
SIZE, SMALL = (1920, 1080), (640, 360)

#: Counts where it costs nothing what a polling page was answered; a wall counts for itself.
COUNT = """
window.__answered = 0;
const ask = window.fetch;
window.fetch = async function (...given) {
  const answer = await ask.apply(this, given);
  if (String(given[0]).includes("_dash-update-component")) window.__answered += 1;
  return answer;
};
"""


class Browser:
    """One page. CPU is of all renderers, or of the process that draws for them."""

    def __init__(self, page: Page, driver: int) -> None:
        self.page, self._driver = page, driver
        self._line: CDPSession = page.context.new_cdp_session(page)

    def open(self, url: str) -> None:
        self.page.goto(url)

    def updates(self) -> int:
        """Of the picture: frames that a wall took in, answers that a polling page got."""
        return int(self.page.evaluate("window.gridhall ? window.gridhall.state.updates : window.__answered"))

    def wall(self) -> dict[str, float]:
        """What the wall says of itself (assets/js/main.js): updates, apply_ms, draw_ms and more."""
        state: dict[str, Any] = self.page.evaluate("({...window.gridhall.state})")
        return {name: float(value) for name, value in state.items() if isinstance(value, int | float)}

    def until(self, updates: int, seconds: float) -> None:
        """Until so many updates were drawn."""
        end = time.monotonic() + seconds
        while self.updates() < updates:
            if time.monotonic() > end:
                raise CannotMeasure(f"the page drew only {self.updates()} updates in {seconds:.0f} s")
            time.sleep(0.1)

    def cpu(self) -> dict[str, float]:
        """Seconds so far: renderer, gpu-process, …"""
        spent: dict[str, float] = {}
        for process in psutil.Process(self._driver).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                kinds = [word.partition("=")[2] for word in process.cmdline() if word.startswith("--type=")]
                times = process.cpu_times()
                name = kinds[0] if kinds else "other"
                spent[name] = spent.get(name, 0.0) + times.user + times.system
        return spent

    def heap(self) -> int:
        """Bytes of JavaScript that are left after a collection; of the second, for the first only lets go of some."""
        for _ in range(2):
            self._line.send("HeapProfiler.collectGarbage")
        answer: dict[str, Any] = self._line.send("Runtime.getHeapUsage")
        return int(answer["usedSize"])


@contextlib.contextmanager
def browser(size: tuple[int, int] = SIZE) -> Generator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=FLAGS)
        try:
            page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
            page.add_init_script(COUNT)
            yield Browser(page, os.getpid())
        finally:
            chromium.close()
