"""Proportions: exact judgement on integers, intervals against published ones, exact tails against scipy's."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2

from pipelines.statistics import proportion
from tests.published import published

UNTIMED = settings(deadline=None)
NINE_TENTHS = Fraction(9, 10)
SMALL = published("small_numbers")
FUNNEL = published("funnel_exact_binomial")
THRESHOLDS = published("threshold_arithmetic")

k_and_n = st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
k_and_some = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
fractions = st.fractions(0, 1, max_denominator=1000)


@pytest.mark.parametrize("case", THRESHOLDS["percent"] + THRESHOLDS["product"], ids=str)
def test_percentages_are_judged_exactly(case: dict[str, Any]) -> None:
    required = (
        Decimal(str(case["threshold"])) if "threshold" in case else Fraction(case["threshold_pct"], 100)
    )
    assert proportion.meets(case["k"], case["n"], required) is case["exact_pass"]


@pytest.mark.parametrize("case", THRESHOLDS["hours_24"], ids=lambda case: case["name"])
def test_hours_are_judged_exactly(case: dict[str, Any]) -> None:
    hours = case["times"] * Fraction(case["step"]).limit_denominator(100)
    assert proportion.meets(hours, 1, 24) is case["exact_pass"]


def test_what_is_missing_or_of_nobody_is_neither_met_nor_not() -> None:
    case = THRESHOLDS["rounded_display"][0]
    assert proportion.meets(case["k"], case["n"], Decimal("0.9")) is False
    judged = proportion.meets([9, 2249, 0, None, 5], [10, 2500, 0, 3, None], NINE_TENTHS)
    assert judged.tolist() == [True, False, None, None, None]
    assert proportion.meets(0, 0, NINE_TENTHS) is None
    assert proportion.meets(3, 4, [Fraction(3, 4), None]).tolist() == [True, None]
    assert proportion.meets([], [], NINE_TENTHS).tolist() == []


@pytest.mark.parametrize(
    ("k", "compare", "met"),
    [(9, "at_least", True), (9, "above", False), (9, "at_most", True), (10, "above", True), (10, "at_most", False)],
)  # fmt: skip
def test_a_standard_says_how_it_compares(k: int, compare: Any, met: bool) -> None:
    assert proportion.meets(k, 10, NINE_TENTHS, compare) is met


def test_columns_of_polars_are_taken() -> None:
    frame = pl.DataFrame(
        {"k": [9, None, 8], "n": [10, 10, 10], "hours": [Decimal("23.99"), None, Decimal("24.00")]}
    )
    assert proportion.meets(frame["k"], frame["n"], NINE_TENTHS).tolist() == [True, None, False]
    assert proportion.meets(frame["hours"], 1, 24).tolist() == [False, None, True]


@pytest.mark.parametrize(
    ("k", "n", "standard", "error"),
    [
        (9, 10, 0.9, TypeError), (9, 10, [0.9], TypeError), ("9", 10, NINE_TENTHS, TypeError), (True, 10, NINE_TENTHS, TypeError),
        (8.5, 10, NINE_TENTHS, ValueError), (-1, 10, NINE_TENTHS, ValueError),
    ],
)  # fmt: skip
def test_what_cannot_be_exact_is_refused(k: Any, n: Any, standard: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        proportion.meets(k, n, standard)
    with pytest.raises(ValueError, match="compare"):
        proportion.meets(1, 2, NINE_TENTHS, "under")  # type: ignore[arg-type]


@UNTIMED
@given(st.integers(0, 10**20), st.integers(1, 10**20), st.fractions(0, 2, max_denominator=10**6))
def test_meeting_is_the_arithmetic_of_fractions(k: int, n: int, standard: Fraction) -> None:
    assert proportion.meets(k, n, standard) is (Fraction(k, n) >= standard)


@UNTIMED
@given(st.integers(0, 500), fractions)
def test_the_least_that_meets_does_and_one_less_does_not(n: int, standard: Fraction) -> None:
    least = proportion.least_meeting(n, standard)
    assert proportion.meets(least, n, standard) in {True, None}
    assert least == 0 or proportion.meets(least - 1, n, standard) is False


def test_the_lattice_of_a_target_of_ninety_percent() -> None:
    rows = published("bunching")["lattice"]["first_pass_k"]
    assert proportion.least_meeting([row["n"] for row in rows], NINE_TENTHS).tolist() == [
        row["k"] for row in rows
    ]
    assert proportion.least_meeting([10, None], Decimal("0.9")).tolist() == [9, None]


@pytest.mark.parametrize("case", THRESHOLDS["size_fairness"]["rows"], ids=lambda case: f"n={case['n']}")
def test_how_often_a_rule_is_kept_by_size(case: dict[str, Any]) -> None:
    least = proportion.least_meeting(case["n"], NINE_TENTHS)
    assert case["n"] - least == case["absences_allowed"]
    for rate in (95, 90, 85):
        kept = proportion.above_standard(least, case["n"], Fraction(rate, 100))
        assert kept == pytest.approx(case[f"pass_prob_true_p{rate}"], abs=1e-12)


@pytest.mark.parametrize("case", FUNNEL["tail_tests_target_0.9"], ids=lambda case: f"{case['k']}/{case['n']}")
def test_published_tails_and_intervals(case: dict[str, Any]) -> None:
    k, n = case["k"], case["n"]
    assert proportion.below_standard(k, n, NINE_TENTHS) == pytest.approx(case["lower_tail"], abs=1e-12)
    assert proportion.below_standard(k, n, 0.9) == pytest.approx(case["lower_tail"], rel=1e-10)
    low, high = proportion.wilson_interval(k, n)
    assert (low, high) == pytest.approx((case["wilson_low"], case["wilson_high"]), abs=1e-10)


@pytest.mark.parametrize("case", FUNNEL["limits"], ids=lambda case: f"{case['n']} at {case['target']}")
def test_the_largest_count_that_is_evidence(case: dict[str, Any]) -> None:
    p = proportion.below_standard(np.arange(case["n"] + 1), case["n"], case["target"])
    assert (p <= 0.025).sum() - 1 == case["k_max_flag_low95"]
    assert (p <= 0.001).sum() - 1 == case["k_max_flag_low998"]


def test_all_attended_and_how_often_a_wilson_bound_would_cry_wolf() -> None:
    for case in SMALL["all_attended_lower"]:
        assert proportion.wilson_interval(case["n"], case["n"]).low == pytest.approx(
            case["wilson95_low"], abs=1e-12
        )
    for case in SMALL["wilson_false_alarm_at_target"]:
        k = np.arange(case["n"] + 1)
        flagged = k[proportion.wilson_interval(k, case["n"]).high < 0.9]
        assert flagged.max() == case["k_max_flag"]
        alarm = proportion.below_standard(flagged.max(), case["n"], NINE_TENTHS)
        assert alarm == pytest.approx(case["actual_false_alarm_prob"], abs=1e-12)


@UNTIMED
@given(k_and_some, st.floats(0.5, 0.999))
def test_a_wilson_interval_lies_in_zero_to_one_and_holds_the_share(
    pair: tuple[int, int], confidence: float
) -> None:
    k, n = pair
    low, high = proportion.wilson_interval(k, n, confidence)
    assert 0 <= low <= k / n <= high <= 1
    assert (low == 0) == (k == 0)
    assert (high == 1) == (k == n)
    # its ends are where the score test just rejects: that is its definition
    z = (k / n - low) / np.sqrt(low * (1 - low) / n) if k else None
    assert z is None or z == pytest.approx(np.sqrt(chi2.ppf(confidence, 1)), rel=1e-6)


@UNTIMED
@given(k_and_n, fractions)
def test_tails_are_scipys_and_mirror_each_other(pair: tuple[int, int], standard: Fraction) -> None:
    k, n = pair
    below, above = proportion.below_standard(k, n, standard), proportion.above_standard(k, n, standard)
    if n == 0:
        assert np.isnan([below, above]).all()
        return
    assert below == pytest.approx(binom.cdf(k, n, float(standard)), rel=1e-8, abs=1e-300)
    assert above == pytest.approx(proportion.below_standard(n - k, n, 1 - standard), rel=1e-6, abs=1e-200)
    assert below + above == pytest.approx(1 + binom.pmf(k, n, float(standard)), rel=1e-9)


@pytest.mark.parametrize("count", [10, 15, 50, 400, 10_000])
def test_byar_comes_near_the_exact_poisson_interval(count: int) -> None:
    for confidence, near in ((0.9, 0.01), (0.95, 0.01), (0.998, 0.02)):
        tail = (1 - confidence) / 2
        exact = chi2.ppf(tail, 2 * count) / 2, chi2.ppf(1 - tail, 2 * count + 2) / 2
        assert proportion.byar_interval(count, confidence) == pytest.approx(exact, rel=near)


def test_byar_of_none_and_few() -> None:
    low, high = proportion.byar_interval([0, 1, np.nan], 0.998)
    assert low[0] == 0
    assert low[1] == 0  # the cube would be below 0
    assert high[0] == pytest.approx(6.9, abs=0.2)  # exact: 6.908
    assert np.isnan([low[2], high[2]]).all()


def test_nobody_and_missing_values_have_no_interval() -> None:
    low, high = proportion.wilson_interval([0, 3, np.nan], [0, np.nan, 5])
    assert np.isnan([low, high]).all()
    assert proportion.wilson_interval([], []).low.shape == (0,)


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 2), (0.5, 2), (1, np.inf)])
def test_what_cannot_be_a_count_is_refused(k: float, n: float) -> None:
    with pytest.raises(ValueError, match=r"whole|above"):
        proportion.wilson_interval(k, n)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1, np.nan])
def test_a_confidence_is_no_percentage(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        proportion.wilson_interval(1, 2, confidence)
    with pytest.raises(ValueError, match="confidence"):
        proportion.byar_interval(1, confidence)
    with pytest.raises(ValueError, match="standard"):
        proportion.below_standard(1, 2, 90)


def test_a_group_is_the_ratio_of_its_sums() -> None:
    units = THRESHOLDS["simpson"]["units"]
    k, n = sum(unit["k"] for unit in units), sum(unit["n"] for unit in units)
    assert 100 * k / n == pytest.approx(THRESHOLDS["simpson"]["pooled"])
    assert (
        proportion.meets(k, n, Decimal("0.86")) is False
    )  # the mean of the percentages, 87.5, would meet it
