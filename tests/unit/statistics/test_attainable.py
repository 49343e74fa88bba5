"""The least p that constancy could have given: never above what the test itself gives."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statistics.attainable import least_of_constancy
from pipelines.statistics.evenness import exact_evenness


@pytest.mark.parametrize(
    ("k", "n", "least"),
    [
        # nine of ten in twelve months: one way only, in all ways to place 12 absences of 120
        ([9] * 12, [10] * 12, 10**12 / comb(120, 12)),
        ([8, 10] * 6, [10] * 12, 10**12 / comb(120, 12)),
        # three absences in twelve months fall apart by themselves: nothing to ask
        ([40] * 9 + [39] * 3, [40] * 12, comb(12, 3) * 40**3 / comb(480, 3)),
        ([5, np.nan, 5], [5, 9, 5], 1.0),
    ],
)
def test_by_hand(k: list[float], n: list[float], least: float) -> None:
    assert least_of_constancy(k, n) == pytest.approx(least, rel=1e-9)


def test_all_of_everybody_can_be_nothing_but_even() -> None:
    assert least_of_constancy([[7, 7], [0, 0]], [[7, 7], [7, 7]]).tolist() == [1.0, 1.0]
    assert np.isnan(least_of_constancy([np.nan, 0.0], [3.0, 0.0]))


@given(st.lists(st.tuples(st.integers(1, 6), st.floats(0, 1)), min_size=2, max_size=5))
@settings(max_examples=150, deadline=None)
def test_never_above_the_p_of_any_series_of_the_same_sum(drawn: list[tuple[int, float]]) -> None:
    n = [size for size, _ in drawn]
    k = [round(size * part) for size, part in drawn]
    least = float(least_of_constancy(k, n))
    others = (list(other) for other in product(*(range(size + 1) for size in n)) if sum(other) == sum(k))
    assert least <= min(exact_evenness(other, n) for other in others) * (1 + 1e-9)
