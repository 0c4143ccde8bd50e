"""Workers: what the reading API says about one worker. Their names are not for this door."""

from __future__ import annotations

from dashboard.web.errors import NotFound
from dashboard.web.replies import NoQuery, WorkerReply
from dashboard.web.scene import Scene

__all__ = ["worker"]


def worker(scene: Scene, _asked: NoQuery, worker_id: str) -> WorkerReply:
    row = scene.city.worker_row.get(worker_id)
    if row is None:
        raise NotFound(f"there is no worker {worker_id}")
    raise NotFound("not yet")
