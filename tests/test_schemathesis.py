"""The API is asked everything that its document allows: no answer breaks, and each is what the document says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from casework import Hall, hall
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dashboard.bus.embedded import Embedded, wheel_server
from dashboard.web.route import PREFIX, Route
from dashboard.web.routes import ROUTES

#: Examples for each operation: with some fifty operations that is what fits into a minute on one core.
EXAMPLES = 5
#: What no schema can say is refused with a sentence too: one of two parameters, a box on the earth, the future.
BEYOND = [positive_data_acceptance]
#: Who asks: a dispatcher of the whole city may see and do most things.
WHO = "sun"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A small city in which some cases stand in different steps."""
    redis = Embedded(tmp_path_factory.mktemp("redis"), wheel_server())
    with redis as server, hall(server.start(), tmp_path_factory.mktemp("hall")) as made:
        ids = [made.report(text=str(number))["case_id"] for number in range(4)]
        made.move("li", ids[0], "dispatch", department="law")
        made.move("li", ids[1], "void", "mistake")
        yield made


@pytest.fixture(scope="module")
def schema(asked: Hall) -> Any:
    return schemathesis.openapi.from_url(f"{asked.api}/openapi.json", headers=known(asked))


def known(hall: Hall) -> dict[str, str]:
    return {"Authorization": f"Bearer {hall.keys[WHO]}"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_operation_answers_as_documented(route: Route, schema: Any, asked: Hall) -> None:
    operation = schema[PREFIX + route.path][route.method]

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck), database=None,
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(headers=known(asked), timeout=20, excluded_checks=BEYOND)

    ask()


def test_the_document_has_every_route(asked: Hall) -> None:
    said = asked.read(WHO, "/openapi.json")
    assert sum(len(item) for item in said["paths"].values()) == len(ROUTES) + 1
