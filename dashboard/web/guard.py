"""Guard: what every answer tells the browser it may do: nothing from outside, nothing inline, no guessing of types."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

__all__ = ["guard", "policy"]

#: Plotly and MapLibre write style elements while they draw; that is the one inline thing allowed.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}

#: Seconds for which a browser that came by https comes by nothing else.
YEAR = 31_536_000

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def policy(hashes: Sequence[str]) -> str:
    """hashes: of the inline scripts that are ours (Dash's start of its renderer)."""
    rules = POLICY | {"script-src": " ".join((POLICY["script-src"], *hashes))}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def guard(server: Flask) -> dict[str, str]:
    """The headers of every answer; the caller adds the hashes of its scripts once it knows them."""
    headers = HEADERS | {"Content-Security-Policy": policy(())}

    @server.after_request
    def tell(response: Response) -> Response:  # pyright: ignore[reportUnusedFunction]
        for name, value in headers.items():
            response.headers[name] = value
        permit = server.extensions.get("permit")
        if permit and permit.origin.secure(request.environ):
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        return response

    return headers
