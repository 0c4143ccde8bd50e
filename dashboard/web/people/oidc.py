"""OIDC: signing in by the city's own accounts, where it has them: authorization code with PKCE, signed answers only."""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, redirect, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.wrappers import Response

from dashboard.bus.hall import NoCity
from dashboard.people.mapping import Place, arrive, leave, place_of, read_places
from dashboard.people.namesakes import Namesake, namesake, nobody
from dashboard.people.people import People
from dashboard.settings import Settings, WrongSetting
from dashboard.web.people.needs import ANYBODY
from dashboard.web.people.permit import Permit, address, language
from layouts.words import say

__all__ = ["Elsewhere", "register"]

log = logging.getLogger(__name__)

COOKIE, BACK = "gridhall_oidc", "/sign-in/back"
#: Seconds: to sign in there; how far clocks may differ; what the provider says of itself is kept; until it answers.
MINUTES, LEEWAY, KEPT, PATIENCE = 600, 60, 3600.0, 5.0
#: A signature that anybody can make (none, or by the secret they share with others) is none.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]

Welcome = Callable[[str, str], Response]
Ask = Callable[..., Response]


class NotBelieved(Exception):
    """What came back from the provider cannot be believed; the text is for the log."""


@dataclass
class Elsewhere:
    """The provider, as it says of itself."""

    settings: Settings
    places: dict[str, Place]
    _known: dict[str, Any] = field(default_factory=dict[str, Any])
    _keys: KeySet | None = None
    _asked: float = -KEPT

    def known(self) -> dict[str, Any]:
        """Its addresses. Raises requests.RequestException, NotBelieved."""
        if time.monotonic() - self._asked >= KEPT:
            issuer = self.settings.oidc_issuer.rstrip("/")
            said = self._get(f"{issuer}/.well-known/openid-configuration")
            if str(said.get("issuer", "")).rstrip("/") != issuer:
                raise NotBelieved(f"{issuer} says it is {said.get('issuer')!r}")
            self._known, self._keys, self._asked = said, None, time.monotonic()
        return self._known

    def session(self, back: str) -> OAuth2Session:
        settings = self.settings
        return OAuth2Session(
            settings.oidc_client_id, settings.oidc_client_secret or None, scope="openid profile email",
            redirect_uri=back, code_challenge_method="S256",
        )  # fmt: skip

    def claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """What the provider says of somebody. Raises NotBelieved."""
        try:
            return self._read(token, nonce)
        except NotBelieved:
            self._keys = None  # it may have new keys: once more, with those
            return self._read(token, nonce)

    def _read(self, token: str, nonce: str) -> Mapping[str, Any]:
        mine = self.settings.oidc_client_id
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY, iss={"essential": True, "value": self._known["issuer"]}, sub={"essential": True},
            aud={"essential": True, "value": mine}, exp={"essential": True}, iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            if self._keys is None:
                self._keys = KeySet.import_key_set(cast(Any, self._get(self.known()["jwks_uri"])))
            read = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
            rules.validate(read.claims)
        except (JoseError, ValueError, KeyError) as error:
            raise NotBelieved(f"its token: {error}") from error
        if isinstance(read.claims["aud"], list) and len(read.claims["aud"]) > 1 and read.claims.get("azp") != mine:
            raise NotBelieved("its token is for somebody else as well, and does not say that we asked")
        return read.claims

    def _get(self, where: str) -> dict[str, Any]:
        _need_https(where)
        answer = requests.get(where, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()


def _need_https(where: str) -> None:
    parts = urlsplit(where)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise NotBelieved(f"{where}: a sign-in elsewhere is asked by https only")


def register(server: Flask, permit: Permit, welcome: Welcome, ask: Ask) -> None:
    """For a hall whose city has a sign-in; without one these addresses are not there."""
    settings = permit.settings
    places = read_places(settings.oidc_roles)
    if not (settings.oidc_client_id and places):
        raise WrongSetting("oidc_issuer needs oidc_client_id, and oidc_roles that say who may come in as what")
    there = Elsewhere(settings, places)

    def go() -> Response:
        return _go(there, permit, ask)

    def back() -> Response:
        response = _back(there, permit, welcome, ask)
        response.delete_cookie(COOKIE, path="/sign-in")
        return response

    server.add_url_rule("/sign-in/elsewhere", "elsewhere", go, methods=["GET"])
    server.add_url_rule(BACK, "back", back, methods=["GET"])
    permit.require({"elsewhere": ANYBODY, "back": ANYBODY})


def _go(there: Elsewhere, permit: Permit, ask: Ask) -> Response:
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    try:
        session = there.session(permit.origin.home(request.environ) + BACK)
        where, state = session.create_authorization_url(
            there.known()["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
    except (requests.RequestException, NotBelieved, KeyError, ValueError) as error:
        log.warning("the sign-in elsewhere does not answer: %s", error)
        return ask(say(language())("people.unreachable"), 502)
    response = redirect(where, 303)
    kept = json.dumps([state, nonce, verifier, request.args.get("next", "")])
    secure = permit.origin.secure(request.environ)
    response.set_cookie(
        COOKIE, kept.encode().hex(), MINUTES, path="/sign-in", httponly=True, samesite="Lax", secure=secure
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _back(there: Elsewhere, permit: Permit, welcome: Welcome, ask: Ask) -> Response:
    speak = say(language())
    try:
        state, nonce, verifier, goal = _kept()
        if not hmac.compare_digest(state.encode(), request.args.get("state", "").encode()):
            raise NotBelieved("its answer is to another question")
        claims = _asked(there, permit, verifier, nonce)
    except (requests.RequestException, AuthlibBaseError, NotBelieved, KeyError, ValueError) as error:
        log.warning("a sign-in elsewhere did not succeed: %s", error)
        return ask(speak("people.oidc_refused"), 401)
    place = place_of(claims, there.settings.oidc_claim, there.places)
    name, where = str(claims.get("name") or claims["sub"])[:100], address()
    worker = _workers(permit)
    secret = permit.staff.ask(lambda people: _begin(people, claims, place, where, worker))
    if secret is None:
        return ask(speak("people.no_account", name=name), 403, goal=goal)
    return welcome(secret, goal)


def _workers(permit: Permit) -> Namesake:
    """Redis is asked itself: what this process knows of the city may be a second behind."""
    try:
        return namesake(map(str, permit.scene.hall.city().workers.worker_id))
    except NoCity:
        return nobody


def _begin(
    people: People, claims: Mapping[str, Any], place: Place | None, where: str, worker: Namesake
) -> str | None:  # fmt: skip
    if place is None:
        leave(people, str(claims["iss"]), claims)
        return None
    return people.sessions.begin(arrive(people, str(claims["iss"]), claims, place, worker).name, where)


def _kept() -> tuple[str, str, str, str]:
    kept: Any = json.loads(bytes.fromhex(request.cookies.get(COOKIE, "")))
    if not isinstance(kept, list) or len(kept) != 4:
        raise NotBelieved("it comes to a browser that did not ask")
    state, nonce, verifier, goal = map(str, kept)
    return state, nonce, verifier, goal


def _asked(there: Elsewhere, permit: Permit, verifier: str, nonce: str) -> Mapping[str, Any]:
    if "code" not in request.args:
        raise NotBelieved(f"it said {request.args.get('error', 'nothing')[:100]!r}")
    session = there.session(permit.origin.home(request.environ) + BACK)
    where = there.known()["token_endpoint"]
    _need_https(where)
    token = session.fetch_token(where, code=request.args["code"], code_verifier=verifier, timeout=PATIENCE)
    return there.claims(str(token["id_token"]), nonce)
