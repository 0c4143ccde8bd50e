"""Reports: events and camera states, from bytes to records; they are few, and each counts.

A request in which all is well, the rule, is read at one stroke; only another one is looked at record by record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from dashboard.cases.told import PERSONAL_NAMES, Told
from dashboard.ingest.notes import Note, on_event, place_of
from dashboard.ingest.roster import Roster
from dashboard.ingest.taken import Limits, Moment, Taken, loose, moment_ms, plain_id, seen, timely
from feeds.record import CAMERA_STATES, LEVELS, STATUS_STEP, BadRecord, CameraStatus, EventReport

__all__ = ["OLDEST_EVENT_MS", "read_cameras", "read_events"]

OLDEST_EVENT_MS = 8760 * 3_600_000

#: Words of other platforms for a camera's state.
CAMERA_WORDS = {"on": "online", "off": "offline"} | {state: state for state in CAMERA_STATES}
LEVEL_WORDS = {level: level for level in LEVELS}

Sent = TypeVar("Sent", bound=msgspec.Struct)

#: An id or a name of somebody else; a word of ours or of the source. A report at a desk has the same limits.
Id = Annotated[str, Meta(max_length=200)]
Word = Annotated[str, Meta(max_length=64)]


class _Event(msgspec.Struct):
    """An event as it is sent: status or step, times as text or number."""

    event_id: Id
    reported_at: Moment
    class_code: Annotated[str, Meta(max_length=60)] = ""
    updated_at: Moment | None = None
    status: Word | None = None
    step: Word | None = None
    level: Word | None = None
    lon: float | None = None
    lat: float | None = None
    due_at: Moment | None = None
    area_id: Id | None = None
    grid_id: Id | None = None
    worker_id: Id | None = None
    source: Word | None = None
    text: Annotated[str, Meta(max_length=4000)] | None = None
    address: Annotated[str, Meta(max_length=400)] | None = None
    department: Id | None = None
    reporter_name: Annotated[str, Meta(max_length=100)] | None = None
    reporter_phone: Annotated[str, Meta(max_length=40)] | None = None


class _Camera(msgspec.Struct):
    camera_id: str
    state: str
    at: Moment | None = None


#: What may be shown of a record that was refused: never who reported it.
OF_EVENT = tuple(name for name in _Event.__struct_fields__ if name not in PERSONAL_NAMES)
OF_CAMERA = _Camera.__struct_fields__
#: What is shown of an event that is taken with a note: its words are in the ledger, where they can be erased.
OF_NOTED = tuple(name for name in OF_EVENT if name not in ("text", "address", "department"))


def read_events(body: bytes, msgpack: bool, roster: Roster, limits: Limits, source: str) -> Taken:
    """For the ledger, as `Taken.told`. source: whose records these are. Raises BadRecord as `read_cameras` does."""

    def take(taken: Taken, sent: _Event) -> None:
        event, nowhere = _event(sent, limits, source, roster)
        place = roster.place(event)._asdict()
        taken.told.append(Told(report=event, origin=source, personal=_personal(sent), data=_data(sent), **place))
        taken.places.append(taken.received - 1)
        for note in [nowhere, *on_event(event, roster)] if nowhere else on_event(event, roster):
            taken.note(taken.received - 1, *note, lambda: seen(msgspec.structs.asdict(sent), OF_NOTED))

    return _EVENTS.read(body, msgpack, take)


def read_cameras(body: bytes, msgpack: bool, roster: Roster, limits: Limits) -> Taken:
    """Raises BadRecord when the request as a whole cannot be read."""

    def take(taken: Taken, sent: _Camera) -> None:
        status = _camera(sent, roster, limits)
        district = roster.of_camera(roster.cameras[status.camera_id])
        taken.take("cameras", district, msgspec.msgpack.encode(status))

    return _CAMERAS.read(body, msgpack, take)


class _Form(Generic[Sent]):
    """A kind of record. names: what may be shown of one that was refused."""

    def __init__(self, sent: type[Sent], names: Sequence[str]) -> None:
        self._sent, self._names = sent, names
        self._json, self._msgpack = msgspec.json.Decoder(list[sent]), msgspec.msgpack.Decoder(list[sent])

    def read(self, body: bytes, msgpack: bool, take: Callable[[Taken, Sent], None]) -> Taken:
        """Raises BadRecord when the request as a whole cannot be read."""
        taken = Taken()
        try:
            for sent in (self._msgpack if msgpack else self._json).decode(body):
                taken.received += 1
                take(taken, sent)
        except (BadRecord, ValueError, OverflowError, RecursionError):
            return self._one_by_one(loose(body, msgpack), take)
        return taken

    def _one_by_one(self, records: Sequence[Any], take: Callable[[Taken, Sent], None]) -> Taken:
        """A bad one is refused by its place, the rest go on."""
        taken = Taken()
        for index, record in enumerate(records):
            taken.received += 1
            try:
                take(taken, msgspec.convert(record, self._sent))
            except BadRecord as bad:
                taken.refuse(index, bad, lambda record=record: seen(record, self._names))
            except (ValueError, OverflowError, RecursionError) as error:
                bad = BadRecord("malformed", str(error))
                taken.refuse(index, bad, lambda record=record: seen(record, self._names))
        return taken


_EVENTS, _CAMERAS = _Form(_Event, OF_EVENT), _Form(_Camera, OF_CAMERA)


def _personal(sent: _Event) -> dict[str, str]:
    return {name: said.strip() for name in PERSONAL_NAMES if (said := getattr(sent, name)) and said.strip()}


def _data(sent: _Event) -> dict[str, Any]:
    return {"department": sent.department} if sent.department else {}


def _event(sent: _Event, limits: Limits, source: str, roster: Roster) -> tuple[EventReport, Note | None]:
    """And why its position was left out, if it was."""
    if not plain_id(sent.event_id, "event_id").strip():
        raise BadRecord("malformed", "event_id is empty")
    oldest = Limits(limits.now_ms, limits.future_ms, OLDEST_EVENT_MS)
    reported = moment_ms(sent.reported_at, "reported_at")
    updated = reported if sent.updated_at is None else moment_ms(sent.updated_at, "updated_at")
    timely(reported, Limits(limits.now_ms, limits.future_ms, 10 * OLDEST_EVENT_MS), "reported_at")
    (lon, lat), nowhere = place_of(sent.lon, sent.lat, roster)
    event = EventReport(
        event_id=sent.event_id,
        class_code=sent.class_code,
        reported_at=reported / 1000,
        updated_at=timely(updated, oldest, "updated_at") / 1000,
        step=_word(sent.status or sent.step or "reported", STATUS_STEP, "unknown_status", "status"),  # type: ignore[arg-type]
        level=_word(sent.level or "community", LEVEL_WORDS, "unknown_level", "level"),  # type: ignore[arg-type]
        lon=lon,
        lat=lat,
        due_at=None if sent.due_at is None else _due(sent.due_at),
        area_id=sent.area_id or "",
        grid_id=sent.grid_id or "",
        worker_id=plain_id(sent.worker_id, "worker_id") if sent.worker_id else "",
        source=sent.source or source,
        text=sent.text or "",
        address=sent.address or "",
    )
    return event, nowhere


def _camera(sent: _Camera, roster: Roster, limits: Limits) -> CameraStatus:
    state = _word(sent.state, CAMERA_WORDS, "unknown_state", "state")
    if sent.camera_id not in roster.cameras:
        camera_id = plain_id(sent.camera_id, "camera_id")
        raise BadRecord("unknown_camera", f"the city has no camera {camera_id[:64]!r}")
    at = limits.now_ms if sent.at is None else timely(moment_ms(sent.at), limits)
    return CameraStatus(sent.camera_id, state, at / 1000)  # type: ignore[arg-type]


def _due(sent: Moment) -> float:
    due = moment_ms(sent, "due_at")
    if not abs(due) < 1e16:
        raise BadRecord("malformed", "due_at is not a moment")
    return due / 1000


def _word(sent: str, words: dict[str, Any], reason: str, name: str) -> str:
    if (word := words.get(sent.strip().lower())) is None:
        raise BadRecord(reason, f"{name} {sent[:40]!r} is none of {', '.join(words)}")
    return word
