"""OpenAPI: the document of the reading API, made of the routes table and the shapes of replies.py."""

from __future__ import annotations

import inspect
import re
from typing import Any

import msgspec

from dashboard.web.replies import Health, Problem
from dashboard.web.routes import PREFIX, ROUTES, Route

__all__ = ["document"]

REFERENCE = "#/components/schemas/{name}"

REFUSALS = {
    "400": "A parameter that cannot be understood",
    "404": "Nothing of that name",
    "503": "There is no city yet, or Redis is away",
}


def document(version: str) -> dict[str, Any]:
    shapes = {route.reply for route in ROUTES} | {route.query for route in ROUTES} | {Problem, Health}
    _, schemas = msgspec.json.schema_components(
        sorted(shapes, key=lambda shape: shape.__name__), ref_template=REFERENCE
    )
    queries = {route.query.__name__ for route in ROUTES}
    paths = {PREFIX + route.path: {"get": _operation(route, schemas)} for route in ROUTES}
    paths["/healthz"] = {"get": _health()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gridhall reading API",
            "version": version,
            "description": "Readings only. Times: seconds since 1970 UTC, hall time. Positions: WGS-84.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": {name: schema for name, schema in schemas.items() if name not in queries}},
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    inside = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    behind = [_parameter(name, schema) for name, schema in schemas[route.query.__name__]["properties"].items()]
    refused = {status: _answer(words, "Problem") for status, words in REFUSALS.items()}
    return {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": inside + behind,
        "responses": {"200": _answer(_said(route.reply), route.reply.__name__, route.mime)} | refused,
    }


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key != "description"}
    said = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": "query", "required": False, "schema": plain} | said


def _health() -> dict[str, Any]:
    return {
        "operationId": "healthz",
        "summary": "Whether pages can be served, and whether what they show is live.",
        "parameters": [],
        "responses": {"200": _answer("It can", "Health"), "503": _answer("There is no city yet", "Problem")},
    }


def _said(shape: type[msgspec.Struct]) -> str:
    return (inspect.getdoc(shape) if shape.__doc__ and "(" not in shape.__doc__[:40] else None) or shape.__name__


def _answer(words: str, shape: str, mime: str = "application/json") -> dict[str, Any]:
    return {"description": words, "content": {mime: {"schema": {"$ref": REFERENCE.format(name=shape)}}}}
