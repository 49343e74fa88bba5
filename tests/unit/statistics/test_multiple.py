"""Benjamini-Hochberg: by its definition, monotone, order-free, and with tests that could not be judged left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statistics.multiple import benjamini_hochberg, benjamini_hochberg_of_groups

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


@UNTIMED
@given(tests_p)
def test_groups_of_one_row_are_tests_as_ever(p: list[float]) -> None:
    assert benjamini_hochberg_of_groups(p, range(len(p))) == pytest.approx(benjamini_hochberg(p))


@UNTIMED
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4)), min_size=1, max_size=30),
    st.sampled_from([0.02, 0.1, 0.5]),
)
def test_rows_are_held_at_the_bar_that_their_groups_set(rows: list[tuple[float, int]], q: float) -> None:
    p, group = (np.array(part) for part in zip(*rows, strict=True))
    least = sorted(p[group == g].min() for g in set(group.tolist()))
    steps = [i for i in range(1, len(least) + 1) if least[i - 1] <= q * i / len(least)]
    bar = q * max(steps, default=0) / len(least)
    if all(abs(x - q * i / len(least)) > 1e-12 for x in p for i in range(len(least) + 1)):
        assert ((benjamini_hochberg_of_groups(p, group) <= q) == (p <= bar)).tolist() == [True] * len(p)


def test_many_rows_of_one_group_make_no_room_for_others() -> None:
    p = np.array([1e-9] * 200 + [0.004] + [0.5] * 99)
    assert benjamini_hochberg(p)[200] <= 0.02
    one_ledger = np.array([0] * 200 + list(range(1, 101)))
    assert benjamini_hochberg_of_groups(p, one_ledger)[200] > 0.02


def test_rows_without_a_p_stay_without() -> None:
    adjusted = benjamini_hochberg_of_groups([np.nan, 0.01, np.nan], ["a", "a", "b"])
    assert adjusted.tolist() == [
        pytest.approx(np.nan, nan_ok=True),
        pytest.approx(0.01),
        pytest.approx(np.nan, nan_ok=True),
    ]
    assert np.isnan(benjamini_hochberg_of_groups([np.nan], ["a"])).all()
    assert benjamini_hochberg_of_groups([], []).tolist() == []
