"""Casework: a hall over HTTP, and what its people do to cases there; for the tests of the case API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving import get, put_city, riverside, serving, until

from dashboard.bus.connect import connect
from dashboard.people.people import People
from dashboard.sql.engine import connect as connect_sql
from dashboard.sql.migrate import upgrade

HOSTILE = "\"><script>document.title='pwned'</script><img src=x onerror=alert(1)>"

#: Those who work on cases in these tests: name → role, scope, department.
STAFF = {
    "wang": ("worker", "west", ""),
    "li": ("dispatcher", "west", ""),
    "zhao": ("dispatcher", "east", ""),
    "sun": ("dispatcher", "", ""),
    "crew": ("department", "", "law"),
    "chen": ("verifier", "west", ""),
    "qian": ("assessor", "", ""),
    "boss": ("leader", "", ""),
    "audit": ("auditor", "", ""),
}


@dataclass
class Hall:
    """Where it listens, and a key for each of its people."""

    url: str
    keys: dict[str, str]

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    def ask(self, who: str, address: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and answer; POST if there is a body."""
        said = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        known = {"Authorization": f"Bearer {self.keys[who]}"} if who else {}
        request = urllib.request.Request(f"{self.api}{address}", said, kind | known | headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def read(self, who: str, address: str) -> Any:
        status, said = self.ask(who, address)
        assert status == 200, said
        return said

    def report(self, who: str = "li", **words: Any) -> dict[str, Any]:
        """A case in the west unless it is said otherwise."""
        given = {"class_code": "litter", "text": HOSTILE, "lon": 116.01, "lat": 40.01, "source": "worker"} | words
        status, said = self.ask(who, "/cases", given)
        assert status == 200, said
        return said["case"]

    def move(self, who: str, case_id: str, move: str, note: str = "", **data: Any) -> dict[str, Any]:
        status, said = self.ask(who, f"/cases/{case_id}/moves", {"move": move, "note": note, "data": data})
        assert status == 200, said
        return said


@contextmanager
def hall(redis_url: str, folder: Path, database_url: str = "", **settings: object) -> Iterator[Hall]:
    """A serve process of its own over a database of its own, with its people in it."""
    data = folder / "serve-data"
    engine = connect_sql(database_url, str(data))
    upgrade(engine)
    people, keys = People(engine), dict[str, str]()
    for name, (role, scope, department) in STAFF.items():
        people.add(name, role, scope=scope, department=department)
        keys[name] = people.tokens.add("account", name)
    engine.dispose()
    with (
        connect(redis_url) as redis,
        serving(redis_url, folder / "log", data=data, database_url=database_url, **{"guest": ""} | settings) as url,
    ):
        redis.flushall()
        put_city(redis, riverside())
        assert until(lambda: get(f"{url}/healthz").status == 200)
        yield Hall(url, keys)
