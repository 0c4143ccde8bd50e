"""Tally: what each source sent and what became of it, for the hall once a second and for whoever asks for metrics."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.bus.feeds import Beat, Feeds
from dashboard.bus.rejected import KEPT, KEPT_NOTES, NOTED, Refusal, Rejected
from dashboard.bus.streams import STREAMS
from dashboard.ingest.taken import Refused, Taken

__all__ = ["Tally", "Untold"]

#: Upper bounds of the histogram of writes, seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass
class Untold:
    """What the hall has not been told yet. notes: kept apart, as they must not take the place of refusals."""

    beats: dict[tuple[str, str], Beat] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Refusal] = field(default_factory=list)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)

    def tell(self, feeds: Feeds, rejected: Rejected) -> None:
        """What has been told is forgotten; the rest stays when this raises."""
        feeds.beat(self.beats.values())
        self.beats = {}
        if self.refused:
            rejected.add(self.refusals + self.notes, dict(self.refused))
        self.refusals, self.notes, self.refused = [], [], Counter()


class Tally:
    """Counters of this process; all of it belongs to the loop, only what was taken out goes to a thread."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self.accepted: Counter[str] = Counter()
        self.rejected: Counter[tuple[str, str]] = Counter()
        self.noted: Counter[tuple[str, str]] = Counter()
        self.requests: Counter[int] = Counter()
        self.writes = [0] * (len(BUCKETS) + 1)
        self.write_seconds = 0.0
        self.unknown_classes = 0
        self._untold = Untold()

    def write(self, seconds: float) -> None:
        self.writes[bisect_left(BUCKETS, seconds)] += 1
        self.write_seconds += seconds

    def take(self, kind: str, source: str, taken: Taken, at_ms: float) -> None:
        """After the write: what was accepted, and what was refused with it."""
        accepted = taken.received - len(taken.refused)
        self.accepted[kind] += accepted
        self.beat(kind, source, taken.received, accepted, len(taken.refused))
        for refused, body in zip(taken.refused, taken.bodies, strict=True):
            self._refuse(Refusal(kind, source, refused.reason, refused.detail, "", at_ms), body)
        for note, body in taken.noted:
            self._note(kind, source, note, body, at_ms)

    def turn_away(self, kind: str, reason: str) -> None:
        """Who may not come in is counted, and no more: nothing of it is kept, so a flood pushes nothing out."""
        self.rejected[kind, reason] += 1
        self._untold.refused[kind, reason] += 1

    def refuse(self, kind: str, source: str, reason: str, detail: str, at_ms: float) -> None:
        """A whole request that could not be read: anybody and anything may be in it, so nothing of it is kept."""
        if kind in STREAMS:
            self.beat(kind, source, 1, 0, 1)
        self._refuse(Refusal(kind, source, reason, detail, "", at_ms), str)

    def beat(self, kind: str, source: str, received: int = 0, accepted: int = 0, rejected: int = 0) -> None:
        """What was refused is counted with its source, if that is known, and is no sign of life."""
        now = self._wall() * 1000
        alive, record = now if accepted or not rejected else 0.0, now if accepted else 0.0
        was = self._untold.beats.get((kind, source)) or Beat(kind, source, 0.0)
        self._untold.beats[kind, source] = Beat(
            kind,
            source,
            alive or was.beat_ms,
            record or was.record_ms,
            was.received + received,
            was.accepted + accepted,
            was.rejected + rejected,
        )

    def untold(self) -> Untold:
        """Taken out, to be told in a thread."""
        taken, self._untold = self._untold, Untold()
        return taken

    def restore(self, untold: Untold) -> None:
        """What could not be told now is told the next time."""
        for key, beat in untold.beats.items():
            now = self._untold.beats.get(key) or Beat(*key, 0.0)
            self._untold.beats[key] = Beat(
                *key,
                now.beat_ms or beat.beat_ms,
                now.record_ms or beat.record_ms,
                now.received + beat.received,
                now.accepted + beat.accepted,
                now.rejected + beat.rejected,
            )
        self._untold.refused.update(untold.refused)
        self._untold.refusals = (untold.refusals + self._untold.refusals)[-KEPT:]
        self._untold.notes = (untold.notes + self._untold.notes)[-KEPT_NOTES:]

    def text(self, waiting: int) -> str:
        """Prometheus."""
        lines = ["# TYPE gridhall_ingest_accepted_total counter"]
        lines += [f'gridhall_ingest_accepted_total{{kind="{kind}"}} {n}' for kind, n in self.accepted.items()]
        lines += ["# TYPE gridhall_ingest_rejected_total counter"]
        lines += [
            f'gridhall_ingest_rejected_total{{kind="{kind}",reason="{reason}"}} {n}'
            for (kind, reason), n in self.rejected.items()
        ]
        lines += ["# TYPE gridhall_ingest_noted_total counter"]
        lines += [
            f'gridhall_ingest_noted_total{{kind="{kind}",reason="{reason}"}} {n}'
            for (kind, reason), n in self.noted.items()
        ]
        lines += ["# TYPE gridhall_ingest_requests_total counter"]
        lines += [f'gridhall_ingest_requests_total{{status="{status}"}} {n}' for status, n in self.requests.items()]
        lines += ["# TYPE gridhall_ingest_unknown_class_total counter"]
        lines += [f"gridhall_ingest_unknown_class_total {self.unknown_classes}"]
        lines += ["# TYPE gridhall_ingest_buffer_records gauge", f"gridhall_ingest_buffer_records {waiting}"]
        return "\n".join(lines + self._histogram()) + "\n"

    def _histogram(self) -> list[str]:
        lines, below = ["# TYPE gridhall_ingest_write_seconds histogram"], 0
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), self.writes, strict=True):
            below += count
            lines.append(f'gridhall_ingest_write_seconds_bucket{{le="{bound}"}} {below}')
        return [
            *lines,
            f"gridhall_ingest_write_seconds_sum {self.write_seconds:.6f}",
            f"gridhall_ingest_write_seconds_count {below}",
        ]

    def _refuse(self, refusal: Refusal, body: Callable[[], str]) -> None:
        self.rejected[refusal.kind, refusal.reason] += 1
        self._untold.refused[refusal.kind, refusal.reason] += 1
        if len(self._untold.refusals) < KEPT:
            self._untold.refusals.append(
                Refusal(refusal.kind, refusal.source, refusal.reason, refusal.detail, body(), refusal.at_ms)
            )

    def _note(self, kind: str, source: str, note: Refused, body: Callable[[], str], at_ms: float) -> None:
        self.noted[kind, note.reason] += 1
        self._untold.refused[kind, NOTED + note.reason] += 1
        if len(self._untold.notes) < KEPT_NOTES:
            self._untold.notes.append(Refusal(kind, source, NOTED + note.reason, note.detail, body(), at_ms))
