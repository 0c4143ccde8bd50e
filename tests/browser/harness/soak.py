"""Soak: 20,000 frames through a page of the harness: what one costs its renderer, and whether the heap stays flat.

Start the harness, then: `python -m tests.browser.harness.soak http://127.0.0.1:8060/wall`. Prints one line of JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from dashboard.bench.chrome import FLAGS

ARGUMENTS = [*FLAGS, "--enable-precise-memory-info", "--js-flags=--expose-gc"]
FRAMES, STEPS, SECONDS = 20_000, 20, 10

#: Keeps one bundle of the line and plays it again and again, each time as the next one.
PLAY = """async (frames) => {
  const wall = gridhall.wall;
  if (!window.kept) {
    window.kept = await new Promise((found) => {
      const take = wall.live.listener.frame;
      const delta = (bytes) => new DataView(bytes).getUint8(19) === 1;
      wall.live.listener.frame = (bytes) => { take(bytes); if (delta(bytes)) found(bytes.slice(0)); };
    });
    wall.live.listener.frame = () => { wall.live.heard = performance.now(); };
  }
  const view = new DataView(window.kept);
  const district = view.getUint32(28, true);
  for (let i = 0; i < frames; i++) {
    const seq = wall.sequence.last.get(district).seq + 1;
    view.setUint32(20, seq, true);
    view.setFloat64(32, wall.clock.at(performance.now()), true);
    wall.frame(window.kept.slice(0));
    if (i % 100 === 99) await new Promise(requestAnimationFrame);
  }
  gc(); gc();
  return performance.memory.usedJSHeapSize;
}"""


def ready(page: Page, url: str) -> None:
    page.goto(url)
    for _ in range(400):
        if page.evaluate("!!(window.gridhall && gridhall.state.ready && gridhall.state.workers > 0)"):
            return
        time.sleep(0.2)
    raise SystemExit(f"{url} did not come up")


def cost(page: Page, line: CDPSession) -> dict[str, float]:
    """CPU of the page's main thread, ms an update, while it lives on the line as it comes."""
    line.send("Performance.enable", {"timeDomain": "threadTicks"})
    before, updates = metrics(line), page.evaluate("gridhall.state.updates")
    time.sleep(SECONDS)
    after, more = metrics(line), page.evaluate("gridhall.state.updates") - updates
    return {name: round(1000 * (after[name] - before[name]) / more, 2) for name in ("TaskDuration", "ScriptDuration")}


def metrics(line: CDPSession) -> dict[str, float]:
    return {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}


def main() -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        ready(page, sys.argv[1])
        time.sleep(5)
        said: dict[str, Any] = {"ms_an_update": cost(page, page.context.new_cdp_session(page))}
        heap = [page.evaluate(PLAY, FRAMES // STEPS) / 1e6 for _ in range(STEPS)]
        half = heap[STEPS // 2 :]
        said |= {
            "frames": FRAMES,
            "heap_mb": [round(one, 2) for one in heap],
            "last_half_grew_mb": round(half[-1] - half[0], 3),
        }
        print(json.dumps(said | {"state": page.evaluate("gridhall.state")}))
        browser.close()


if __name__ == "__main__":
    main()
