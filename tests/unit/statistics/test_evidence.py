"""Signals of counts: those that chance explains at their size go, those that it does not stay, and sides are told apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.statistics import control
from pipelines.statistics.evidence import THREE_SIGMA, backed


def signals(values: list[str], sides: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return coded([values]), np.array([sides], dtype=np.int8)


def coded(rows: list[list[str]]) -> np.ndarray:
    return np.array([[control.SIGNALS.index(name) for name in row] for row in rows], dtype=np.int8)


def named(codes: np.ndarray) -> list[list[str]]:
    return [[control.SIGNALS[code] for code in row] for row in codes.tolist()]


def test_the_limit_is_that_of_three_deviations() -> None:
    assert pytest.approx(stats.norm.sf(3), abs=1e-7) == THREE_SIGMA


@pytest.mark.parametrize(
    ("k", "n", "share", "stays"),
    [
        (2, 3, 0.97, False),  # one of three absent: one in eleven
        (20, 30, 0.97, True),
        (0, 3, 0.97, True),  # all three
        (0, 3, 0.50, False),
    ],
)
def test_a_share_far_below_counts_only_at_a_size_that_shows_it(
    k: int, n: int, share: float, stays: bool
) -> None:
    p = stats.binom.cdf(k, n, share)
    assert (p < THREE_SIGMA) == stays
    kinds, sides = backed(
        *signals(["none", "astronomical"], [0, -1]), [[n, k]], [[n * share, n * share]], [[n, n]]
    )
    assert named(kinds) == [["none", "astronomical" if stays else "none"]]
    assert sides.tolist() == [[0, -1 if stays else 0]]


@pytest.mark.parametrize(("k", "expected", "stays"), [(3, 0.5, False), (6, 0.5, True), (5, 0.5, True)])
def test_events_are_held_against_poissons_chance(k: int, expected: float, stays: bool) -> None:
    assert (stats.poisson.sf(k - 1, expected) < THREE_SIGMA) == stays
    kinds, _ = backed(*signals(["astronomical"], [1]), [[k]], [[expected]])
    assert (named(kinds)[0][0] == "astronomical") == stays


def test_a_run_is_judged_as_one_and_each_outlier_alone() -> None:
    """Seven quarters of 13 where 10 were due are beyond chance together, and none of them alone."""
    run = backed(*signals(["shift"] * 7, [1] * 7), [[17] * 7], [[10] * 7])[0]
    assert set(named(run)[0]) == {"shift"}
    alone = backed(*signals(["astronomical"] * 7, [1] * 7), [[17] * 7], [[10] * 7])[0]
    assert set(named(alone)[0]) == {"none"}


def test_sides_and_series_are_runs_of_their_own() -> None:
    kinds = coded([["shift"] * 4, ["shift"] * 4])
    sides = np.array([[1, 1, -1, -1], [1, 1, 1, 1]], dtype=np.int8)
    k = np.array([[30, 30, 9, 9], [11, 11, 11, 11]])
    found, towards = backed(kinds, sides, k, np.full((2, 4), 10.0))
    assert named(found) == [["shift", "shift", "none", "none"], ["none"] * 4]
    assert towards.tolist() == [[1, 1, 0, 0], [0] * 4]


def test_what_is_missing_is_passed_over_and_kept() -> None:
    """A gap does not part a run, and has no signal."""
    kinds, sides = signals(["shift", "none", "shift"], [1, 0, 1])
    found, _ = backed(kinds, sides, [[18, np.nan, 18]], [[10, np.nan, 10]])
    assert stats.poisson.sf(35, 20) < THREE_SIGMA < stats.poisson.sf(17, 10)
    assert named(found) == [["shift", "none", "shift"]]


def test_a_tiny_branch_that_misses_once_in_five_years_has_no_signal() -> None:
    k, n = np.array([[3] * 13 + [2] + [3] * 6]), np.full((1, 20), 3)
    chart = control.coded_laney_p(k, n)
    assert set(named(chart.signals)[0]) != {"none"}, "the limits alone cry wolf"
    kinds, _ = backed(chart.signals, chart.sides, k, chart.centre[:, None] * n, n)
    assert set(named(kinds)[0]) == {"none"}
