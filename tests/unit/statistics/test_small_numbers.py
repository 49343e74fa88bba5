"""Small numbers: published tables, and that a rounded count never tells one person from the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.statistics import small_numbers
from tests.published import published

KNOWN = published("small_numbers")


@pytest.mark.parametrize("case", KNOWN["midpoint6"], ids=lambda case: str(case["x"]))
def test_published_midpoints(case: dict[str, Any]) -> None:
    assert small_numbers.round_mid(case["x"]) == case["out"]


@pytest.mark.parametrize("case", KNOWN["nhs"], ids=lambda case: str(case["x"]))
def test_published_suppression(case: dict[str, Any]) -> None:
    assert small_numbers.suppress(case["x"]) == case["out"]


@given(st.integers(1, 10**6), st.integers(1, 30))
def test_each_band_of_counts_has_one_value_inside_it(count: int, to: int) -> None:
    rounded = small_numbers.round_mid(count, to)
    first = (count - 1) // to * to + 1
    assert first <= rounded <= first + to - 1
    assert set(small_numbers.round_mid(np.arange(first, first + to), to)) == {rounded}


def test_missing_values_stay_missing_and_nonsense_is_refused() -> None:
    assert small_numbers.round_mid([0, np.nan, 8]).tolist() == pytest.approx([0, np.nan, 9], nan_ok=True)
    assert small_numbers.suppress([0, None, 8, 3]).tolist() == ["0", None, "10", "*"]
    assert small_numbers.suppress([14, 15, 16], to=10).tolist() == ["10", "20", "20"]
    assert small_numbers.round_mid([]).tolist() == small_numbers.suppress([]).tolist() == []
    for wrong in (-1, 2.5):
        with pytest.raises(ValueError, match="whole"):
            small_numbers.round_mid(wrong)
    with pytest.raises(ValueError, match="least"):
        small_numbers.round_mid(1, 0)
    with pytest.raises(ValueError, match="least"):
        small_numbers.suppress(1, to=0)
