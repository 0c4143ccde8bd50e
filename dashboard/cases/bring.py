"""Bring: recorded events become cases of the ledger, row by row: none is lost, none is there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import DataError, IntegrityError

from dashboard.cases.case import NotAllowed
from dashboard.cases.ledger import Ledger
from dashboard.cases.told import Told
from dashboard.ingest.roster import Roster
from feeds.findings import counted, cut
from feeds.record import EventReport
from feeds.replay import BadRow, Recording
from feeds.spans import span

__all__ = ["Brought", "bring"]

#: Words in one transaction: whoever makes a move meanwhile must not wait long for its end.
BATCH = 200
#: Rows that are told of each reason for which some were left out.
SHOWN = 20
#: What a single word may be refused for; anything else stops the import, which can be started again.
REFUSED = (NotAllowed, ValueError, DataError, IntegrityError)


@dataclass
class Brought:
    """What came of an import. outcomes: how many words were new, told, duplicate or late; bad: rows left out;
    span: from when to when the records go."""

    rows: int
    span: str = ""
    outcomes: Counter[str] = field(default_factory=Counter[str])
    bad: list[BadRow] = field(default_factory=list[BadRow])
    notes: Counter[str] = field(default_factory=Counter[str])

    def told(self) -> list[str]:
        """Sentences for whoever started it."""
        made, more, known = (self.outcomes[name] for name in ("new", "told", "duplicate"))
        lines = [f"{self.rows} rows: {made} new cases, {more} later words on them, {len(self.bad)} rows left out"]
        lines += [self.span] if self.span else []
        if known + self.outcomes["late"]:
            lines.append(f"{known + self.outcomes['late']} words were known already")
        lines += [f"{count} rows {note}" for note, count in sorted(self.notes.items()) if count]
        return lines + [line for reason in dict.fromkeys(bad.reason for bad in self.bad) for line in self._left(reason)]

    def _left(self, reason: str) -> list[str]:
        """The first rows that were left out for it, and how many more."""
        bad = [one for one in self.bad if one.reason == reason]
        lines = [f"{one.file} line {one.line} left out ({reason}): {cut(one.sentence)}" for one in bad[:SHOWN]]
        return lines + ([f"and {counted(len(bad) - SHOWN, 'more row')} ({reason})"] if len(bad) > SHOWN else [])


def bring(
    ledger: Ledger,
    recording: Recording,
    roster: Roster,
    origin: str,
    *,
    progress: Callable[[float], object] = lambda share: None,
) -> Brought:
    """Report all events of a recording (read with `as_told`) in the order in which they happened.

    origin: whose records these are; the same origin and id is the same case, so a second import changes nothing.
    """
    times = span(recording.played[0].at, recording.played[-1].at, recording.zone) if recording.played else ""
    brought = Brought(recording.rows, times, bad=list(recording.bad), notes=recording.notes)
    events = [one.record for one in recording.played if isinstance(one.record, EventReport)]
    for first in range(0, len(events), BATCH):
        batch = [_told(event, roster, origin) for event in events[first : first + BATCH]]
        for told, refused in _reported(ledger, batch, brought):
            file, line = recording.lines[told.report.event_id]
            brought.bad.append(BadRow(file, line, "refused", f"{told.report.event_id}: {refused}"))
        progress((first + len(batch)) / len(events))
    return brought


def _told(event: EventReport, roster: Roster, origin: str) -> Told:
    data = {"department": event.department} if event.department else {}
    return Told(report=event, origin=origin, data=data, **roster.place(event)._asdict())


def _reported(ledger: Ledger, batch: Sequence[Told], brought: Brought) -> Iterator[tuple[Told, Exception]]:
    """One transaction; if a word breaks it, each goes alone, and those that cannot be taken are given back."""
    try:
        brought.outcomes.update(answer.outcome for answer in ledger.report(batch))
    except REFUSED as error:
        if len(batch) == 1:
            yield batch[0], error
            return
        for one in batch:
            yield from _reported(ledger, [one], brought)
