"""Push: what a browser is sent over its socket, and what it is spared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from serving import Hand, Viewer, columns, get, put_city, riverside, serving, until

from dashboard.bus import keys
from dashboard.bus.connect import Redis
from dashboard.bus.embedded import Embedded
from dashboard.people.people import People
from dashboard.sql.engine import connect
from dashboard.sql.migrate import upgrade
from dashboard.web.push import UNDRAWN
from feeds.city import City

WEST, EAST = 1, 4


@pytest.fixture(scope="module")
def city() -> City:
    return riverside()


@pytest.fixture(scope="module")
def url(redis_server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    redis_server.start()
    with serving(redis_server.url, tmp_path_factory.mktemp("serve") / "log") as url:
        yield url


@pytest.fixture
def hand(url: str, redis: Redis, city: City) -> Hand:
    put_city(redis, city)
    from serving import get

    assert until(lambda: get(f"{url}/healthz").status == 200)
    return Hand(redis, city).begin()


def fixes(*slots: int) -> dict[str, object]:
    return columns(
        "workers",
        slot=slots,
        lon=[1_160_100_000] * len(slots),
        lat=[400_100_000] * len(slots),
        at=[int(time.time())] * len(slots),
    )


def test_a_newcomer_sees_the_whole_and_then_only_what_changed(url: str, hand: Hand) -> None:
    hand.say(workers=fixes(1, 2))
    with Viewer(url) as viewer:
        answer = viewer.watch()
        assert answer["ok"] and answer["districts"] == [WEST, EAST] and answer["city"]["version"] == hand.city.version
        assert until(lambda: viewer.frames)
        for _ in range(3):
            hand.say(workers=fixes(3))
            time.sleep(0.1)
        assert until(lambda: len(viewer.seqs(WEST)) >= 4)
        assert viewer.seqs(WEST) == [("whole", 2), ("delta", 3), ("delta", 4), ("delta", 5)]
        assert [number for number, _ in viewer.frames] == sorted(number for number, _ in viewer.frames)


def test_the_whole_holds_what_was_said_before(url: str, hand: Hand) -> None:
    hand.say(districts=[WEST], workers=fixes(1))
    hand.say(districts=[WEST], workers=fixes(2))
    time.sleep(0.2)
    with Viewer(url) as viewer:
        viewer.watch()
        assert until(lambda: viewer.frames)
        west = next(frame for frame in viewer.frames[0][1] if frame.district == WEST)
        assert sorted(west.tables["workers"]["slot"]) == [1, 2]


def test_who_watches_one_district_is_sent_only_its_frames(url: str, hand: Hand) -> None:
    with Viewer(url) as whole, Viewer(url) as half:
        whole.watch()
        assert half.watch(area="east-community")["districts"] == [EAST]
        assert until(lambda: whole.frames and half.frames)
        hand.say(workers=fixes(1))
        hand.say(districts=[WEST], workers=fixes(1))
        assert until(lambda: len(whole.seqs(WEST)) >= 3 and len(half.seqs(EAST)) >= 2)
        hand.say(workers=fixes(1))
        assert until(lambda: len(half.seqs(EAST)) >= 3)
        assert half.seqs(WEST) == [] and len(half.frames) == len(half.seqs(EAST)) == 3


def test_all_who_watch_the_same_are_sent_the_same_bytes(url: str, hand: Hand) -> None:
    with Viewer(url) as one, Viewer(url) as other:
        one.watch(), other.watch(lang="en")
        assert until(lambda: one.frames and other.frames)
        hand.say(workers=fixes(1, 2, 3))
        assert until(lambda: len(one.bodies) > 1 and len(other.bodies) > 1)
        assert one.bodies[-1] == other.bodies[-1]


def test_a_slow_client_is_let_rest_and_then_sees_what_it_missed(url: str, hand: Hand) -> None:
    with Viewer(url) as quick, Viewer(url, draws=False) as slow:
        quick.watch(), slow.watch()
        assert until(lambda: quick.frames and slow.frames)
        said = 2 * UNDRAWN
        for slot in range(said):
            hand.say(workers=fixes(slot))
            time.sleep(0.15)
        assert until(lambda: len(quick.seqs(WEST)) > said)
        assert len(slow.frames) <= UNDRAWN + 1, "so many beats that are not drawn, and no more"
        slow.draws = True
        slow.io.emit("drawn", slow.frames[-1][0])
        assert until(lambda: slow.seqs(WEST)[-1] == ("delta", said + 1))
        assert [seq for _, seq in slow.seqs(WEST)] == list(range(1, said + 2)), "in one piece, and nothing twice"
        hand.say(workers=fixes(1))
        assert until(lambda: slow.seqs(WEST)[-1] == ("delta", said + 2))


def test_who_missed_much_is_shown_the_whole(url: str, hand: Hand) -> None:
    with Viewer(url, draws=False) as slow:
        slow.watch()
        assert until(lambda: slow.frames)
        heat = columns("heat", q=list(range(20_000)))
        said = UNDRAWN + 2
        for _ in range(said):
            hand.say(districts=[WEST], heat=heat)
            time.sleep(0.15)
        assert len(slow.frames) <= UNDRAWN + 1
        slow.draws = True
        slow.io.emit("drawn", slow.frames[-1][0])
        assert until(lambda: slow.seqs(WEST)[-1] == ("whole", said + 1))
        hand.say(workers=fixes(1))
        assert until(lambda: slow.seqs(WEST)[-1] == ("delta", said + 2))


def test_a_client_that_asks_again_and_again_without_drawing_is_not_fed(url: str, hand: Hand) -> None:
    with Viewer(url, draws=False) as greedy:
        for _ in range(20):
            greedy.watch()
            greedy.io.emit("ask")
        time.sleep(0.3)
        assert len(greedy.frames) <= UNDRAWN


def test_of_many_wishes_at_once_only_the_last_is_shown(url: str, hand: Hand) -> None:
    with Viewer(url) as viewer:
        for area in ("west", "east") * 10:
            assert viewer.watch(area=area)["ok"]
        assert until(lambda: viewer.frames and viewer.frames[-1][1][0].district == EAST)
        time.sleep(0.7)
        assert len(viewer.frames) <= 4
        hand.say(workers=fixes(1))
        assert until(lambda: viewer.seqs(EAST)[-1][0] == "delta")


def test_a_gap_is_not_shown_and_the_fold_is_asked_for_the_whole(url: str, hand: Hand, redis: Redis) -> None:
    with Viewer(url) as viewer:
        viewer.watch()
        assert until(lambda: viewer.frames)
        time.sleep(1.1)  # what was asked for at the start is asked for at most once a second
        before = redis.get(keys.ask("west"))
        hand.say(districts=[WEST], skip=1, workers=fixes(1))
        assert until(lambda: redis.get(keys.ask("west")) != before)
        hand.say(districts=[EAST], workers=fixes(2))
        assert until(lambda: viewer.seqs(EAST)[-1][0] == "delta"), "the other district goes on"
        hand.say(districts=[WEST], whole=True, workers=fixes(1))
        hand.say(districts=[WEST], workers=fixes(3))
        assert until(lambda: len(viewer.seqs(WEST)) >= 3)
        assert viewer.seqs(WEST) == [("whole", 1), ("whole", 4), ("delta", 5)]


def test_a_deposed_fold_is_not_listened_to(url: str, hand: Hand) -> None:
    with Viewer(url) as viewer:
        viewer.watch()
        assert until(lambda: viewer.frames)
        heir = Hand(hand.redis, hand.city).begin()
        hand.say(workers=fixes(7))
        heir.say(workers=fixes(1))
        assert until(lambda: len(viewer.seqs(WEST)) >= 3)
        time.sleep(0.2)
        assert {frame.epoch for _, frames in viewer.frames[1:] for frame in frames} == {heir.epoch}


def test_a_client_that_asks_is_shown_the_whole_again(url: str, hand: Hand) -> None:
    with Viewer(url) as viewer:
        viewer.watch()
        assert until(lambda: viewer.frames)
        hand.say(workers=fixes(1))
        assert until(lambda: len(viewer.frames) > 1)
        viewer.io.emit("ask")
        assert until(lambda: viewer.seqs(WEST)[-1] == ("whole", 2))


def test_panels_come_after_the_first_frame_and_then_only_those_that_changed(url: str, hand: Hand) -> None:
    with Viewer(url) as viewer:
        viewer.watch(lang="en")
        first = until(lambda: viewer.parts and viewer.parts[0])
        assert {"head", "river", "backlog_levels", "cameras", "workers"} <= first["parts"].keys()
        assert not [name for name, part in first["parts"].items() if "broken" in part]
        second = until(lambda: len(viewer.parts) > 1 and viewer.parts[1])
        assert "head" in second["parts"] and len(second["parts"]) < len(first["parts"])
        assert first["view"] == "overview" and abs(first["now"] / 1000 - time.time()) < 5


@pytest.mark.parametrize("view", ["overview", "events", "patrol"])
def test_no_panel_is_broken_in_any_view(url: str, hand: Hand, view: str) -> None:
    hand.say(workers=fixes(1, 2, 3))
    with Viewer(url) as viewer:
        viewer.watch(view=view, area="west")
        first = until(lambda: viewer.parts and viewer.parts[0])
        assert not [name for name, part in first["parts"].items() if "broken" in part]


def test_a_map_alone_is_told_only_what_the_map_needs(url: str, hand: Hand) -> None:
    with Viewer(url) as viewer:
        viewer.watch(alone=True)
        assert until(lambda: viewer.parts)
        assert viewer.parts[0]["parts"].keys() == {"head", "beside"}


def test_who_comes_later_to_the_same_sight_is_shown_all_panels(url: str, hand: Hand) -> None:
    with Viewer(url) as one, Viewer(url) as later:
        one.watch()
        assert until(lambda: len(one.parts) > 1)
        later.watch()
        assert until(lambda: later.parts) and later.parts[0]["parts"].keys() == one.parts[0]["parts"].keys()


@pytest.mark.parametrize(
    "wish", [{"area": "atlantis"}, {"view": "sideways"}, {"lang": "xx"}, {"theme": "pink"}, {"area": 7}]
)
def test_a_wish_that_cannot_be_met_gets_a_sentence(url: str, hand: Hand, wish: dict[str, str]) -> None:
    with Viewer(url) as viewer:
        answer = viewer.io.call("watch", wish)
        assert answer["ok"] is False and len(answer["why"]) > 10
        assert viewer.watch()["ok"], "and the next one is heard"


@pytest.mark.parametrize("nonsense", [None, "x", -1, 10**12, [1], {"n": 1}, b"\x00"])
def test_nonsense_in_place_of_drawn_harms_nobody(url: str, hand: Hand, nonsense: object) -> None:
    with Viewer(url) as viewer:
        viewer.watch()
        assert until(lambda: viewer.frames)
        viewer.io.emit("drawn", nonsense)
        hand.say(workers=fixes(1))
        assert until(lambda: len(viewer.frames) > 1)


def test_what_is_not_a_bundle_is_passed_over(url: str, hand: Hand) -> None:
    with Viewer(url) as viewer:
        viewer.watch()
        assert until(lambda: viewer.frames)
        for rubbish in (b"", b"x", b"\x47\x42\xff\xff\0\0\0\0", b"\0" * 64):
            hand.redis.publish(keys.FRAMES, rubbish)
        hand.say(workers=fixes(1))
        assert until(lambda: len(viewer.frames) > 1)


def test_an_area_that_another_city_puts_elsewhere_is_watched_by_nobody_whose_it_is_not(
    redis_server: Embedded, redis: Redis, city: City, tmp_path: Path
) -> None:
    """Who may see the west watched a community there; in the new city it lies in the east."""
    engine = connect("", str(tmp_path / "serve-data"))
    upgrade(engine)
    people = People(engine)
    people.add("li", "dispatcher", scope="west")
    known = {"Authorization": f"Bearer {people.tokens.add('account', 'li')}"}
    engine.dispose()
    streets = [city.area_row[name] for name in ("west-street", "east-street")]
    parent = np.array(city.areas.parent)
    parent[streets] = parent[streets[::-1]]
    moved = replace(city, areas=replace(city.areas, parent=parent))
    with serving(redis_server.url, tmp_path / "log") as url:
        put_city(redis, city)
        assert until(lambda: get(f"{url}/healthz").status == 200)
        Hand(redis, city).begin()
        with Viewer(url, headers=known) as viewer:
            assert viewer.watch(area="west-community")["districts"] == [WEST]
            assert until(lambda: viewer.frames)
            put_city(redis, moved)
            Hand(redis, moved).begin()
            time.sleep(2.5)
            after = Hand(redis, moved).begin()
            after.say(workers=fixes(1))
            time.sleep(0.5)
            assert not viewer.seqs(EAST)
