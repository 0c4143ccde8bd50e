"""Mirror: what a gateway knows of a city, kept up by frames and facts. It reads no stream and decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.live.counters import COUNTERS
from dashboard.live.flow import CODES, FIRST_OPEN, PLACE, RING
from dashboard.live.frame import NOWHERE, TABLES, WHOLE, Frame, Head, Skimmed, bundle, encode, joined
from dashboard.live.heat import COLD
from dashboard.live.named import Named
from dashboard.live.rows import Rows
from dashboard.live.times import KEPT
from feeds.city import City
from feeds.record import LEVELS, NONE, STEPS

__all__ = ["Mirror"]

Column = npt.NDArray[Any]
Columns = dict[str, Column]

#: Pieces in which a district's times in steps may lie before they are made one.
PIECES = 8

FACTS = frozenset(name for name, table in TABLES.items() if table.number >= 6)
ARCHIVED = STEPS.index("archived")


class _Place:
    """Where we are in a district's two rows of frames. seq 0: nothing heard yet."""

    def __init__(self) -> None:
        self.epoch, self.seq, self.now = 0, 0, 0.0
        self.facts_epoch, self.facts_seq = 0, 0
        self.times: list[Columns] = []
        self.counters = np.zeros(len(COUNTERS), np.uint64)


class Mirror(Named):
    """Columns by row of the city. second 0: never seen. Events by district."""

    def __init__(self, city: City) -> None:
        super().__init__(city)
        workers, cameras = len(city.workers.grid), len(city.cameras.grid)
        self.workers: Columns = {
            "lon": np.full(workers, NOWHERE, np.int32), "lat": np.full(workers, NOWHERE, np.int32),
            "at": np.zeros(workers, np.uint32), "mark": np.zeros(workers, np.uint8),
            "grid": np.full(workers, NONE, np.uint32), "minutes": np.zeros(workers, np.uint16),
            "day": np.zeros(workers, np.uint16), "strayed": np.zeros(workers, np.uint32),
        }  # fmt: skip
        self.cameras: Columns = {
            "since": np.zeros(cameras, np.uint32), "at": np.zeros(cameras, np.uint32),
            "state": np.zeros(cameras, np.uint8), "before": np.zeros(cameras, np.uint8),
        }  # fmt: skip
        self.heat_weight = np.zeros(self.cells.count, np.float32)
        self.heat_at = np.zeros(self.cells.count, np.uint32)
        self.heat_district = np.zeros(self.cells.count, np.int32)
        self.visited = np.zeros(self.cells.count, np.uint32)
        self.flow = np.zeros((len(CODES), len(city.areas.level), RING), np.int32)
        self.flow[FIRST_OPEN:] = -1
        self.flow_bucket = np.zeros(RING, np.int64)
        self.flow_known = np.zeros(len(city.areas.level), np.bool_)  # areas of which anything was ever said
        self.flow_moved = np.zeros(len(city.areas.level), np.bool_)  # since live.trends last looked
        self.open_before_ring = np.zeros((len(LEVELS), len(city.areas.level)), np.int32)
        self.standing: Any = None  # kept here by live.trends, as are
        self.trends: dict[tuple[int, int], tuple[Column, Any]] = {}
        self.medians: dict[int, Any] = {}
        self.places: dict[int, Any] = {}
        self._places = {int(row): _Place() for row in city.districts}
        # Each district numbers its events; all of them stand in one table.
        self._events = Rows((("row", "<i8"), ("district", "<i8"), *TABLES["events"].columns))
        self._district_of_camera = city.district_of_camera
        self._district_of_worker = city.district_of_worker
        self._take: dict[str, Callable[[Columns, Column], None]] = {
            "workers": self._lay_workers, "events": self._lay_events, "cameras": self._lay_cameras,
            "heat": self._lay_heat, "patrol": self._lay_workers, "flow": self._lay_flow, "times": self._lay_times,
            "visits": self._lay_visits, "counters": self._lay_counters,
        }  # fmt: skip

    def apply(self, frame: Frame | Skimmed) -> bool:
        """False: something is missing between this frame and what we have; ask for the whole picture."""
        return not self.apply_all([frame])

    def apply_all(self, frames: Iterable[Frame | Skimmed]) -> list[int]:
        """Many at once, in order, as what costs is the number of tables; answers the districts that lack something."""
        missing: list[int] = []
        fitting: list[Frame | Skimmed] = []
        for frame in frames:
            if (place := self._places.get(frame.district)) is None:
                continue
            fits = self._fits(place, frame)
            if fits and frame.whole:  # the ground on which the others are laid
                self._lay(fitting)
                self._clear(place, frame, not FACTS.isdisjoint(frame.tables))
                fitting = []
            if fits:
                fitting.append(frame)
            elif fits is None:
                missing.append(frame.district)
        self._lay(fitting)
        return missing

    def _fits(self, place: _Place, frame: Frame | Skimmed) -> bool | None:
        """False: it is to be passed over; None: something before it is missing."""
        facts = not FACTS.isdisjoint(frame.tables)
        epoch, seq = (place.facts_epoch, place.facts_seq) if facts else (place.epoch, place.seq)
        if frame.epoch < epoch or (frame.epoch == epoch and frame.seq <= seq):
            return False  # heard before, or of an owner that has been deposed
        if not frame.whole and (frame.epoch != epoch or frame.seq != seq + 1):
            return None
        if facts:
            place.facts_epoch, place.facts_seq = frame.epoch, frame.seq
        else:
            place.epoch, place.seq, place.now = frame.epoch, frame.seq, frame.now
        return True

    def _lay(self, frames: list[Frame | Skimmed]) -> None:
        """The same table of all of them at once."""
        told: dict[str, list[Frame | Skimmed]] = {}
        for frame in frames:
            for name in frame.tables:
                told.setdefault(name, []).append(frame)
        for name, those in told.items():
            rows = [_rows(frame, name) for frame in those]
            self._take[name](joined(name, those), np.repeat([frame.district for frame in those], rows))

    def whole(self, districts: Iterable[int]) -> bytes:
        """The browser's tables of these districts as whole frames, numbered so that the next deltas fit."""
        version = int(self.city.version[:8], 16)
        frames: list[bytes] = []
        for district in districts:
            place = self._places[int(district)]
            if place.seq:
                tables = self.tables(int(district))
                frames.append(encode(Frame(WHOLE, place.seq, place.epoch, int(district), place.now, version, tables)))
        return bundle(frames)

    def tables(self, district: int) -> dict[str, Columns]:
        """The browser's tables of one district, as its fold would tell them."""
        workers, cameras = self.workers, self.cameras
        who = np.flatnonzero((self._district_of_worker == district) & (workers["at"] > 0))
        which = np.flatnonzero((self._district_of_camera == district) & (cameras["at"] > 0))
        warm = np.flatnonzero((self.heat_district == district) & (self.heat_weight > COLD))
        q, r = self.cells.axial(warm)
        return {
            "workers": {"slot": who} | {name: workers[name][who] for name in ("lon", "lat", "at", "mark")},
            "events": self._events_of(district),
            "cameras": {"slot": which} | {name: column[which] for name, column in cameras.items()},
            "heat": {"q": q, "r": r, "weight": self.heat_weight[warm], "at": self.heat_at[warm]},
        }

    def known(self, district: int) -> bool:
        """Whether a whole picture of the district has arrived."""
        return self._places[district].seq > 0

    def now(self, district: int) -> float:
        """Hall time of the district's last frame, ms; 0 before the first."""
        return self._places[district].now

    @property
    def missing(self) -> list[int]:
        """Districts of which the picture or the facts have not arrived."""
        return [row for row, place in self._places.items() if not (place.seq and place.facts_seq)]

    def events(self) -> Columns:
        """Open events: the columns of a frame, and the district of each. Valid until the next frame."""
        return self._events.columns()

    def _events_of(self, district: int) -> Columns:
        columns = self._events.columns()
        mine = columns["district"] == district
        return {name: columns[name][mine] for name, _ in TABLES["events"].columns}

    def times(self, districts: Iterable[int]) -> list[Columns]:
        """How long events stood in each step: at, seconds, area, step; in pieces, as they were told."""
        return [part for row in districts for part in self._places[int(row)].times]

    def counters(self, districts: Iterable[int]) -> dict[str, int]:
        values = sum((self._places[int(row)].counters for row in districts), np.zeros(len(COUNTERS), np.uint64))
        return dict(zip(COUNTERS, values.tolist(), strict=True))

    def _clear(self, place: _Place, frame: Head, facts: bool) -> None:
        district = frame.district
        if facts:
            place.times.clear()
            place.counters[:] = 0
            areas = self.city.district_of_area == district
            self.flow[:FIRST_OPEN, areas] = 0
            self.flow[FIRST_OPEN:, areas] = -1
            self.open_before_ring[:, areas] = 0
            self.flow_moved[areas] = True
            return
        self._events.drop(self._events.columns()["district"] == district)
        who, which = self._district_of_worker == district, self._district_of_camera == district
        for name, empty in (("at", 0), ("lon", NOWHERE), ("lat", NOWHERE), ("mark", 0)):
            self.workers[name][who] = empty
        self.cameras["at"][which], self.cameras["state"][which] = 0, 0
        self.heat_weight[self.heat_district == district] = 0

    # --- each table of one or of many frames; district: of each row ---

    def _lay_workers(self, columns: Columns, _district: Column) -> None:
        _lay(self.workers, columns)

    def _lay_events(self, columns: Columns, district: Column) -> None:
        row = district << 32 | columns["key"]
        self._events.put({"row": row, "district": district, **columns}, forget=columns["step"] >= ARCHIVED)

    def _lay_cameras(self, columns: Columns, _district: Column) -> None:
        _lay(self.cameras, columns)

    def _lay_heat(self, columns: Columns, district: Column) -> None:
        cell = self.cells.flat(columns["q"], columns["r"])
        known = cell >= 0
        cell = cell[known]
        self.heat_weight[cell], self.heat_at[cell] = columns["weight"][known], columns["at"][known]
        self.heat_district[cell] = district[known]

    def _lay_flow(self, columns: Columns, _district: Column) -> None:
        bucket, area = columns["bucket"].astype(np.int64), columns["area"].astype(np.int64)
        code = PLACE[columns["step"]]
        for new in np.unique(bucket):
            self._turn(int(new))
        self.flow_known[area] = self.flow_moved[area] = True
        slot = bucket % RING
        live = (self.flow_bucket[slot] == bucket) & (code >= 0)
        self.flow[code[live], area[live], slot[live]] = columns["count"][live]
        old = (self.flow_bucket[slot] > bucket) & (code >= FIRST_OPEN)
        self.open_before_ring[code[old] - FIRST_OPEN, area[old]] = columns["count"][old]

    def _turn(self, bucket: int) -> None:
        """Make room for a quarter hour; what stood open at the end of the one that leaves is remembered."""
        slot = bucket % RING
        if bucket <= self.flow_bucket[slot]:
            return
        leaving = np.flatnonzero((self.flow_bucket > 0) & (self.flow_bucket <= self.flow_bucket[slot]))
        for old in leaving[np.argsort(self.flow_bucket[leaving], kind="stable")]:
            standing = self.flow[FIRST_OPEN:, :, old]
            np.copyto(self.open_before_ring, standing, where=standing >= 0)
            self.flow[:FIRST_OPEN, :, old] = 0
            self.flow[FIRST_OPEN:, :, old] = -1
            self.flow_bucket[old] = 0
        self.flow_bucket[slot] = bucket

    def _lay_times(self, columns: Columns, district: Column) -> None:
        for row in np.unique(district).tolist():
            parts, mine = self._places[row].times, district == row
            parts.append({name: column[mine] for name, column in columns.items()})
            if len(parts) > PIECES:
                parts[:] = [{name: np.concatenate([part[name] for part in parts])[-KEPT:] for name in columns}]

    def _lay_visits(self, columns: Columns, _district: Column) -> None:
        cell = self.cells.flat(columns["q"], columns["r"])
        known = cell >= 0
        np.maximum.at(self.visited, cell[known], columns["at"][known])

    def _lay_counters(self, columns: Columns, district: Column) -> None:
        value = columns["low"].astype(np.uint64) | (columns["high"].astype(np.uint64) << np.uint64(32))
        for row, counter, count in zip(district.tolist(), columns["counter"].tolist(), value.tolist(), strict=True):
            if counter < len(COUNTERS):
                self._places[row].counters[counter] = count


def _rows(frame: Frame | Skimmed, name: str) -> int:
    if isinstance(frame, Skimmed):
        return frame.tables[name][0]
    return len(next(iter(frame.tables[name].values())))


def _lay(table: Columns, columns: Columns) -> None:
    slot = columns["slot"]
    for name, column in columns.items():
        if name != "slot":
            table[name][slot] = column
