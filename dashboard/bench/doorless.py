"""Doorless: a whole hall in one process and without a wait: records → door's reading → fold → frame → mirror."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from dashboard.ingest.fixes import read_fixes
from dashboard.ingest.reports import read_cameras, read_events
from dashboard.ingest.roster import Roster
from dashboard.ingest.taken import Limits, Taken
from dashboard.live.desk import Desk
from dashboard.live.district import District, Ground
from dashboard.live.frame import decode
from dashboard.live.mirror import Mirror
from dashboard.live.situation import Situation
from dashboard.replay import parcels
from dashboard.settings import Settings
from feeds.city import City
from feeds.replay import Played

__all__ = ["Doorless"]


class Doorless:
    """Time is what it is told."""

    def __init__(self, city: City, settings: Settings) -> None:
        self.city, self.settings = city, settings
        ground = Ground(city)
        self.desks = {
            str(city.areas.area_id[row]): Desk(District(ground, int(row), settings), 1) for row in city.districts
        }
        self.mirror, self.roster = Mirror(city), Roster(city)
        self.refused: Counter[str] = Counter()

    def take(self, played: Sequence[Played], now: float) -> None:
        """Records that are sent at `now`, as a replay sends them."""
        limits = Limits(now * 1000, self.settings.future_seconds * 1000, self.settings.oldest_hours * 3_600_000)
        for sent in parcels(played):
            packed = "msgpack" in sent.content
            if sent.kind == "fixes":
                taken = read_fixes(sent.body, packed, self.roster, limits)
            elif sent.kind == "events":
                taken = read_events(sent.body, packed, self.roster, limits, "replay")
            else:
                taken = read_cameras(sent.body, packed, self.roster, limits)
            self._fold(taken)

    def _fold(self, taken: Taken) -> None:
        self.refused.update(refused.reason for refused in taken.refused)
        for (kind, district), (pieces, _) in taken.parts.items():
            raw = [msgspec.Raw(piece) for piece in pieces]
            payload = b"".join(pieces) if kind == "fixes" else msgspec.msgpack.encode(raw)
            self.desks[district].fold(kind, [payload])
        for told in taken.told:
            # As a source says it: without the ledger, whose versions would be in it.
            self.desks[told.district].fold("events", [msgspec.msgpack.encode([told.report])])

    def situation(self, now: float) -> Situation:
        for desk in self.desks.values():
            for frame in (desk.frame(now * 1000, beat=True), desk.facts(now * 1000)):
                if frame is not None and not self.mirror.apply(decode(frame)):
                    raise AssertionError("a frame did not fit")
        return Situation(self.mirror, self.city, self.settings, now, 0, [])

    def counters(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for desk in self.desks.values():
            total.update(desk.state.counters.as_dict())
        return total
