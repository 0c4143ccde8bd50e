"""Origin: where a request really comes from: address, scheme, host and page; of proxies only what trusted ones say."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

__all__ = ["Origin"]

#: A caller that came through a proxy is not of this machine, whatever the socket says.
PROXIED = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_FORWARDED",
    "HTTP_VIA", "HTTP_CF_CONNECTING_IP",
)  # fmt: skip


class Origin:
    """Reads WSGI environments. trusted: addresses of proxies; origins: others than our own whose pages may ask."""

    def __init__(self, settings: Any) -> None:
        self.trusted = set(_listed(settings.trusted_proxy))
        self.origins = set(_listed(settings.origins))

    def address(self, environ: Mapping[str, Any]) -> str:
        """Of the caller: what the last proxy that we trust saw."""
        hops = [*_listed(environ.get("HTTP_X_FORWARDED_FOR", "")), str(environ.get("REMOTE_ADDR", ""))]
        while len(hops) > 1 and hops[-1] in self.trusted:
            hops.pop()
        return hops[-1]

    def proxied(self, environ: Mapping[str, Any]) -> bool:
        return str(environ.get("REMOTE_ADDR", "")) in self.trusted

    def host(self, environ: Mapping[str, Any]) -> str:
        said = environ.get("HTTP_X_FORWARDED_HOST", "") if self.proxied(environ) else ""
        return (_last(said) or str(environ.get("HTTP_HOST", ""))).lower()

    def secure(self, environ: Mapping[str, Any]) -> bool:
        said = environ.get("HTTP_X_FORWARDED_PROTO", "") if self.proxied(environ) else ""
        return (_last(said) or str(environ.get("wsgi.url_scheme", ""))) in ("https", "wss")

    def home(self, environ: Mapping[str, Any]) -> str:
        """Our own address, as the browser has it."""
        return f"{'https' if self.secure(environ) else 'http'}://{self.host(environ)}"

    def local(self, environ: Mapping[str, Any]) -> bool:
        """Whether somebody at this very machine asks, for themselves: not a proxy, and not a page from elsewhere.

        The host must be this machine too: else a page whose name was made to point here would be believed.
        """
        if any(name in environ for name in PROXIED) or not _loopback(str(environ.get("REMOTE_ADDR", ""))):
            return False
        if not _loopback(_split(f"//{environ.get('HTTP_HOST', '')}").hostname or ""):
            return False
        strange = environ.get("HTTP_SEC_FETCH_SITE", "") in ("cross-site", "same-site")
        return not strange or environ.get("HTTP_SEC_FETCH_MODE", "") == "navigate"

    def may_connect(self, origin: str, environ: Mapping[str, Any]) -> bool:
        """Whether a page of this origin may open a socket."""
        return bool(self.ours({**environ, "HTTP_ORIGIN": origin}))

    def ours(self, environ: Mapping[str, Any]) -> bool | None:
        """Whether a page of ours asks; None if it does not say: no browser of today is so silent when it changes."""
        said = str(environ.get("HTTP_ORIGIN", ""))
        if said:
            page = _split(said)
            plain = page.scheme != "https" and self.secure(environ)  # anybody on the line could have written that page
            return said in self.origins or (page.netloc.lower() == self.host(environ) != "" and not plain)
        site = environ.get("HTTP_SEC_FETCH_SITE")
        return None if site is None else site == "same-origin"


def _listed(said: Any) -> list[str]:
    return [part.strip().rstrip("/") for part in str(said).split(",") if part.strip()]


def _last(said: Any) -> str:
    return next(iter(reversed(_listed(said))), "")


def _split(said: str) -> SplitResult:
    """Of what is no address at all, nothing."""
    try:
        return urlsplit(said)
    except ValueError:
        return urlsplit("")


def _loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
