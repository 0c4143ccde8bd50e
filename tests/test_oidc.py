"""OIDC: a provider of our own with a real signing key, a browser that follows, and everything that may be forged."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from serving import put_city, riverside, serving

from dashboard.bus.connect import connect as connect_redis
from dashboard.bus.embedded import Embedded
from dashboard.people.mapping import Place, arrive
from dashboard.people.people import People, WrongAccount
from dashboard.settings import load
from dashboard.sql.engine import connect

CLIENT, SECRET = "gridhall", "the-clients-secret-of-at-least-32-bytes"
ROLES = "hall-leaders=leader, west-desk=dispatcher:west, audit=auditor"


@dataclass
class Provider:
    """Says that whoever asks is `claims`; `forge` changes what it says, `key` what it signs with."""

    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    claims: dict[str, Any] = field(default_factory=dict)
    forge: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    shown: Any = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any] | str]:
        return {
            "/.well-known/openid-configuration": self.known, "/keys": self.keys, "/authorize": self.authorize,
            "/token": self.token,
        }[path](query)  # fmt: skip

    def known(self, _: dict[str, str]) -> tuple[int, dict[str, Any]]:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return 200, {"issuer": self.url} | {name: self.url + path for name, path in ends.items()}

    def keys(self, _: dict[str, str]) -> tuple[int, dict[str, Any]]:
        return 200, {"keys": [(self.shown or self.key).as_dict(private=False)]}

    def authorize(self, query: dict[str, str]) -> tuple[int, str]:
        assert (query["client_id"], query["response_type"], query["code_challenge_method"]) == (CLIENT, "code", "S256")
        code = f"code{len(self.asked)}"
        self.asked[code] = query
        return 303, f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.asked.pop(body["code"])
        digest = base64.urlsafe_b64encode(hashlib.sha256(body["code_verifier"].encode()).digest()).rstrip(b"=")
        assert digest.decode() == asked["code_challenge"] and body["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        said = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]} | self.claims
        said = {name: value for name, value in (said | self.forge).items() if value is not None}
        signed = jwt.encode(self.header, said, self.key, algorithms=["RS256", "HS256"])
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": signed}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self.say(*made.answer(parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            made.heard.append(self.headers.get("authorization", ""))
            self.say(*made.answer(self.path, {k: v[0] for k, v in parse_qs(body).items()}))

        def say(self, status: int, what: dict[str, Any] | str) -> None:
            body = b"" if isinstance(what, str) else json.dumps(what).encode()
            self.send_response(status)
            if isinstance(what, str):
                self.send_header("Location", what)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()


@pytest.fixture(scope="module")
def hall(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, People, Path]]:
    folder = tmp_path_factory.mktemp("oidc")
    given = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_roles": ROLES}
    with (
        Embedded(folder / "hall") as server,
        city(server.url),
        serving(server.url, folder / "serve.log", data=folder / "data", guest="", **given) as url,
    ):
        yield url, People(connect("", str(folder / "data"))), folder / "serve.log"


@contextmanager
def city(redis_url: str) -> Iterator[None]:
    """One with workers W000 … W039."""
    with connect_redis(redis_url) as redis:
        put_city(redis, riverside())
        yield


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> None:
    fresh = Provider()
    provider.key, provider.shown, provider.header, provider.forge = fresh.key, None, fresh.header, {}
    provider.claims = {"sub": "1001", "preferred_username": "Zhang.San", "name": "张三", "groups": ["hall-leaders"]}


def come(url: str, goal: str = "/wall?view=events") -> tuple[httpx.Client, httpx.Response]:
    """A browser goes to the provider and comes back."""
    browser = httpx.Client(base_url=url)
    away = browser.get("/sign-in/elsewhere", params={"next": goal})
    assert away.status_code == 303
    back = httpx.get(away.headers["location"]).headers["location"]
    return browser, browser.get(back)


def test_whoever_the_city_knows_is_signed_in_with_the_role_of_their_group(
    hall: tuple[str, People, Path], provider: Provider
) -> None:
    browser, back = come(hall[0])
    assert (back.status_code, back.headers["location"]) == (303, "/wall?view=events")
    me = browser.get("/api/v1/me").json()
    assert (me["name"], me["role"], me["scope"]) == ("zhang.san", "leader", "")
    # The same person comes again with another group: their account follows.
    provider.claims |= {"groups": ["west-desk"], "preferred_username": "renamed"}
    again, _ = come(hall[0])
    me = again.get("/api/v1/me").json()
    assert (me["name"], me["role"], me["scope"]) == ("zhang.san", "dispatcher", "west")
    assert browser.get("/api/v1/me").status_code == 401


def test_a_name_that_somebody_here_has_is_not_taken_over(hall: tuple[str, People, Path], provider: Provider) -> None:
    hall[1].add("boss", "admin", password="Birch-Kettle-42")
    provider.claims |= {"sub": "1002", "preferred_username": "boss", "groups": "audit"}
    browser, _ = come(hall[0])
    me = browser.get("/api/v1/me").json()
    assert (me["name"], me["role"]) == ("boss-2", "auditor")
    assert hall[1].account("boss").role == "admin"


def test_whoever_has_no_role_here_is_told_so_and_not_let_in(hall: tuple[str, People, Path], provider: Provider) -> None:
    provider.claims |= {"sub": "1003", "groups": ["canteen"]}
    browser, back = come(hall[0])
    assert (back.status_code, "张三" in back.text) == (403, True)
    assert browser.get("/api/v1/me").status_code == 401


def test_who_has_no_role_here_any_more_keeps_nothing_open(hall: tuple[str, People, Path], provider: Provider) -> None:
    provider.claims |= {"sub": "1005", "preferred_username": "moved"}
    browser, _ = come(hall[0])
    token = {"Authorization": f"Bearer {hall[1].tokens.add('account', 'moved')}"}
    assert browser.get("/api/v1/me").status_code == httpx.get(f"{hall[0]}/api/v1/me", headers=token).status_code == 200
    provider.claims |= {"groups": ["canteen"]}
    assert come(hall[0])[1].status_code == 403
    assert browser.get("/api/v1/me").status_code == httpx.get(f"{hall[0]}/api/v1/me", headers=token).status_code == 401


def test_nobody_comes_in_under_a_name_of_the_hall(hall: tuple[str, People, Path], provider: Provider) -> None:
    provider.claims |= {"sub": "1006", "preferred_username": "System"}
    assert come(hall[0])[0].get("/api/v1/me").json()["name"] == "system-2"
    for name in ("system", "Guest", "hall"):
        with pytest.raises(WrongAccount, match="choose another name"):
            hall[1].add(name, "admin")


@pytest.mark.parametrize(("said", "name"), [("W012", "w012-2"), ("ｗ013", "w013-2"), (" w014", "w014-2")])
def test_nobody_comes_in_under_a_workers_id(
    hall: tuple[str, People, Path], provider: Provider, said: str, name: str
) -> None:
    """Whose orders would be theirs. That they are called otherwise here is said in the log."""
    provider.claims |= {"sub": f"of {said}", "preferred_username": said}
    assert come(hall[0])[0].get("/api/v1/me").json()["name"] == name
    assert f"the account is {name}" in hall[2].read_text()


def test_who_comes_first_twice_at_once_is_one_account(hall: tuple[str, People, Path]) -> None:
    claims = {"sub": "1007", "preferred_username": "twice"}
    with ThreadPoolExecutor(8) as pool:
        come_in = lambda _: arrive(hall[1], "https://city", claims, Place("leader")).name  # noqa: E731
        assert set(pool.map(come_in, range(16))) == {"twice"}


def test_a_closed_account_stays_closed_whatever_the_provider_says(
    hall: tuple[str, People, Path], provider: Provider
) -> None:
    provider.claims |= {"sub": "1004", "preferred_username": "gone"}
    come(hall[0])
    hall[1].disable("gone")
    browser, back = come(hall[0])
    assert back.status_code == 403
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "forge",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": None}, {"iss": "http://evil.example"},
        {"exp": 1}, {"exp": None}, {"sub": None}, {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iat": int(time.time()) + 86400},
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_us_or_not_for_now_is_not_believed(
    hall: tuple[str, People, Path], provider: Provider, forge: dict[str, Any]
) -> None:
    provider.forge = forge
    browser, back = come(hall[0])
    assert back.status_code == 401
    assert browser.get("/api/v1/me").status_code == 401


def test_a_token_signed_by_another_key_is_not_believed(hall: tuple[str, People, Path], provider: Provider) -> None:
    provider.shown = provider.key
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
    assert come(hall[0])[1].status_code == 401


def test_a_token_signed_with_a_secret_instead_of_a_key_is_not_believed(
    hall: tuple[str, People, Path], provider: Provider
) -> None:
    provider.shown, provider.key, provider.header = (
        provider.key,
        OctKey.import_key(SECRET),
        {"alg": "HS256", "kid": "one"},
    )
    assert come(hall[0])[1].status_code == 401


def test_new_keys_of_the_provider_are_fetched(hall: tuple[str, People, Path], provider: Provider) -> None:
    assert come(hall[0])[1].status_code == 303
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "two"})
    provider.header = {"alg": "RS256", "kid": "two"}
    assert come(hall[0])[1].status_code == 303


def test_an_answer_to_somebody_elses_question_signs_nobody_in(hall: tuple[str, People, Path]) -> None:
    url = hall[0]
    victim, attacker = httpx.Client(base_url=url), httpx.Client(base_url=url)
    away = attacker.get("/sign-in/elsewhere")
    back = httpx.get(away.headers["location"]).headers["location"]
    assert victim.get(back).status_code == 401
    victim.get("/sign-in/elsewhere")
    assert victim.get(back).status_code == 401
    assert victim.get("/sign-in/back?state=x").status_code == 401
    for cookie in ("zz", b"5".hex(), b'["a"]'.hex(), b'["a", "b", "c", "d"]'.hex()):
        wrong = victim.get("/sign-in/back", params={"state": "é"}, headers={"Cookie": f"gridhall_oidc={cookie}"})
        assert wrong.status_code == 401


def test_one_is_not_led_elsewhere_afterwards(hall: tuple[str, People, Path]) -> None:
    assert come(hall[0], "https://evil.example/")[1].headers["location"] == "/wall"


def test_the_secret_is_in_no_log_and_in_no_print_of_the_settings(hall: tuple[str, People, Path]) -> None:
    assert SECRET not in hall[2].read_text()
    assert SECRET not in repr(load({}, oidc_client_secret=SECRET))
