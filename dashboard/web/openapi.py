"""OpenAPI: the document of the API, made of the routes table and the shapes of its questions, bodies and replies."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from dashboard.web.replies import Health, Problem
from dashboard.web.route import PREFIX, Route

__all__ = ["document"]

REFERENCE = "#/components/schemas/{name}"

REFUSALS = {
    "400": "A parameter or a body that cannot be understood",
    "401": "Who are you? Sign in, or send a token",
    "403": "Not for you, or not in your area",
    "404": "Nothing of that name",
    "503": "There is no city yet, or Redis or the database is away",
}

#: Of routes that take a body.
SENDING = {"413": "A body that is larger than what is read", "415": "A body of another kind"}

SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "of an account, made by `gridhall user token`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "gridhall_session",
        "description": "of a browser that signed in",
    },
}

KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200},
    "description": "the same key of the same caller is one act, however often it is sent",
}  # fmt: skip

ABOUT = """Reading the hall, and moving its cases. Times: seconds since 1970 UTC, hall time. Positions: WGS-84.

`x-capability` names what the caller's role must be able to do. Callers see what lies in their area and nothing else."""


def document(version: str, routes: Sequence[Route]) -> dict[str, Any]:
    shapes = {Problem, Health, *_shapes(routes)}
    _, schemas = msgspec.json.schema_components(
        sorted(shapes, key=lambda shape: shape.__name__), ref_template=REFERENCE
    )
    queries = {route.query.__name__ for route in routes}
    paths: dict[str, dict[str, Any]] = {"/healthz": {"get": _health()}}
    for route in routes:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gridhall API",
            "version": version,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "security": [{"token": []}, {"session": []}],
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name not in queries},
            "securitySchemes": SECURITY,
        },
    }


def _shapes(routes: Sequence[Route]) -> set[Any]:
    found = {shape for route in routes for shape in (route.query, route.reply, route.body) if shape}
    return found | {shape for route in routes for _, shape in route.also.values()}


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    inside = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    behind = [_parameter(name, schema) for name, schema in schemas[route.query.__name__]["properties"].items()]
    refused = REFUSALS | (SENDING if route.body or route.sends else {})
    said = {status: _answer(words, "Problem") for status, words in refused.items()}
    said |= {str(status): _answer(words, shape.__name__) for status, (words, shape) in route.also.items()}
    return {
        "operationId": route.name,
        "summary": route.summary,
        "x-capability": route.capability,
        "parameters": inside + behind + ([KEY] if route.body else []),
        **_sent(route),
        "responses": {"200": _done(route)} | said,
    }


def _sent(route: Route) -> dict[str, Any]:
    if route.body:
        shape = {"$ref": REFERENCE.format(name=route.body.__name__)}
        return {"requestBody": {"required": True, "content": {"application/json": {"schema": shape}}}}
    if route.sends:
        return {
            "requestBody": {"required": True, "content": {route.sends: {"schema": {"contentMediaType": route.sends}}}}
        }
    return {}


def _done(route: Route) -> dict[str, Any]:
    if route.reply is None:
        return {"description": "The file", "content": {route.mime: {"schema": {"contentMediaType": route.mime}}}}
    return _answer(_said(route.reply), route.reply.__name__, route.mime)


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key != "description"}
    said = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": "query", "required": False, "schema": plain} | said


def _health() -> dict[str, Any]:
    return {
        "operationId": "healthz",
        "summary": "Whether pages can be served, and whether what they show is live.",
        "parameters": [],
        "security": [],
        "responses": {"200": _answer("It can", "Health"), "503": _answer("There is no city yet", "Problem")},
    }


def _said(shape: type[msgspec.Struct]) -> str:
    return (inspect.getdoc(shape) if shape.__doc__ and "(" not in shape.__doc__[:40] else None) or shape.__name__


def _answer(words: str, shape: str, mime: str = "application/json") -> dict[str, Any]:
    return {"description": words, "content": {mime: {"schema": {"$ref": REFERENCE.format(name=shape)}}}}
