"""Benjamini-Hochberg: by its definition, monotone, order-free, and with tests that could not be judged left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statistics.multiple import benjamini_hochberg

UNTIMED = settings(deadline=None)
tests_p = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_the_example_of_the_paper() -> None:
    """Benjamini and Hochberg 1995, section 4: of fifteen p-values the four smallest are rejected at 0.05."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4


@UNTIMED
@given(tests_p, st.sampled_from([0.01, 0.05, 0.1, 0.5]))
def test_those_under_q_are_the_step_up_procedures(p: list[float], q: float) -> None:
    ordered = sorted(p)
    steps = [i for i in range(1, len(p) + 1) if ordered[i - 1] <= q * i / len(p)]
    if all(abs(ordered[i - 1] - q * i / len(p)) > 1e-12 for i in range(1, len(p) + 1)):
        assert (benjamini_hochberg(p) <= q).sum() == max(steps, default=0)


@UNTIMED
@given(tests_p, st.randoms())
def test_adjusted_values_are_no_smaller_keep_their_order_and_do_not_depend_on_it(
    p: list[float], random: Any
) -> None:
    adjusted = benjamini_hochberg(p)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
    order = list(range(len(p)))
    random.shuffle(order)
    assert benjamini_hochberg(np.array(p)[order]) == pytest.approx(adjusted[order])


def test_what_could_not_be_judged_is_no_test() -> None:
    adjusted = benjamini_hochberg([[0.01, np.nan], [0.04, 0.03]])
    assert adjusted.tolist() == [
        [pytest.approx(0.03), pytest.approx(np.nan, nan_ok=True)],
        [pytest.approx(0.04), pytest.approx(0.04)],
    ]
    assert benjamini_hochberg([]).tolist() == []
    assert np.isnan(benjamini_hochberg([np.nan])).all()
    assert benjamini_hochberg(0.2) == 0.2
    with pytest.raises(ValueError, match="p must"):
        benjamini_hochberg([1.2])
