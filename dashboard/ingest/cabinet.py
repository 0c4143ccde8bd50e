"""Cabinet: the door's ledger: opened when the database answers, kept to the city and the rules that are in force."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from dashboard.bus.connect import Redis
from dashboard.cases.ledger import Ledger
from dashboard.cases.publish import Publisher
from dashboard.cases.rules.in_force import InForce
from dashboard.cases.store.away import away
from dashboard.cases.teller import Teller
from dashboard.cases.told import Told
from dashboard.cases.workflow.firsts import class_said
from dashboard.clock import Clock
from dashboard.ingest.filing import Filing, Unfiled
from dashboard.people.tokens import Tokens
from dashboard.settings import Settings
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from feeds.city import City

__all__ = ["Cabinet"]

log = logging.getLogger(__name__)

#: Seconds between two rounds of the teller: at the door there is always more to come.
PACE = 0.2


class Cabinet:
    """`look` is called once a second in a thread; `file` in the loop."""

    def __init__(self, settings: Settings, redis: Redis, clock: Clock, timed: Callable[[float], None]) -> None:
        self.engine = connect(settings.database_url, settings.data)
        self.rules = InForce(settings.data, settings.classes)
        self.ledger = Ledger(self.engine, self.rules.rules, clock.now)
        self.filing = Filing(self.ledger, settings.ingest_buffer, timed)
        self._redis = redis
        self._teller: Teller | None = None
        self._ready = False
        self._tokens, self._keys = Tokens(self.engine, time.time), dict[str, str]()
        self.trouble = "the ledger has not been opened yet"

    @property
    def waiting(self) -> int:
        return self.filing.waiting

    def look(self, city: City | None) -> None:
        """Open the ledger if it is not; take over changed rules. Never raises for a database that is away."""
        try:
            self._open()
            self.ledger.rules = self.rules.look(city)
            self.trouble = ""
        except Exception as error:
            if not self._lost(error):
                raise

    def keys(self) -> dict[str, str]:
        """Fingerprint of each key → its source; while the database is away, those that were known before."""
        try:
            self._open()
            self._keys = self._tokens.table()
        except Exception as error:
            if not self._lost(error):
                raise
        return self._keys

    def _lost(self, error: Exception) -> bool:
        """Whether it says that the database is away. Strangers may read that; where it stands is for the log."""
        if lost := away(error):
            log.warning("the database is away: %s", error)
            self.trouble = "the database is away"
        return lost

    def _open(self) -> None:
        if not self._ready:
            upgrade(self.engine)
            self._teller = Teller(Publisher(self.engine, self._redis), PACE)
            self.ledger.news.append(self._teller.hear)
            self._ready = True

    def unknown_classes(self, told: Sequence[Told]) -> int:
        """How many of these are filed as 其他 because nobody knows their class."""
        return sum(bool(class_said(one.report, self.ledger.rules)) for one in told)

    async def file(self, told: Sequence[Told]) -> list[int]:
        """As Filing.file. Raises Full or Unfiled."""
        if not self._ready:
            raise Unfiled(self.trouble)
        return await self.filing.file(told)

    async def close(self) -> None:
        """What was taken is written by now; tell it, if Redis answers, and let the database go."""
        await asyncio.to_thread(self.filing.close)
        if self._teller:
            await asyncio.to_thread(self._teller.close)
        self.engine.dispose()
