"""The exact sign test, against scipy's binomial test and by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipelines.statistics.sign_test import sign_test


@pytest.mark.parametrize(
    ("up", "down", "chance"),
    [
        (0, 0, Fraction(1)),
        (1, 0, Fraction(1)),
        (5, 0, Fraction(1, 16)),
        (0, 8, Fraction(1, 128)),
        (3, 3, Fraction(1)),
        (15, 1, Fraction(2 * 17, 2**16)),
    ],
)
def test_by_hand(up: int, down: int, chance: Fraction) -> None:
    assert sign_test(up, down) == chance


@given(st.integers(0, 300), st.integers(0, 300))
def test_as_the_binomial_test_has_it(up: int, down: int) -> None:
    known = binomtest(up, up + down, 0.5).pvalue if up + down else 1.0
    assert float(sign_test(up, down)) == pytest.approx(known, rel=1e-9)
    assert sign_test(up, down) == sign_test(down, up)


def test_a_count_is_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        sign_test(-1, 2)
