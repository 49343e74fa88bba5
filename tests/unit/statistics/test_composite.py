"""Scores: COINr's published values, and rank intervals that are reproducible, honest about the official rank, and order-free."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gmean, hmean

from pipelines.statistics import composite
from tests.published import published

UNTIMED = settings(deadline=None)
COINR = published("composite_indicator")

attainments = st.integers(1, 12).flatmap(
    lambda units: st.lists(
        st.lists(st.none() | st.integers(0, 100).map(lambda v: v / 100), min_size=4, max_size=4),
        min_size=units,
        max_size=units,
    )
)


@pytest.mark.parametrize("case", COINR["dist2targ"], ids=str)
def test_published_distances_to_target(case: dict[str, Any]) -> None:
    found = composite.attainment(case["x"], case["target"], case["direction"], case["cap"])
    assert found == pytest.approx(case["out"], abs=1e-12)


@pytest.mark.parametrize("case", COINR["goalposts"], ids=str)
def test_published_goalposts(case: dict[str, Any]) -> None:
    posts = (case["hi"], case["lo"]) if case["direction"] == 1 else (case["lo"], case["hi"])
    found = composite.attainment(case["x"], posts[0], case["direction"], worst=posts[1])
    assert case["scale"] * found == pytest.approx(case["out"], abs=1e-12)


def test_the_worst_that_is_there_counts_where_none_is_declared() -> None:
    assert composite.attainment([4, 6, 9, None], 8, "higher").tolist() == pytest.approx(
        [0, 0.5, 1, np.nan], nan_ok=True
    )
    assert composite.attainment([4, 6, 9], 8, "higher", worst=0).tolist() == [0.5, 0.75, 1]
    assert composite.attainment([4, 6, 9], 8, "higher", cap=False, worst=0).tolist() == [0.5, 0.75, 1.125]
    assert composite.attainment([4, 10], 2, "lower", worst=12).tolist() == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize(
    ("x", "target", "direction", "expected"),
    [
        ([], 1, "higher", []), ([np.nan], 1, "higher", [np.nan]), ([3], 2, "higher", [1]), ([1], 2, "higher", [0]), ([2, 2], 2, "higher", [1, 1]),
        ([3, np.nan, 5], 2, "higher", [1, np.nan, 1]), ([1, 2], 3, "lower", [1, 1]), (5, 5, "lower", 1),
    ],
)  # fmt: skip
def test_attainment_at_the_edges(x: Any, target: float, direction: Any, expected: Any) -> None:
    assert composite.attainment(x, target, direction) == pytest.approx(np.array(expected), nan_ok=True)


def test_a_worst_that_is_not_worse_is_refused() -> None:
    with pytest.raises(ValueError, match="worst"):
        composite.attainment([1], 2, "higher", worst=2)
    with pytest.raises(ValueError, match="worst"):
        composite.attainment([1], 2, "lower", worst=1)
    with pytest.raises(ValueError, match="direction"):
        composite.attainment([1], 2, "better")  # type: ignore[arg-type]


def test_published_means() -> None:
    arithmetic, harmonic = COINR["amean"], COINR["hmean"]
    assert composite.aggregate(arithmetic["x"], arithmetic["w"], "arithmetic") == pytest.approx(
        arithmetic["out"], abs=1e-12
    )
    assert composite.aggregate(harmonic["x"], harmonic["w"], "harmonic") == pytest.approx(
        harmonic["out"], abs=1e-12
    )
    for case in COINR["gmean"]:
        assert composite.aggregate(case["x"], case.get("w"), "geometric") == pytest.approx(
            case["out"], abs=1e-12
        )
    for values in COINR["gmean_must_error"]:
        with pytest.raises(ValueError, match="above 0"):
            composite.aggregate(values, [1, 1, 1], "geometric")


@UNTIMED
@given(
    st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.1, 10)), min_size=1, max_size=8),
    st.sampled_from([("arithmetic", np.average), ("geometric", gmean), ("harmonic", hmean)]),
)
def test_means_are_scipys(pairs: list[tuple[float, float]], mean: Any) -> None:
    values, weights = zip(*pairs, strict=True)
    expected = mean[1](values, weights=weights)
    assert composite.aggregate(values, weights, mean[0]) == pytest.approx(expected, rel=1e-9)
    holed = composite.aggregate([*values, np.nan], [*weights, 3.0], mean[0])
    assert holed == pytest.approx(expected, rel=1e-9)


def test_means_at_the_edges() -> None:
    found = composite.aggregate([[1, np.nan], [np.nan, np.nan], [np.nan, 3], [1, 3]], [1, 0])
    assert found.tolist() == pytest.approx([1, np.nan, np.nan, 1], nan_ok=True)
    for weights in ([1], [1, -1], [1, np.nan]):
        with pytest.raises(ValueError, match="weight"):
            composite.aggregate([1, 2], weights)
    with pytest.raises(ValueError, match="method"):
        composite.aggregate([1, 2], [1, 1], "median")  # type: ignore[arg-type]


def test_alternatives_are_those_that_were_declared() -> None:
    drawn = composite.draw_alternatives([4, 2, 1], share=0.25, draws=4000, seed=3)
    left_out = drawn.weights == 0
    assert left_out.sum(1).max() == 1
    noise = np.where(left_out, np.nan, drawn.weights / [4, 2, 1])
    assert np.nanmin(noise) >= 0.75
    assert np.nanmax(noise) <= 1.25
    assert np.nanmax(noise) - np.nanmin(noise) > 0.49
    # none or each of three left out, and either method: equally likely, to four standard errors
    assert left_out.mean(0) == pytest.approx([0.25] * 3, abs=0.03)
    assert (drawn.methods == "geometric").mean() == pytest.approx(0.5, abs=0.03)
    again = composite.draw_alternatives([4, 2, 1], share=0.25, draws=4000, seed=3)
    assert np.array_equal(drawn.weights, again.weights)
    assert not np.array_equal(
        drawn.weights, composite.draw_alternatives([4, 2, 1], draws=4000, seed=4).weights
    )
    exact = composite.draw_alternatives([4, 2, 1], share=0, methods=["arithmetic"], leave_out=False, draws=2)
    assert exact.weights.tolist() == [[4, 2, 1]] * 2
    assert (composite.draw_alternatives([1], draws=50).weights > 0).all()  # the only one is never left out


def test_ranks_in_each_alternative_by_hand() -> None:
    values = [[0.9, 0.1], [0.5, 0.5], [0.0, 1.0], [np.nan, 0.5], [np.nan, np.nan]]
    alternatives = composite.Alternatives(
        np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0], [1.0, 1.0]]),
        np.array(["arithmetic", "geometric", "arithmetic", "harmonic"]),
    )
    ranks = composite.alternative_ranks(values, alternatives)
    # means 0.5 each; geometric 0.3, 0.5, 0.1 (0 counts as 0.01), 0.5; the first alone; harmonic 0.18, 0.5, 0.0198, 0.5
    expected = [[1, 1, 1, 1, np.nan], [3, 1, 4, 1, np.nan], [1, 2, 3, np.nan, np.nan], [3, 1, 4, 1, np.nan]]
    assert np.array_equal(ranks, expected, equal_nan=True)


def test_a_unit_that_is_best_in_all_is_first_and_a_choice_that_matters_shows() -> None:
    values = [[1.0, 1.0, 1.0], [0.9, 0.2, 0.5], [0.2, 0.9, 0.5], [0.1, 0.1, 0.1]]
    found = composite.rank_intervals(values, [1, 1, 1])
    assert [(low, rank, high) for rank, low, _, high in zip(*found, strict=True)] == [
        (1, 1, 1),
        (2, 2, 3),
        (2, 2, 3),
        (4, 4, 4),
    ]
    settled = composite.rank_intervals(values, [3, 1, 1], share=0, methods=["arithmetic"], leave_out=False)
    assert settled.low.tolist() == settled.high.tolist() == settled.rank.tolist() == [1, 2, 3, 4]


@settings(deadline=None, max_examples=50)
@given(attainments, st.randoms())
def test_intervals_hold_the_official_rank_and_do_not_depend_on_the_order_of_units(
    rows: list[Any], random: Any
) -> None:
    values = np.array(rows, dtype=float)
    found = composite.rank_intervals(values, [1, 2, 1, 1], draws=60, seed=5)
    scored = (~np.isnan(values)).any(1)
    assert np.isnan(found.rank).tolist() == (~scored).tolist()
    assert (found.low <= found.rank)[scored].all()
    assert (found.rank <= found.high)[scored].all()
    assert (found.low <= found.median)[scored].all()
    order = list(range(len(values)))
    random.shuffle(order)
    shuffled = composite.rank_intervals(values[order], [1, 2, 1, 1], draws=60, seed=5)
    assert np.array_equal(np.array(found)[:, order], np.array(shuffled), equal_nan=True)


def test_the_official_rank_is_one_of_the_ways_even_where_its_method_is_not_among_the_others() -> None:
    values = [[1.0, 0.3], [0.6, 0.6]]  # means 0.65 and 0.6, geometric 0.55 and 0.6
    found = composite.rank_intervals(
        values, [1, 1], method="geometric", methods=["arithmetic"], share=0, leave_out=False
    )
    assert found.rank.tolist() == [2, 1]
    assert found.low.tolist() == [1, 1]
    assert found.high.tolist() == [2, 2]


def test_equal_units_share_a_rank_whatever_the_order_of_their_sums() -> None:
    values = [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.3, 0.1], [0.7, 0.1, 0.1]]
    assert 0.1 + 0.2 + 0.3 != 0.3 + 0.2 + 0.1
    found = composite.rank_intervals(values, [1, 1, 1], share=0, methods=["arithmetic"], leave_out=False)
    assert found.high.tolist() == [2, 2, 2, 1]


def test_one_unit_and_none() -> None:
    assert [part.tolist() for part in composite.rank_intervals([[0.5, 0.2]], [1, 1])] == [[1], [1], [1], [1]]
    assert composite.rank_intervals(np.empty((0, 2)), [1, 1]).rank.shape == (0,)


@pytest.mark.parametrize(
    "wrong", [{"share": 1}, {"share": -0.1}, {"draws": 0}, {"methods": []}, {"coverage": 1}, {"floor": 0}]
)
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        composite.rank_intervals([[0.5, 0.2]], [1, 1], **wrong)
