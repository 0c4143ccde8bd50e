"""Sources: the commands about who sends records: how long each is silent, whom nobody waits for, what was refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from dashboard.opened import opened
from dashboard.settings import Settings

__all__ = ["add"]

Decorator = Callable[[Any], Any]
Load = Callable[[dict[str, Any]], Settings]

#: Kept here as well as in dashboard.bus.streams, which would have to be loaded for `--help`; a test holds them equal.
KINDS = ("fixes", "events", "cameras")


def add(main: click.Group, places: Decorator, load: Load) -> None:
    """Hang the commands into `main`; `places` adds the options that say where the hall is."""
    group = main.group("feed", help="Feeds: who sends records, and who does no more.")(lambda: None)
    for hang in (_list, _forget):
        hang(group, places, load)
    _rejected(main, places, load)


def _list(group: click.Group, places: Decorator, load: Load) -> None:
    @group.command("list")
    @places
    def listed(**given: Any) -> None:
        """List the sources of each kind: live, quiet, late or dead, how long silent, and what each has sent."""
        from dashboard.bus.feeds import Feeds
        from dashboard.bus.hall import Hall
        from dashboard.clock import Clock
        from dashboard.live.heard import heard

        settings = load(given)
        if elsewhere := _elsewhere(settings, "feed list"):
            click.echo(elsewhere)
            return
        with opened(settings) as redis:
            clock, feeds = Clock(Hall(redis).clock()), Feeds(redis).all()
        if not feeds:
            click.echo("nobody has sent anything yet")
        for one in (heard(feed, settings, clock.now(), clock.hall.speed) for feed in feeds):
            counts = f"{one.accepted:,} accepted, {one.rejected:,} rejected"
            click.echo(f"{one.grade:6} {one.age:8,.0f} s  {one.kind:8} {one.source}: {counts}")


def _forget(group: click.Group, places: Decorator, load: Load) -> None:
    @group.command("forget")
    @click.argument("source")
    @click.option("--kind", type=click.Choice(KINDS), help="only as a source of these; else of every kind")
    @places
    def forget(source: str, kind: str | None, **given: Any) -> None:
        """Wait no longer for SOURCE: one that was given up makes no feed look dead. Who sends again is back at once."""
        from dashboard.bus.feeds import Feeds

        settings = load(given)
        if elsewhere := _elsewhere(settings, f"feed forget {source}"):
            raise click.ClickException(elsewhere)
        with opened(settings) as redis:
            gone = Feeds(redis).forget(source, [kind] if kind else KINDS)
        for name in gone:
            click.echo(f"{source} is no source of {name} any more; what it sent stays")
        if not gone:
            click.echo(f"there is no source {source!r}; `gridhall feed list` names them", err=True)
            sys.exit(1)


def _rejected(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @click.option(
        "-n", "newest", type=click.IntRange(1), default=20, show_default=True, help="how many of the newest to show"
    )
    @places
    def rejected(newest: int, **given: Any) -> None:
        """Show the records that were refused: how many for which reason, and the newest."""
        from dashboard.bus.rejected import Rejected

        settings = load(given)
        if elsewhere := _elsewhere(settings, "rejected"):
            click.echo(elsewhere)
            return
        with opened(settings) as redis:
            book = Rejected(redis)
            counts = book.counts()
            if not counts:
                click.echo("nothing was refused")
            for name, count in sorted(counts.items(), key=lambda row: -row[1]):
                kind, _, reason = name.partition(":")
                click.echo(f"{count:10}  {kind:8} {reason}")
            for refusal in book.recent(newest):
                at = datetime.fromtimestamp(refusal.at_ms / 1000, UTC).isoformat(timespec="seconds")
                click.echo(
                    f"{at}  {refusal.kind} {refusal.source} {refusal.reason}: {refusal.detail}\n    {refusal.body!r}"
                )


def _elsewhere(settings: Settings, command: str) -> str:
    """Where the halls are when the data folder itself holds none: demos and replays have folders of their own in it."""
    data = Path(settings.data)
    if settings.redis_url or (data / "redis").is_dir():
        return ""
    folders = sorted(place.parent for name in ("demo-*", "replay") for place in data.glob(f"{name}/redis"))
    if not folders:
        return ""
    ways = "\n".join(f"  gridhall {command} --data {folder}" for folder in folders)
    return f"there is no hall in {data}; what was shown there has folders of its own:\n{ways}"
