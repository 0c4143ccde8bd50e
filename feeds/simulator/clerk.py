"""Clerk: the hands of an office: reads cases over the hall's API and makes its moves there, each by its account."""

from __future__ import annotations

import http.client
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from feeds.simulator.office import Office, Order
from feeds.simulator.seen import Seen
from feeds.simulator.staff import DESKS, account_of

__all__ = ["Away", "Clerk"]

log = logging.getLogger(__name__)

#: Cases on one page; moves that are made before the list is read again.
PAGE, MOST = 500, 200
#: Seconds by which two looks overlap: what is committed late may bear an earlier time.
OVERLAP = 5.0
LATER = {408, 429, 500, 502, 503, 504}


class Away(Exception):
    """The hall does not answer, or asks to wait; it is tried again."""


class _Page(msgspec.Struct):
    cases: list[Seen] = []
    next: str | None = None


class _Answer(msgspec.Struct):
    case: Seen | None = None
    code: str = ""


class Clerk:
    """keys: account → its key. speed: hall seconds a second."""

    def __init__(self, url: str, keys: Mapping[str, str], office: Office, speed: float = 1.0) -> None:
        parts = urlsplit(url)
        self.line = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=30.0)
        self.keys, self.office = keys, office
        self.overlap = OVERLAP * max(speed, 1.0)
        self.since: float | None = None
        self.counts: Counter[str] = Counter()

    def turn(self, now: float) -> int:
        """One look at what has changed, and what is to be done by now (hall seconds). How many moves were made."""
        self._look(now)
        orders, made = self.office.due(now, MOST), 0
        for place, order in enumerate(orders):
            try:
                made += self._make(order, now)
            except Away:
                self.office.put_back(orders[place:])
                raise
        return made

    def close(self) -> None:
        self.line.close()

    def _look(self, now: float) -> None:
        """First all that is open, and what closed a short while ago; then what has changed since."""
        newest = self.since
        if newest is None:
            newest = now - self.overlap
            self._read({"open": "true"}, now)
            self._read({"step": "archived", "updated_after": str(now - 86_400.0)}, now)
        else:
            newest = max(newest, self._read({"updated_after": str(newest - self.overlap)}, now))
        self.since = newest

    def _read(self, query: dict[str, str], now: float) -> float:
        """All pages. The newest time in them."""
        newest, cursor = 0.0, ""
        while True:
            asked = query | {"limit": str(PAGE), "order": "updated_at", "descending": "false"}
            text = self._ask("GET", f"/api/v1/cases?{urlencode(asked | ({'cursor': cursor} if cursor else {}))}")
            page = msgspec.json.decode(text, type=_Page)
            self.office.see(page.cases, now)
            newest = max([newest, *(case.updated_at for case in page.cases)])
            if not page.next:
                return newest
            cursor = page.next

    def _make(self, order: Order, now: float) -> bool:
        account = account_of(order.who)
        if account not in self.keys:
            self.counts["nobody"] += 1
            self.office.refused(order, now)
            return False
        body = {"move": order.move, "version": order.version, "note": order.note, "data": order.data}
        status, text = self._send(
            "POST", f"/api/v1/cases/{quote(order.case_id, safe='')}/moves", account, body | {"request_key": order.key}
        )
        answer = msgspec.json.decode(text, type=_Answer)
        if answer.case is not None:  # it was made, or somebody was quicker: so it stands now
            self.office.see([answer.case], now)
        self.counts[f"{status} {order.move}"] += 1
        if status not in (200, 409):
            log.debug("%s of %s was refused: %s", order.move, order.case_id, answer.code)
            self.office.refused(order, now)
        return status == 200

    def _ask(self, method: str, path: str) -> bytes:
        status, text = self._send(method, path, DESKS["dispatcher"], None)
        if status != 200:
            raise Away(f"{path} is answered with {status}: {text[:200]!r}")
        return text

    def _send(self, method: str, path: str, account: str, body: Any) -> tuple[int, bytes]:
        """Raises Away when it may be tried again unchanged."""
        headers = {"Authorization": f"Bearer {self.keys[account]}", "Content-Type": "application/json"}
        try:
            self.line.request(method, path, None if body is None else msgspec.json.encode(body), headers)
            reply = self.line.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.line.close()
            raise Away(f"the hall does not answer: {error!r}") from error
        if reply.status in LATER:
            raise Away(f"the hall says {reply.status}")
        return reply.status, text
