"""Tokens: keys of machines. Only their SHA-256 is kept, so a look-up by it says nothing about how near a guess was."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from dashboard.people.person import Person
from dashboard.people.schema import ACCOUNTS, TOKENS
from dashboard.sql.engine import reading, writing

__all__ = ["OVERLAP", "Token", "TokenKind", "Tokens", "fingerprint"]

TokenKind = Literal["source", "account", "wall"]

#: Seconds for which a key goes on to be good after another has taken its place.
OVERLAP = 24 * 3600.0


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is kept: everything but the key. Times: seconds since 1970."""

    token_id: str
    kind: str
    name: str
    area: str
    created_at: float
    ends_at: float | None
    revoked_at: float | None


def fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class Tokens:
    def __init__(self, engine: sa.Engine, now: Callable[[], float]) -> None:
        self._engine, self._now = engine, now

    def add(self, kind: TokenKind, name: str, area: str = "") -> str:
        """A new key; shown this once. area: area_id of a wall, empty for the whole city."""
        with writing(self._engine) as connection:
            return self._add(connection, kind, name, area)

    def _add(self, connection: sa.Connection, kind: TokenKind, name: str, area: str) -> str:
        key = f"gh_{secrets.token_urlsafe(24)}"
        row = {"token_id": secrets.token_hex(4), "kind": kind, "name": name, "area": area, "created_at": self._now()}
        connection.execute(TOKENS.insert().values(hash=fingerprint(key), **row))
        return key

    def rotate(self, kind: TokenKind, name: str, overlap: float = OVERLAP) -> str:
        """A new key in the place of those there are, which stay good for `overlap` seconds. Raises LookupError."""
        end = self._now() + overlap
        with writing(self._engine) as connection:
            mine = sa.and_(TOKENS.c.kind == kind, TOKENS.c.name == name, self._good())
            area = connection.execute(sa.select(TOKENS.c.area).where(mine)).scalars().first()
            if area is None:
                raise LookupError(f"{name} has no key to be replaced")
            later = sa.or_(TOKENS.c.ends_at.is_(None), TOKENS.c.ends_at > end)
            connection.execute(TOKENS.update().where(mine, later).values(ends_at=end))
            return self._add(connection, kind, name, area)

    def revoke(self, kind: TokenKind, name: str) -> int:
        """How many keys were taken back."""
        mine = sa.and_(TOKENS.c.kind == kind, TOKENS.c.name == name, self._good())
        with writing(self._engine) as connection:
            return connection.execute(TOKENS.update().where(mine).values(revoked_at=self._now())).rowcount

    def all(self, kind: TokenKind) -> list[Token]:
        """Those that are good, by name, the oldest first."""
        wanted = sa.select(*(TOKENS.c[name] for name in Token.__struct_fields__)).where(
            TOKENS.c.kind == kind, self._good()
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(TOKENS.c.name, TOKENS.c.created_at)).mappings().all()
        return [Token(**row) for row in rows]

    def table(self) -> dict[str, str]:
        """Fingerprint of each good key of a source → the source."""
        with reading(self._engine) as connection:
            wanted = sa.select(TOKENS.c.hash, TOKENS.c.name).where(TOKENS.c.kind == "source", self._good())
            return {str(print_): str(name) for print_, name in connection.execute(wanted)}

    def who(self, key: str) -> Person | None:
        """Whose key it is. A wall's pass is none: it opens a session (Sessions.hang)."""
        return self.known([fingerprint(key)]).get(fingerprint(key))

    def known(self, proofs: list[str]) -> dict[str, Person]:
        """Fingerprints of good keys → whose they are, as that account is now."""
        mine = sa.and_(ACCOUNTS.c.name == TOKENS.c.name, TOKENS.c.kind == "account")
        columns = (TOKENS.c.hash, TOKENS.c.kind, TOKENS.c.name, ACCOUNTS.c.role, ACCOUNTS.c.scope)
        wanted = (
            sa.select(*columns, ACCOUNTS.c.department, ACCOUNTS.c.seat, ACCOUNTS.c.disabled_at)
            .select_from(TOKENS.outerjoin(ACCOUNTS, mine))
            .where(TOKENS.c.hash.in_(proofs), TOKENS.c.kind != "wall", self._good())
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).mappings().all()
        return {str(row["hash"]): person for row in rows if (person := _person(row))}

    def _good(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            TOKENS.c.revoked_at.is_(None), sa.or_(TOKENS.c.ends_at.is_(None), TOKENS.c.ends_at > self._now())
        )


def _person(row: Any) -> Person | None:
    if row["kind"] == "source":
        return Person(name=row["name"], role="source", kind="source", proof=row["hash"])
    if row["role"] is None or row["disabled_at"] is not None:
        return None
    return Person(
        name=row["name"], role=row["role"], scope=row["scope"], department=row["department"], seat=row["seat"],
        kind="account", proof=row["hash"],
    )  # fmt: skip
