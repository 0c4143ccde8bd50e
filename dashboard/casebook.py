"""Casebook: commands that look after the ledger: is it whole, sign its heads, forget who reported, show the rules."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from dashboard.progress import done, tell
from dashboard.settings import Settings
from layouts.words import say

if TYPE_CHECKING:
    from dashboard.cases.trail.broken import Finding
    from dashboard.cases.trail.heads import SignedHeads

__all__ = ["add"]

Decorator = Callable[[Any], Any]
Load = Callable[[dict[str, Any]], Settings]


def add(main: click.Group, places: Decorator, load: Load) -> None:
    """Hang the commands into `main`; `places` adds the options that say where the hall is."""
    for hang in (_verify, _export_heads, _erase, _rules):
        hang(main, places, load)


def _engine(settings: Settings) -> Any:
    from dashboard.sql.engine import connect
    from dashboard.sql.migrate import NewerDatabase, upgrade

    try:
        engine = connect(settings.database_url, settings.data)
        upgrade(engine)
    except (NewerDatabase, OSError) as error:
        raise click.ClickException(str(error)) from error
    return engine


def _verify(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @click.option(
        "--since", help="a day (2026-11-21), a moment (ISO 8601) or a position: from the last sure place before"
    )
    @click.option(
        "--heads", type=click.Path(exists=True, path_type=Path), help="signed heads to compare with: FILE or DIR"
    )
    @click.option("--public-key", type=click.Path(exists=True, path_type=Path), help="PEM; without it, this hall's own")
    @click.option(
        "--jobs", type=click.IntRange(1), default=1, show_default=True, help="processes, a chain each at a time"
    )
    @places
    def verify(since: str | None, heads: Path | None, public_key: Path | None, jobs: int, **given: Any) -> None:
        """Walk the ledger and name the first entry that is not what was written. Exit code 1 when there is one.

        A chain that somebody rewrote from end to end is whole in itself: only heads that were signed and kept elsewhere
        can tell (--heads). What it is good for is evidence of tampering, not protection from it.
        """
        from dashboard.cases.trail.verify import verify as walk

        settings = load(given)
        engine = _engine(settings)
        documents, wrong = _documents(engine, settings, heads, public_key)
        verdict = walk(engine, **_since(since), documents=documents, told=partial(done, "verifying"), jobs=jobs)
        findings = [*wrong, *verdict.findings]
        for finding in findings:
            click.echo(finding.sentence(settings.lang))
        pace = verdict.entries / max(verdict.seconds, 1e-9)
        tell(f"{verdict.entries:,} entries in {verdict.seconds:.1f} s ({pace:,.0f}/s), {verdict.megabytes:,.0f} MB")
        if not findings:
            counts = {"entries": verdict.entries, "cases": verdict.cases, "chains": len(verdict.chains)}
            click.echo(say(settings.lang)("trail.whole", **counts))
        sys.exit(1 if findings else 0)


def _documents(
    engine: Any, settings: Settings, place: Path | None, public: Path | None
) -> tuple[Sequence[SignedHeads], list[Finding]]:
    """Heads to compare with, and what is wrong with them: those on record, and those of files."""
    from dashboard.cases.trail import signing
    from dashboard.cases.trail.heads import recorded

    kept = recorded(engine)
    own = public or Path(settings.data) / signing.PUBLIC
    if not own.exists() and place is None:
        return kept, []
    try:
        key = signing.public_key(own)
    except signing.NoKey as error:
        raise click.ClickException(str(error)) from error
    # Another host of the same hall signs with a key of its own: its documents on record are compared, not judged.
    wrong = signing.check([one for one in kept if one.key_id == signing.key_id(key)], key)
    if place is None:
        return kept, wrong
    given, unread = signing.load(place)
    false = signing.check(given, key)
    return [*kept, *given], [*unread, *false, *wrong]


def _since(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    if text.isdigit():
        return {"position": int(text)}
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is neither a position, a day nor a moment", param_hint="--since") from error
    return {"since": (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()}


def _export_heads(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command("export-heads")
    @places
    def export_heads(**given: Any) -> None:
        """Sign the head of every chain as it is now and write it to the folder `heads`; the steward does so every day.

        Copy these files, and keys/trail.pub, to where nobody who runs this machine can write.
        """
        from dashboard.cases.trail import signing

        settings = load(given)
        zone = ZoneInfo(_in_force(settings).zone)
        try:
            path = signing.export(_engine(settings), Path(settings.data), time.time(), zone, anew=True)
        except signing.NoKey as error:
            raise click.ClickException(str(error)) from error
        click.echo(str(path))


def _erase(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @click.argument("cases", nargs=-1)
    @click.option("--older-than", type=click.IntRange(1), help="instead: cases closed more than so many days ago")
    @click.option("--why", required=True, help="stands in the trail")
    @click.option("--yes", is_flag=True, help="do not ask")
    @places
    def erase(cases: tuple[str, ...], older_than: int | None, why: str, yes: bool, **given: Any) -> None:
        """Erase names and phone numbers of who reported CASES. The trail stays whole and says that they were erased."""
        from dashboard.cases.case import Actor
        from dashboard.cases.ledger import Ledger
        from dashboard.cases.trail.erase import aged, scrub
        from dashboard.cases.trail.erase import erase as forget

        settings = load(given)
        engine = _engine(settings)
        if bool(cases) == (older_than is not None):
            raise click.UsageError("name cases, or say --older-than DAYS")
        wanted = list(cases) if older_than is None else aged(engine, time.time() - older_than * 86_400)
        if not yes:
            click.confirm(f"erase who reported {len(wanted)} cases? It cannot be undone", abort=True)
        actor = Actor(name=getpass.getuser(), role="admin", seat="shell")
        rules = _in_force(settings)
        answers = forget(Ledger(engine, rules), wanted, actor, why)
        for case_id, answer in answers.items():
            click.echo(f"{case_id}: {_said(answer, settings.lang, rules.zone)}")
        if any(answers.values()) and not scrub(engine):
            click.echo(say(settings.lang)(f"trail.not_scrubbed.{engine.dialect.name}"), err=True)
        sys.exit(1 if any(isinstance(answer, Exception) for answer in answers.values()) else 0)


def _said(answer: list[str] | Exception, lang: str, zone: str) -> str:
    from dashboard.cases.case import NotAllowed
    from layouts.refusing import refusal

    if isinstance(answer, NotAllowed):
        return refusal(lang, answer.code, answer.values, zone)
    if isinstance(answer, Exception):
        return "there is no such case"
    return f"erased {', '.join(answer)}" if answer else "nothing was kept"


def _in_force(settings: Settings) -> Any:
    from dashboard.cases.rules.in_force import InForce
    from dashboard.cases.rules.rules import WrongRules

    try:
        return InForce(settings.data, settings.classes).rules
    except WrongRules as error:
        raise click.ClickException(str(error)) from error


def _rules(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @places
    def rules(**given: Any) -> None:
        """Say which rules are in force: their version, which files are the city's own, and what the calendar lacks."""
        settings = load(given)
        found = _in_force(settings)
        folder = Path(settings.data) / "rules"
        own = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        click.echo(f"version {found.version}, {found.zone}, {len(found.classes.class_code)} classes")
        click.echo(f"own files in {folder}: {', '.join(own) or 'none; those that ship are in force'}")
        year = datetime.now(ZoneInfo(found.zone)).year
        for lacking in found.calendar.lacks(year, year + 1):
            click.echo(f"calendar.csv has no day of {lacking}")
