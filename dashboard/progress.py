"""Progress: what takes longer than a moment, and how much of it is done. Only on a terminal; results go elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

__all__ = ["done", "tell", "wait"]

WIDTH = 28


def tell(line: str) -> None:
    sys.stderr.write(f"── {line}\n")
    sys.stderr.flush()


def done(what: str, share: float) -> None:
    """Draw the bar; at 1 it is wiped away."""
    if not sys.stderr.isatty():
        return
    full = round(min(share, 1.0) * WIDTH)
    sys.stderr.write("\r\033[K" if share >= 1 else f"\r   {what}  [{'█' * full}{'·' * (WIDTH - full)}] {share:4.0%} ")
    sys.stderr.flush()


def wait(seconds: float, what: str, stop: Callable[[], bool] = lambda: False) -> None:
    """Sleep under a bar; ends early when `stop` says so."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds and not stop():
        done(what, passed / seconds)
        time.sleep(min(0.25, seconds - passed))
    done(what, 1.0)
