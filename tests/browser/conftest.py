"""A hall of its own for the browser tests, and a headless Chromium that may speak to this machine only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from ports import free_port

from dashboard.bench.chrome import FLAGS

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
READY_SECONDS = 90


@dataclass
class Hall:
    """A running hall: its addresses, and the process that supervises it."""

    port: int
    ingest_port: int
    process: subprocess.Popen[bytes]
    data: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self, command: str) -> list[int]:
        """Processes of this hall that run `gridhall <command>`."""
        found: list[int] = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent == self.process.pid and command.encode() in words:
                found.append(int(entry.name))
        return found


@dataclass
class Seen:
    """What a page asked of the network and what it complained about."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


#: Whoever looks may see all there is, excerpts of what was refused too.
EVERYTHING = {"PYTHONUNBUFFERED": "1", "GRIDHALL_GUEST": "admin"}


@contextmanager
def run_hall(data: Path, *arguments: str) -> Iterator[Hall]:
    port, ingest_port = free_port(), free_port()
    command = [sys.executable, "-m", "dashboard.cli", "demo", *arguments, "--data", str(data)]
    command += ["--port", str(port), "--ingest-port", str(ingest_port)]
    log = (data / "hall.log").open("wb")
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | EVERYTHING)
    hall = Hall(port, ingest_port, process, data)
    try:
        wait_for(f"{hall.url}/healthz", process, data)
        yield hall
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        log.close()


def wait_for(url: str, process: subprocess.Popen[bytes], data: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the hall did not come up:\n{(data / 'hall.log').read_text('utf-8', 'replace')[-4000:]}")


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Yangling, alive; shared by the tests that leave it as it was."""
    with run_hall(tmp_path_factory.mktemp("hall"), "--city", "yangling") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ends with its module: while it runs, its own event loop holds the thread, and no test could run another."""
    if CHROMIUM is None:
        pytest.fail("chromium is missing: sudo apt-get install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def seen(page: Page) -> Seen:
    seen = Seen()
    page.on("request", lambda request: _outside(seen, request.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda line: seen.errors.append(line.text) if line.type == "error" else None)
    return seen


def _outside(seen: Seen, url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
        seen.outside.append(url)
