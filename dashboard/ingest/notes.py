"""Notes: what cannot be in a record that is taken all the same. Nothing is lost for it, and nothing is silently so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from dashboard.ingest.roster import Roster
from feeds.record import EventReport

__all__ = ["Note", "on_event", "place_of"]


class Note(NamedTuple):
    """reason: a word that is counted; detail: a sentence for whoever sent it."""

    reason: str
    detail: str


Position = tuple[float | None, float | None]


def place_of(lon: float | None, lat: float | None, roster: Roster) -> tuple[Position, Note | None]:
    """A place that cannot be is no place: the event is taken, and stands beside the map as one that honestly has none
    does; but it is told apart from those."""
    if lon is None and lat is None:
        return (None, None), None
    if lon is None or lat is None:
        why = "lon and lat go together, and one of them is missing"
    elif not (math.isfinite(lon) and math.isfinite(lat)):
        why = f"lon {lon} and lat {lat} must be numbers"
    elif abs(lon) < 1e-6 and abs(lat) < 1e-6:
        why = "0/0 is a terminal that does not see the sky yet"
    elif roster.meant(lat, lon) and not roster.meant(lon, lat):
        why = f"lon {lon} and lat {lat} seem to be the wrong way round"
    elif abs(lon) > 180 or abs(lat) > 90:
        why = f"lon {lon} or lat {lat} is not on the earth"
    else:
        return (lon, lat), None
    return (None, None), Note("bad_position", f"{why}; the event is taken without a position")


def on_event(event: EventReport, roster: Roster) -> Sequence[Note]:
    """What it names that the city does not have, and moments that cannot follow each other."""
    notes: list[Note] = []
    if event.area_id and event.area_id not in roster.areas:
        notes.append(Note("unknown_area", f"the city has no area {event.area_id[:64]!r}; the event is taken"))
    if event.grid_id and event.grid_id not in roster.grids:
        notes.append(Note("unknown_grid", f"the city has no grid {event.grid_id[:64]!r}; the event is taken"))
    if event.worker_id and event.worker_id not in roster.workers:
        notes.append(Note("unknown_worker", f"the city has no worker {event.worker_id[:64]!r}; the event is taken"))
    if event.updated_at < event.reported_at:
        early = event.reported_at - event.updated_at
        notes.append(
            Note("updated_before_reported", f"updated_at is {early:.0f} s before reported_at; the event is taken")
        )
    return notes
