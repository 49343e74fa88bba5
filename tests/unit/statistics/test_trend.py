"""Mann-Kendall: published values, and the exact p against every order of the values counted out."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from pipelines.statistics import trend
from tests.published import published

UNTIMED = settings(deadline=None)
KNOWN = published("mann_kendall_sen")


@pytest.mark.parametrize("case", KNOWN["series"], ids=lambda case: case["name"])
def test_published_series(case: dict[str, Any]) -> None:
    found = trend.mann_kendall(case["y"])
    assert found.s == case["S"]
    assert found[1:5] == pytest.approx(
        (case["var_S"], case["z"], case["p_normal_cc"], case["sen_slope"]), rel=1e-9
    )
    assert found.p == pytest.approx(case["r_cor_test_p"], rel=1e-9)


@pytest.mark.parametrize("case", KNOWN["exact_minimum_two_sided_p"], ids=lambda case: f"n={case['n']}")
def test_the_smallest_p_that_a_short_series_can_have(case: dict[str, Any]) -> None:
    for values in (np.arange(case["n"]), -np.arange(case["n"])):
        found = trend.mann_kendall(values)
        assert found.p == pytest.approx(case["p"], rel=1e-9)
        assert found.judged == (case["n"] >= trend.MINIMUM_POINTS) == (case["p"] < 0.05)


def score(values: tuple[float, ...]) -> float:
    return sum(np.sign(b - a) for i, a in enumerate(values) for b in values[i + 1 :])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=6))
def test_exact_p_counts_the_orders_ties_included(values: list[int]) -> None:
    found = trend.mann_kendall(values)
    scores = [abs(score(order)) for order in permutations(values)]
    assert found.s == score(tuple(values))
    assert found.p == pytest.approx(np.mean(np.array(scores) >= abs(found.s)))


@UNTIMED
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=9, unique=True))
def test_exact_p_is_kendalls(values: list[int]) -> None:
    found = trend.mann_kendall(values)
    assert found.p == pytest.approx(kendalltau(range(len(values)), values, method="exact").pvalue)


@UNTIMED
@given(st.lists(st.integers(-5, 5), min_size=10, max_size=40))
def test_s_and_slope_are_scipys_for_longer_ones(values: list[int]) -> None:
    found = trend.mann_kendall(values)
    pairs = len(values) * (len(values) - 1) / 2
    ties = sum(values.count(v) - 1 for v in values) / 2
    if ties < pairs:
        tau = kendalltau(range(len(values)), values).statistic
        assert found.s == pytest.approx(tau * np.sqrt(pairs * (pairs - ties)))
    assert found.slope == pytest.approx(theilslopes(values).slope)
    mirrored = trend.mann_kendall(values[::-1])
    assert (mirrored.s, mirrored.slope, mirrored.p) == pytest.approx((-found.s, -found.slope, found.p))


def test_the_variance_with_ties_by_hand() -> None:
    # n = 10: 10 * 9 * 25 / 18 = 125, less 3 * 2 * 11 / 18 for three equals and 2 * 1 * 9 / 18 for two
    found = trend.mann_kendall([1, 2, 2, 2, 3, 4, 5, 5, 6, 7])
    assert found.var == pytest.approx(125 - 66 / 18 - 1)
    assert found.z == pytest.approx((found.s - 1) / np.sqrt(found.var))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], (0, 0, np.nan, np.nan, np.nan)),
        ([3], (0, 0, np.nan, np.nan, np.nan)),
        ([np.nan, 3, np.nan], (0, 0, np.nan, np.nan, np.nan)),
        ([1, 2], (1, 1, 0, 1, 1)),
        ([2] * 5, (0, 0, 0, 1, 0)),
        ([2] * 12, (0, 0, 0, 1, 0)),
    ],
)
def test_edges(values: list[float], expected: tuple[float, ...]) -> None:
    assert trend.mann_kendall(values)[:5] == pytest.approx(expected, nan_ok=True)


def test_a_missing_year_keeps_its_place() -> None:
    found = trend.mann_kendall([10, 12, np.nan, np.nan, 18])
    assert found.slope == 2
    assert (found.s, found.p, found.judged) == (3, pytest.approx(1 / 3), False)


def test_series_in_rows_are_tested_each_on_its_own() -> None:
    rows = [[1, 1, 2, np.nan, 3], [2, 2, 2, 2, 2], [5, 4, 3, 2, 1], [np.nan] * 5, [1, 3, 2, 2, 5]]
    together = trend.mann_kendall([rows, rows])
    for row, values in enumerate(rows):
        alone = trend.mann_kendall(values)
        for block in (0, 1):
            assert np.array_equal(
                [part[block, row] for part in together], [np.asarray(part) for part in alone], equal_nan=True
            )


@pytest.mark.parametrize("values", [3.0, [1.0, np.inf]])
def test_what_is_no_series_is_refused(values: Any) -> None:
    with pytest.raises(ValueError, match="series"):
        trend.mann_kendall(values)
