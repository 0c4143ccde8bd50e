"""Backlog: open events, folded from what the feed says of them, in whatever order it says it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live import columns
from dashboard.live.desk import Desk
from dashboard.live.district import District, Ground
from dashboard.live.flow import BUCKET, OPEN_AT, RETURNED
from dashboard.live.frame import NOWHERE, decode
from dashboard.live.mirror import Mirror
from dashboard.live.situation import Situation
from dashboard.live.times import BACK
from dashboard.settings import load
from feeds.lattice import lattice
from feeds.record import NONE, STATUS_STEP, EventReport

T = 1_763_700_300.0
CITY = lattice("t", (116.0, 39.0, 116.08, 39.08), districts=("east", "west"))
GROUND = Ground(CITY)
DISTRICT = int(CITY.districts[0])
NYC = Path(__file__).parents[2] / "shared/data/nyc311_sample_c_2013.csv"


@pytest.fixture
def district() -> District:
    return District(GROUND, DISTRICT, load({}))


def report(event_id: str = "E1", step: str = "reported", after: float = 0, **more: object) -> EventReport:
    said = {"lon": 116.005, "lat": 39.005} | more
    return EventReport(event_id, said.pop("class_code", "litter"), T, T + after, step=step, **said)


def flow(district: District) -> dict[tuple[int, int, int], int]:
    table = district.backlog.flow.table(whole=True)
    keys = zip(*(table[name].tolist() for name in ("bucket", "area", "step")), strict=True)
    return dict(zip(keys, table["count"].tolist(), strict=True))


def test_an_event_is_open_until_it_is_archived(district):
    district.fold_events([report()])
    assert district.tables(False)["events"]["step"].tolist() == [0]
    district.fold_events([report(step="archived", after=60)])
    assert district.tables(False)["events"]["step"].tolist() == [4]
    assert district.backlog.events == {}
    assert district.counters["events_archived"] == 1


def test_the_same_word_twice_counts_once(district):
    district.fold_events([report(), report()])
    district.fold_events([report()])
    counters = district.counters
    assert (counters["events"], counters["events_duplicate"], counters["events_new"]) == (1, 2, 1)


def test_an_older_word_never_moves_the_present(district):
    district.fold_events([report(step="handled", after=90), report(step="dispatched", after=30)])
    assert district.backlog.events["E1"].step == 2
    assert district.counters["events_late"] == 1


def test_what_is_closed_is_not_opened_by_a_word_that_comes_late(district):
    district.fold_events([report(step="archived", after=90), report(), report(step="dispatched", after=30)])
    assert district.backlog.events == {}
    assert district.tables(True)["events"]["key"].tolist() == []
    assert (district.counters["events"], district.counters["events_late"]) == (1, 2)


def test_a_closed_event_may_be_opened_again_by_a_newer_word(district):
    district.fold_events([report(step="archived", after=90), report(step="dispatched", after=120)])
    assert district.backlog.events["E1"].step == 1
    assert flow(district)[int(T) // BUCKET, 3, RETURNED] == 1


def test_an_event_stands_in_the_grid_it_names_or_in_that_of_its_point(district):
    named = str(CITY.grids.grid_id[9])
    district.fold_events([report("E1"), report("E2", grid_id=named), report("E3", lon=None, lat=None, grid_id=named)])
    events = district.backlog.events
    assert [events[name].grid for name in ("E1", "E2", "E3")] == [0, 9, 9]
    assert events["E3"].lon == NOWHERE
    assert district.counters["without_position"] == 1


def test_an_event_without_a_place_is_counted_with_its_district(district):
    district.fold_events([report(lon=None, lat=None), report("E2", lon=None, lat=None, area_id="east-street")])
    events = district.backlog.events
    assert (events["E1"].grid, events["E1"].area) == (NONE, DISTRICT)
    assert events["E2"].area == CITY.area_row["east-street"]


def test_a_class_that_nobody_knows_is_other_and_is_counted(district):
    district.fold_events([report(class_code="ufo")])
    assert district.backlog.events["E1"].class_row == 0
    assert district.counters["unknown_class"] == 1


def test_a_later_word_need_not_say_everything_again(district):
    district.fold_events([report(text="a hole", due_at=T + 600)])
    district.fold_events([report(step="dispatched", after=5, lon=None, lat=None)])
    event = district.backlog.events["E1"]
    assert (event.report.text, event.report.due_at, event.lon, event.grid) == ("a hole", T + 600, 1_160_050_000, 0)


def test_it_is_told_how_long_an_event_stood_in_each_step_and_whether_it_went_back(district):
    district.fold_events([report(), report(step="dispatched", after=60), report(step="reported", after=90)])
    times = district.facts(False)["times"]
    assert times["seconds"].tolist() == [60, 30]
    assert times["step"].tolist() == [0, 1 + BACK]


def test_the_flow_counts_what_was_open_at_the_end_of_each_quarter_hour(district):
    first = int(T) // BUCKET
    moves = [report(), report("E2"), report(step="archived", after=2 * BUCKET)]
    district.fold_events(moves)
    # A word that comes late finds its place in the past, and all later quarter hours know of it.
    district.fold_events([report("E3", after=BUCKET)])
    counts = flow(district)
    assert counts[first, 3, OPEN_AT] == 3
    assert counts[first + 2, 3, OPEN_AT] == 2
    assert counts[first, 3, 0] == 3
    assert counts[first + 2, 3, 4] == 1


def test_an_event_that_moves_up_a_level_is_open_there(district):
    district.fold_events([report(), report(level="street", after=BUCKET)])
    counts, first = flow(district), int(T) // BUCKET
    assert (counts[first, 3, OPEN_AT], counts[first + 1, 3, OPEN_AT], counts[first + 1, 3, OPEN_AT + 1]) == (1, 0, 1)


def test_an_event_closed_before_it_was_reported_was_open_for_no_time(district):
    district.fold_events([report(step="archived", after=-5000)])
    assert flow(district)[int(T) // BUCKET, 3, OPEN_AT] == 0
    assert district.facts(False)["times"]["seconds"].tolist() == [0, 0]


def test_words_of_open_events_are_told_once_and_taken_back_when_they_close(district):
    district.fold_events([report(text="a hole")])
    told = district.told()
    assert [msgspec.msgpack.decode(body, type=EventReport).text for body in told.values()] == ["a hole"]
    assert district.told() == {}
    district.fold_events([report(step="archived", after=9)])
    assert list(district.told().values()) == [None]


# --- words of the ledger: by version


def case(version: int, step: str = "reported", after: float = 0, event_id: str = "E1", **more: object) -> EventReport:
    return report(event_id, step, after, version=version, **more)


def test_a_word_of_the_ledger_counts_once_by_its_version_whatever_its_times_say(district):
    district.fold_events([case(1), case(2, "dispatched", 60), case(3, "handled", 60), case(2, "dispatched", 60)])
    assert district.backlog.events["E1"].step == 2
    district.fold_events([case(3, "handled", 60), case(1)])
    counters = district.counters
    assert (counters["events"], counters["events_duplicate"], counters["events_late"]) == (3, 1, 2)


def test_a_case_that_is_returned_goes_back_though_no_time_has_passed(district):
    district.fold_events([case(1), case(2, "dispatched", 60), case(3, "reported", 60, returns=1)])
    event = district.backlog.events["E1"]
    assert (event.step, event.report.returns) == (0, 1)
    assert flow(district)[(int(T) + 60) // BUCKET, 3, RETURNED] == 1


def test_a_case_that_is_opened_again_is_open_and_an_older_word_does_not_close_it(district):
    district.fold_events([case(1), case(2, "archived", 60), case(3, "reported", 60), case(2, "archived", 60)])
    assert district.backlog.events["E1"].step == 0
    assert flow(district)[int(T) // BUCKET, 3, OPEN_AT] == 1


def test_the_ledger_says_everything_each_time_also_what_is_no_longer_so(district):
    district.fold_events([case(1, due_at=T + 60, text="a hole"), case(2, due_at=None, lon=None, lat=None)])
    event = district.backlog.events["E1"]
    assert (event.report.due_at, event.report.text, event.lon, event.grid) == (None, "", NOWHERE, NONE)


def test_a_word_from_beside_the_ledger_is_older_than_any_of_its_own(district):
    district.fold_events([report(), case(1, "dispatched", 5), report(step="archived", after=900)])
    assert district.backlog.events["E1"].step == 1
    assert district.counters["events_late"] == 1


def test_a_closed_case_is_known_by_its_version_after_a_restart(district):
    district.fold_events([case(1), case(4, "archived", 60)])
    again = District(GROUND, DISTRICT, load({}))
    again.load(district.fields())
    again.fold_events([case(3, "verified", 99), case(4, "archived", 60)])
    assert again.backlog.events == {}
    assert (again.counters["events_late"], again.counters["events_duplicate"]) == (1, 1)


def test_closed_events_that_an_older_hall_saved_in_larger_parts_are_known_and_saved_anew(district):
    district.fold_events([report(step="archived", after=60)])
    fields = district.fields()
    part = columns.read(fields["closed:00"])
    size = len(part["id"])
    fields["closed:00"] = columns.write({name: np.pad(column, (0, 7 * size)) for name, column in part.items()})
    again = District(GROUND, DISTRICT, load({}))
    again.load(fields)
    again.fold_events([report()])
    assert again.backlog.events == {}
    assert len(columns.read(again.fields()["closed:00"])["id"]) == size


def test_parked_and_returned_cases_are_counted_and_the_clock_of_a_parked_one_stands(district):
    district.fold_events([
        case(1, event_id="E1", due_at=T + 10), case(2, "dispatched", 5, parked=True, due_at=T + 10),
        case(1, event_id="E2", due_at=T + 10, returns=2), case(1, event_id="E3", due_at=T + 10),
    ])  # fmt: skip
    mirror = Mirror(CITY)
    assert mirror.apply(decode(Desk(district, 1).frame(T * 1000, beat=True) or b""))
    situation = Situation(mirror, CITY, load({}), T + 3600, 0, [])
    assert situation.river["parked"].tolist() == [0, 1, 0, 0, 0, 0]
    assert situation.river["returned"].tolist() == [1, 0, 0, 0, 0, 0]
    assert situation.backlog("step")["overdue"].tolist()[:2] == [2, 0]


steps = st.sampled_from(["reported", "dispatched", "handled", "archived"])
words = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 200), steps), min_size=1, max_size=25)


@settings(max_examples=150, deadline=None)
@given(words, st.data())
def test_whatever_the_order_the_same_events_are_open_in_the_same_step(said, data):
    said = [report(f"E{number}", step, after) for number, after, step in said]
    straight, mixed = District(GROUND, DISTRICT, load({})), District(GROUND, DISTRICT, load({}))
    straight.fold_events(sorted(said, key=lambda word: word.updated_at))
    jumbled = data.draw(st.permutations(said))
    half = data.draw(st.integers(0, len(jumbled)))
    mixed.fold_events(jumbled[:half])
    mixed.fold_events(jumbled[half:])
    stand = lambda state: {name: event.stamp for name, event in state.backlog.events.items()}  # noqa: E731
    assert stand(straight) == stand(mixed)
    counted = sum(mixed.counters[name] for name in ("events", "events_late", "events_duplicate"))
    assert counted == len(said)


@settings(max_examples=60, deadline=None)
@given(words, st.integers(0, 25))
def test_a_fold_that_was_saved_and_read_again_goes_on_as_if_nothing_had_been(said, cut):
    said = [report(f"E{number}", step, after) for number, after, step in said]
    straight, saved = District(GROUND, DISTRICT, load({})), District(GROUND, DISTRICT, load({}))
    straight.fold_events(said)
    saved.fold_events(said[:cut])
    fields = saved.fields()
    again = District(GROUND, DISTRICT, load({}))
    again.load(fields)
    again.fold_events(said[cut:])
    assert again.backlog.events == straight.backlog.events
    assert again.counters.as_dict() == straight.counters.as_dict()
    assert flow(again) == flow(straight)


@pytest.mark.skipif(not NYC.exists(), reason="the 311 sample is not here")
def test_recorded_events_are_open_and_overdue_minute_by_minute_as_pandas_says():
    table = pd.read_csv(NYC)
    made, closed, due = (seconds(table[name]) for name in ("Created Date", "Closed Date", "Due Date"))
    # The status decides: two rows that are pending have a closing time, and are open.
    closed = closed.where(table["Status"] == "Closed")
    assert closed.notna().sum() == 83
    words = nyc_words(table, made, closed, due)
    state, mirror = District(GROUND, DISTRICT, load({})), Mirror(CITY)
    desk = Desk(state, 1)
    start, end = int(made.min()), int(max(made.max(), closed.max()))
    for now in range(start, end + 60, 60):
        while words and words[0].updated_at <= now:
            state.fold_events([words.pop(0)])
        assert mirror.apply(decode(desk.frame(now * 1000.0, beat=True) or b""))
        situation = Situation(mirror, CITY, load({}), float(now), 0, [])
        bands = situation.events["band"]
        is_open = (made <= now) & ~(closed.clip(lower=made) <= now)
        assert len(situation.events) == is_open.sum()
        assert bands.isin(["overdue", "long_open"]).sum() == (is_open & (due < now)).sum()
        assert situation.backlog("level")["open"].sum() == is_open.sum()


def seconds(column: pd.Series) -> pd.Series:
    local = pd.to_datetime(column).dt.tz_localize("America/New_York")
    return (local - pd.Timestamp(0, tz="UTC")).dt.total_seconds()


def nyc_words(table: pd.DataFrame, made: pd.Series, closed: pd.Series, due: pd.Series) -> list[EventReport]:
    """The first word of each event when it was made, the last when it was closed; closed: none while it is open."""
    words: list[EventReport] = []
    for row, key in enumerate(table["Unique Key"]):
        limit = None if pd.isna(due[row]) else float(due[row])
        step = STATUS_STEP.get(str(table["Status"][row]).lower(), "reported")
        first = step if pd.isna(closed[row]) and step != "archived" else "reported"
        words.append(EventReport(str(key), "noise", float(made[row]), float(made[row]), step=first, due_at=limit))
        if not pd.isna(closed[row]):
            at = max(float(closed[row]), float(made[row]))
            words.append(EventReport(str(key), "noise", float(made[row]), at, step="archived", due_at=limit))
    return sorted(words, key=lambda word: word.updated_at)
