"""District: the live state of one district, folded from its records: the same records give the same state. No clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live import closed, columns, times
from dashboard.live.backlog import Backlog
from dashboard.live.cameras import CameraStates
from dashboard.live.counters import Counters
from dashboard.live.flow import RING
from dashboard.live.ground import Ground
from dashboard.live.heat import Heat
from dashboard.live.muster import Muster
from dashboard.settings import Settings
from feeds.record import CameraStatus, EventReport

__all__ = ["SLOTS", "District", "Ground", "Tables"]

Tables = dict[str, dict[str, npt.NDArray[Any]]]

#: Fields of a checkpoint that may be missing: those for which nothing is known are left out.
SLOTS = frozenset(
    f"{name}:{slot:02d}"
    for name, count in {
        "seen": 64, "track": 60, "patrol": 24, "open": 64, "flow": RING, "closed": closed.CHUNKS, "times": times.CHUNKS,
    }.items()
    for slot in range(count)
)  # fmt: skip


class District:
    """`muster`: that of the workers of several districts, to fold them together; none: it has one of its own."""

    def __init__(self, ground: Ground, district: int, settings: Settings, muster: Muster | None = None) -> None:
        city = self.city = ground.city
        self.ground, self.district, self.settings = ground, district, settings
        self.muster = muster or Muster(ground, settings, [district])
        self.place = self.muster.place[district]
        self.muster.begin(self.place)
        here = self.muster.here[self.place]
        self.workers = self.muster.workers[here]
        self.cameras = np.flatnonzero(city.district_of_camera == district)
        # The last place stands for every row that is not in the roster yet.
        self.local = np.full(len(city.workers.grid) + 1, -1, np.int64)
        self.local[self.workers] = np.arange(len(self.workers))
        self.counters = Counters(self.muster.tally.values[self.place])
        self.seen = self.muster.seen.part(here, self.place)
        self.crowd = self.muster.crowd.part(here, self.place)
        self.patrol = self.muster.patrol.part(here, self.place)
        self.tracks = self.muster.tracks.part(here, self.place)
        self.visits = self.muster.visits.part(here, self.place)
        self.heat = Heat(ground.cells, settings.heat_half_life)
        self.backlog = Backlog(city, district, ground.locator, self.heat)
        self.states = CameraStates(city, self.cameras)
        self._unnamed = True

    def fold_fixes(self, fixes: npt.NDArray[Any]) -> None:
        self.muster.fold_rows(fixes, np.full(len(fixes), self.place))

    def fold_events(self, reports: Sequence[EventReport]) -> None:
        self.backlog.fold(reports, self.counters)

    def fold_cameras(self, reports: Sequence[CameraStatus]) -> None:
        self.states.fold(reports, self.counters)

    def tables(self, whole: bool) -> Tables:
        """What changed since the last call, or everything: for browsers and gateways."""
        moved = self.muster.moved.take(self.place)
        return {
            "workers": self.muster.present(self._everybody()) if whole else moved,
            "events": self.backlog.table(whole),
            "cameras": self.states.table(whole),
            "heat": self.heat.table(whole),
        }

    def facts(self, whole: bool) -> Tables:
        """The same for gateways only."""
        known = self.muster.known.take(self.place)
        return {
            "patrol": self.muster.patrols(self._everybody()) if whole else known,
            "flow": self.backlog.flow.table(whole),
            "times": self.backlog.times.table(whole),
            "visits": self.visits.table(whole),
            "counters": self.counters.table(whole),
        }

    def _everybody(self) -> npt.NDArray[np.int64]:
        """Who has ever been seen: rows of the muster."""
        return np.flatnonzero(self.crowd.second) + self.muster.here[self.place].start

    def told(self) -> dict[int, bytes | None]:
        return self.backlog.told()

    def fields(self, everything: bool = False) -> dict[str, bytes]:
        """Checkpoint: the fields that changed since the last call, or all of them."""
        fields = {"state": self._state()}
        if everything or self._unnamed:
            fields["names"] = self._names()
            self._unnamed = False
        if everything or self.states.unsaved:
            fields["cameras"] = columns.write(self.states.columns())
            self.states.unsaved = False
        fields |= self.seen.fields(everything) | self.patrol.fields(everything)
        fields |= self.tracks.fields(everything) | self.backlog.fields(everything)
        if everything or self.heat.unsaved:
            fields["heat"] = columns.write(self.heat.columns())
            self.heat.unsaved = False
        return fields

    def _state(self) -> bytes:
        crowd, patrol = self.crowd, self.patrol
        return columns.write({
            "version": np.array(self.city.version), "counters": self.counters.values,
            "row": self.workers.astype(np.uint32),
            "second": crowd.second.astype(np.uint32), "still": crowd.still.astype(np.uint32),
            "strayed": crowd.strayed.astype(np.uint32),
            "lon": crowd.lon, "lat": crowd.lat, "mark": crowd.mark,
            "last": patrol.last.astype(np.uint32), "day": patrol.day,
            "next": np.array(self.backlog.next),
            **{f"visit_{name}": column for name, column in self.visits.columns().items()},
        })  # fmt: skip

    def _names(self) -> bytes:
        """Of rows of areas and of cameras, in their order: in another version of the city they may have other rows."""
        areas = self.backlog.flow.areas
        return columns.write({
            "area": areas, "area_id": self.city.areas.area_id[areas],
            "camera_id": self.city.cameras.camera_id[self.cameras],
        })  # fmt: skip

    def load(self, fields: Mapping[str, bytes]) -> bool:
        """Stand where the checkpoint stood. True: it is of another city or an older hall, all must be saved anew."""
        if "state" not in fields:
            return False
        fields = dict(fields)
        saved = columns.read(fields["state"])
        self.counters.load(saved["counters"])
        put = self.local[np.minimum(saved["row"], len(self.local) - 1)]
        take = np.flatnonzero(put >= 0)
        self._load_workers(saved, take, put[take])
        self.seen.load(fields, take, put[take])
        self.patrol.load(fields, take, put[take])
        self.tracks.load(fields, self.local)
        moved = str(saved["version"]) != self.city.version or "names" not in fields
        # A checkpoint of before rows had names: of this city they are the same, of another nothing is taken over.
        names = columns.read(fields.get("names") or self._names())
        next_key, next_closed, next_time = (*saved["next"].tolist(), 0)[:3]
        self.backlog.load(fields, [next_key, next_closed, next_time], self._areas(names), moved)
        self._load_cameras(columns.read(fields["cameras"]), names["camera_id"].tolist())
        self.heat.load(columns.read(fields["heat"]))
        self.visits.load({name: saved[f"visit_{name}"] for name in ("q", "r", "at")})
        return moved

    def _load_workers(self, saved: dict[str, Any], take: npt.NDArray[Any], put: npt.NDArray[Any]) -> None:
        crowd, patrol = self.crowd, self.patrol
        for column, name in (
            (crowd.second, "second"), (crowd.still, "still"), (crowd.strayed, "strayed"),
            (crowd.lon, "lon"), (crowd.lat, "lat"), (crowd.mark, "mark"),
            (patrol.last, "last"), (patrol.day, "day"),
        ):  # fmt: skip
            column[put] = saved[name][take]
        known = np.flatnonzero(crowd.second)
        found = self.ground.locator.grid(crowd.lon[known] * 1e-7, crowd.lat[known] * 1e-7)
        crowd.grid[known] = found.astype(np.uint32)

    def _areas(self, names: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.int64]:
        """Row of each area now, by its row then; of one that is the district's no more, the district's own."""
        now = np.full(int(names["area"].max(initial=-1)) + 1, self.district, np.int64)
        rows = np.array([self.city.area_row.get(name, self.district) for name in names["area_id"].tolist()], np.int64)
        now[names["area"]] = np.where(self.city.district_of_area[rows] == self.district, rows, self.district)
        return now

    def _load_cameras(self, saved: dict[str, Any], camera_ids: list[str]) -> None:
        put = np.array([self.states.row.get(name, -1) for name in camera_ids], np.int64)
        if len(put) != len(saved["at"]):
            return
        self.states.load(saved, np.flatnonzero(put >= 0), put[put >= 0])
