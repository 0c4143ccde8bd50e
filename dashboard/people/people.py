"""People: accounts, and signing in. What changes what somebody may do ends all their sessions."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dashboard.people import devices
from dashboard.people import passwords as rules
from dashboard.people.attempts import Attempts, Refused
from dashboard.people.limits import Limits
from dashboard.people.looks import Looks
from dashboard.people.passwords import Passwords
from dashboard.people.roles import ACCOUNTS as ROLES
from dashboard.people.schema import ACCOUNTS, SESSIONS
from dashboard.people.sessions import Sessions
from dashboard.people.tokens import Tokens
from dashboard.sql.engine import reading, writing

__all__ = ["RESERVED", "Account", "NoAccount", "People", "Refused", "WrongAccount"]

_NAME = re.compile(r"[\w][\w.@-]{0,63}")


#: Who is nobody's account stands in the trail under these.
RESERVED = frozenset({"guest", "hall", "nobody", "system"})


class NoAccount(LookupError):
    """There is nobody of that name."""


class WrongAccount(ValueError):
    """An account that cannot be; the sentence says why."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is kept, without its password. Times: seconds since 1970."""

    name: str
    role: str
    scope: str
    department: str
    seat: str
    created_at: float
    changed_at: float
    disabled_at: float | None


class People:
    """`now`: real seconds since 1970: people sign in today, even into a hall in which it is 2013."""

    def __init__(
        self,
        engine: sa.Engine,
        now: Callable[[], float] = time.time,
        limits: Limits | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        self._engine, self._now, self.limits = engine, now, limits or Limits()
        self._passwords = passwords or Passwords()
        self.sessions = Sessions(engine, now, self.limits)
        self.attempts = Attempts(engine, now, self.limits)
        self.tokens, self.looks = Tokens(engine, now), Looks(engine, now)

    # --- accounts ---

    def add(
        self, name: str, role: str, *, password: str = "", scope: str = "", department: str = "", seat: str = "",
        subject: str | None = None,
    ) -> Account:  # fmt: skip
        """A new account; without a password it can only sign in elsewhere (OIDC) or by a token.

        Raises WrongAccount, passwords.WeakPassword.
        """
        name = same(name)
        if not _NAME.fullmatch(name):
            raise WrongAccount(f"{name!r} is no name: letters, digits, and . @ - _ within, at most 64")
        if name in RESERVED:
            raise WrongAccount(f"{name!r} is what the hall itself is called in a trail: choose another name")
        _known(role)
        now, kept = self._now(), self._hashed(name, password) if password else ""
        row = {"name": name, "role": role, "scope": scope, "department": department, "seat": seat, "subject": subject}
        try:
            with writing(self._engine) as connection:
                values = row | {"password": kept, "created_at": now, "changed_at": now}
                connection.execute(ACCOUNTS.insert().values(**values))
        except IntegrityError as error:
            raise WrongAccount(f"there is already an account called {name}") from error
        return self.account(name)

    def passwd(self, name: str, password: str) -> None:
        """Raises NoAccount, passwords.WeakPassword."""
        name = same(name)
        self._change(name, password=self._hashed(name, password))

    def assign(self, name: str, **what: str) -> Account:
        """Change role, scope, department or seat. Raises NoAccount, WrongAccount."""
        if unknown := what.keys() - {"role", "scope", "department", "seat"}:
            raise WrongAccount(f"an account has no {', '.join(unknown)}")
        if "role" in what:
            _known(what["role"])
        self._change(name, **what)
        return self.account(name)

    def disable(self, name: str) -> None:
        """It stays in every trail, and opens nothing any more: its sessions end and its tokens are revoked."""
        now = self._now()
        self._change(name, disabled_at=now)
        self.tokens.revoke("account", same(name))

    def turn_out(self, name: str) -> None:
        """Its sessions and tokens end; it stays open for whoever may come again. Raises NoAccount."""
        self._change(name)
        self.tokens.revoke("account", same(name))

    def enable(self, name: str) -> None:
        self._change(name, disabled_at=None)

    def _change(self, name: str, **values: Any) -> None:
        with writing(self._engine) as connection:
            mine = ACCOUNTS.c.name == same(name)
            done = connection.execute(ACCOUNTS.update().where(mine).values(changed_at=self._now(), **values))
            if not done.rowcount:
                raise NoAccount(f"there is no account called {name}")
            connection.execute(SESSIONS.delete().where(SESSIONS.c.account == same(name)))

    def account(self, name: str) -> Account:
        """Raises NoAccount."""
        found = self._accounts(ACCOUNTS.c.name == same(name))
        if not found:
            raise NoAccount(f"there is no account called {name}")
        return found[0]

    def of_subject(self, subject: str) -> Account | None:
        """Who came by OIDC under this "issuer subject"."""
        return next(iter(self._accounts(ACCOUNTS.c.subject == subject)), None)

    def accounts(self) -> list[Account]:
        """All, by name."""
        return self._accounts(sa.true())

    def _accounts(self, which: sa.ColumnElement[bool]) -> list[Account]:
        wanted = sa.select(*(ACCOUNTS.c[name] for name in Account.__struct_fields__)).where(which)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(ACCOUNTS.c.name)).mappings().all()
        return [Account(**row) for row in rows]

    # --- signing in ---

    def sign_in(self, name: str, password: str, address: str, device: str = "") -> str:
        """What the cookie of the new session is to hold. device: what `device` gave before. Raises Refused."""
        name = same(name)
        kept = self._kept(name)
        number = self.attempts.begin(name, address, devices.known(name, kept, device))
        if not self._passwords.fits(kept, password):
            self.attempts.end(number, "wrong")
            raise Refused("wrong")
        secret = self.sessions.begin(name, address, kept)
        self.attempts.end(number, "right" if secret else "wrong")
        if not secret:
            raise Refused("wrong")
        if self._passwords.outdated(kept):
            self._renew(name, kept, password)
        return secret

    def device(self, name: str) -> str:
        """What a browser keeps in which this account has just signed in, so that it is known again."""
        return devices.mark(same(name), self._kept(same(name)))

    def _kept(self, name: str) -> str:
        """Its password, hashed; empty if it has none, is closed or is not there."""
        wanted = sa.select(ACCOUNTS.c.password).where(ACCOUNTS.c.name == name, ACCOUNTS.c.disabled_at.is_(None))
        with reading(self._engine) as connection:
            return str(connection.execute(wanted).scalar() or "")

    def _renew(self, name: str, kept: str, password: str) -> None:
        """The same password under today's parameters: nothing that anybody's session must end for."""
        anew = self._passwords.hash(password)
        with writing(self._engine) as connection:
            mine = sa.and_(ACCOUNTS.c.name == name, ACCOUNTS.c.password == kept)
            connection.execute(ACCOUNTS.update().where(mine).values(password=anew))

    def _hashed(self, name: str, password: str) -> str:
        rules.check(name, password)
        return self._passwords.hash(password)

    def sweep(self) -> int:
        """Delete sessions that have ended and attempts nobody asks for any more."""
        return self.sessions.sweep() + self.attempts.sweep()

    def empty(self) -> bool:
        """Whether nobody could sign in."""
        with reading(self._engine) as connection:
            some = sa.select(sa.exists().where(ACCOUNTS.c.disabled_at.is_(None)))
            return not connection.execute(some).scalar()


def same(name: str) -> str:
    """What is typed alike is alike."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _known(role: str) -> None:
    if role not in ROLES:
        raise WrongAccount(f"there is no role {role!r}: choose one of {', '.join(ROLES)}")
