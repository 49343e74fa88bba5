"""Signs of form-filling: published tests, and how often honest units would be asked by mistake."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, chisquare

from pipelines.statistics import patterns
from tests.published import published

NINE_TENTHS = Fraction(9, 10)
CALIPER = published("bunching")["caliper"]
CONSTANT = published("too_constant")


@pytest.mark.parametrize("case", CALIPER["cases"], ids=str)
def test_published_calipers(case: dict[str, Any]) -> None:
    assert patterns.caliper(case["over"], case["under"]) == pytest.approx(case["p_one_sided"], abs=1e-12)
    # units of ten, at the standard and one below it, and some that are neither
    k = [9] * case["over"] + [8] * case["under"] + [10, 7, 0]
    found = patterns.bunching(k, [10] * len(k), NINE_TENTHS)
    assert (found.over, found.under) == (case["over"], case["under"])
    assert found.p_even == pytest.approx(case["p_one_sided"], abs=1e-12)


def test_persons_are_counted_and_not_percentages() -> None:
    # the least that meets 0.9 is 5, 10 and 27: the first three lie at it, the next three one short, the last two apart
    k, n = [5, 10, 27, 4, 9, 26, 11, 25], [5, 11, 30, 5, 11, 30, 11, 30]
    found = patterns.bunching(k, n, NINE_TENTHS)
    assert (found.over, found.under) == (3, 3)
    assert not found.judged
    wide = patterns.bunching(k, n, NINE_TENTHS, width=2)
    assert (wide.over, wide.under) == (4, 4)
    assert wide.judged
    assert patterns.bunching([*k, 0, np.nan], [*n, 0, 9], NINE_TENTHS) == found


def test_the_chance_to_lie_over_is_the_binomials() -> None:
    k, n = [19] * 10 + [18, 17], [20] * 12
    rate = sum(k) / sum(n)
    at, short = binom.pmf(18, 20, rate), binom.pmf(17, 20, rate)
    found = patterns.bunching(k, n, NINE_TENTHS)
    assert found.expected == pytest.approx(at / (at + short))
    assert found.p == pytest.approx(binom.sf(0, 2, at / (at + short)))
    # units of different sizes have different chances: the tail of their sum, by hand for two
    two = patterns.bunching([18, 9, 39, 39], [20, 10, 40, 40], NINE_TENTHS)
    rate = 105 / 110
    a, b = (
        binom.pmf(c, m, rate) / (binom.pmf(c, m, rate) + binom.pmf(c - 1, m, rate))
        for c, m in ((18, 20), (9, 10))
    )
    assert two.p == pytest.approx(a * b)
    assert two.p_even == 0.25


def test_rates_that_are_known_take_the_place_of_the_common_one() -> None:
    k, n = [19] * 10 + [18, 17], [20] * 12
    usual = patterns.bunching(k, n, NINE_TENTHS)
    same = patterns.bunching(k, n, NINE_TENTHS, rates=np.full(12, sum(k) / sum(n)))
    assert same == usual
    # who always comes is seldom just under: to lie over is then less of a surprise
    good = patterns.bunching(k, n, NINE_TENTHS, rates=np.full(12, 0.99))
    assert good.p > usual.p
    assert usual.least_p == pytest.approx(usual.expected**2)


def test_honest_units_are_seldom_asked_and_those_that_fill_in_are_found() -> None:
    rng = np.random.default_rng(7)
    n = rng.integers(5, 60, 300)
    honest = [patterns.bunching(rng.binomial(n, 0.95), n, NINE_TENTHS) for _ in range(200)]
    assert np.mean([found.p < 0.05 for found in honest]) <= 0.08
    assert np.mean([found.p_even < 0.05 for found in honest]) > 0.9  # why p_even is not the one to ask by
    k = rng.binomial(n, 0.85)
    least = np.ceil(n * 0.9 - 1e-9)
    filled = np.where((k < least) & (k >= least - 2), least, k)
    assert patterns.bunching(filled, n, NINE_TENTHS).p < 1e-4
    assert patterns.bunching(k, n, NINE_TENTHS).p > 0.05


@pytest.mark.parametrize(("k", "n"), [([], []), ([0], [0]), ([10, 3], [10, 10])])
def test_with_nobody_beside_the_standard_there_is_nothing_to_ask(k: list[int], n: list[int]) -> None:
    found = patterns.bunching(k, n, NINE_TENTHS)
    assert (found.over, found.under, found.judged) == (0, 0, False)
    assert np.isnan([found.p, found.p_even]).all()
    assert np.isnan(patterns.caliper(0, 0))


def test_all_or_none_are_edges_of_the_lattice() -> None:
    everybody = patterns.bunching([5] * 9, [5] * 9, NINE_TENTHS)
    assert (everybody.over, everybody.p) == (9, 1.0)
    with pytest.raises(ValueError, match="width"):
        patterns.bunching([1], [2], NINE_TENTHS, width=0)
    with pytest.raises(TypeError, match="standard"):
        patterns.bunching([1], [2], 0.9)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CONSTANT["examples"], ids=lambda case: f"ratio {case['ratio']:.2f}")
def test_published_constancy(case: dict[str, Any]) -> None:
    found = patterns.too_constant(case["k"], case["n"])
    expected = (case["chi2"], case["df"], case["ratio"], case["p_low"], case["p_high"])
    assert found[:5] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert found.judged


def test_small_groups_get_the_exact_p() -> None:
    found = patterns.too_constant([4] * 8, [5] * 8)
    assert found.p_low == 0
    assert found.p == pytest.approx(
        5**8 / 76_904_685
    )  # of the C(40, 32) ways, those with four of five each time
    uneven = patterns.too_constant([29, 20, 30, 22, 28, 19, 30, 25, 29], [30] * 9)
    assert uneven.p == uneven.p_low > 0.99


def test_honest_units_are_seldom_called_too_constant() -> None:
    rng = np.random.default_rng(3)
    n = np.broadcast_to(rng.integers(4, 40, (3000, 1)), (3000, 12))
    found = patterns.too_constant(rng.binomial(n, 0.9), n)
    assert np.nanmean(found.p < 0.01) <= 0.012
    assert found.judged.mean() > 0.95


@pytest.mark.parametrize(
    ("k", "n"),
    [([9] * 7, [10] * 7), ([10] * 12, [10] * 12), ([0] * 12, [10] * 12), ([], []), ([9] * 7 + [np.nan] * 5, [10] * 12), ([9] * 7 + [0], [10] * 7 + [0])],
)  # fmt: skip
def test_too_few_periods_and_no_room_to_vary_cannot_be_judged(k: list[float], n: list[int]) -> None:
    found = patterns.too_constant(k, n)
    assert not found.judged
    assert np.isnan(found[:6]).all()


def test_series_in_rows_are_judged_each_on_its_own() -> None:
    k = [[9] * 12, [10] * 12, [9, 8, 10, 7, 9, 10, 6, 9, 10, 8, np.nan, 9], [9, np.nan] * 6]
    together = patterns.too_constant(k, 10)
    for row, values in enumerate(k):
        for part, whole in zip(patterns.too_constant(values, 10), together, strict=True):
            assert np.array_equal(part, whole[row], equal_nan=True)


def test_digits_are_scipys_chi_square() -> None:
    values = np.random.default_rng(5).integers(100, 1000, 400)
    found = patterns.digit_preference([*values, 7, 99, np.nan])
    expected = chisquare(found.counts)
    assert sum(found.counts) == 400
    assert (found.chi2, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.p > 0.001
    assert found.round_p == pytest.approx(binom.sf(found.counts[0] + found.counts[5] - 1, 400, 0.2))


def test_round_figures_are_found_and_few_are_not_judged() -> None:
    heaped = patterns.digit_preference([100 + 5 * i for i in range(60)])
    assert heaped.judged
    assert heaped.p < 1e-6
    assert heaped.round_p < 1e-6
    few = patterns.digit_preference([120] * 49)
    assert not few.judged
    assert np.isnan([few.p, few.round_p]).all()
    assert patterns.digit_preference([]).counts == (0,) * 10
    with pytest.raises(ValueError, match="whole"):
        patterns.digit_preference([101.5])
