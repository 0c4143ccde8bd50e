"""Mirror: a gateway's picture, kept up by frames; gaps, doubles and deposed owners."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.live.desk import Desk
from dashboard.live.district import District, Ground
from dashboard.live.frame import decode, skim, unbundle
from dashboard.live.mirror import Mirror
from dashboard.settings import load
from feeds.lattice import lattice
from feeds.record import FIX, CameraStatus, EventReport

T = 1_763_700_000
CITY = lattice(
    "t", (116.0, 39.0, 116.08, 39.08), districts=("a", "b"), worker_ids=[f"w{i}" for i in range(200)], cameras=20
)
GROUND = Ground(CITY)


def desk(district: int = 0, epoch: int = 1) -> Desk:
    return Desk(District(GROUND, int(CITY.districts[district]), load({})), epoch)


def stir(desk: Desk, tick: int, rng: np.random.Generator) -> None:
    """A few records of every kind."""
    fixes = np.zeros(30, FIX)
    fixes["worker"], fixes["at"] = rng.integers(0, 200, 30), (T + 5 * tick + rng.integers(0, 5, 30)) * 1000
    fixes["lon"], fixes["lat"] = (
        rng.integers(1_160_000_000, 1_160_800_000, 30),
        rng.integers(390_000_000, 390_800_000, 30),
    )
    desk.state.fold_fixes(fixes)
    for number in rng.integers(0, 40, 6).tolist():
        step = ("reported", "dispatched", "handled", "archived")[int(rng.integers(0, 4))]
        west = 116.001 if desk.state.district == CITY.districts[0] else 116.041
        desk.state.fold_events([EventReport(f"E{number}", "litter", T, T + tick, step=step, lon=west, lat=39.001)])
    camera = str(CITY.cameras.camera_id[int(rng.integers(0, 20))])
    desk.state.fold_cameras([CameraStatus(camera, ("online", "offline")[tick % 2], T + tick)])


def send(desk: Desk, mirror: Mirror, tick: int) -> None:
    for body in (desk.frame((T + tick) * 1000.0, beat=True), desk.facts((T + tick) * 1000.0)):
        assert body is None or mirror.apply(decode(body))


def at_times(mirror: Mirror, district: int) -> list[int]:
    """When events left a step, as the mirror heard it."""
    return [at for part in mirror.times([district]) for at in part["at"].tolist()]


def rows(table: dict[str, np.ndarray]) -> list[tuple[float, ...]]:
    return sorted(zip(*(np.asarray(column).tolist() for column in table.values()), strict=True))


def same(desk: Desk, mirror: Mirror) -> None:
    for name, table in mirror.tables(desk.state.district).items():
        told = desk.state.tables(whole=True)[name]
        assert rows({column: told[column] for column in table}) == rows(table), name


@pytest.fixture
def mirror() -> Mirror:
    return Mirror(CITY)


def test_deltas_after_a_whole_frame_give_what_a_whole_frame_would(mirror):
    rng, desks = np.random.default_rng(3), [desk(0), desk(1)]
    for tick in range(60):
        for one in desks:
            stir(one, tick, rng)
            send(one, mirror, tick)
    for one in desks:
        same(one, mirror)
    assert mirror.missing == []


def test_frames_laid_together_give_what_they_give_one_by_one(mirror):
    rng, desks, together = np.random.default_rng(8), [desk(0), desk(1)], Mirror(CITY)
    waiting: list[bytes] = []
    for tick in range(60):
        for one in desks:
            if tick == 31:
                one.show_all()
            stir(one, tick * 60, rng)
            for body in (one.frame((T + tick) * 1000.0, beat=True), one.facts((T + tick) * 1000.0)):
                if body is not None:
                    waiting.append(body)
                    assert mirror.apply(decode(body))
        if tick % 7 == 0:
            assert together.apply_all(skim(body) for body in waiting) == []
            waiting = []
    assert together.apply_all(skim(body) for body in waiting) == []
    for one in desks:
        same(one, together)
    for name in mirror.workers:
        assert (mirror.workers[name] == together.workers[name]).all()
    assert (mirror.flow == together.flow).all() and (mirror.visited == together.visited).all()
    districts = CITY.districts.tolist()
    assert mirror.counters(districts) == together.counters(districts)
    assert [at_times(mirror, row) for row in districts] == [at_times(together, row) for row in districts]
    assert together.apply_all([skim(waiting[-1])]) == [], "what was heard is passed over"


def test_the_facts_of_a_mirror_that_came_late_are_those_of_one_that_heard_everything(mirror):
    rng, one, late = np.random.default_rng(4), desk(), Mirror(CITY)
    for tick in range(40):
        stir(one, tick * 60, rng)
        send(one, mirror, tick)
    one.show_all()
    send(one, late, 40)
    for name in ("grid", "minutes", "day", "strayed"):
        assert (mirror.workers[name] == late.workers[name]).all()
    assert (mirror.flow == late.flow).all()
    assert (mirror.visited == late.visited).all()
    assert mirror.counters([1]) == late.counters([1])
    district = one.state.district
    assert sorted(at_times(mirror, district)) == sorted(at_times(late, district))


def test_a_gap_is_noticed_and_a_whole_frame_heals_it(mirror):
    rng, one = np.random.default_rng(5), desk()
    for tick in range(5):
        stir(one, tick, rng)
        send(one, mirror, tick)
    stir(one, 6, rng)
    assert one.frame(T * 1000.0, beat=True)  # lost on the way
    stir(one, 7, rng)
    body = one.frame(T * 1000.0, beat=True)
    assert not mirror.apply(decode(body or b""))
    one.show_all()
    send(one, mirror, 8)
    same(one, mirror)


def test_a_delta_before_any_whole_frame_is_a_gap(mirror):
    one = desk()
    one.frame(T * 1000.0, beat=True)
    body = one.frame(T * 1000.0, beat=True)
    assert not mirror.apply(decode(body or b""))


def test_a_frame_that_comes_twice_is_passed_over(mirror):
    one = desk()
    body = one.frame(T * 1000.0, beat=True) or b""
    assert mirror.apply(decode(body))
    assert mirror.apply(decode(body))


def test_a_deposed_owner_is_not_heard_any_more(mirror):
    old, new, rng = desk(epoch=1), desk(epoch=2), np.random.default_rng(6)
    send(old, mirror, 0)
    stir(new, 1, rng)
    send(new, mirror, 1)
    stir(old, 2, rng)
    old.show_all()
    send(old, mirror, 2)
    same(new, mirror)


def test_what_a_mirror_hands_on_fits_the_deltas_that_follow(mirror):
    rng, one, browser = np.random.default_rng(7), desk(), Mirror(CITY)
    for tick in range(10):
        stir(one, tick, rng)
        send(one, mirror, tick)
    for part in unbundle(mirror.whole([one.state.district])):
        assert browser.apply(decode(part))
    stir(one, 11, rng)
    assert browser.apply(decode(one.frame(T * 1000.0, beat=True) or b""))
    same(one, browser)


def test_nothing_is_handed_on_of_a_district_that_was_never_heard(mirror):
    assert unbundle(mirror.whole(CITY.districts.tolist())) == []
    assert mirror.missing == CITY.districts.tolist()
