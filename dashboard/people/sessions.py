"""Sessions: a browser's standing, known by the hash of what its cookie holds. They end: by time, by wish, by change."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa

from dashboard.people.limits import Limits
from dashboard.people.person import Person
from dashboard.people.schema import ACCOUNTS, SESSIONS, TOKENS
from dashboard.people.tokens import fingerprint
from dashboard.sql.engine import reading, writing

__all__ = ["Sessions"]

#: Seconds after which it is written again that a session was seen.
NOTE_EVERY = 30.0

_JOINED = SESSIONS.outerjoin(ACCOUNTS, ACCOUNTS.c.name == SESSIONS.c.account).outerjoin(
    TOKENS, TOKENS.c.token_id == SESSIONS.c.token_id
)
_COLUMNS = (
    SESSIONS, ACCOUNTS.c.role, ACCOUNTS.c.scope, ACCOUNTS.c.department, ACCOUNTS.c.seat, ACCOUNTS.c.disabled_at,
    TOKENS.c.name.label("wall"), TOKENS.c.area, TOKENS.c.revoked_at, TOKENS.c.ends_at,
)  # fmt: skip


class Sessions:
    def __init__(self, engine: sa.Engine, now: Callable[[], float], limits: Limits) -> None:
        self._engine, self._now, self.limits = engine, now, limits

    def begin(self, account: str, address: str, kept: str | None = None) -> str | None:
        """What the cookie is to hold; it is kept nowhere. None: the account is not good, or its password (hashed)
        is not `kept` any more: it was changed while that was weighed, which ended all sessions but this one."""
        mine = sa.select(ACCOUNTS).where(ACCOUNTS.c.name == account).with_for_update()
        with writing(self._engine) as connection:
            row = connection.execute(mine).mappings().first()
            if row is None or row["disabled_at"] is not None or kept not in (None, row["password"]):
                return None
            return self._begin(connection, account, "", address)

    def hang(self, key: str, address: str) -> str | None:
        """The same for a wall that shows its pass; None if that is not good."""
        mine = sa.and_(TOKENS.c.hash == fingerprint(key), TOKENS.c.kind == "wall")
        with writing(self._engine) as connection:
            row = connection.execute(sa.select(TOKENS).where(mine)).mappings().first()
            if row is None or row["revoked_at"] is not None or _ended(row["ends_at"], self._now()):
                return None
            return self._begin(connection, "", str(row["token_id"]), address)

    def _begin(self, connection: sa.Connection, account: str, token_id: str, address: str) -> str:
        secret, now = secrets.token_urlsafe(32), self._now()
        row = {"account": account, "token_id": token_id, "began_at": now, "seen_at": now, "address": address}
        connection.execute(SESSIONS.insert().values(hash=fingerprint(secret), **row))
        return secret

    def who(self, secret: str) -> Person | None:
        """Who has this session, if it has not ended; it is written down that it was seen."""
        proof = fingerprint(secret)
        with reading(self._engine) as connection:
            row = connection.execute(_wanted([proof])).mappings().first()
        person = self._person(row) if row else None
        if row and person and self._now() - row["seen_at"] > NOTE_EVERY:
            with writing(self._engine) as connection:
                connection.execute(SESSIONS.update().where(SESSIONS.c.hash == proof).values(seen_at=self._now()))
        return person

    def known(self, proofs: Collection[str]) -> dict[str, Person]:
        """Those of these hashes that are sessions which have not ended, and whose; they are not seen by this."""
        with reading(self._engine) as connection:
            rows = connection.execute(_wanted(proofs)).mappings().all()
        return {str(row["hash"]): person for row in rows if (person := self._person(row))}

    def note(self, proofs: Collection[str]) -> None:
        """Walls that are connected are seen, so that they never grow old while they hang."""
        late = sa.and_(SESSIONS.c.hash.in_(proofs), SESSIONS.c.seen_at < self._now() - NOTE_EVERY)
        with reading(self._engine) as connection:
            due = bool(proofs) and connection.execute(sa.select(sa.exists().where(late))).scalar()
        if due:
            with writing(self._engine) as connection:
                connection.execute(SESSIONS.update().where(late).values(seen_at=self._now()))

    def taken_back(self, secret: str) -> bool:
        """Whether it was a wall's, whose pass is good no more."""
        with reading(self._engine) as connection:
            row = connection.execute(_wanted([fingerprint(secret)])).mappings().first()
        return row is not None and bool(row["token_id"]) and self._person(row) is None

    def end(self, secret: str) -> None:
        self._delete(SESSIONS.c.hash == fingerprint(secret))

    def sweep(self) -> int:
        """Delete what has ended by time. Walls that were taken back stay as long, so that they can be told."""
        now, limits = self._now(), self.limits
        idle = sa.or_(SESSIONS.c.seen_at < now - limits.idle, SESSIONS.c.began_at < now - limits.absolute)
        dark = SESSIONS.c.seen_at < now - limits.wall
        return self._delete(sa.or_(sa.and_(SESSIONS.c.account != "", idle), dark))

    def _delete(self, which: sa.ColumnElement[bool]) -> int:
        with writing(self._engine) as connection:
            return connection.execute(SESSIONS.delete().where(which)).rowcount

    def _person(self, row: Any) -> Person | None:
        now, limits = self._now(), self.limits
        if row["token_id"]:
            good = row["wall"] is not None and row["revoked_at"] is None and not _ended(row["ends_at"], now)
            fresh = now - row["seen_at"] < limits.wall
            wall = {"name": f"wall:{row['wall']}", "role": "wall", "scope": row["area"]}
            return Person(**wall, kind="wall", proof=row["hash"]) if good and fresh else None
        fresh = now - row["seen_at"] < limits.idle and now - row["began_at"] < limits.absolute
        if row["role"] is None or row["disabled_at"] is not None or not fresh:
            return None
        return Person(
            name=row["account"], role=row["role"], scope=row["scope"], department=row["department"], seat=row["seat"],
            kind="account", proof=row["hash"],
        )  # fmt: skip


def _wanted(proofs: Collection[str]) -> sa.Select[Any]:
    return sa.select(*_COLUMNS).select_from(_JOINED).where(SESSIONS.c.hash.in_(proofs))


def _ended(ends_at: float | None, now: float) -> bool:
    return ends_at is not None and ends_at <= now
