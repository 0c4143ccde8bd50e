"""Threads: work that must not hold up the frames is done on a thread; what it raises is raised where it was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gevent.threadpool import ThreadPool

__all__ = ["apply"]

Answer = TypeVar("Answer")


def apply(pool: ThreadPool, work: Callable[[], Answer]) -> Answer:
    """gevent's own `apply` would print what is raised as well."""
    done: list[Answer] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it was asked for
            failed.append(error)

    pool.apply(run)
    if failed:
        raise failed[0]
    return done[0]
