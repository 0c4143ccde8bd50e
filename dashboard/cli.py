"""The command line: every way into the hall. `gridhall --help` is the manual."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from dashboard import __version__, accounts_cli, casebook, keeping, sources_cli
from dashboard.settings import SETTINGS, Settings, WrongSetting, load

__all__ = ["main"]

CITIES = ("wulingyuan", "yangling", "zhoushan", "changzhou", "jiamusi")
_F = TypeVar("_F", bound=Callable[..., Any])

#: Options that are settings: (option, setting). Their help is the setting's.
_PLACES = (("--data", "data"), ("--redis", "redis_url"))
_PAGES = (("--host", "host"), ("--port", "port"), ("--lang", "lang"))
_DOOR = (("--ingest-host", "ingest_host"), ("--ingest-port", "ingest_port"))


def _options(*rows: tuple[str, str]) -> Callable[[_F], _F]:
    table = {setting.name: setting for setting in SETTINGS}

    def add(command: _F) -> _F:
        for option, name in reversed(rows):
            setting = table[name]
            text = f"{setting.help}  [default: {setting.default or 'none'}]"
            command = click.option(option, name, type=type(setting.default), default=None, help=text)(command)
        return command

    return add


def _settings(given: dict[str, Any]) -> Settings:
    names = {setting.name for setting in SETTINGS}
    try:
        return load(**{name: value for name, value in given.items() if name in names})
    except WrongSetting as error:
        raise click.ClickException(str(error)) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="gridhall")
def main() -> None:
    """Gridhall, the open command hall for grid governance (网格化社会治理指挥中心).

    \b
    Look:     gridhall demo                      five built-in cities, simulated
              gridhall replay FILE --map NAME    recorded data, through the same doors
    Work:     gridhall import city DIR           bring in your own grids, workers, cameras
              gridhall user add NAME             an account: who may see and do what
              gridhall key add SOURCE            an API key for a source of records
              gridhall up                        run the hall
    Keep:     gridhall check | feed list | rejected | bench

    Every setting is also an environment variable GRIDHALL_<NAME>, or a line in the TOML file
    named by GRIDHALL_SETTINGS; `gridhall settings` lists them all.
    """
    form = "%(asctime)s %(name)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format=form)


def _launch(start: Callable[[], None]) -> None:
    from dashboard.bus.embedded import NoServer
    from dashboard.launch import CannotStart
    from dashboard.memory import keep_giving_back

    keep_giving_back()
    try:
        start()
    except (CannotStart, NoServer) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--city", type=click.Choice(CITIES), default="jiamusi", show_default=True, help="the city to show")
@_options(*_PLACES, *_PAGES, *_DOOR)
@click.option("--speed", type=click.FloatRange(0.1, 600), default=1.0, show_default=True, help="hall seconds a second")
@click.option("--seed", type=int, default=1, show_default=True, help="same seed, city and moment of start: same day")
@click.option("--storm", is_flag=True, help="let a storm cross the city")
@click.option("--keep", is_flag=True, help="go on with what an earlier demo left, instead of beginning anew")
def demo(city: str, speed: float, seed: int, storm: bool, keep: bool, **given: Any) -> None:
    """Show a whole city, alive: simulated workers, events, cameras and offices, through the same doors as real ones.

    Whoever looks from this machine sees the hall as a leader does; accounts for every role are printed at the start.
    """
    from dashboard.demo_day import begun
    from dashboard.launch import bring_up, demo_city, fresh
    from dashboard.office import hire
    from dashboard.supervise import Child, gridhall

    settings = _settings(given)
    command = gridhall("simulate", "--seed", str(seed), *(["--storm"] if storm else []))

    def start() -> None:
        own = replace(fresh(settings, f"demo-{city}", keep), guest=settings.guest or "leader")
        for line in hire(own):
            click.echo(line)
        cache = Path(settings.data) / "cities"
        clock = begun(Path(own.data), seed, storm, speed, time.time() * 1000)
        bring_up(
            own,
            city=lambda: demo_city(city, cache, click.echo),
            extra=(Child("simulator", command),),
            clock=clock,
            tell=click.echo,
        )

    _launch(start)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--map", "mapping", required=True, help="a TOML file, or the name of a mapping that ships")
@click.option(
    "--speed", type=click.FloatRange(1, 600), default=60.0, show_default=True, help="recorded seconds a second"
)
@click.option("--skip-gaps", type=float, default=0.0, help="jump over silence longer than this, seconds")
@_options(*_PLACES, *_PAGES, *_DOOR)
def replay(files: tuple[str, ...], mapping: str, speed: float, skip_gaps: float, **given: Any) -> None:
    """Play recorded positions, events and camera states through the same doors as live ones."""
    from dashboard.launch import bring_up, fresh
    from dashboard.replay import prepare
    from dashboard.supervise import Child, gridhall
    from feeds.mapping import WrongMapping

    settings = _settings(given)
    try:
        prepared = prepare(files, mapping, speed=speed)
    except WrongMapping as error:
        raise click.ClickException(str(error)) from error
    command = gridhall("play", *files, "--map", mapping, "--speed", str(speed), "--skip-gaps", str(skip_gaps))

    def start() -> None:
        own = replace(fresh(settings, "replay", keep=False), guest=settings.guest or "leader")
        player = Child("player", command, lasting=False)
        bring_up(own, city=lambda: prepared.city, extra=(player,), clock=prepared.clock, tell=click.echo)

    _launch(start)


@main.command()
@click.option("--folds", type=click.IntRange(1, 64), default=1, show_default=True, help="how many fold processes")
@_options(*_PLACES, *_PAGES, *_DOOR)
def up(folds: int, **given: Any) -> None:
    """Run the hall: ingest, fold, serve and steward, and the embedded server unless a Redis is named."""
    from dashboard.launch import bring_up

    settings = _settings(given)
    _launch(lambda: bring_up(settings, folds=folds, tell=click.echo))


def _alone(name: str, summary: str, *rows: tuple[str, str]) -> None:
    @main.command(name, help=summary)
    @_options(*_PLACES, *rows)
    def command(**given: Any) -> None:
        from importlib import import_module

        from dashboard.memory import keep_giving_back
        from dashboard.reach import NoAddress, silent

        settings = _settings(given)
        if not settings.redis_url:
            raise click.ClickException(f"`gridhall {name}` alone needs a Redis: --redis URL or GRIDHALL_REDIS_URL")
        try:
            if why := silent(settings.redis_url):
                # The process itself tries on without a word, as it does when Redis goes away for a moment.
                click.echo(f"{name}: Redis does not answer ({why}); trying on until it does", err=True)
        except NoAddress as error:
            raise click.ClickException(str(error)) from error
        keep_giving_back()
        import_module(f"dashboard.{name}").run(settings)


_alone("ingest", "The door alone: takes records over HTTP, answers after the write.", *_DOOR)
_alone("fold", "One fold alone: records into live state into frames. Any number may run.")
_alone("serve", "The pages, sockets and API alone. Any number may run, each on its port.", *_PAGES)
_alone("steward", "The hall's duties alone: tells what nobody told, verifies the trail, signs its heads.")


@main.command(hidden=True)
@click.option("--seed", type=int, default=1)
@click.option("--storm", is_flag=True)
def simulate(seed: int, storm: bool) -> None:
    """The simulated city of a demo."""
    from dashboard.simulate import run

    run(_settings({}), seed=seed, storm=storm)


@main.command(hidden=True)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option("--map", "mapping")
@click.option("--speed", type=float)
@click.option("--skip-gaps", type=float)
def play(files: tuple[str, ...], mapping: str, speed: float, skip_gaps: float) -> None:
    """The player of a replay."""
    from dashboard.replay import run

    run(_settings({}), files, mapping, speed=speed, skip_gaps=skip_gaps)


@main.command()
@_options(*_PLACES, *_PAGES, *_DOOR)
def check(**given: Any) -> None:
    """Say what is wrong with this installation, and what to do."""
    from dashboard.checks import check as look

    troubles = list(look(_settings(given)))
    for trouble in troubles:
        click.echo(str(trouble))
    if not troubles:
        click.echo("all is well")
    sys.exit(1 if any(trouble.code.startswith("E") for trouble in troubles) else 0)


@main.command("settings")
def list_settings() -> None:
    """List every setting, its variable, its default and what it does."""
    for setting in SETTINGS:
        click.echo(f"{setting.variable:34} {setting.default!s:16} {setting.help}")


keeping.add(main, _options(*_PLACES), _settings)
sources_cli.add(main, _options(*_PLACES), _settings)
accounts_cli.add(main, _options(*_PLACES), _settings)
casebook.add(main, _options(*_PLACES), _settings)


if __name__ == "__main__":
    main()
