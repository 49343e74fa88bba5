"""Modified z: published values, what happens where most values are equal, and short histories that cannot be judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statistics import outliers
from tests.published import published

UNTIMED = settings(deadline=None)
KNOWN = published("outliers")

series = st.lists(st.integers(-30, 60).map(float), min_size=6, max_size=30)


def test_published_scores_and_bounds() -> None:
    case = KNOWN["modified_z"]
    found = outliers.modified_z(case["values"], threshold=2.0)
    at = case["values"].index(case["target_value"])
    assert (found.median, found.mad) == (case["median"], case["mad"])
    assert found.scores[at] == pytest.approx(case["mz"], abs=1e-9)
    assert (found.lower, found.upper) == pytest.approx((case["lower"], case["upper"]), abs=1e-9)
    literals = case["java_literals"]
    assert (found.scores[at], found.lower, found.upper) == pytest.approx(
        (literals["mz"], literals["lower"], literals["upper"]), abs=1e-3
    )
    assert found.outlying.tolist() == [value == 81 for value in case["values"]]


def test_where_most_values_are_equal_the_mean_distance_serves() -> None:
    case = KNOWN["mad_zero"]
    found = outliers.modified_z(case["values"])
    assert (found.median, found.mad) == (case["median"], case["mad"])
    # the file's literal is rounded, and its 0.7979 and 1 / 1.253314 differ in the seventh figure
    assert found.scores[-1] == pytest.approx(case["correct_fallback"], abs=1e-6)
    assert found.scores[-1] == pytest.approx(-40 / (1.253314 * 40 / 6), abs=1e-9)
    assert found.outlying.tolist() == [False] * 5 + [True]


@pytest.mark.parametrize(
    "values", [[7.0] * 6, [0.1 + 0.2, *[0.3] * 8], [*[0.3] * 5, *[0.1 + 0.2] * 5], [1e-300] * 6, [0.0] * 9]
)
def test_equal_values_have_no_outlier(values: list[float]) -> None:
    found = outliers.modified_z(values)
    assert not found.outlying.any()
    assert found.scores.tolist() == [0] * len(values)
    assert found.judged


def test_values_that_differ_by_rounding_alone_count_as_equal() -> None:
    found = outliers.modified_z([0.3] * 4 + [0.1 + 0.2] * 3 + [9.0])
    assert found.mad > 0
    assert found.outlying.tolist() == [False] * 7 + [True]


@pytest.mark.parametrize("values", [[], [3], [1, 2, 3, 4, 90], [1, 2, 3, 4, 90, np.nan, np.nan]])
def test_a_short_history_cannot_be_judged_yet(values: list[float]) -> None:
    found = outliers.modified_z(values)
    assert not found.judged
    assert not found.outlying.any()
    assert np.isnan(found.scores).all()
    assert np.isnan([found.lower, found.upper]).all()
    assert outliers.modified_z(values, minimum_points=5).judged == (len(values) >= 5)


def test_a_score_at_the_threshold_is_not_outlying() -> None:
    values = [-1.0, -1.0, 0.0, 1.0, 1.0, 8.0, -8.0]
    score = outliers.modified_z(values).scores[5]
    assert not outliers.modified_z(values, threshold=score).outlying.any()
    assert outliers.modified_z(values, threshold=np.nextafter(score, 0)).outlying.sum() == 2


@UNTIMED
@given(series, st.randoms(), st.sampled_from([1, 2, -1]), st.integers(-4, 4))
def test_scores_follow_their_values(values: list[float], random: Any, factor: int, shift: int) -> None:
    found = outliers.modified_z(values)
    moved = outliers.modified_z(factor * np.array(values) + shift)
    assert moved.scores == pytest.approx(np.sign(factor) * found.scores)
    order = list(range(len(values)))
    random.shuffle(order)
    assert outliers.modified_z(np.array(values)[order]).scores == pytest.approx(found.scores[order])
    holed = outliers.modified_z([*values, np.nan, np.nan])
    assert holed.scores[:-2] == pytest.approx(found.scores)
    assert np.isnan(holed.scores[-2:]).all()
    beyond = (np.array(values) < found.lower - 1e-9) | (np.array(values) > found.upper + 1e-9)
    assert not (beyond & ~found.outlying).any()


def test_series_in_rows_are_scored_each_on_its_own() -> None:
    rows = [
        [31, 34, 38, 81, 39, 33, np.nan],
        [100, 100, 100, 100, 100, 60, 100],
        [1, 2, np.nan, np.nan, 4, 5, 6],
        [5] * 7,
    ]
    together = outliers.modified_z(rows)
    for row, values in enumerate(rows):
        alone = outliers.modified_z(values)
        for part, whole in zip(alone, together, strict=True):
            assert np.array_equal(part, whole[row], equal_nan=True)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [(3.0, {}), ([1.0, np.inf], {}), ([1.0], {"threshold": 0}), ([1.0], {"minimum_points": 0})],
)
def test_what_makes_no_sense_is_refused(values: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"series|threshold"):
        outliers.modified_z(values, **wrong)
