"""Publish: what the ledger has written and the screens have not heard: entries behind a cursor, told to the stream.

Each entry becomes one EventReport, so that flow and times count every step that was entered. Whoever has committed
publishes; the steward sweeps (cases.sweep) for those who died before they could. The cursor moves with the stream in
one step (bus.outbox), so an entry is told once however many publish at the same time. A cursor is
    "17"          told up to position 17 of the chain
    "r:9:1000042" Redis has lost what it knew (or is far behind): the cases as they stood at position 9 are told first,
                  those up to seq 1000042 have been; then it is "9", and all entries behind it follow
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard.bus.connect import Redis
from dashboard.bus.outbox import Outbox, Step
from dashboard.cases.reports import report_after, report_of, reports_of, stood
from dashboard.cases.store.lines import News
from dashboard.cases.store.rows import entry_of, of_row
from dashboard.cases.store.schema import CASES, ENTRIES, SEQ
from dashboard.sql.engine import reading
from feeds.record import EventReport

__all__ = ["Publisher"]

log = logging.getLogger(__name__)

#: Reports in one entry of the stream.
BATCH = 1000
#: Seconds of which every step is told again when Redis has lost what it knew: more than the wall's trends show.
RECENT = 48 * 3600.0
#: Entries that are told one by one at most; who is farther behind is told how the cases stand.
FAR = 200_000
CLOSED = ("archived", "appraised")


class Publisher:
    """One a process; may be used by several threads."""

    def __init__(self, engine: Engine, redis: Redis, *, recent: float = RECENT, far: int = FAR) -> None:
        self._engine, self._outbox, self._recent, self._far = engine, Outbox(redis), recent, far

    def publish(self, districts: Iterable[str] | None = None) -> int:
        """How many reports were told. None: of all districts. Raises what the bus or the database raises when away."""
        cursors, heads = self.stand(self._heads() if districts is None else districts)
        behind = {name: cursor for name, cursor in cursors.items() if name in heads and cursor != str(heads[name][1])}
        return sum(self._catch_up(name, *heads[name], cursor) for name, cursor in behind.items())

    def hand_over(self, news: Mapping[str, Sequence[News]]) -> int:
        """The same for entries that have just been committed, of which nothing need be read: how many were told.

        They are told if the cursor stands right before them; where it does not, all that lies behind it is.
        """
        steps = [step for district, some in news.items() if (step := _step(district, some))]
        told = {
            step.district: step.rows for step, done in zip(steps, self._outbox.tell_all(steps), strict=True) if done
        }
        others = news.keys() - told.keys()
        return sum(told.values()) + (self.publish(others) if others else 0)

    def stand(self, districts: Iterable[str]) -> tuple[dict[str, str], dict[str, tuple[int, int]]]:
        """The cursors of these districts, and of all that have a chain its number and the position of its last entry.

        Cursors are read before heads: so none is ahead of the head that is read after it.
        """
        return self._outbox.cursors(sorted(set(districts))), self._heads()

    def _heads(self) -> dict[str, tuple[int, int]]:
        """District → number of its chain, position of its last entry."""
        with reading(self._engine) as connection:
            rows = connection.exec_driver_sql("SELECT district, number, position FROM chains")
            return {district: (number, position) for district, number, position in rows}

    def _catch_up(self, district: str, number: int, head: int, cursor: str) -> int:
        told = 0
        while True:
            if cursor.isdigit() and int(cursor) >= head:
                # Others write and publish too: only a head that is read after the cursor can be behind it in earnest.
                head = head if int(cursor) == head else self._heads()[district][1]
                if int(cursor) == head:
                    return told
            after, reports, at = self._next(number, head, cursor)
            payload = msgspec.msgpack.encode(reports) if reports else b""
            if self._outbox.tell(district, cursor, after, payload, len(reports), at * 1000):
                told, cursor = told + len(reports), after
                # What we have read is written; what was written since is told by whoever wrote it.
                head = max(head, int(after)) if after.isdigit() else head
            else:
                cursor = self._outbox.cursors([district])[district]

    def _next(self, number: int, head: int, cursor: str) -> tuple[str, list[EventReport], float]:
        """(cursor after, reports, hall time of the newest of them) of the next step from a cursor."""
        if cursor.startswith("r:"):
            return self._standing(number, *map(int, cursor.split(":")[1:]))
        if not cursor or int(cursor) > head or head - int(cursor) > self._far:
            return self._begin(number, head, cursor)
        return self._entries(number, int(cursor))

    def _begin(self, number: int, head: int, cursor: str) -> tuple[str, list[EventReport], float]:
        if cursor:
            log.warning("chain %d is told from its cases again: told up to %s, written up to %d", number, cursor, head)
        cut = self._cut(number, head)
        return (f"r:{cut}:0" if cut else "0"), [], 0.0

    def _cut(self, number: int, head: int) -> int:
        """The position behind which all entries are told one by one."""
        least, most = max(head - self._far, 0), head
        with reading(self._engine) as connection:
            newest = _recorded(connection, number, head)
            while least < most:  # recorded times grow along a chain, so halving finds the place
                middle = (least + most) // 2 + 1
                if _recorded(connection, number, middle) < newest - self._recent:
                    least = middle
                else:
                    most = middle - 1
        return least

    def _standing(self, number: int, cut: int, done: int) -> tuple[str, list[EventReport], float]:
        """Cases that were open at the cut, or that move after it: as they stood then."""
        last = number * SEQ + cut
        within = CASES.c.seq.between(max(done, number * SEQ) + 1, (number + 1) * SEQ - 1)
        matter = sa.or_(CASES.c.step.not_in(CLOSED), CASES.c.seq > last)
        with reading(self._engine) as connection:
            query = sa.select(CASES).where(within, matter).order_by(CASES.c.seq).limit(BATCH)
            cases = [of_row(row) for row in connection.execute(query)]
            moved = _versions_at(connection, number, cut, [case.case_id for case in cases if case.seq > last])
            then = stood(connection, number, moved)
        stand = [case if case.seq <= last else then.get(case.case_id) for case in cases]
        reports = [report_of(case, case.entered_at) for case in stand if case]
        following = f"r:{cut}:{cases[-1].seq}" if len(cases) == BATCH else str(cut)
        return following, reports, max((case.updated_at for case in stand if case), default=0.0)

    def _entries(self, number: int, position: int) -> tuple[str, list[EventReport], float]:
        first, last = number * SEQ + position, number * SEQ + position + BATCH
        query = sa.select(ENTRIES.c.body).where(ENTRIES.c.seq > first, ENTRIES.c.seq <= last).order_by(ENTRIES.c.seq)
        with reading(self._engine) as connection:
            entries = [entry_of(body) for (body,) in connection.execute(query)]
            reports = reports_of(connection, number, entries)
        return str(entries[-1].position), reports, entries[-1].recorded_at


def _step(district: str, news: Sequence[News]) -> Step | None:
    """None where there are too many, or something lies between that somebody else has written."""
    ordered = sorted(news, key=lambda one: one.entry.position)
    first, last = ordered[0].entry, ordered[-1].entry
    if len(ordered) > BATCH or last.position - first.position != len(ordered) - 1:
        return None
    payload = msgspec.msgpack.encode([report_after(*one) for one in ordered])
    before, after = str(first.position - 1), str(last.position)
    return Step(district, before, after, payload, len(ordered), last.recorded_at * 1000)


def _recorded(connection: Any, number: int, position: int) -> float:
    query = sa.select(ENTRIES.c.recorded_at).where(ENTRIES.c.seq == number * SEQ + position)
    return float(connection.execute(query).scalar_one_or_none() or 0.0)


def _versions_at(connection: Any, number: int, cut: int, case_ids: list[str]) -> dict[str, int]:
    """case_id → version after its last entry up to the cut; without those that began later."""
    last = number * SEQ + cut
    query = (
        sa.select(ENTRIES.c.case_id, sa.func.max(ENTRIES.c.version).label("version"))
        .where(ENTRIES.c.case_id.in_(case_ids), ENTRIES.c.seq <= last)
        .group_by(ENTRIES.c.case_id)
    )
    return {row.case_id: row.version for row in connection.execute(query)}
