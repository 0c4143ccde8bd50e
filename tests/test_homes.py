"""Homes: whoever signs in is led to a page that they may see, and sees how whole the trail of their own cases is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import sqlalchemy as sa
from casework import Hall, hall
from serving import riverside

from dashboard.bus.embedded import Embedded, wheel_server
from dashboard.cases.trail.watch import CHECKS
from dashboard.people.people import People
from dashboard.people.person import Person
from dashboard.people.roles import ACCOUNTS
from dashboard.sql.engine import connect, writing
from dashboard.web.people.signing_in import WHO, home
from feeds.city import AREA_LEVELS

GOOD = "a long enough pass phrase 7"


@dataclass
class House:
    hall: Hall
    people: People
    engine: sa.Engine


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("hall")
    with Embedded(tmp_path_factory.mktemp("redis"), wheel_server()) as server, hall(server.start(), folder) as hall_:
        engine = connect("", str(folder / "serve-data"))
        yield House(hall_, People(engine), engine)
        engine.dispose()


@pytest.mark.parametrize("role", ACCOUNTS)
def test_each_role_is_led_to_a_page_that_opens(house: House, role: str) -> None:
    house.people.add(f"one-{role}", role, password=GOOD)
    with httpx.Client(base_url=house.hall.url, headers={"Origin": house.hall.url}) as browser:
        turned = browser.get("/wall").headers["location"]
        entered = browser.post(turned, data={"name": f"one-{role}", "password": GOOD})
        assert entered.status_code == 303
        assert browser.get(entered.headers["location"]).status_code == 200
        at_home = browser.get("/")
        assert at_home.status_code == 302, at_home.text[:300]
        assert at_home.headers["location"] == entered.headers["location"]
        assert browser.get(WHO).status_code == 200 and f"one-{role}" in browser.get(WHO).text


def test_a_wall_is_the_home_of_those_who_may_see_it_and_cases_that_of_the_others() -> None:
    homes = {role: home(Person(name="one", role=role)) for role in ACCOUNTS}
    assert {role for role, page in homes.items() if page == "/cases"} == {"worker", "department", "auditor"}
    assert set(homes.values()) == {"/wall", "/cases"}


def test_whoever_works_in_a_part_of_a_district_is_told_of_its_trail_and_of_no_other(house: House) -> None:
    areas = riverside().areas
    lower = next(row for row in range(len(areas.level)) if areas.level[row] > AREA_LEVELS.index("district"))
    with writing(house.engine) as connection:
        for district in ("west", "east"):
            row = {"district": district, "walk": "onward", "position": 3, "hash": bytes(32), "at": 1.0, "rounds": 0}
            connection.execute(sa.insert(CHECKS).values(**row))
    house.people.add("street", "dispatcher", scope=str(areas.area_id[lower]))
    house.hall.keys["street"] = house.people.tokens.add("account", "street")
    own = str(areas.area_id[areas.parent[lower]])
    assert own in ("west", "east")
    assert list(house.hall.read("street", "/trail/verified")["districts"]) == [own]
    assert set(house.hall.read("sun", "/trail/verified")["districts"]) == {"west", "east"}
