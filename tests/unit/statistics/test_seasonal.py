"""The season's factors: what returns each year is found, what moves over the years is not taken for it, and shares stay shares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statistics.seasonal import FEWEST, amount_factors, by_point, odds_factors

UNTIMED = settings(deadline=None)
SEASON = np.array([1.04, 1.08, 0.76, 1.12])


def test_the_season_is_found_whatever_the_level() -> None:
    levels = np.linspace(1, 50, 10)[:, None]
    factors = amount_factors(levels * np.tile(SEASON, 3), 4)
    assert factors == pytest.approx(SEASON / SEASON.mean())


def test_a_change_over_the_years_is_no_season() -> None:
    """Twice as much each year, and in every year the same shape."""
    years = np.repeat([1.0, 2.0, 4.0], 4) * np.tile(SEASON, 3)
    assert amount_factors(np.tile(years, (4, 1)), 4) == pytest.approx(SEASON / SEASON.mean())


def test_one_slip_moves_nothing() -> None:
    values = np.tile(SEASON, (20, 3))
    values[0, 2] = 760.0
    assert amount_factors(values, 4) == pytest.approx(SEASON / SEASON.mean())


@pytest.mark.parametrize(
    ("rows", "missing", "known"), [(FEWEST, 0, True), (FEWEST - 1, 0, False), (FEWEST, 1, False)]
)
def test_few_whole_years_say_nothing(rows: int, missing: int, known: bool) -> None:
    values = np.tile(SEASON, (rows, 1))
    values[:missing, 1] = np.nan
    assert (amount_factors(values, 4) is not None) == known
    assert (odds_factors(values / 2, 4) is not None) == known


def test_a_season_with_nothing_has_no_factor() -> None:
    """Nothing can be divided by a factor of 0: the values stay as they are."""
    assert amount_factors(np.tile([1.0, 1.0, 0.0, 1.0], (9, 1)), 4) is None
    assert amount_factors(np.zeros((9, 4)), 4) is None


def test_the_odds_of_a_season_take_no_share_beyond_everyone() -> None:
    shares = np.tile([0.98, 0.98, 0.80, 0.98], (9, 2))
    factors = odds_factors(shares, 4)
    assert factors is not None
    assert factors[2] < 1 < factors[0]
    odds = factors * 0.935 / 0.065
    assert odds / (1 + odds) == pytest.approx([0.98, 0.98, 0.80, 0.98], abs=1e-9)


def test_nobody_in_a_season_and_everybody_in_the_others_is_finite() -> None:
    factors = odds_factors(np.tile([1.0, 1.0, 0.0, 1.0], (9, 2)), 4)
    assert factors is not None
    assert np.isfinite(factors).all()
    assert (factors > 0).all()


@UNTIMED
@given(
    st.lists(st.lists(st.floats(0.1, 100), min_size=4, max_size=4), min_size=FEWEST, max_size=20),
    st.floats(0.01, 100),
)
def test_factors_have_a_mean_of_one_and_know_no_unit_of_measure(
    rows: list[list[float]], scale: float
) -> None:
    values = np.array(rows)
    factors = amount_factors(values, 4)
    assert factors is not None
    assert factors.mean() == pytest.approx(1)
    assert amount_factors(values * scale, 4) == pytest.approx(factors)


def test_without_factors_all_points_are_alike() -> None:
    assert by_point(None, [0, 1, 0]).tolist() == [1, 1, 1]
    assert by_point(np.array([0.5, 1.5]), [0, 1, 0]).tolist() == [0.5, 1.5, 0.5]
