"""Keeping: commands that work on a hall instead of running one: cities and the benchmark."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dashboard.clock import Clock
from dashboard.opened import opened
from dashboard.progress import done
from dashboard.settings import Settings
from feeds.findings import counted

if TYPE_CHECKING:
    from dashboard.bus.hall import Hall

__all__ = ["add"]

Decorator = Callable[[Any], Any]
Load = Callable[[dict[str, Any]], Settings]


def add(main: click.Group, places: Decorator, load: Load) -> None:
    """Hang the commands into `main`; `places` adds the options that say where the hall is."""
    for hang in (_import, _export, _cities, _bench):
        hang(main, places, load)


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
        with opened(settings) as redis:
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
            counts = ", ".join(counted(len(getattr(read, table).name), table.removesuffix("s")) for table in _TABLES)
            click.echo(f"{read.name}: {counts}")
            if dry_run or (any(finding.severity == "error" for finding in findings) and not anyway):
                click.echo("nothing was changed")
                sys.exit(0 if dry_run else 1)
            try:
                read = with_tree(read, settings.classes)
            except (OSError, ValueError, KeyError) as error:
                raise click.ClickException(
                    f"the setting classes, {settings.classes}, cannot be used: {error}"
                ) from error
            hall.put_city(read)
            _keep_classes(Path(path), Path(settings.data))
            click.echo(_announced(hall, read.version))

    @group.command("cases")
    @click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
    @click.option("--map", "mapping", required=True, help="a mapping that ships, or the path of your own")
    @click.option("--origin", default="", help="whose records these are; without it, the name of the mapping")
    @places
    def cases(files: tuple[str, ...], mapping: str, origin: str, **given: Any) -> None:
        """Make cases of recorded events, open and closed. The same files again change nothing."""
        from dashboard.bringing import bring_files
        from dashboard.sql.migrate import NewerDatabase
        from feeds.mapping import WrongMapping

        settings = load(given)
        with opened(settings) as redis:
            try:
                brought = bring_files(settings, redis, [Path(file) for file in files], mapping, origin)
            except (WrongMapping, NewerDatabase) as error:
                raise click.ClickException(str(error)) from error
        for line in brought.told():
            click.echo(line)


def _announced(hall: Hall, version: str) -> str:
    """When the state that was just brought counts."""
    now_ms, force = Clock(hall.clock()).now_ms(), hall.city_version()
    (own,) = (row for row in hall.versions() if row.version == version)
    if own.begun(now_ms) and force == version:
        return f"in force: version {version}, valid from {own.valid_from}"
    if force == version:
        # Something has to be on the wall: a hall that has nothing else shows what is to come.
        return (
            f"comes into force on {own.valid_from}: version {version}; "
            f"until then it is shown all the same, as this hall has no city that is in force before"
        )
    if not own.begun(now_ms):
        return f"comes into force on {own.valid_from}: version {version}; until then {force} stays"
    return f"kept, but not in force: version {version}, valid from {own.valid_from}; {force} is later and stays"


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
        from dashboard.bus.hall import Hall, NoCity
        from feeds import cities
        from feeds.export import write_city

        if name and name not in cities.NAMES:
            raise click.BadParameter(
                f"no city is called {name!r}; there are {', '.join(cities.NAMES)}", param_hint="--city"
            )
        if name:
            city = cities.build(name, partial(done, name))
        else:
            with opened(load(given)) as redis:
                try:
                    city = Hall(redis).city()
                except NoCity as error:
                    raise click.ClickException(f"{error}; --city writes one that is built in") from error
        try:
            write_city(city, Path(directory))
        except OSError as error:
            raise click.ClickException(f"{directory} cannot be written: {error.strerror or error}") from error
        click.echo(f"written to {directory}")


def _cities(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @places
    def cities(**given: Any) -> None:
        """List the dated states of the city that this hall knows; the one in force is marked."""
        from dashboard.bus.hall import Hall

        with opened(load(given)) as redis:
            hall = Hall(redis)
            force = hall.city_version()
            if force is None:
                click.echo("there is no city yet: `gridhall import city DIR` brings one in")
            for row in hall.versions():
                mark = "●" if row.version == force else " "
                click.echo(f"{mark} {row.version}  valid from {row.valid_from}  {row.name}")


def _bench(main: click.Group, places: Decorator, load: Load) -> None:
    @main.command()
    @click.option("--json", "file", type=click.Path(dir_okay=False), help="write the figures to this file too")
    @click.option("--only", multiple=True, help="only these measurements (repeat the option)")
    @click.option("--quick", is_flag=True, help="shorter runs: a first look, no figures to quote")
    def bench(file: str | None, only: tuple[str, ...], quick: bool) -> None:
        """Measure this machine against what the hall promises."""
        from dashboard.bench import run

        sys.exit(run(file, only, quick))
