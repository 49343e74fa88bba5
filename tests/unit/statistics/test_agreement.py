"""Rows that agree: what is a twin, and whether the chance that is given for it comes true among rows that nobody copied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipelines.statistics.agreement import NONE, repeats, twins

Ints = NDArray[np.int64]


def honest(rng: np.random.Generator, groups: int, size: int) -> tuple[Ints, Ints, Ints]:
    """Rows of ledgers (scale, attended, meetings, hours) that nobody copied, their groups, and the members behind them."""
    count = groups * size
    members = np.clip(rng.lognormal(2.9, 0.6, count), 3, 200).astype(np.int64)
    return drawn(rng, members), np.repeat(np.arange(groups), size), members


def drawn(rng: np.random.Generator, members: Ints) -> Ints:
    expected = members[:, None] * rng.integers(1, 4, (len(members), 3))
    hours = np.ceil(14.6 * members * np.exp(0.05 * rng.standard_normal(len(members))))
    meetings = 1 + rng.binomial(3, 0.2, (len(members), 3))
    return np.column_stack([expected, rng.binomial(expected, 0.985), meetings, hours]).astype(np.int64)


def test_a_twin_is_an_earlier_row_of_another_group() -> None:
    rows = [[1, 2], [1, 2], [3, 4], [1, 2], [9, 9]]
    found = twins(rows, group=[0, 0, 1, 2, 2], order=[5, 5, 1, 7, 7])
    assert found.twin.tolist() == [NONE, NONE, NONE, 0, NONE]
    assert found.together.tolist() == [0, 0, 0, 1, 0]
    assert found.p[[0, 1, 2, 4]].tolist() == [1.0, 1.0, 1.0, 1.0]


def test_the_earliest_group_can_show_nothing() -> None:
    rng = np.random.default_rng(1)
    rows, group, _ = honest(rng, 150, 7)
    found = twins(rows, group, rng.permutation(150)[group])
    assert np.isnan(found.least_p).sum() == 7


def test_where_hardly_any_rows_agree_in_a_figure_nothing_can_be_judged() -> None:
    rng = np.random.default_rng(1)
    rows, group, members = honest(rng, 4, 7)
    assert np.isnan(twins(rows, group, group).least_p).all()
    assert np.isnan(repeats(drawn(rng, members), rows, group).least_p).all()


def test_where_many_stay_as_they_were_to_stay_says_nothing() -> None:
    rng = np.random.default_rng(4)
    before, group, members = honest(rng, 120, 7)
    now = drawn(rng, members)
    now[::2] = before[::2]
    found = repeats(now, before, group)
    assert found.same.sum() >= 420
    assert (found.p > 1e-3).mean() > 0.99


def test_of_several_twins_the_group_that_shares_most_is_named() -> None:
    rows = [[1, 1], [5, 5], [1, 1], [2, 2], [1, 1], [2, 2]]
    found = twins(rows, group=[0, 0, 1, 1, 2, 2], order=[0, 0, 1, 1, 2, 2])
    assert found.twin.tolist() == [NONE, NONE, 0, NONE, 2, 3]
    assert found.together.tolist() == [0, 0, 1, 0, 2, 2]


@pytest.mark.parametrize(("groups", "provinces"), [(150, 20), (1500, 4)])
def test_rows_that_nobody_copied_are_seldom_told_from_chance(groups: int, provinces: int) -> None:
    found = []
    for seed in range(provinces):
        rng = np.random.default_rng(seed)
        rows, group, _ = honest(rng, groups, 7)
        found.append(twins(rows, group, rng.permutation(groups)[group]).p)
    p = np.concatenate(found)
    assert (p < 1).any()  # some do agree
    for level in (1e-4, 1e-3, 1e-2):
        allowed = len(p) * level
        assert (p <= level).sum() <= allowed + 3 * np.sqrt(allowed)


def test_copied_rows_stand_out_and_more_so_together() -> None:
    rng = np.random.default_rng(3)
    rows, group, _ = honest(rng, 120, 7)
    rows[700] = rows[0]  # of group 100, alone
    rows[[770, 771, 772]] = rows[[7, 8, 9]]  # of group 110, three of group 1
    found = twins(rows, group, group)
    assert found.twin[[700, 770, 771, 772]].tolist() == [0, 7, 8, 9]
    assert found.together[[700, 770]].tolist() == [1, 3]
    assert found.p[[770, 771, 772]].max() < 1e-4
    assert found.p[[770, 771, 772]].max() < found.p[700]
    # a plain row proves little even so
    assert found.p[700] < 0.01


def test_rows_repeat_their_former_selves_as_often_as_their_chances_say() -> None:
    same, chance = 0, 0.0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        before, group, members = honest(rng, 400, 7)
        found = repeats(drawn(rng, members), before, group)
        same += int(found.same.sum())
        chance += float(found.least_p.sum()) / 2
    assert chance > 0.05
    assert same <= chance + 3 * np.sqrt(chance) + 1


def test_a_row_of_last_quarter_stands_out_unless_all_rows_stay() -> None:
    rng = np.random.default_rng(5)
    before, group, members = honest(rng, 120, 7)
    now = drawn(rng, members)
    now[:3] = before[:3]
    found = repeats(now, before, group)
    assert found.same.nonzero()[0].tolist()[:3] == [0, 1, 2]
    assert found.p[:3].max() < 1e-4
    assert (found.p[~found.same] == 1).all()
    # where nearly everybody's row stays but for one figure, to stay in that one too says nothing
    steady = before.copy()
    steady[10:, -1] += rng.integers(0, 2, len(steady) - 10)
    assert repeats(steady, before, group).p[:10].min() > 0.01


@pytest.mark.parametrize("calm", [0.05, 0.1, 0.3])
def test_a_few_branches_that_stay_everywhere_make_it_likely_to_stay(calm: float) -> None:
    """Twenty small units: too few rows to learn how figures stay together, but rows that stay in several units say enough."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        before, group, members = honest(rng, 20, 7)
        now = drawn(rng, members)
        stay = rng.random(len(now)) < calm
        stay[[0, 20, 40]] = True  # in three units at least
        now[stay] = before[stay]
        assert not (repeats(now, before, group).p < 1e-3).any()


def test_a_unit_that_copies_does_not_excuse_itself_nor_another() -> None:
    rng = np.random.default_rng(8)
    before, group, members = honest(rng, 120, 7)
    now = drawn(rng, members)
    copied = np.concatenate([np.arange(5), np.arange(70, 75)])  # five rows of unit 0, five of unit 10
    now[copied] = before[copied]
    assert repeats(now, before, group).p[copied].max() < 1e-4


def test_hundreds_of_equal_rows_have_a_p_that_is_neither_0_nor_missing() -> None:
    rng = np.random.default_rng(9)
    rows, group, members = honest(rng, 300, 7)
    mine = members[rng.integers(0, len(members), 400)]
    source = drawn(rng, mine)
    figures = np.concatenate([rows, source, source])
    own = np.concatenate([group, np.full(400, 300), np.full(400, 301)])
    found = twins(figures, own, own)
    later = found.p[-400:]
    assert (found.together[-400:] == 400).all()
    assert np.isfinite(found.p).all()
    assert (later < 1e-12).all()
    again = repeats(
        np.concatenate([drawn(rng, members), source]), np.concatenate([rows, source]), own[: len(rows) + 400]
    )
    assert np.isfinite(again.p).all()
    assert (again.p[-400:] < 1e-12).all()


def test_a_row_of_a_large_unit_is_allowed_for_all_rows_of_that_unit() -> None:
    """The chance that any of forty rows has a twin is forty times that of one."""
    rng = np.random.default_rng(10)
    rows, group, _ = honest(rng, 200, 7)
    alone, many = rows.copy(), np.concatenate([rows, rows[:40]])
    alone[-1] = many[-1] = rows[0]
    small = twins(alone, group, group).p[-1]
    big = twins(
        np.concatenate([rows, drawn(rng, np.full(39, 30)), rows[:1]]),
        np.append(group, np.full(40, 200)),
        np.append(group, np.full(40, 200)),
    ).p[-1]
    assert big > small


@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_order_of_rows_changes_nothing(seed: int, count: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    rows, group = rng.integers(0, 3, (count, width)), rng.integers(0, 4, count)
    order = rng.permutation(4)[group]
    moved = rng.permutation(count)
    here, there = twins(rows, group, order), twins(rows[moved], group[moved], order[moved])
    assert there.p == pytest.approx(here.p[moved])
    assert there.together.tolist() == here.together[moved].tolist()
    for row, twin in enumerate(here.twin):
        if twin != NONE:
            assert (rows[twin] == rows[row]).all()
            assert order[twin] < order[row]
    assert ((here.p >= 0) & (here.p <= 1)).all()
    assert (here.p[here.twin == NONE] == 1).all()
