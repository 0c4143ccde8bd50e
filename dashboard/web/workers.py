"""Workers: what the reading API says about one worker. Their names are not for this door."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.web.answers import rate
from dashboard.web.errors import NotFound
from dashboard.web.replies import NoQuery, Position, WorkerReply
from dashboard.web.scene import Scene
from feeds.city import GRID_KINDS, ROLES

__all__ = ["worker"]

CONTAINMENT = ("unknown", "inside", "doubtful", "outside")

#: Bits of the mark that are doubts, and those that are states.
DOUBTS = {"mock": 4, "teleport": 8, "frozen": 16}
STATES = {"sos": 32, "indoor": 64}


def worker(scene: Scene, _asked: NoQuery, worker_id: str) -> WorkerReply:
    city, now = scene.city, scene.clock.now()
    row = city.worker_row.get(worker_id)
    if row is None:
        raise NotFound(f"there is no worker {worker_id}")
    there = {name: column[row] for name, column in scene.mirror.workers.items()}
    grid = int(city.workers.grid[row])
    target = int(getattr(scene.settings, f"patrol_target_{GRID_KINDS[city.grids.kind[grid]]}"))
    today = int(there["day"]) == _local_day(now, city.zone)
    return WorkerReply(
        now=now, worker_id=worker_id, slot=row, role=ROLES[city.workers.role[row]],
        grid_id=str(city.grids.grid_id[grid]), grid_name=str(city.grids.name[grid]),
        area_id=str(city.areas.area_id[city.grids.area[grid]]),
        position=_position(scene, there, now) if there["at"] else None,
        patrol=rate(int(there["minutes"]) if today else 0, target),
    )  # fmt: skip


def _position(scene: Scene, there: dict[str, Any], now: float) -> Position:
    age, mark = now - float(there["at"]), int(there["mark"])
    return Position(
        lon=int(there["lon"]) / 1e7, lat=int(there["lat"]) / 1e7, at=float(there["at"]), age=age,
        freshness=_freshness(scene, age), containment=CONTAINMENT[mark & 3],
        doubts=[name for name, bit in DOUBTS.items() if mark & bit],
        states=[name for name, bit in STATES.items() if mark & bit],
    )  # fmt: skip


def _freshness(scene: Scene, age: float) -> Any:
    limits = ((name, float(getattr(scene.settings, f"{name}_seconds"))) for name in ("fresh", "ageing", "old"))
    return next((name for name, limit in limits if age < limit), "lost")


def _local_day(now: float, zone: str) -> int:
    offset = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return int((now + (offset.total_seconds() if offset else 0)) // 86400)
