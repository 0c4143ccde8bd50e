"""Files: style sheets and the browser bundle from assets/, packed once, kept by browsers until the next build."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Response, abort, request

__all__ = ["ASSETS", "FOR_EVER", "Packed", "answer", "pack", "register", "send", "stamp"]

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"

#: What of assets/ is served: the rest of it is for builders.
ROOMS = ("css", "gen", "img")

PACKABLE = (".css", ".js", ".mjs", ".json", ".geojson", ".txt", ".svg")

FOR_EVER = "public, max-age=31536000, immutable"

mimetypes.add_type("text/javascript", ".mjs")


class Packed(NamedTuple):
    """A body as it is sent: gzip where that helps."""

    body: bytes
    etag: str
    mime: str
    encoding: str


def pack(body: bytes, mime: str, squeeze: bool = True) -> Packed:
    small = gzip.compress(body, 9, mtime=0) if squeeze else body
    return Packed(small, hashlib.sha256(body).hexdigest()[:16], mime, "gzip" if squeeze else "")


def answer(packed: Packed, cache_control: str) -> Response:
    """With what the browser has already got taken into account."""
    body, encoding = packed.body, packed.encoding
    if encoding and "gzip" not in request.headers.get("Accept-Encoding", ""):
        body, encoding = gzip.decompress(body), ""
    response = Response(body, mimetype=packed.mime)
    response.set_etag(packed.etag)
    response.headers["Cache-Control"] = cache_control
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.make_conditional(request)
    return response


def register(server: Flask) -> None:
    @server.get("/assets/<path:name>", endpoint="assets")
    def file(name: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        return send(name)


def send(name: str) -> Response:
    """A file of assets/, by its path in there."""
    path = (ASSETS / name).resolve()
    if not any(path.is_relative_to(ASSETS / room) for room in ROOMS) or not path.is_file():
        abort(404)
    packed = _read(path, path.stat().st_mtime_ns)
    return answer(packed, FOR_EVER if _named(request.query_string.decode("latin-1"), packed) else "no-cache")


@cache
def _read(path: Path, _changed: int) -> Packed:
    mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return pack(path.read_bytes(), mime, path.suffix in PACKABLE)


@cache
def stamp() -> str:
    """Names this build: changes with any file that pages load."""
    digest = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (ASSETS / room).rglob("*") if path.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _named(asked: str, packed: Packed) -> bool:
    """Whether an address names the content, so that it may be kept for ever."""
    asked = asked.removeprefix("v=")
    return len(asked) >= 12 and (asked == stamp() or packed.etag.startswith(asked))
