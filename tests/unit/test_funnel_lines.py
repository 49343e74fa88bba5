"""The lines of a funnel are those by which the peers of a group are judged, whatever their sizes and however much they differ."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.comparison.positions import Measure, centre, limits, positions

UNTIMED = settings(deadline=None)
SLACK = 1e-9
shares = st.lists(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=8, max_size=30
)
counts = st.lists(st.tuples(st.integers(0, 300), st.just(1)), min_size=8, max_size=30)


def agree(measure: Measure, pairs: list[tuple[int, int]]) -> None:
    """Whoever is judged outside lies beyond the line or no more than one case inside of it; whoever is judged inside, no more than one beyond.

    The tails go by whole cases, the lines run between them.
    """
    k, n = np.array(pairs, dtype=np.float64).T
    if k.sum() == 0:
        return
    about = centre(measure, k, n)
    judged = positions(measure, k, n, np.ones(k.shape), 8)
    for level, outer in ((0.95, ("_95", "_998")), (0.998, ("_998",))):
        low, high = limits(measure, n, about, level)
        value, case = (k / n, 1 / n) if measure == "share" else (k, np.ones(k.shape))
        for place, at, one, down, up in zip(judged, value, case, low, high, strict=True):
            if place.startswith("below") and place.endswith(outer):
                assert at <= down + one + SLACK
            elif place.startswith("above") and place.endswith(outer):
                assert at >= up - one - SLACK
            else:
                assert down - one - SLACK <= at <= up + one + SLACK


@UNTIMED
@given(shares)
def test_shares_are_drawn_as_they_are_judged(pairs: list[tuple[int, int]]) -> None:
    agree("share", pairs)


@UNTIMED
@example([(18, 1), (29, 1), (31, 1), (32, 1), (32, 1), (35, 1), (38, 1), (60, 1)])
@example([(1, 1), (20, 1), (20, 1), (23, 1), (23, 1), (23, 1), (23, 1), (39, 1)])
@given(counts)
def test_counts_are_drawn_as_they_are_judged(pairs: list[tuple[int, int]]) -> None:
    agree("count", pairs)


def test_units_that_differ_more_than_chance_get_wider_lines() -> None:
    k, n = np.array([50, 99, 20, 90, 70, 95, 60, 85.0]), np.full(8, 100.0)
    about = centre("share", k, n)
    assert about.tau2 > 0
    wide, exact = limits("share", n, about, 0.95), limits("share", n, about._replace(tau2=0.0), 0.95)
    assert (wide.low < exact.low).all()
    assert (wide.high > exact.high).all()
