"""Last digits beside others' and beside what sizes lead one to expect."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2_contingency, fisher_exact

from pipelines.statistics.digits import beside_others, chance_of_round, is_round, raised_to


def test_beside_others_is_the_chi_square_of_two_rows_and_fishers_test() -> None:
    here, there = [30, 4, 6, 5, 5, 22, 7, 4, 6, 3], [105, 95, 99, 101, 110, 90, 98, 102, 97, 103]
    found = beside_others(here, there)
    assert found.p == pytest.approx(chi2_contingency([here, there], correction=False).pvalue)
    rounded = [[52, sum(here) - 52], [195, sum(there) - 195]]
    assert found.round_p == pytest.approx(fisher_exact(rounded, alternative="greater").pvalue)


def test_what_everybody_does_is_no_sign_of_one() -> None:
    habit = np.array([300, 10, 10, 10, 10, 300, 10, 10, 10, 10])
    found = beside_others(habit, 40 * habit)
    assert found.round_p > 0.4
    assert found.p > 0.99
    assert np.isnan(beside_others(habit, 0 * habit).p)


@pytest.mark.parametrize("least", [0, 20])
@pytest.mark.parametrize(
    ("n", "rate"), [(21, 0.93), (25, 0.985), (47, 0.95), (300, 0.9), (40, 0.3), (22, 0.05), (900, 0.001)]
)
def test_the_chance_of_a_round_count_is_the_binomials(n: int, rate: float, least: int) -> None:
    k = np.arange(least, n)
    mass = binom.pmf(k, n, rate)
    assert chance_of_round(n, rate, least) == pytest.approx(mass[k % 5 == 0].sum() / mass.sum(), rel=1e-9)


@pytest.mark.parametrize(("n", "rate"), [(3, 0.5), (5, 0.9), (20, 0.985)])
def test_a_small_group_is_often_round(n: int, rate: float) -> None:
    k = np.arange(n)
    mass = binom.pmf(k, n, rate)
    assert chance_of_round(n, rate) == pytest.approx(mass[k % 5 == 0].sum() / mass.sum(), rel=1e-9)
    assert np.isnan(chance_of_round(n, rate, 20))


def test_a_full_group_is_no_round_figure() -> None:
    assert is_round([20, 15, 19, np.nan, 0], [20, 20, 20, 20, 4]).tolist()[1:3] == [1.0, 0.0]
    assert np.isnan(is_round([20, np.nan], [20, 20])).all()
    assert is_round(0, 4) == 1
    assert np.isnan(chance_of_round([0, 7], [0.5, 1.0])).all()


@given(st.lists(st.floats(0.01, 0.9), min_size=1, max_size=40), st.floats(0.01, 0.99))
@settings(max_examples=100, deadline=None)
def test_chances_are_raised_to_what_was_seen_and_never_lowered(chances: list[float], part: float) -> None:
    seen = int(part * len(chances))
    raised = raised_to(chances, seen)
    assert (raised >= np.array(chances) - 1e-12).all()
    assert raised.sum() == pytest.approx(max(seen, sum(chances)), rel=1e-6)
