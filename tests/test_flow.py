"""Flow: quarter hours, steps and open events as columns, beside a plain count of the same words; and times in steps."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.live.flow import BUCKET, CODES, FIRST_OPEN, KEPT, OPEN_AT, Flow
from dashboard.live.times import KEPT as MOST
from dashboard.live.times import Times

AREAS = np.array([3, 5, 9])
SAME = np.arange(10)
FIRST = 1_963_000
Rows = dict[tuple[int, int, int], int]

codes = st.sampled_from(CODES[:FIRST_OPEN].tolist())
levels = st.sampled_from([(level, change) for level in range(3) for change in (1, -1)])
quarters, areas = st.integers(0, 3 * KEPT), st.sampled_from(AREAS.tolist())
words = st.lists(st.tuples(quarters, areas, st.one_of(codes, levels)), min_size=1, max_size=40)


def rows(table: dict[str, np.ndarray]) -> Rows:
    keys = zip(*(table[name].tolist() for name in ("bucket", "area", "step")), strict=True)
    return dict(zip(keys, table["count"].tolist(), strict=True))


def put(flow: Flow, said: tuple[int, int, int | tuple[int, int]]) -> None:
    quarter, area, what = said
    at = (FIRST + quarter) * BUCKET + 7
    if isinstance(what, tuple):
        flow.opened(at, area, *what)
    else:
        flow.entered(at, area, what)


def counted(said: list[tuple[int, int, int | tuple[int, int]]]) -> Rows:
    """The same by a plain count: what came into a step within the day that is kept, and what stood open."""
    oldest = FIRST + max(quarter for quarter, *_ in said) - KEPT
    steps: Counter[tuple[int, int, int]] = Counter()
    changes: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for quarter, area, what in said:
        bucket = FIRST + quarter
        if isinstance(what, tuple):
            changes[area, what[0]][max(bucket, oldest)] += what[1]
        elif bucket > oldest:
            steps[bucket, area, what] += 1
    stood = {
        (bucket, area, OPEN_AT + level): max(0, sum(n for before, n in by.items() if before <= bucket))
        for (area, level), by in changes.items()
        for bucket in by
    }
    return dict(steps) | stood


@settings(max_examples=150, deadline=None)
@given(words)
def test_the_flow_is_what_a_plain_count_of_the_words_gives(said):
    flow = Flow(AREAS)
    for word in said:
        put(flow, word)
    assert rows(flow.table(whole=True)) == counted(said)


@settings(max_examples=100, deadline=None)
@given(words, st.data())
def test_what_was_told_in_pieces_is_the_whole_when_it_is_laid_together(said, data):
    flow, told = Flow(AREAS), Rows()
    for word in said:
        put(flow, word)
        if data.draw(st.booleans()):
            told |= rows(flow.table(whole=False))
    told |= rows(flow.table(whole=False))
    # The oldest quarter hour of the whole says what stood open before the day; who listens has that from before.
    day = {key: count for key, count in rows(flow.table(whole=True)).items() if key[0] > flow.newest - KEPT}
    assert {key: told.get(key) for key in day} == day


@settings(max_examples=100, deadline=None)
@given(words, st.data())
def test_a_flow_that_was_saved_bit_by_bit_and_read_again_is_the_same(said, data):
    flow, kept = Flow(AREAS), dict[str, bytes]()
    for word in said:
        put(flow, word)
        if data.draw(st.booleans()):
            kept |= flow.fields(everything=False)
    kept |= flow.fields(everything=False)
    for saved in (kept, flow.fields(everything=True)):
        again = Flow(AREAS)
        again.load(saved, SAME)
        assert (rows(again.table(whole=True)), again.newest) == (rows(flow.table(whole=True)), flow.newest)


def test_what_is_saved_again_is_the_quarter_hour_that_changed_and_not_the_day():
    flow = Flow(AREAS)
    for quarter in range(KEPT):
        put(flow, (quarter, 5, 0))
    flow.fields(everything=False)
    put(flow, (KEPT - 1, 9, 0))
    assert list(flow.fields(everything=False)) == [f"flow:{(FIRST + KEPT - 1) % 128:02d}"]
    assert flow.fields(everything=False) == {}


def test_areas_that_have_other_rows_in_a_new_grid_set_keep_what_was_theirs():
    flow = Flow(AREAS)
    for area in (5, 9, 9):
        put(flow, (0, area, 0))
    less = Flow(np.array([3, 4]))
    less.load(flow.fields(everything=True), np.array([0, 0, 0, 3, 0, 3, 0, 0, 0, 4]))  # 5 lies in 3 now, 9 is 4
    assert rows(less.table(whole=True)) == {(FIRST, 3, 0): 1, (FIRST, 4, 0): 2}


@settings(max_examples=100, deadline=None)
@given(words, st.dictionaries(st.tuples(areas, st.integers(0, 2)), st.integers(0, 5)))
def test_what_stands_open_is_settled_when_events_lie_in_other_areas_than_they_were_counted_in(said, standing):
    flow = Flow(AREAS)
    for word in said:
        put(flow, word)
    flow.settle(standing, FIRST * BUCKET)
    told = rows(flow.table(whole=True))
    for area in AREAS.tolist():
        for level in range(3):
            counts = {bucket: n for (bucket, *key), n in told.items() if key == [area, OPEN_AT + level]}
            last = counts[max(counts)] if counts else 0
            assert last == standing.get((area, level), 0)


def test_the_newest_times_are_kept_in_order_and_only_the_last_chunk_is_saved_again():
    times = Times()
    for number in range(MOST + 700):
        times.left(number, 60, 5, 1)
    assert len(times.table(whole=False)["at"]) == MOST + 700
    kept = times.ring.fields(everything=False)
    times.left(MOST + 700, -3, 5, 1)
    changed = times.ring.fields(everything=False)
    assert len(changed) == 1
    again = Times()
    again.load(kept | changed, times.ring.next, SAME)
    table = again.table(whole=True)
    assert table["at"].tolist() == list(range(701, MOST + 701))
    assert table["seconds"][-1] == 0 and len(table) == 4


def test_where_no_time_is_known_none_is_told():
    assert len(Times().table(whole=True)["at"]) == 0
    assert len(Times().table(whole=False)["at"]) == 0
