"""Door: who may come in, and how much at a time. Everything that is turned away gets a sentence."""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from dashboard.people.people import same
from dashboard.people.tokens import fingerprint

__all__ = ["Headers", "TurnedAway", "read_body", "source_of", "unpacked"]

Headers = dict[bytes, bytes]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

#: A caller that came through a proxy is not of this machine, whatever the socket says; nor is a page in a browser.
ELSEWHERE = frozenset((
    b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"forwarded", b"x-real-ip", b"via",
    b"cf-connecting-ip", b"origin",
))  # fmt: skip
#: Whose cases are opened at our own desks: no source may be taken for them.
OURS = "hall"


class TurnedAway(Exception):
    """A request that is not taken: HTTP status, a counted word, a sentence, and headers to send with it."""

    def __init__(self, status: int, reason: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail, self.headers = status, reason, detail, headers


class Gone(Exception):
    """The caller hung up in the middle of its request."""


def source_of(headers: Headers, peer: str | None, table: Mapping[str, str], guest: bool = True) -> str:
    """Whose records these are. Raises TurnedAway. table: fingerprint of a key → its source. guest: whether programs at
    this machine are heard without one."""
    scheme, key = _key(headers)
    if key:
        if source := table.get(fingerprint(key)):
            return source
        raise TurnedAway(403, "wrong_key", "this API key is not known here; `gridhall key add SOURCE` makes one")
    if scheme:
        raise _keyless("who sends an Authorization")
    if not _loopback(peer) or not ELSEWHERE.isdisjoint(headers):
        raise _keyless("who is not on this machine")
    if not guest:
        raise _keyless("every source")
    name = _named(headers.get(b"x-source", b"local")[:1000])
    if _same(name) in {OURS, *map(_same, table.values())}:
        raise _keyless("who speaks for a source of this name")
    return name


def _keyless(who: str) -> TurnedAway:
    say = f"{who} needs an API key: send `Authorization: Bearer KEY`; `gridhall key add SOURCE` makes one"
    return TurnedAway(401, "no_key", say, **{"www-authenticate": "Bearer"})


def _key(headers: Headers) -> tuple[str, str]:
    """And what kind of credentials it came with: who sends any, and no key, is no guest."""
    scheme, _, key = headers.get(b"authorization", b"").decode("latin-1").strip().partition(" ")
    bears = scheme.lower() == "bearer" and key.strip()
    return scheme, key.strip() if bears else headers.get(b"x-api-key", b"").decode("latin-1").strip()


#: A source sends many requests, always under one name.
_same = lru_cache(1024)(same)


@lru_cache(1024)
def _named(said: bytes) -> str:
    name = "".join(letter for letter in said.decode("utf-8", "replace") if letter.isprintable())
    return name[:64].strip() or "local"


@lru_cache(1024)
def _loopback(peer: str | None) -> bool:
    """No peer: a unix socket."""
    return peer is None or ipaddress.ip_address(peer.partition("%")[0]).is_loopback


async def read_body(headers: Headers, receive: Receive, limit: int) -> bytes:
    """Raises TurnedAway when it is too large; the server passes over the rest, so the connection stays good."""
    if int(headers.get(b"content-length", b"0")) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = message.get("body", b"")
        size, more = size + len(part), message.get("more_body", False)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def unpacked(body: bytes, encoding: bytes, limit: int) -> bytes:
    """The body without its gzip, never larger than limit. Raises TurnedAway."""
    if encoding in (b"", b"identity"):
        return body
    if encoding not in (b"gzip", b"x-gzip"):
        raise TurnedAway(415, "encoding", f"Content-Encoding {encoding.decode('latin-1')[:20]!r} is not read: gzip is")
    parts: list[bytes] = []
    size = 0
    try:
        while body:
            member = zlib.decompressobj(31)
            parts.append(member.decompress(body, limit + 1 - size))
            size += len(parts[-1])
            if size > limit:
                raise _too_large(limit)
            if not member.eof:
                raise TurnedAway(400, "broken", "the gzip ends too early; nothing of this request was taken")
            body = member.unused_data
    except zlib.error as error:
        raise TurnedAway(400, "broken", f"this is not gzip: {error}; nothing of this request was taken") from error
    return b"".join(parts)


def _too_large(limit: int) -> TurnedAway:
    return TurnedAway(413, "too_large", f"a body may have {limit / 1e6:.1f} MB after unpacking: send smaller batches")
