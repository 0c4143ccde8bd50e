"""Crowd: the present of every worker; late, double and doubtful fixes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live import crowd, tracks
from dashboard.live.district import District, Ground
from dashboard.live.muster import Muster
from dashboard.settings import load
from feeds.lattice import lattice
from feeds.record import FIX, INDOOR, MOCK, SOS

T = 1_763_700_000  # 12:40 in the hall
CITY = lattice("t", (116.0, 39.0, 116.08, 39.08), worker_ids=[f"w{i}" for i in range(70)])
GROUND = Ground(CITY)
GEOLIFE = Path(__file__).parents[2] / "shared/data/geolife_4users.csv"


@pytest.fixture
def district() -> District:
    return District(GROUND, int(CITY.districts[0]), load({}))


def fix(worker: int, second: float, lon: float = 116.005, lat: float = 39.005, acc: int = 5, flags: int = 0) -> tuple:
    return worker, round(second * 1000), round(lon * 1e7), round(lat * 1e7), acc, 0, 0, 0, flags


def fixes(*rows: tuple) -> np.ndarray:
    return np.array(list(rows), FIX)


def containment(district: District, worker: int = 0) -> int:
    return int(district.crowd.mark[worker] & 3)


def test_the_present_is_the_newest_fix_in_whatever_order_they_come(district):
    district.fold_fixes(fixes(fix(0, T + 9, 116.006), fix(0, T), fix(1, T, 116.015)))
    assert district.crowd.second[:2].tolist() == [T + 9, T]
    assert district.crowd.lon[0] == 1_160_060_000


def test_a_late_fix_extends_the_track_and_never_moves_the_present(district):
    district.fold_fixes(fixes(fix(0, T)))
    district.tables(False)
    district.fold_fixes(fixes(fix(0, T - 60, 116.007)))
    assert (district.crowd.second[0], district.crowd.lon[0]) == (T, 1_160_050_000)
    assert district.counters["late"] == 1
    assert len(district.tables(False)["workers"]["slot"]) == 0
    assert tracks.read(district.fields(), None, 0, T)["at"].tolist() == [T - 60, T]


def test_the_same_second_of_the_same_worker_counts_once(district):
    district.fold_fixes(fixes(fix(0, T), fix(0, T + 0.4), fix(0, T + 1)))
    district.fold_fixes(fixes(fix(0, T), fix(0, T + 1), fix(1, T)))
    assert (district.counters["fixes"], district.counters["duplicate"]) == (3, 3)


def test_a_fix_more_than_an_hour_behind_its_worker_is_too_late(district):
    district.fold_fixes(fixes(fix(0, T)))
    district.fold_fixes(fixes(fix(0, T - 3600), fix(0, T - 3601), fix(1, T - 9000)))
    assert (district.counters["too_late"], district.counters["late"], district.counters["fixes"]) == (1, 1, 2)


def test_a_long_batch_is_judged_as_if_it_had_come_one_by_one(district):
    rows = [fix(0, T), fix(0, T - 5000), fix(1, T - 5000), fix(1, T)]
    district.fold_fixes(fixes(*rows))
    single = District(GROUND, district.district, load({}))
    for row in rows:
        single.fold_fixes(fixes(row))
    assert district.counters.as_dict() == single.counters.as_dict()
    assert district.counters["too_late"] == 1


def test_a_fix_of_nobody_is_counted_and_passed_over(district):
    district.fold_fixes(fixes(fix(7777, T), fix(0xFFFFFFFF, T), fix(0, T)))
    assert (district.counters["unknown_worker"], district.counters["fixes"]) == (2, 1)


def test_nothing_at_all_is_nothing(district):
    district.fold_fixes(fixes())
    assert sum(district.counters.as_dict().values()) == 0


@pytest.mark.parametrize(
    ("lon", "acc", "flags", "expected"),
    [
        (116.0050, 5, 0, crowd.INSIDE),
        (116.0101, 20, 0, crowd.DOUBTFUL),  # 8.6 m beyond the border
        (116.0101, 5, 0, crowd.OUTSIDE),
        (116.0103, 0, 0, crowd.DOUBTFUL),  # 26 m: no accuracy said, 30 m are assumed in town
        (116.0105, 0, 0, crowd.OUTSIDE),  # 43 m
        (116.0105, 0, INDOOR, crowd.DOUBTFUL),  # 50 m indoors
        (115.9999, 20, 0, crowd.DOUBTFUL),  # beyond the city itself
        (110.0, 20, 0, crowd.OUTSIDE),
    ],
)
def test_containment_uses_the_accuracy_of_the_fix(district, lon, acc, flags, expected):
    district.fold_fixes(fixes(fix(0, T, lon, acc=acc, flags=flags)))
    assert containment(district) == expected


def test_a_leap_a_mock_location_and_a_call_for_help_are_marked_until_the_next_fix(district):
    district.fold_fixes(fixes(fix(0, T), fix(0, T + 5, 116.009, flags=MOCK | SOS)))
    assert district.crowd.mark[0] == crowd.INSIDE | crowd.TELEPORT | crowd.MOCKED | crowd.CALLS
    district.fold_fixes(fixes(fix(0, T + 10, 116.009)))
    assert district.crowd.mark[0] == crowd.INSIDE
    assert district.counters["teleports"] == 1


def test_a_worker_who_stands_at_exactly_one_point_for_half_an_hour_is_doubted(district):
    for minute in range(31):
        district.fold_fixes(fixes(fix(0, T + 60 * minute), fix(1, T + 60 * minute, 116.015 + minute * 1e-7)))
    assert district.crowd.mark[0] & crowd.FROZEN
    assert not district.crowd.mark[1] & crowd.FROZEN


def test_it_is_known_since_when_a_worker_is_outside(district):
    district.fold_fixes(fixes(fix(0, T), fix(1, T, 116.015)))
    district.fold_fixes(fixes(fix(0, T + 60, 116.02)))
    district.fold_fixes(fixes(fix(0, T + 90, 116.03)))
    assert district.crowd.strayed[:2].tolist() == [T + 60, 0]
    assert district.facts(False)["patrol"]["strayed"].tolist() == [T + 60, 0]


wanderings = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3599), st.integers(0, 79), st.integers(0, 79)),
    min_size=1, max_size=60, unique_by=lambda row: row[:2],
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(wanderings, st.data())
def test_any_order_any_batches_and_any_doubles_give_the_same_counts_tracks_and_patrol(walk, data):
    rows = [fix(w, T + s, 116.0 + x * 0.0005, 39.0 + y * 0.00025) for w, s, x, y in walk]
    straight, mixed = (District(GROUND, int(CITY.districts[0]), load({})) for _ in range(2))
    straight.fold_fixes(fixes(*sorted(rows, key=lambda row: row[1])))
    jumbled = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows)))))
    while jumbled:
        size = data.draw(st.integers(1, len(jumbled)))
        mixed.fold_fixes(fixes(*jumbled[:size]))
        jumbled = jumbled[size:]
    for name in ("second", "lon", "lat", "grid"):
        assert getattr(straight.crowd, name).tolist() == getattr(mixed.crowd, name).tolist()
    assert straight.counters["fixes"] + straight.counters["late"] == len(rows)
    assert mixed.counters["fixes"] + mixed.counters["late"] == len(rows)
    assert straight.patrol.minutes.tolist() == mixed.patrol.minutes.tolist()
    assert (tracks.read(straight.fields(), None, 0, T + 9999) == tracks.read(mixed.fields(), None, 0, T + 9999)).all()


QUARTERS = lattice(
    "q", (116.0, 39.0, 116.08, 39.08), districts=("a", "b", "c", "d"), worker_ids=[f"w{i}" for i in range(16)]
)
QUARTERS_GROUND = Ground(QUARTERS)
STREAMS = [int(row) for row in QUARTERS.districts]

#: Which stream, worker, second, place: streams also get fixes of workers of other districts, and of nobody.
dealt = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 17), st.integers(0, 4500), st.integers(0, 79), st.integers(0, 79)),
    max_size=40,
)


def streams(rows: list[tuple]) -> list[tuple[int, np.ndarray]]:
    told = [[fix(w, T + s, 116.0 + x * 0.001, 39.0 + y * 0.001) for d, w, s, x, y in rows if d == n] for n in range(4)]
    return [(n, fixes(*own)) for n, own in enumerate(told)]


def everything(district: District) -> tuple[dict, dict]:
    tables = district.tables(False) | district.facts(False)
    plain = {name: {key: column.tolist() for key, column in table.items()} for name, table in tables.items()}
    return plain, district.fields()


@settings(max_examples=150, deadline=None)
@given(st.lists(dealt, min_size=1, max_size=4))
def test_districts_that_are_folded_together_stand_as_each_that_is_folded_alone(ticks):
    muster = Muster(QUARTERS_GROUND, load({}), STREAMS)
    together = [District(QUARTERS_GROUND, row, load({}), muster) for row in STREAMS]
    alone = [District(QUARTERS_GROUND, row, load({})) for row in STREAMS]
    for rows in ticks:
        muster.fold((place, own.tobytes()) for place, own in streams(rows))
        for place, own in streams(rows):
            alone[place].fold_fixes(own)
        assert [everything(district) for district in together] == [everything(district) for district in alone]
    assert [one.fields(True) for one in together] == [one.fields(True) for one in alone]


def test_a_district_that_is_taken_again_begins_with_nothing_and_leaves_the_others_alone():
    muster = Muster(QUARTERS_GROUND, load({}), STREAMS)
    first, other = (District(QUARTERS_GROUND, row, load({}), muster) for row in STREAMS[:2])
    rows = fixes(*(fix(w, T + s, 116.005 + w * 0.005, 39.03) for w in range(16) for s in range(0, 120, 30)))
    muster.fold([(0, rows.tobytes()), (1, rows.tobytes())])
    before = other.fields(True)
    again = District(QUARTERS_GROUND, STREAMS[0], load({}), muster)
    assert first.fields(True) == again.fields(True) == District(QUARTERS_GROUND, STREAMS[0], load({})).fields(True)
    assert other.fields(True) == before != {}
    assert other.counters["fixes"] > 0


def test_what_a_district_has_not_told_yet_waits_for_it_however_often_others_tell():
    muster = Muster(QUARTERS_GROUND, load({}), STREAMS)
    often, seldom = (District(QUARTERS_GROUND, row, load({}), muster) for row in STREAMS[:2])
    rows = fixes(*(fix(w, T) for w in range(16)))
    muster.fold([(0, rows.tobytes()), (1, rows.tobytes())])
    assert len(often.tables(False)["workers"]["slot"]) > 0
    rows["at"] += 9000
    muster.fold([(0, rows.tobytes())])
    assert len(often.tables(False)["workers"]["slot"]) > 0
    assert len(often.tables(False)["workers"]["slot"]) == 0
    told = seldom.tables(False)["workers"]
    assert told["slot"].tolist() == seldom.workers[seldom.crowd.second > 0].tolist() != []
    assert len(seldom.tables(False)["workers"]["slot"]) == 0


def test_more_than_is_folded_together_is_folded_in_several_goes(monkeypatch):
    monkeypatch.setattr("dashboard.live.muster.TOGETHER", 3)
    muster = Muster(QUARTERS_GROUND, load({}), STREAMS)
    districts = [District(QUARTERS_GROUND, row, load({}), muster) for row in STREAMS]
    rows = fixes(*(fix(w, T + s) for w in range(16) for s in range(4)))
    muster.fold((place, rows.tobytes()) for place in range(4))
    assert sum(district.counters["fixes"] for district in districts) == len(rows)


@pytest.mark.skipif(not GEOLIFE.exists(), reason="the GeoLife sample is not here")
def test_recorded_walks_give_as_many_fixes_leaps_and_splits_as_pandas_says():
    walks = pd.read_csv(GEOLIFE)
    user, lat, lon, at = (walks[name] for name in geolife_columns(walks))
    second = pd.to_datetime(at, utc=True).astype("int64") // 10 ** (
        9 if "ns" in str(pd.to_datetime(at, utc=True).dtype) else 6
    )
    table = pd.DataFrame({"user": user.astype(str), "second": second, "lon": lon.round(7), "lat": lat.round(7)})
    said = by_pandas(table)
    users = sorted(table["user"].unique())
    city = lattice(
        "geolife", (lon.min() - 0.01, lat.min() - 0.01, lon.max() + 0.01, lat.max() + 0.01), worker_ids=users
    )
    state = District(Ground(city), int(city.districts[0]), load({}))
    rows = np.zeros(len(table), FIX)
    rows["worker"] = np.searchsorted(users, table["user"])
    rows["at"], rows["lon"], rows["lat"] = (
        table["second"] * 1000,
        (table["lon"] * 1e7).round(),
        (table["lat"] * 1e7).round(),
    )
    rows = rows[np.argsort(rows["at"], kind="stable")]
    for start in range(0, len(rows), 997):
        state.fold_fixes(rows[start : start + 997])
    counts = state.counters.as_dict()
    assert (counts["fixes"], counts["teleports"], counts["splits"]) == said
    assert counts["fixes"] + counts["duplicate"] == len(table)
    assert said[1] > 0
    assert said[2] > 0


def geolife_columns(walks: pd.DataFrame) -> tuple[str, str, str, str]:
    names = {name.lower(): name for name in walks.columns}
    pick = lambda *words: next(names[name] for name in names if any(word in name for word in words))  # noqa: E731
    return pick("user"), pick("lat"), pick("lon", "lng"), pick("time", "date", "at_")


def by_pandas(table: pd.DataFrame) -> tuple[int, int, int]:
    """Fixes, leaps faster than 50 m/s, and gaps longer than ten minutes."""
    once = table.drop_duplicates(["user", "second"]).sort_values(["user", "second"])
    gap = once.groupby("user")["second"].diff()
    rad = np.radians(once[["lat", "lon"]])
    move = rad.groupby(once["user"]).diff()
    a = (
        np.sin(move["lat"] / 2) ** 2
        + np.cos(rad["lat"]) * np.cos(rad["lat"] - move["lat"]) * np.sin(move["lon"] / 2) ** 2
    )
    metres = 2 * 6_371_008.8 * np.arcsin(np.sqrt(a))
    return len(once), int((metres / gap > 50).sum()), int((gap > 600).sum())
