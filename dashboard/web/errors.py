"""Errors: a question that cannot be answered gets a sentence, always as JSON, never as a page."""

from __future__ import annotations

import logging

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from dashboard.bus.connect import AWAY
from dashboard.bus.hall import NoCity
from dashboard.web.people.permit import language
from dashboard.web.wire import encode
from layouts.words_asked import told

__all__ = ["BadQuestion", "NotFound", "NotJson", "register"]

log = logging.getLogger(__name__)


class BadQuestion(Exception):
    """A parameter that cannot be understood."""


class NotFound(Exception):
    """Something was asked for by a name that nothing has."""


class NotJson(Exception):
    """A body of a kind that is not read here."""


def _say(status: int, sentence: str) -> Response:
    return Response(encode({"error": sentence}), status, mimetype="application/json")


def register(server: Flask) -> None:
    for kind, status in ((BadQuestion, 400), (NotFound, 404), (NotJson, 415)):
        server.register_error_handler(
            kind, lambda error, status=status: _say(status, told(status, str(error), language()))
        )
    server.register_error_handler(NoCity, lambda error: _say(503, str(error)))
    for kind in AWAY[:2]:  # not OSError: that may be a file of ours
        server.register_error_handler(kind, lambda _error: _say(503, "Redis is away just now; try again in a moment"))

    @server.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:  # pyright: ignore[reportUnusedFunction]
        said = _say(error.code or 500, str(error.description or error.name))
        if isinstance(error, MethodNotAllowed):
            said.headers["Allow"] = ", ".join(error.valid_methods or ())
        return said
