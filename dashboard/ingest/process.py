"""Process: the door as a process of its own, until it is told to stop."""

from __future__ import annotations

from pathlib import Path

import uvicorn

from dashboard.bus.connect import connect, connect_async
from dashboard.bus.embedded import Embedded
from dashboard.bus.streams import AsyncInlet
from dashboard.clock import Clock
from dashboard.ingest.app import create
from dashboard.ingest.line import Line
from dashboard.settings import Settings

__all__ = ["run", "server"]

#: How long a stopping door waits for the requests it has begun.
STOP_SECONDS = 5


def server(settings: Settings, url: str) -> uvicorn.Server:
    clock = Clock()
    app = create(settings, connect(url, patience=0.5), AsyncInlet(connect_async(url), clock.now_ms), clock)
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.ingest_host,
        port=settings.ingest_port,
        http=Line,
        loop="auto",
        lifespan="on",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return uvicorn.Server(config)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; then take nothing more, write what was taken, and end."""
    if settings.redis_url:
        server(settings, settings.redis_url).run()
        return
    with Embedded(Path(settings.data), settings.redis_server) as redis:
        server(settings, redis.url).run()
