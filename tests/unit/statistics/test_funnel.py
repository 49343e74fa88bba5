"""Funnels: published limits, overdispersion against the SHMI example, and positions that small units get by evidence only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from pipelines.statistics import funnel
from tests.published import published

UNTIMED = settings(deadline=None)
EXACT = published("funnel_exact_binomial")
SPREAD = published("funnel_overdispersion")

targets = st.floats(0.01, 0.99)
units = st.lists(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=40
)


@pytest.mark.parametrize("case", EXACT["limits"], ids=lambda case: f"{case['n']} at {case['target']}")
def test_published_limits(case: dict[str, Any]) -> None:
    inner, outer = (funnel.limits(case["n"], case["target"], level) for level in (0.95, 0.998))
    assert (inner.low, inner.high) == pytest.approx((case["lo95"], case["hi95"]), abs=1e-10)
    assert (outer.low, outer.high) == pytest.approx((case["lo998"], case["hi998"]), abs=1e-10)


@UNTIMED
@given(st.integers(1, 2000), targets, st.sampled_from([0.8, 0.95, 0.998]))
def test_limits_lie_between_the_counts_where_the_binomial_reaches_the_level(
    n: int, target: float, level: float
) -> None:
    tail = (1 - level) / 2
    for limit, p in zip(funnel.limits(n, target, level), (tail, 1 - tail), strict=True):
        r = int(np.ceil(limit * n - 1e-9))
        assert binom.cdf(r, n, target) >= p * (1 - 1e-7)
        assert limit == 0 or binom.cdf(r - 1, n, target) <= p * (1 + 1e-7)
    assert funnel.limits(n, target, level).low <= funnel.limits(n, target, level).high


def test_limits_at_the_edges() -> None:
    low, high = funnel.limits([0, 10, 10, 10, np.nan], [0.9, 0.0, 1.0, np.nan, 0.9])
    assert low.tolist() == pytest.approx([np.nan, 0, 1, np.nan, np.nan], nan_ok=True)
    assert high.tolist() == pytest.approx([np.nan, 0, 1, np.nan, np.nan], nan_ok=True)
    with pytest.raises(ValueError, match="target"):
        funnel.limits(10, 90)
    with pytest.raises(ValueError, match="level"):
        funnel.limits(10, 0.9, 95)


def test_published_limits_of_counts() -> None:
    for case in SPREAD["poisson_limits_published"]["full"]:
        inner, outer = (funnel.count_limits(case["number_seq"], level) for level in (0.95, 0.998))
        assert (inner.low, inner.high) == pytest.approx((case["ll95"], case["ul95"]), abs=1e-9)
        assert (outer.low, outer.high) == pytest.approx((case["ll998"], case["ul998"]), abs=1e-9)
    assert np.isnan(funnel.count_limits([0, np.nan])).all()
    with pytest.raises(ValueError, match="expected"):
        funnel.count_limits(-1)


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_tails_of_counts_part_the_whole_counts_where_poissons_do(level: float) -> None:
    tail, counts = (1 - level) / 2, np.arange(400)
    for expected in (0.3, 1.0, 4.7, 34.375, 120.0, 250.5):
        low, high = funnel.count_tails(expected, level)
        few, many = poisson.cdf(counts, expected) <= tail, poisson.sf(counts - 1, expected) <= tail
        assert (few == (counts <= low)).all() or (low == 0 and not few.any())
        assert (many == (counts >= high)).all()
    assert np.isnan(funnel.count_tails([0, np.nan])).all()
    with pytest.raises(ValueError, match="expected"):
        funnel.count_tails(-1)


def test_published_overdispersion() -> None:
    case = SPREAD["test_SR_SHMI"]
    found = funnel.dispersion(
        [row["Uzscore"] for row in case["rows"]], [row["s"] for row in case["rows"]], winsorise=0
    )
    assert found.phi == pytest.approx(case["phi"], abs=1e-9)
    assert found.tau2 == pytest.approx(case["tau2"], abs=1e-9)
    assert found.phi == pytest.approx(case["published_phi_6dp"], abs=1e-6)


def test_overdispersion_follows_its_formulas_step_by_step() -> None:
    k, n = [18, 40, 9, 88, 61, 30, 7, 25, 49, 12], [20, 50, 10, 90, 80, 40, 14, 26, 50, 30]
    z = sorted(
        (np.arcsin((a / b) ** 0.5) - np.arcsin((sum(k) / sum(n)) ** 0.5)) * 2 * b**0.5
        for a, b in zip(k, n, strict=True)
    )
    # type-7 quantiles of ten values at 0.1 and 0.9: nine tenths of the way to the second, and one tenth past the ninth
    low, high = z[0] + 0.9 * (z[1] - z[0]), z[8] + 0.1 * (z[9] - z[8])
    phi = sum(min(max(score, low), high) ** 2 for score in z) / 10
    weights = [4 * b for b in n]
    tau2 = (10 * phi - 9) / (sum(weights) - sum(w * w for w in weights) / sum(weights))
    assert funnel.overdispersion(k, n) == pytest.approx((phi, tau2), rel=1e-12)
    assert tau2 > 0
    assert funnel.overdispersion([*k, 0, np.nan], [*n, 0, 5]) == pytest.approx((phi, tau2), rel=1e-12)


@UNTIMED
@given(units, st.randoms())
def test_overdispersion_does_not_depend_on_order(pairs: list[tuple[int, int]], random: Any) -> None:
    found = funnel.overdispersion(*zip(*pairs, strict=True))
    random.shuffle(pairs)
    assert funnel.overdispersion(*zip(*pairs, strict=True)) == pytest.approx(found, rel=1e-9, abs=1e-12)
    assert found.tau2 >= 0
    assert found.tau2 == 0 or len(pairs) * found.phi > len(pairs) - 1


@pytest.mark.parametrize(
    ("k", "n", "phi"),
    [
        ([], [], np.nan),
        ([3], [4], np.nan),
        ([0, 0], [5, 0], np.nan),
        ([5, 9, 2], [5, 9, 2], 0),
        ([1, 2], [2, 4], 0),
    ],
)
def test_where_there_is_nothing_to_compare_there_is_no_overdispersion(
    k: list[int], n: list[int], phi: float
) -> None:
    assert funnel.overdispersion(k, n) == pytest.approx((phi, 0), nan_ok=True, abs=1e-20)
    with pytest.raises(ValueError, match="winsorise"):
        funnel.overdispersion(k, n, winsorise=0.5)


@UNTIMED
@given(st.integers(1, 3000), targets, st.floats(0, 0.5))
def test_adjusted_limits_widen_with_tau2_and_never_fold_back(n: int, target: float, tau2: float) -> None:
    low, high = funnel.adjusted_limits(n, target, tau2)
    wider = funnel.adjusted_limits(n, target, tau2 + 0.1)
    slack = 1e-12
    assert 0 <= wider.low <= low + slack <= target + 2 * slack
    assert target - 2 * slack <= high <= wider.high + slack <= 1 + 2 * slack


def test_adjusted_limits_by_hand() -> None:
    angle, reach = np.arcsin(np.sqrt(0.8)), 1.959963984540054 * np.sqrt(1 / 400 + 0.01)
    low, high = funnel.adjusted_limits([100, 0], 0.8, 0.01)
    assert low == pytest.approx([np.sin(angle - reach) ** 2, np.nan], nan_ok=True)
    assert high == pytest.approx([np.sin(angle + reach) ** 2, np.nan], nan_ok=True)
    assert funnel.adjusted_limits(1, 0.9, 1.0) == (0, 1)
    with pytest.raises(ValueError, match="tau2"):
        funnel.adjusted_limits(10, 0.9, -1)


@pytest.mark.parametrize("case", EXACT["limits"], ids=lambda case: f"{case['n']} at {case['target']}")
def test_below_begins_where_the_exact_tail_does(case: dict[str, Any]) -> None:
    places = funnel.position(np.arange(case["n"] + 1), case["n"], case["target"]).tolist()
    assert places.count("below_998") == case["k_max_flag_low998"] + 1
    assert places.count("below_998") + places.count("below_95") == case["k_max_flag_low95"] + 1
    assert places == sorted(places, key=funnel.POSITIONS.index)


@UNTIMED
@given(st.integers(1, 400), targets)
def test_units_at_the_target_are_outside_by_chance_no_more_often_than_promised(n: int, target: float) -> None:
    chance = binom.pmf(np.arange(n + 1), n, target)
    places = funnel.position(np.arange(n + 1), n, target)
    for place, most in (("below_998", 0.001), ("above_998", 0.001)):
        assert chance[places == place].sum() <= most + 1e-9
    assert chance[np.isin(places, ["below_95", "below_998"])].sum() <= 0.025 + 1e-9
    assert chance[np.isin(places, ["above_95", "above_998"])].sum() <= 0.025 + 1e-9


@UNTIMED
@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    targets,
    st.floats(0, 0.3),
)
def test_overdispersion_only_ever_brings_a_unit_in(pair: tuple[int, int], target: float, tau2: float) -> None:
    far = [2, 1, 0, 1, 2]
    plain, allowed = (funnel.position(*pair, target, t) for t in (0.0, tau2))
    assert far[funnel.POSITIONS.index(allowed)] <= far[funnel.POSITIONS.index(plain)]
    assert allowed == "inside" or allowed[:5] == plain[:5]


def test_positions_at_the_edges() -> None:
    assert funnel.position(5, 5, 0.9) == "inside"  # though the drawn upper limit is 0.9915
    assert funnel.position(0, 0, 0.9) is None
    assert funnel.position([0, 3, np.nan, 200], [0, 10, 5, 200], 0.9).tolist() == [
        None,
        "below_998",
        None,
        "above_998",
    ]
    assert funnel.position([300, 300], [500, 500], [0.65, 0.55]).tolist() == ["below_95", "above_95"]
    assert funnel.position([140, 140], 200, 0.8, tau2=0.0).tolist() == ["below_998"] * 2
    assert funnel.position(140, 200, 0.8, tau2=0.004) == "inside"
    assert funnel.position(9, 10, 1.0) == "below_998"  # a target of 1 allows no exception
    assert funnel.position([], [], 0.9).tolist() == []


@pytest.mark.parametrize("tau2", [0.0, 0.7, 12.0])
@pytest.mark.parametrize("expected", [0.4, 3.0, 250.0])
def test_widened_limits_of_counts_lie_where_the_root_leaves_its_errors(expected: float, tau2: float) -> None:
    low, high = funnel.adjusted_count_limits(expected, tau2, 0.95)
    z = 1.959963984540054
    root = 2 * np.sqrt(expected + 3 / 8)
    assert 2 * np.sqrt(high + 3 / 8) - root == pytest.approx(z * np.sqrt(1 + tau2))
    assert low == 0 or root - 2 * np.sqrt(low + 3 / 8) == pytest.approx(z * np.sqrt(1 + tau2))
    assert 0 <= low < expected < high


def test_widened_limits_of_counts_refuse_what_cannot_be() -> None:
    assert np.isnan(funnel.adjusted_count_limits(0.0, 1.0).low)
    for expected, tau2 in ((-1.0, 0.0), (1.0, -0.1), (1.0, np.nan)):
        with pytest.raises(ValueError, match="negative"):
            funnel.adjusted_count_limits(expected, tau2)
