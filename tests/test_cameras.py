"""Cameras: what platforms say, when it counts, and what is one outage."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.live.desk import Desk
from dashboard.live.district import District, Ground
from dashboard.live.frame import decode
from dashboard.live.mirror import Mirror
from dashboard.live.situation import Situation
from dashboard.settings import load
from feeds.lattice import lattice
from feeds.record import CAMERA_STATES, CameraStatus

T = 1_763_700_000
CITY = lattice("t", (116.0, 39.0, 116.08, 39.08), cameras=40)
GROUND = Ground(CITY)


class Hall:
    """One district and its mirror."""

    def __init__(self) -> None:
        self.desk = Desk(District(GROUND, int(CITY.districts[0]), load({})), 1)
        self.mirror = Mirror(CITY)

    def say(self, state: str, at: float, *cameras: int) -> None:
        ids = [str(CITY.cameras.camera_id[row]) for row in cameras]
        self.desk.state.fold_cameras([CameraStatus(camera_id, state, at) for camera_id in ids])

    def at(self, now: float) -> Situation:
        for body in (self.desk.frame(now * 1000, True), self.desk.facts(now * 1000)):
            assert body is None or self.mirror.apply(decode(body))
        return Situation(self.mirror, CITY, load({}), now, 0, [])

    def state(self, now: float, camera: int) -> str:
        return CAMERA_STATES[int(self.at(now).cameras["state"][camera])]


@pytest.fixture
def hall() -> Hall:
    hall = Hall()
    hall.say("online", T, *range(40))
    return hall


def test_off_must_last_a_minute_before_it_counts_and_on_counts_at_once(hall):
    hall.say("offline", T + 10, 0)
    assert hall.state(T + 69, 0) == "online"
    assert hall.state(T + 70, 0) == "offline"
    hall.say("online", T + 80, 0)
    assert hall.state(T + 80, 0) == "online"


def test_a_camera_that_flaps_within_a_minute_was_never_off(hall):
    for second in range(10, 300, 40):
        hall.say("offline", T + second, 0)
        hall.say("online", T + second + 20, 0)
        assert hall.state(T + second + 19, 0) == "online"


def test_a_camera_that_is_off_in_another_way_has_been_off_since_the_first(hall):
    hall.say("offline", T + 10, 0)
    hall.say("video_lost", T + 50, 0)
    assert hall.state(T + 70, 0) == "video_lost"
    assert hall.at(T + 70).cameras["since"][0] == T + 10


def test_an_older_word_never_moves_the_present(hall):
    hall.say("offline", T - 10, 0)
    hall.say("online", T, 0)
    assert hall.state(T + 100, 0) == "online"
    counters = hall.desk.state.counters
    assert (counters["cameras_late"], counters["cameras_duplicate"]) == (1, 1)


def test_an_unknown_camera_is_counted(hall):
    hall.desk.state.fold_cameras([CameraStatus("nobody", "online", T)])
    assert hall.desk.state.counters["unknown_camera"] == 1


def test_the_online_rate_leaves_out_what_is_switched_off_on_purpose(hall):
    hall.say("disabled", T + 1, 0, 1)
    hall.say("offline", T + 1, 2)
    assert hall.at(T + 100).online == (37, 38)


def test_a_platform_that_falls_silent_makes_its_cameras_unknown_and_is_one_outage(hall):
    assert hall.state(T + 1800, 0) == "online"
    assert hall.state(T + 1801, 0) == "unknown"
    assert [(o.kind, o.cameras, o.since) for o in hall.at(T + 1801).outages] == [("platform", 40, T)]
    hall.say("online", T + 1900, 39)
    assert hall.state(T + 1900, 0) == "online"


def test_a_switch_that_goes_dark_is_one_outage(hall):
    hall.say("offline", T + 10, *range(16))
    assert hall.at(T + 30).outages == []
    outages = hall.at(T + 71).outages
    assert [(o.kind, o.name, o.cameras, o.since) for o in outages] == [("switch", "switch-0", 16, T + 10)]


def test_a_platform_that_goes_dark_is_one_outage_and_its_switches_are_none(hall):
    hall.say("offline", T + 10, *range(34))
    assert [(o.kind, o.cameras) for o in hall.at(T + 71).outages] == [("platform", 34)]


def test_four_of_five_is_an_outage_and_three_of_four_is_none(hall):
    hall.say("offline", T + 10, *range(32, 38))  # six of the eight of the last switch
    assert hall.at(T + 71).outages == []
    hall.say("offline", T + 10, 38)
    assert [o.cameras for o in hall.at(T + 71).outages] == [7]


def test_the_worst_owner_comes_first(hall):
    hall.say("offline", T + 1, *np.arange(1, 20, 2).tolist())
    owners = hall.at(T + 100).owners
    assert list(zip(owners["owner"], owners["online"], owners["of"], strict=True)) == [
        ("traffic", 10, 20),
        ("police", 20, 20),
    ]


def test_a_camera_of_which_nothing_was_ever_said_is_unknown_and_counts():
    situation = Hall().at(T)
    assert situation.online == (0, 40)
    assert situation.outages == []
