"""Memory: what a process that stands for weeks no longer needs goes back to the machine, now and then."""

from __future__ import annotations

import ctypes
import logging
import threading
from time import sleep  # gevent's own, put in its place later, belongs to another thread

__all__ = ["EVERY", "give_back", "keep_giving_back"]

log = logging.getLogger(__name__)

#: Seconds from one time to the next. It takes some milliseconds, in which Python goes on.
EVERY = 60.0


def give_back() -> bool:
    """Free pages of the C library's heap go back. False: this one (musl, macOS) has no way to say so, and needs none.

    glibc keeps what lies free below anything that is still in use: after the hour that a fold reads at its start, a
    quarter of its memory, and in every process a little more with each peak.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return False
    trim(ctypes.c_size_t(0))
    return True


def keep_giving_back(every: float = EVERY) -> threading.Thread:
    """For as long as the process lives, on a thread of its own; to be called before gevent changes what threads are."""
    thread = threading.Thread(target=_again, args=(every,), name="memory", daemon=True)
    thread.start()
    return thread


def _again(every: float) -> None:
    while give_back():
        sleep(every)
