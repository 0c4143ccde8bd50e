"""Keeping: commands that work on a hall instead of running one: cities, refused records, the benchmark."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from dashboard.progress import done
from dashboard.settings import Settings

__all__ = ["add"]

Decorator = Callable[[Any], Any]
Load = Callable[[dict[str, Any]], Settings]


def add(main: click.Group, places: Decorator, load: Load) -> None:
    """Hang the commands into `main`; `places` adds the options that say where the hall is."""
    for hang in (_import, _export, _cities, _rejected, _bench):
        hang(main, places, load)


def _redis(settings: Settings) -> Any:
    """A context: Redis of this hall, started for the moment when it is the embedded one and does not run."""
    from dashboard.launch import connected

    return connected(settings)


def _import(main: click.Group, places: Decorator, load: Load) -> None:
    group = main.group("import", help="Bring something into the hall.")(lambda: None)

    @group.command("city")
    @click.argument("path", type=click.Path(exists=True))
    @click.option("--datum", type=click.Choice(["wgs84", "gcj02", "bd09"]), help="what the coordinates are in")
    @click.option("--from", "valid_from", default="", help="the day this grid set comes into force")
    @click.option("--dry-run", is_flag=True, help="only say what was found")
    @click.option("--anyway", is_flag=True, help="take it in although it has errors")
    @places
    def city(path: str, datum: Any, valid_from: str, dry_run: bool, anyway: bool, **given: Any) -> None:
        """Read areas, grids, workers and cameras from GeoJSON and CSV files, check them, and put them in force."""
        from dashboard.bus.hall import Hall
        from feeds.classes import with_tree
        from feeds.importer import NotACity, read_city

        settings = load(given)
        with _redis(settings) as redis:
            hall = Hall(redis)
            previous = hall.city() if hall.city_version() else None
            try:
                read, findings = read_city(
                    Path(path), datum=datum, valid_from=valid_from, previous=previous, told=partial(done, "reading")
                )
            except NotACity as error:
                raise click.ClickException(str(error)) from error
            for finding in findings:
                click.echo(str(finding))
            counts = ", ".join(f"{len(getattr(read, table).__dict__['name'])} {table}" for table in _TABLES)
            click.echo(f"{read.name}: {counts}")
            if dry_run or (any(finding.severity == "error" for finding in findings) and not anyway):
                click.echo("nothing was changed")
                sys.exit(0 if dry_run else 1)
            read = with_tree(read, settings.classes)
            hall.put_city(read)
            _keep_classes(Path(path), Path(settings.data))
            waits = "in force" if hall.city_version() == read.version else "will be in force on its day"
            click.echo(f"{waits}: version {read.version}, valid from {read.valid_from}")

    @group.command("cases")
    @click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
    @click.option("--map", "mapping", required=True, help="a mapping that ships, or the path of your own")
    @click.option("--origin", default="", help="whose records these are; without it, the name of the mapping")
    @places
    def cases(files: tuple[str, ...], mapping: str, origin: str, **given: Any) -> None:
        """Make cases of recorded events, open and closed. The same files again change nothing."""
        from dashboard.bringing import bring_files
        from feeds.mapping import WrongMapping

        settings = load(given)
        with _redis(settings) as redis:
            try:
                brought = bring_files(settings, redis, [Path(file) for file in files], mapping, origin)
            except WrongMapping as error:
                raise click.ClickException(str(error)) from error
        for line in brought.told():
            click.echo(line)


def _keep_classes(source: Path, data: Path) -> None:
    """A class tree that came with a city and says limits becomes the one of the rules, unless there is one."""
    file, kept = source / "classes.csv", data / "rules" / "classes.csv"
    if not file.is_file() or b"limit_hours" not in file.read_bytes().splitlines()[0]:
        return
    if kept.exists() and kept.read_bytes() != file.read_bytes():
        click.echo(f"{kept} stays as it is; the limits in {file} are not taken over")
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(file.read_bytes())


_TABLES = ("areas", "grids", "workers", "cameras")


def _export(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @click.argument("directory", type=click.Path(file_okay=False))
    @click.option("--city", "name", default=None, help="a built-in city; without it, the one in force")
    @places
    def export(directory: str, name: str | None, **given: Any) -> None:
        """Write a city as the GeoJSON and CSV files that `import city` reads: an example to edit."""
        from dashboard.bus.hall import Hall
        from feeds import cities
        from feeds.export import write_city

        if name:
            write_city(cities.build(name, partial(done, name)), Path(directory))
        else:
            with _redis(load(given)) as redis:
                write_city(Hall(redis).city(), Path(directory))
        click.echo(f"written to {directory}")


def _cities(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @places
    def cities(**given: Any) -> None:
        """List the dated states of the city that this hall knows; the one in force is marked."""
        from dashboard.bus.hall import Hall

        with _redis(load(given)) as redis:
            hall = Hall(redis)
            force = hall.city_version()
            for row in hall.versions():
                mark = "●" if row.version == force else " "
                click.echo(f"{mark} {row.version}  valid from {row.valid_from}  {row.name}")


def _rejected(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @click.option("-n", "newest", type=int, default=20, show_default=True, help="how many of the newest to show")
    @places
    def rejected(newest: int, **given: Any) -> None:
        """Show the records that were refused: how many for which reason, and the newest."""
        from dashboard.bus.rejected import Rejected

        with _redis(load(given)) as redis:
            book = Rejected(redis)
            for (kind, reason), count in sorted(book.counts().items(), key=lambda row: -row[1]):
                click.echo(f"{count:10}  {kind:8} {reason}")
            for refusal in book.recent(newest):
                at = datetime.fromtimestamp(refusal.at_ms / 1000, UTC).isoformat(timespec="seconds")
                click.echo(
                    f"{at}  {refusal.kind} {refusal.source} {refusal.reason}: {refusal.detail}\n    {refusal.body!r}"
                )


def _bench(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @click.option("--json", "file", type=click.Path(dir_okay=False), help="write the figures to this file too")
    @click.option("--only", multiple=True, help="only these measurements (repeat the option)")
    @click.option("--quick", is_flag=True, help="shorter runs: a first look, no figures to quote")
    def bench(file: str | None, only: tuple[str, ...], quick: bool) -> None:
        """Measure this machine against what the hall promises."""
        from dashboard.bench import run

        sys.exit(run(file, only, quick))
