"""The exact probability of even counts, against every table written out."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statistics.evenness import exact_evenness


def by_hand(k: list[int], n: list[int]) -> float:
    def unevenness(table: tuple[int, ...]) -> Fraction:
        return sum((Fraction(a * a, b) for a, b in zip(table, n, strict=True)), Fraction(0))

    tables = [
        t
        for t in product(*(range(size + 1) for size in n))
        if sum(t) == sum(k) and unevenness(t) <= unevenness(tuple(k))
    ]
    return sum(prod(comb(b, a) for a, b in zip(t, n, strict=True)) for t in tables) / comb(sum(n), sum(k))


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 5).flatmap(
        lambda size: st.lists(st.integers(0, size), min_size=1, max_size=5).map(
            lambda k: (k, [size] * len(k))
        )
    )
)
def test_groups_of_one_size_are_exact(case: tuple[list[int], list[int]]) -> None:
    assert exact_evenness(*case) == pytest.approx(by_hand(*case), rel=1e-12)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.integers(1, 5).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))),
        min_size=1,
        max_size=5,
    )
)
def test_groups_of_many_sizes_are_never_called_more_even_than_they_are(pairs: list[tuple[int, int]]) -> None:
    k, n = [list(side) for side in zip(*pairs, strict=True)]
    exact = by_hand(k, n)
    assert exact * (1 - 1e-12) <= exact_evenness(k, n) <= min(1.0, exact * 1.25 + 1e-12)


@pytest.mark.parametrize(
    ("k", "n", "p"),
    [([], [], 1), ([0, 0], [3, 4], 1), ([3, 4], [3, 4], 1), ([2], [5], 1), ([1, 1, 0], [2, 2, 0], 4 / 6)],
)
def test_edges(k: list[int], n: list[int], p: float) -> None:
    assert exact_evenness(k, n) == pytest.approx(p)
