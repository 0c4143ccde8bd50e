"""Replay: recorded rows become records again, in the order in which they happened."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from feeds.cells import Cells
from feeds.datum import convert
from feeds.findings import counted, cut
from feeds.mapping import UNITS, Mapping, WrongMapping
from feeds.record import CAMERA_STATES, LEVELS, STATUS_STEP, BadRecord, CameraStatus, EventReport, Fix
from feeds.spans import far, moment, span

__all__ = ["BadRow", "Played", "Recording", "read", "records"]

Record = Fix | EventReport | CameraStatus
Row = dict[str, str]
CLOSED = ("archived", "appraised")
EVENT_TEXTS = ("grid_id", "worker_id", "source", "text", "address", "department")


class Played(NamedTuple):
    """A record and the moment (seconds since 1970) at which it is played."""

    at: float
    kind: str
    record: Record


class BadRow(NamedTuple):
    """A row that is not played, and why."""

    file: str
    line: int
    reason: str
    sentence: str


@dataclass
class Recording:
    """All of the files. notes: what is played otherwise than it stands, and how often. places: of cameras, by id.

    as_told: a closing time before the report is kept as it stands (for a ledger; who plays it plays it at the report).
    lines: where each event stood last, file and line, by its id.
    """

    played: list[Played] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    places: dict[str, tuple[float, float, str]] = field(default_factory=dict)
    rows: int = 0
    as_told: bool = False
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)
    zone: str = "UTC"

    def told(self) -> list[str]:
        """Sentences for whoever started the replay."""
        reasons = Counter(bad.reason for bad in self.bad)
        lines = [f"{counted(self.rows, 'row')}, {counted(len(self.played), 'record')}"]
        if self.played:
            lines.append(span(self.played[0].at, self.played[-1].at, self.zone))
        lines += [f"{counted(count, 'row')} {note}" for note, count in sorted(self.notes.items()) if count]
        for reason, count in reasons.most_common():
            first = next(bad for bad in self.bad if bad.reason == reason)
            lines.append(
                f"{counted(count, 'row')} left out ({reason}), "
                f"the first: {first.file} line {first.line}: {cut(first.sentence)}"
            )
        return lines


def records(files: Iterable[str | Path], mapping: Mapping) -> Iterator[Played]:
    """All records of the files in order of time; bad rows are passed over. Pure: no clock, no speed."""
    yield from read(files, mapping).played


def read(
    files: Iterable[str | Path],
    mapping: Mapping,
    *,
    progress: Callable[[int], object] | None = None,
    as_told: bool = False,
) -> Recording:
    """Raises WrongMapping when a file cannot be read this way at all. `progress` hears the bytes read so far."""
    recording, cells = Recording(as_told=as_told, zone=mapping.zone), Cells(mapping)
    stood: list[tuple[str, int]] = []
    for name in files:
        for line, row in _rows(Path(name), mapping, progress):
            recording.rows += 1
            try:
                recording.played += (words := READERS[mapping.kind](row, cells, mapping, recording))
                stood += [(Path(name).name, line)] * len(words)
                recording.lines |= {
                    word.record.event_id: (Path(name).name, line)
                    for word in words
                    if isinstance(word.record, EventReport)
                }
            except BadRecord as bad:
                recording.bad.append(BadRow(Path(name).name, line, bad.reason, bad.detail))
    if not as_told:  # a ledger may go back for decades
        _without_far(recording, stood)
    if mapping.datum != "wgs84":
        _to_wgs84(recording, mapping)
    if mapping.start:
        _lay(recording, mapping)
    recording.played.sort(key=lambda played: played.at)
    return recording


def _without_far(recording: Recording, stood: list[tuple[str, int]]) -> None:
    """Leave out the rows of which a record lies far from all others; the other records of such a row too."""
    told = {stood[n]: recording.played[n].at for n in far([one.at for one in recording.played])}
    for (file, line), at in told.items():
        sentence = f"time far from all others: {moment(at, recording.zone)}"
        recording.bad.append(BadRow(file, line, "far_time", sentence))
    if told:
        recording.played = [one for one, place in zip(recording.played, stood, strict=True) if place not in told]


def _rows(path: Path, mapping: Mapping, progress: Callable[[int], object] | None) -> Iterator[tuple[int, Row]]:
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            lines = csv.DictReader(_counted(file, progress), delimiter=mapping.delimiter, restkey="")
            wanted = {column for name in mapping.columns for column in mapping.of(name)}
            if missing := sorted(wanted - set(lines.fieldnames or ())):
                raise WrongMapping(f"{path} has no column {', '.join(missing)}; is it the right mapping?")
            yield from ((lines.line_num, row) for row in lines)
    except (OSError, UnicodeDecodeError, LookupError, csv.Error) as error:
        raise WrongMapping(f"{path} cannot be read: {error}") from error


def _counted(lines: Iterable[str], progress: Callable[[int], object] | None) -> Iterator[str]:
    done = 0
    for number, line in enumerate(lines):
        done += len(line)
        if progress is not None and number % 1000 == 0:
            progress(done)
        yield line.replace("\0", "")


def _fix(row: Row, cells: Cells, mapping: Mapping, recording: Recording) -> Sequence[Played]:
    worker, at, place = cells.need(row, "worker_id"), cells.need_time(row, "at"), cells.position(row)
    if place is None:
        raise BadRecord("no_position", "a fix without a position")
    lon, lat = place
    speed = cells.number(row, "speed")
    record = Fix(
        worker_id=worker,
        lon=lon,
        lat=lat,
        at=round(at * 1000),
        accuracy=cells.number(row, "accuracy"),
        speed=None if speed is None else round(speed * UNITS[mapping.units.speed], 3),
        heading=cells.number(row, "heading"),
        battery=cells.number(row, "battery"),
        mock=cells.flag(row, "mock"),
        sos=cells.flag(row, "sos"),
        indoor=cells.flag(row, "indoor"),
    )
    return (Played(at, "fixes", record),)


def _event(row: Row, cells: Cells, mapping: Mapping, recording: Recording) -> Sequence[Played]:
    """The report, and when the row says that it went on from there, one later word on it."""
    reported, place = cells.need_time(row, "reported_at"), cells.position(row)
    lon, lat = place or (None, None)
    level = cells.text(row, "level")
    texts = {name: cells.text(row, name) for name in EVENT_TEXTS}
    first = EventReport(
        event_id=cells.need(row, "event_id"),
        class_code=cells.text(row, "class_code") or "other",
        reported_at=reported,
        updated_at=reported,
        level=level if level in LEVELS else "community",  # type: ignore[arg-type]
        lon=lon,
        lat=lat,
        due_at=cells.time(row, "due_at"),
        area_id="/".join(part.replace("/", "-") for part in cells.parts(row, "area")),
        grid_id=texts["grid_id"],
        worker_id=texts["worker_id"],
        source=texts["source"],
        text=texts["text"],
        address=texts["address"],
        department=texts["department"],
    )
    recording.notes["without a position"] += place is None
    step = _step(cells.text(row, "status"), mapping, recording)
    updated = cells.time(row, "updated_at")
    if updated is not None:
        return (_word(first, step, updated),)
    return _two_words(first, *_turn(row, step, reported, cells, recording), recording)


def _turn(row: Row, step: str, reported: float, cells: Cells, recording: Recording) -> tuple[str, float | None]:
    """Where the event went after the report, and when. The status decides; without one, a closing time does."""
    closed, status_at, notes = cells.time(row, "closed_at"), cells.time(row, "status_at"), recording.notes
    if not cells.text(row, "status") and closed is not None:
        step = "archived"
    early = closed is not None and closed < reported
    notes["with a closing time before the report"] += early
    notes["with a closing time although the status says open: played as open"] += (
        closed is not None and step not in CLOSED
    )
    if closed is not None and (step in CLOSED or (early and recording.as_told)):
        return step, closed
    return step, None if status_at is None else max(status_at, reported)


def _two_words(first: EventReport, step: str, when: float | None, recording: Recording) -> Sequence[Played]:
    report = Played(first.reported_at, "events", first)
    if recording.as_told and when is not None and when < first.reported_at:
        return (Played(first.reported_at, "events", msgspec.structs.replace(first, step=step, updated_at=when)),)
    if step == "reported":
        return (report,)
    if when is not None and when > first.reported_at:
        return report, _word(first, step, when)
    if step in CLOSED:
        recording.notes["closed without a time: played as closed when reported"] += when is None
    return (_word(first, step, first.reported_at),)


def _word(first: EventReport, step: str, at: float) -> Played:
    return Played(at, "events", msgspec.structs.replace(first, step=step, updated_at=at))


def _step(status: str, mapping: Mapping, recording: Recording) -> str:
    word = mapping.status.get(status, status).lower()
    if status and word not in STATUS_STEP:
        recording.notes[f"with the unknown status {status!r}: played as reported"] += 1
    return STATUS_STEP.get(word, "reported")


def _camera(row: Row, cells: Cells, mapping: Mapping, recording: Recording) -> Sequence[Played]:
    camera, at, said = cells.need(row, "camera_id"), cells.need_time(row, "at"), cells.need(row, "state")
    state = mapping.states.get(said, said).lower()
    if state not in CAMERA_STATES:
        raise BadRecord("bad_state", f"{said!r} is no camera state; there are {', '.join(CAMERA_STATES)}")
    place = cells.position(row)
    if place is not None:
        recording.places[camera] = (*place, cells.text(row, "owner"))
    return (Played(at, "cameras", CameraStatus(camera, state, at)),)  # type: ignore[arg-type]


READERS: dict[str, Callable[[Row, Cells, Mapping, Recording], Sequence[Played]]] = {
    "fixes": _fix,
    "events": _event,
    "cameras": _camera,
}


def _to_wgs84(recording: Recording, mapping: Mapping) -> None:
    """All positions at once, by columns."""
    found: list[tuple[float | None, float | None]] = [
        (None, None) if isinstance(one.record, CameraStatus) else (one.record.lon, one.record.lat)
        for one in recording.played
    ]
    found += [(lon, lat) for lon, lat, _ in recording.places.values()]
    columns = np.array(found, float).reshape(-1, 2)
    lon, lat = convert(columns[:, 0], columns[:, 1], mapping.datum)
    for row, (at, kind, record) in enumerate(recording.played):
        if not isinstance(record, CameraStatus) and record.lon is not None:
            moved = msgspec.structs.replace(record, lon=float(lon[row]), lat=float(lat[row]))
            recording.played[row] = Played(at, kind, moved)
    for row, (camera, (_, _, owner)) in enumerate(recording.places.items(), len(recording.played)):
        recording.places[camera] = (float(lon[row]), float(lat[row]), owner)


def _lay(recording: Recording, mapping: Mapping) -> None:
    """Move all times so that the first is at the mapping's start."""
    try:
        start = datetime.fromisoformat(mapping.start)
    except ValueError as error:
        raise WrongMapping(f"start is not an ISO 8601 time: {mapping.start!r}") from error
    begin = (start if start.tzinfo else start.replace(tzinfo=ZoneInfo(mapping.zone))).timestamp()
    shift = begin - min((played.at for played in recording.played), default=begin)
    recording.played = [Played(at + shift, kind, _moved(record, shift)) for at, kind, record in recording.played]


def _moved(record: Record, shift: float) -> Record:
    if isinstance(record, EventReport):
        due = None if record.due_at is None else record.due_at + shift
        times = {"reported_at": record.reported_at + shift, "updated_at": record.updated_at + shift, "due_at": due}
        return msgspec.structs.replace(record, **times)
    step = shift * 1000 if isinstance(record, Fix) else shift
    return msgspec.structs.replace(record, at=record.at + step)  # type: ignore[operator]
