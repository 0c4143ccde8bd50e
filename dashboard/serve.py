"""Serve: the process of pages, sockets and API. Any number may run; each keeps nothing but its mirror."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashboard.settings import Settings

__all__ = ["run"]


def run(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    from gevent import monkey  # noqa: PLC0415 - nothing may open a socket before this

    monkey.patch_all()

    import gevent  # noqa: PLC0415

    from dashboard.bus.connect import connect  # noqa: PLC0415
    from dashboard.web.app import create  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s serve %(levelname)s %(message)s")
    # Its line for each request would hold the address, and that the pass of a wall, or whom somebody searches for.
    logging.getLogger("geventwebsocket.handler").setLevel(logging.WARNING)
    web = create(settings, connect(settings.redis_url, patience=4))
    server = web.listen()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop, 0.5)
    workers = web.start()
    logging.getLogger(__name__).info("pages at http://%s:%s/wall", settings.host, settings.port)
    server.serve_forever(stop_timeout=0.5)
    gevent.killall(workers, timeout=2)
    # A thread that is still counting must not outlive the interpreter: wait for it.
    gevent.get_hub().threadpool.kill()
    web.scene.books.close()
    # Everything is on disk. The interpreter's own end would take gevent's hubs of threads apart in the wrong order.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
