"""Quantiles: however they are found, they are numpy's to the last digit, group by group."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.kpi import quantiles as room

SHARES = (0.0, 0.5, 0.9, 1.0)
HOURS = st.one_of(st.floats(0, 20_000), st.integers(0, 3).map(float), st.just(1 / 3), st.floats(0, 1e-30))


@pytest.mark.parametrize("many", [0, 10**9], ids=["counted", "sorted"])
@settings(deadline=None)
@given(st.lists(st.tuples(HOURS, st.integers(0, 6)), max_size=120), st.sampled_from([1, 8, 64, 1 << 18]))
def test_each_group_has_the_quantiles_that_numpy_finds_in_it(
    many: int, said: list[tuple[float, int]], cells: int
) -> None:
    values, group = np.array([value for value, _ in said], float), np.array([one for _, one in said], np.uint8)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(room, "MANY", max(many, 1))
        patched.setattr(room, "CELLS", cells)
        found = room.quantiles(values, group, 8, SHARES)
    for share, column in zip(SHARES, found, strict=True):
        own = [values[group == one] for one in range(8)]
        assert column.tolist() == pytest.approx(
            [np.quantile(mine, share) if len(mine) else np.nan for mine in own], rel=0, abs=0, nan_ok=True
        )


def test_of_many_values_both_ways_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(4)
    hours, group = chance.exponential(9, room.MANY * 2), chance.integers(0, 300, room.MANY * 2).astype(np.uint16)
    counted = room.quantiles(hours, group, 301, SHARES)
    monkeypatch.setattr(room, "MANY", len(hours) + 1)
    assert np.array_equal(counted, room.quantiles(hours, group, 301, SHARES), equal_nan=True)
