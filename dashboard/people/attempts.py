"""Attempts: how often a name and an address were wrong lately. Counted in SQL, so that all processes agree.

Whoever guesses must wait, and whoever is guessed at must not: wrong passwords are counted by account and address, by
address, and by account from wherever nobody ever came in with it; a device that is known again by its own alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from dashboard.people.limits import Limits
from dashboard.people.schema import ATTEMPTS
from dashboard.sql.engine import reading, writing

__all__ = ["Attempts", "Refused"]

#: What counts as wrong: a try that is being weighed does, until it turns out right.
WRONG = ("pending", "wrong")
#: Between an address and the device there, where that is known.
DEVICE = " device "
#: Days for which attempts are kept, for whoever looks who tried.
KEPT_DAYS = 90


class Refused(Exception):
    """Nobody was signed in. code: wrong, or wait (seconds: how long). Sentences: layouts.words_people."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Attempts:
    def __init__(self, engine: sa.Engine, now: Callable[[], float], limits: Limits) -> None:
        self._engine, self._now, self._limits = engine, now, limits

    def begin(self, name: str, address: str, device: str = "") -> int:
        """Number of this try. Raises Refused when there were too many. device: see dashboard.people.devices.

        It is written down before it is counted: of a hundred at the same moment no more are weighed than of a
        hundred in a row, because each sees all that were written before its own. Who waits already is not written down.
        """
        at, name, address = self._now(), name[:100], _line(address)
        if wait := self._wait(name, address, device, at, before=1):
            raise Refused("wait", seconds=wait)  # nothing is written: a flood of tries must not hold up who works
        where = address + DEVICE + device if device else address
        row = {"at": at, "name": name, "address": where, "outcome": "pending"}
        with writing(self._engine) as connection:
            made = connection.execute(ATTEMPTS.insert().values(**row)).inserted_primary_key
        number = int(made[0]) if made else 0
        if wait := self._wait(name, address, device, at):
            self.end(number, "refused")
            raise Refused("wait", seconds=wait)
        return number

    def end(self, number: int, outcome: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(ATTEMPTS.update().where(ATTEMPTS.c.id == number).values(outcome=outcome))

    def _wait(self, name: str, address: str, device: str, at: float, before: int = 0) -> float:
        """Seconds until one more try is weighed; 0: now. before: 1 if that is not written down yet."""
        begin = at - self._limits.window
        with reading(self._engine) as connection:
            counted = self._counted(connection, name, address, device, begin)
            ends = [
                times[limit - before] + self._limits.window - at
                for times, limit in counted if len(times) > limit - before
            ]  # fmt: skip
        return max(ends, default=0.0)

    def _counted(
        self, connection: sa.Connection, name: str, address: str, device: str, begin: float
    ) -> Iterator[tuple[list[float], int]]:
        """When it was wrong, and how often it may be."""
        limits, mine = self._limits, ATTEMPTS.c.name == name
        if device:
            own = mine & ATTEMPTS.c.address.endswith(DEVICE + device, autoescape=True)
            yield self._times(connection, own, begin, forgiving=True), limits.tries
            return
        here = ATTEMPTS.c.address == address
        yield self._times(connection, mine & here, begin, forgiving=True), limits.tries
        yield self._times(connection, here, begin, forgiving=False), limits.tries_address
        everywhere = self._times(connection, mine, begin, forgiving=False)
        if len(everywhere) >= limits.tries_name and not self._came_from(connection, mine, address):
            yield everywhere, limits.tries_name

    def _came_from(self, connection: sa.Connection, mine: sa.ColumnElement[bool], address: str) -> bool:
        """Whether the account was signed in from there, as long as that is kept."""
        here = (ATTEMPTS.c.address == address) | ATTEMPTS.c.address.startswith(address + DEVICE, autoescape=True)
        right = sa.exists().where(mine, here, ATTEMPTS.c.outcome == "right")
        return bool(connection.execute(sa.select(right)).scalar())

    def _times(
        self, connection: sa.Connection, whose: sa.ColumnElement[bool], begin: float, *, forgiving: bool
    ) -> list[float]:
        """When it was wrong since `begin`, the latest first. forgiving: what was before a right one is forgotten."""
        recent = sa.and_(whose, ATTEMPTS.c.at > begin)
        if forgiving:
            right = sa.select(sa.func.max(ATTEMPTS.c.id)).where(recent, ATTEMPTS.c.outcome == "right").scalar_subquery()
            recent = sa.and_(recent, ATTEMPTS.c.id > sa.func.coalesce(right, 0))
        wanted = sa.select(ATTEMPTS.c.at).where(recent, ATTEMPTS.c.outcome.in_(WRONG)).order_by(ATTEMPTS.c.at.desc())
        return [float(at) for at in connection.execute(wanted).scalars()]

    def sweep(self) -> int:
        """Forget what is too old to be asked for."""
        old = ATTEMPTS.c.at < self._now() - KEPT_DAYS * 86400
        with writing(self._engine) as connection:
            return connection.execute(ATTEMPTS.delete().where(old)).rowcount


def _line(address: str) -> str:
    """Whose line an address is on: who has one of IPv6 has 2^64 of them, and can come from another each time."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ipaddress.IPv6Network((known, 64), strict=False))
