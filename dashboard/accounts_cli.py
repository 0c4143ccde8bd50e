"""Accounts: the commands about people and keys: who may come in, as what, and who may not any more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from dashboard.settings import Settings

__all__ = ["add"]

Decorator = Callable[[Any], Any]
Load = Callable[[dict[str, Any]], Settings]
_F = TypeVar("_F", bound=Callable[..., Any])

#: Kept here as well as in dashboard.people.roles, which would have to be loaded for `--help`; a test holds them equal.
ROLES = ("worker", "dispatcher", "department", "verifier", "assessor", "leader", "wall", "auditor", "admin")


#: What a new password or role leaves as it is.
_TOKENS = click.option("--revoke-tokens", is_flag=True, help="end the tokens of its programs too")


def add(main: click.Group, places: Decorator, load: Load) -> None:
    """Hang the commands into `main`; `places` adds the options that say where the hall is."""
    user = main.group("user", help="Accounts: people who sign in, and walls that show.")(lambda: None)
    for hang in (_add, _passwd, _role, _disable, _enable, _list, _token, _wall):
        hang(user, places, load)
    key = main.group("key", help="API keys: one for each source that sends records from outside this machine.")(
        lambda: None
    )
    for hang in (_key_add, _key_rotate, _key_revoke, _key_list):
        hang(key, places, load)


def _people(settings: Settings) -> Any:
    """The people of this hall. What they refuse is said as it is."""
    from dashboard.people.limits import Limits
    from dashboard.people.people import People
    from dashboard.sql.engine import connect
    from dashboard.sql.migrate import upgrade

    engine = connect(settings.database_url, settings.data)
    upgrade(engine)
    return People(engine, limits=Limits.of(settings))


def _said(work: Callable[[], Any], settings: Settings) -> Any:
    """What `work` gives; a refusal becomes a sentence and an exit code."""
    from dashboard.people.passwords import LONGEST, SHORTEST, WeakPassword
    from dashboard.people.people import NoAccount, WrongAccount
    from layouts.words import say

    try:
        return work()
    except (NoAccount, WrongAccount, LookupError) as error:
        raise click.ClickException(str(error.args[0])) from error
    except WeakPassword as weak:
        sentence = say(settings.lang)(f"password.{weak.code}", shortest=SHORTEST, longest=LONGEST)
        raise click.ClickException(sentence) from weak


def _password() -> str:
    """Typed twice at a terminal, or the first line of what is piped in; never an argument, which all could read."""
    if sys.stdin.isatty():
        return str(click.prompt("password", hide_input=True, confirmation_prompt="once more"))
    return sys.stdin.readline().rstrip("\r\n")


def _place(command: _F) -> _F:
    """Options that say where somebody stands."""
    for option, text in (
        ("--seat", "the seat they work at"),
        ("--department", "the department they belong to"),
        ("--scope", "area_id of the part of the city they may see; without it the whole city"),
    ):
        command = click.option(option, default=None, help=text)(command)
    return command


def _given(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


def _add(user: click.Group, places: Decorator, load: Load) -> None:
    @user.command("add")
    @click.argument("name")
    @click.option("--role", type=click.Choice(ROLES), required=True)
    @_place
    @click.option("--no-password", is_flag=True, help="signs in elsewhere, or only by a token")
    @places
    def add_user(name: str, role: str, no_password: bool, scope: Any, department: Any, seat: Any, **given: Any) -> None:
        """Make an account. The password is asked for, or read from a pipe."""
        settings = load(given)
        password = "" if no_password else _password()
        if not password and not no_password:
            raise click.ClickException("there was no password; --no-password makes an account without one")
        where = _given(scope=scope, department=department, seat=seat)
        _fits(settings, scope, name, role)
        account = _said(lambda: _people(settings).add(name, role, password=password, **where), settings)
        click.echo(_line(account))


def _fits(settings: Settings, area: str | None, name: str = "", role: str = "") -> None:
    """What the city of this hall cannot have is refused; what it could not be asked is said."""
    from dashboard.whose import NotOfThisCity, asked

    try:
        for sentence in asked(settings, area or "", name, role):
            click.echo(sentence, err=True)
    except NotOfThisCity as error:
        raise click.ClickException(str(error)) from error


def _passwd(user: click.Group, places: Decorator, load: Load) -> None:
    @user.command("passwd")
    @click.argument("name")
    @_TOKENS
    @places
    def passwd(name: str, revoke_tokens: bool, **given: Any) -> None:
        """Give an account another password; whoever is signed in by the old one is signed out."""
        settings = load(given)
        people = _people(settings)
        _said(lambda: people.account(name), settings)
        password = _password()
        _said(lambda: people.passwd(name, password), settings)
        _tokens_of(people, name, revoke_tokens)


def _role(user: click.Group, places: Decorator, load: Load) -> None:
    @user.command("role")
    @click.argument("name")
    @click.argument("role", type=click.Choice(ROLES))
    @_place
    @_TOKENS
    @places
    def role(
        name: str, role: str, revoke_tokens: bool, scope: Any, department: Any, seat: Any, **given: Any
    ) -> None:  # fmt: skip
        """Give an account a role and, if said, a scope, a department, a seat. All its sessions end."""
        settings = load(given)
        what = _given(role=role, scope=scope, department=department, seat=seat)
        _fits(settings, scope)
        people = _people(settings)
        click.echo(_line(_said(lambda: people.assign(name, **what), settings)))
        _tokens_of(people, name, revoke_tokens)


def _tokens_of(people: Any, name: str, revoke: bool) -> None:
    """Programs that act as this account go on, unless it is said otherwise: whoever changes it is told."""
    from dashboard.people.people import same

    count = sum(token.name == same(name) for token in people.tokens.all("account"))
    if revoke:
        people.tokens.revoke("account", same(name))
    if count:
        said = "ended" if revoke else "stay good: --revoke-tokens ends them"
        click.echo(f"{count} tokens of {name} {said}", err=True)


def _disable(user: click.Group, places: Decorator, load: Load) -> None:
    @user.command("disable")
    @click.argument("name")
    @places
    def disable(name: str, **given: Any) -> None:
        """Close an account: its sessions and tokens end, its name stays in every trail."""
        settings = load(given)
        _said(lambda: _people(settings).disable(name), settings)


def _enable(user: click.Group, places: Decorator, load: Load) -> None:
    @user.command("enable")
    @click.argument("name")
    @places
    def enable(name: str, **given: Any) -> None:
        """Open a closed account again."""
        settings = load(given)
        _said(lambda: _people(settings).enable(name), settings)


def _list(user: click.Group, places: Decorator, load: Load) -> None:
    @user.command("list")
    @places
    def list_users(**given: Any) -> None:
        """List accounts and walls."""
        people = _people(load(given))
        for account in people.accounts():
            click.echo(_line(account))
        for wall in people.tokens.all("wall"):
            click.echo(f"{'wall:' + wall.name:24} wall        {wall.area or '-':16} since {_day(wall.created_at)}")


def _token(user: click.Group, places: Decorator, load: Load) -> None:
    @user.command("token")
    @click.argument("name")
    @click.option("--rotate", is_flag=True, help="in the place of those there are, which stay good for a while")
    @click.option("--overlap", type=float, default=24.0, show_default=True, help="hours for which they do")
    @click.option("--revoke", is_flag=True, help="end every token of the account")
    @places
    def token(name: str, rotate: bool, overlap: float, revoke: bool, **given: Any) -> None:
        """Make a token with which a program acts as this account. It is shown once."""
        from dashboard.people.people import same

        settings = load(given)
        people = _people(settings)
        _said(lambda: people.account(name), settings)
        _keys(people, "account", same(name), settings, rotate=rotate, overlap=overlap, revoke=revoke)


def _wall(user: click.Group, places: Decorator, load: Load) -> None:
    @user.command("wall")
    @click.argument("name")
    @click.option("--area", default="", help="area_id of the part of the city it shows; without it the whole city")
    @click.option("--revoke", is_flag=True, help="take the pass of this wall back")
    @places
    def wall(name: str, area: str, revoke: bool, **given: Any) -> None:
        """Make a pass for a wall. Open the path once on its display, behind the address at which the hall is reached:
        the wall stays there until it is revoked."""
        settings = load(given)
        people = _people(settings)
        if revoke:
            _revoked(people.tokens.revoke("wall", name), f"a wall called {name}")
            return
        if any(known.name == name for known in people.tokens.all("wall")):
            raise click.ClickException(f"there is already a wall called {name}; --revoke takes its pass back")
        _fits(settings, area)
        # Only the hall itself knows at which port it listens, and the city under which name it is reached.
        click.echo(f"/walls/{people.tokens.add('wall', name, area)}")


def _keys(people: Any, kind: Any, name: str, settings: Settings, *, rotate: bool, overlap: float, revoke: bool) -> None:
    if revoke:
        _revoked(people.tokens.revoke(kind, name), f"a key of {name}")
    elif rotate:
        click.echo(_said(lambda: people.tokens.rotate(kind, name, overlap * 3600), settings))
    else:
        click.echo(people.tokens.add(kind, name))


def _revoked(count: int, what: str) -> None:
    if not count:
        raise click.ClickException(f"there is no {what.removeprefix('a ')}")


def _key_add(key: click.Group, places: Decorator, load: Load) -> None:
    @key.command("add")
    @click.argument("source")
    @places
    def add_key(source: str, **given: Any) -> None:
        """Make a key for SOURCE. It is shown once and kept only as a hash."""
        click.echo(_people(load(given)).tokens.add("source", source))


def _key_rotate(key: click.Group, places: Decorator, load: Load) -> None:
    @key.command("rotate")
    @click.argument("source")
    @click.option(
        "--overlap", type=float, default=24.0, show_default=True, help="hours for which the old ones stay good"
    )
    @places
    def rotate(source: str, overlap: float, **given: Any) -> None:
        """Make a new key for SOURCE in the place of those it has."""
        settings = load(given)
        _keys(_people(settings), "source", source, settings, rotate=True, overlap=overlap, revoke=False)


def _key_revoke(key: click.Group, places: Decorator, load: Load) -> None:
    @key.command("revoke")
    @click.argument("source")
    @places
    def revoke(source: str, **given: Any) -> None:
        """End every key of SOURCE."""
        _revoked(_people(load(given)).tokens.revoke("source", source), f"a key of {source}")


def _key_list(key: click.Group, places: Decorator, load: Load) -> None:
    @key.command("list")
    @places
    def list_keys(**given: Any) -> None:
        """List the sources that have a key."""
        for source in sorted({token.name for token in _people(load(given)).tokens.all("source")}):
            click.echo(source)


def _line(account: Any) -> str:
    closed = f"closed {_day(account.disabled_at)}" if account.disabled_at else ""
    more = "  ".join(filter(None, (account.department, account.seat, closed)))
    return f"{account.name:24} {account.role:11} {account.scope or '-':16} {more}".rstrip()


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
