"""Opened: Redis of a hall in the hands of one command, whatever that takes; what stands in the way is a sentence."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from dashboard.settings import Settings

__all__ = ["opened"]


@contextmanager
def opened(settings: Settings) -> Generator[Any]:
    """Redis of this hall, started for the moment when it is the embedded one and does not run."""
    from dashboard.bus.connect import AWAY
    from dashboard.bus.embedded import NoServer
    from dashboard.launch import connected
    from dashboard.reach import NoAddress, silent

    with ExitStack() as stack:
        try:
            if settings.redis_url and (why := silent(settings.redis_url)):
                raise click.ClickException(f"Redis does not answer: {why}")
            redis = stack.enter_context(connected(settings))
        except (NoAddress, NoServer) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"no hall can be kept in {settings.data}: {error.strerror or error}") from error
        try:
            yield redis
        except AWAY as error:
            raise click.ClickException(f"Redis went away: {error}") from error
