"""App: the ASGI application of the door, raw: a path is a row of a table, an answer is one message.

Fixes and camera states go into the streams; words on events go into the ledger, which tells them to the streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from dashboard.bus.connect import AWAY, Redis
from dashboard.bus.feeds import Feeds
from dashboard.bus.hall import Hall, NoCity
from dashboard.bus.rejected import Rejected
from dashboard.bus.streams import STREAMS, AsyncInlet
from dashboard.clock import Clock
from dashboard.ingest.cabinet import Cabinet
from dashboard.ingest.commit import Away, Committer, Full
from dashboard.ingest.door import Gone, Headers, TurnedAway, read_body, source_of, unpacked
from dashboard.ingest.filing import Unfiled
from dashboard.ingest.fixes import read_fixes
from dashboard.ingest.reports import read_cameras, read_events
from dashboard.ingest.roster import Roster
from dashboard.ingest.taken import MSGPACK, Limits, Refused, Taken
from dashboard.ingest.tally import Tally, Untold
from dashboard.settings import Settings
from feeds.record import BadRecord

__all__ = ["KINDS", "PREFIX", "Answer", "Ingest", "create"]

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

REFRESH_SECONDS = 1.0
PREFIX = "/ingest/v1/"
JSON, TEXT = b"application/json", b"text/plain; version=0.0.4"


class Answer(NamedTuple):
    """more: headers besides the two that every answer has."""

    status: int
    body: bytes
    content: bytes = JSON
    more: tuple[tuple[bytes, bytes], ...] = ()

    def lines(self) -> list[tuple[bytes, bytes]]:
        return [(b"content-type", self.content), (b"content-length", b"%d" % len(self.body)), *self.more]


class _Answer(msgspec.Struct, omit_defaults=True):
    """noted: what cannot be in records that are among the accepted."""

    accepted: int
    rejected: list[Refused]
    noted: list[Refused] = []


class _Heartbeat(msgspec.Struct):
    kind: str


_answer = msgspec.json.Encoder()


class Ingest:
    """One door. Only `_ask_hall` runs in a thread, once a second; all else happens in the loop."""

    def __init__(self, settings: Settings, redis: Redis, inlet: AsyncInlet, clock: Clock) -> None:
        self.settings, self.clock = settings, clock
        self.limit = int(settings.ingest_body_mb * 1_000_000)
        self.tally = Tally()
        self.committer = Committer(inlet, settings.ingest_buffer, self.tally.write)
        self.cabinet = Cabinet(settings, redis, clock, self.tally.write)
        self._inlet = inlet
        self._hall = Hall(redis)
        self._feeds, self._rejected = Feeds(redis), Rejected(redis)
        self.roster: Roster | None = None
        self.keys: dict[str, str] = {}
        self.trouble = "not started"
        self._refresher: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            with contextlib.suppress(Gone):
                await self._http(scope, receive, send)

    async def refresh(self) -> None:
        """Tell the hall what came in; learn what time it is, which city is in force and who has a key."""
        untold = self.tally.untold()
        try:
            await asyncio.to_thread(self._ask_hall, untold)
        finally:
            self.tally.restore(untold)

    def _ask_hall(self, untold: Untold) -> None:
        try:
            self.clock.hall = self._hall.clock()
            self.keys = self.cabinet.keys()
            untold.tell(self._feeds, self._rejected)
            city = self._hall.city()
            self.cabinet.look(city)
            if self.roster is None or self.roster.version != city.version:
                self.roster = Roster(city)
            self.trouble = self.cabinet.trouble
        except NoCity as error:
            self.trouble = str(error)
        except AWAY as error:
            log.warning("Redis is away: %s", error)
            self.trouble = "Redis is away"  # strangers may read it: no host, no port

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.refresh()
        self._refresher = asyncio.create_task(self._go_on_refreshing())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._refresher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._refresher
        await self.refresh()
        await self._inlet.close()
        await self.cabinet.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _go_on_refreshing(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except Exception:
                log.exception("the hall could not be asked")

    def source_of(self, headers: Headers, client: tuple[str, int] | None) -> str:
        """Raises TurnedAway."""
        return source_of(headers, client[0] if client else None, self.keys, self.settings.ingest_guest)

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        path, headers = scope["path"], dict(scope["headers"])
        kind = path.removeprefix(PREFIX) if path.startswith(PREFIX) else ""
        source = ""
        try:
            if path in LOOKS and scope["method"] in ("GET", "HEAD"):
                answer = LOOKS[path](self)
                self.tally.requests[answer.status] += 1
            else:
                if kind not in KINDS or scope["method"] != "POST":
                    raise TurnedAway(405 if kind in KINDS else 404, "no_such_door", f"POST to {DOORS}")
                source = self.source_of(headers, scope.get("client"))
                body = await read_body(headers, receive, self.limit)
                answer = await self.answer(kind, source, headers, body)
        except TurnedAway as away:
            answer = self._turned(away, kind, source)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.lines()})
        await send({"type": "http.response.body", "body": answer.body})

    async def answer(self, kind: str, source: str, headers: Headers, body: bytes) -> Answer:
        """To one of KINDS, from whom `source_of` let in; when it is written."""
        try:
            body = unpacked(body, headers.get(b"content-encoding", b"").lower(), self.limit)
            said = await self._take(kind, source, body, _is_msgpack(headers.get(b"content-type", b"")))
        except TurnedAway as away:
            return self._turned(away, kind, source)
        self.tally.requests[200] += 1
        return Answer(200, said)

    def _turned(self, away: TurnedAway, kind: str, source: str) -> Answer:
        self._count(away, kind, source)
        self.tally.requests[away.status] += 1
        more = tuple((name.encode(), value.encode()) for name, value in away.headers.items())
        return Answer(away.status, _answer.encode({"error": away.detail, "reason": away.reason}), JSON, more)

    async def _take(self, kind: str, source: str, body: bytes, msgpack: bool) -> bytes:
        if kind == "heartbeat":
            return self._heartbeat(source, body)
        taken = self._read(kind, source, body, msgpack)
        if taken.parts:
            await self._write(taken)
        if taken.told:
            await self._file(taken)
            self.tally.unknown_classes += self.cabinet.unknown_classes(taken.told)
        self.tally.take(kind, source, taken, self.clock.now_ms())
        return _answer.encode(_Answer(taken.accepted, taken.refused, [note for note, _ in taken.noted]))

    def _read(self, kind: str, source: str, body: bytes, msgpack: bool) -> Taken:
        if self.roster is None:
            raise TurnedAway(503, "not_ready", self.trouble, **{"retry-after": "1"})
        settings = self.settings
        limits = Limits(self.clock.now_ms(), settings.future_seconds * 1000, settings.oldest_hours * 3_600_000)
        try:
            if kind == "fixes":
                return read_fixes(body, msgpack, self.roster, limits)
            if kind == "events":
                return read_events(body, msgpack, self.roster, limits, source)
            return read_cameras(body, msgpack, self.roster, limits)
        except BadRecord as bad:
            raise TurnedAway(400, bad.reason, bad.detail) from bad

    async def _write(self, taken: Taken) -> None:
        try:
            await self.committer.write(taken)
        except Full as full:
            say = f"{self.committer.waiting} records wait for the write: send this request again in a second"
            raise TurnedAway(429, "full", say, **{"retry-after": "1"}) from full
        except Away as away:
            say = "Redis is away, so nothing of this request was accepted: send it again in a second"
            raise TurnedAway(503, "redis_away", say, **{"retry-after": "1"}) from away

    async def _file(self, taken: Taken) -> None:
        """Words on events, into the ledger; one that it cannot take is refused, so that it is not sent for ever."""
        try:
            unfit = await self.cabinet.file(taken.told)
        except Full as full:
            say = f"{self.cabinet.waiting} words on events wait for the ledger: send this request again in a second"
            raise TurnedAway(429, "full", say, **{"retry-after": "1"}) from full
        except Unfiled as why:
            say = "the ledger cannot be written just now: send this request again in a second; nothing is taken twice"
            raise TurnedAway(503, "ledger_away", say, **{"retry-after": "1"}) from why
        for place in unfit:
            event_id = taken.told[place].report.event_id[:64]
            bad = BadRecord("unfit", f"the ledger could not take event {event_id!r}; the log of ingest says why")
            taken.refuse(taken.places[place], bad, lambda event_id=event_id: event_id)
        taken.forget({taken.places[place] for place in unfit})
        taken.told = [one for place, one in enumerate(taken.told) if place not in unfit]

    def _heartbeat(self, source: str, body: bytes) -> bytes:
        try:
            kind = msgspec.json.decode(body, type=_Heartbeat).kind
        except (ValueError, RecursionError) as error:
            raise TurnedAway(400, "broken", f'send {{"kind": "fixes"}}: {error}') from error
        if kind not in STREAMS:
            raise TurnedAway(400, "unknown_kind", f"kind {kind[:40]!r} is none of {', '.join(STREAMS)}")
        self.tally.beat(kind, source)
        return _answer.encode(_Answer(0, []))

    def _count(self, away: TurnedAway, kind: str, source: str) -> None:
        """Refusals for what was sent are kept; what may be sent again unchanged is no refusal."""
        if source and away.status in (400, 413, 415):
            self.tally.refuse(kind, source, away.reason, away.detail, self.clock.now_ms())
        elif away.status in (401, 403):
            self.tally.turn_away(kind, away.reason)


def _health(ingest: Ingest) -> Answer:
    said = _answer.encode({"ok": not ingest.trouble, "trouble": ingest.trouble})
    return Answer(503 if ingest.trouble else 200, said)


def _metrics(ingest: Ingest) -> Answer:
    return Answer(200, ingest.tally.text(ingest.committer.waiting + ingest.cabinet.waiting).encode(), TEXT)


@lru_cache
def _is_msgpack(content: bytes) -> bool:
    return content.split(b";")[0].strip().lower().decode("latin-1") in MSGPACK


LOOKS = {"/healthz": _health, "/metrics": _metrics}
KINDS = (*STREAMS, "heartbeat")
DOORS = ", ".join(PREFIX + kind for kind in KINDS)


def create(settings: Settings, redis: Redis, inlet: AsyncInlet, clock: Clock) -> Ingest:
    """`redis`: for what is asked once a second; `inlet`: where records are written."""
    return Ingest(settings, redis, inlet, clock)
