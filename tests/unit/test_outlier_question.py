"""One question over periods: what is far from the past or the peers, what cannot be judged yet, and what becomes history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.outliers.question import FEWEST_PEERS, Answers, Judged, Method, Norms, Question
from pipelines.outliers.ranges import Limits
from pipelines.outliers.scale import Scale
from pipelines.statistics.counts import BoolArray

FAR = Limits(threshold=3.5, points=6, times=2.5, difference=5)
STEADY = [100.0, 104, 98, 101, 103, 99, 102, 100]
NONE = float("nan")


class Row(NamedTuple):
    """One answer: whose, when, how much, and in which standing."""

    holder: int
    period: int
    number: float
    per: float = 1.0
    month: int = 0
    version: int = 0
    counts: bool = True
    asked: bool = False
    aside: bool = False


def answers(rows: Sequence[Row]) -> Answers:
    rows = sorted(rows, key=lambda row: (row.period, row.month, row.holder, row.version))
    whole = {
        name: np.array([getattr(row, name) for row in rows], dtype=np.int64)
        for name in ("holder", "version", "period", "month")
    }
    return Answers(
        **whole,
        number=np.array([row.number for row in rows], dtype=np.float64),
        per=np.array([row.per for row in rows], dtype=np.float64),
        counts=np.array([row.counts for row in rows], dtype=np.bool_),
        judged=np.ones(len(rows), dtype=np.bool_),
        asked=np.array([row.asked for row in rows], dtype=np.bool_),
        aside=np.array([row.aside for row in rows], dtype=np.bool_),
    )


def search(
    rows: Sequence[Row],
    *,
    season: str = "none",
    own: Limits | None = FAR,
    peers: Limits | None = None,
    scale: Scale = "log",
    months: int = 1,
    explained: bool = False,
    groups: Sequence[int] | None = None,
) -> dict[int, Judged]:
    """Every period judged in its order, by period. explained: whether each far number has an explanation that counts."""
    found = answers(rows)
    holders = int(found.holder.max()) + 1
    periods = int(found.period.max()) + 1
    places = np.array(groups if groups is not None else [0] * holders, dtype=np.int64)
    shape = (int(places.max()) + 2, periods * months)
    question = Question(
        scale, months, 4, places, found, Norms(np.full(shape, np.nan), np.zeros(shape, dtype=np.int64))
    )

    def has_explanation(_: Answers, far: BoolArray) -> BoolArray:
        return far & explained

    judged = question.judge(range(periods), lambda _: Method(season, own, peers), has_explanation)
    return {int(one.answers.period[0]): one for one in judged if len(one.answers.period)}


def series(numbers: Sequence[float], holder: int = 0, per: float = 1.0) -> list[Row]:
    return [Row(holder, period, number, per) for period, number in enumerate(numbers) if not np.isnan(number)]


def far_in(numbers: Sequence[float], **options: object) -> list[int]:
    """The periods in which a lone series is found far from its own past."""
    judged = search(series(numbers), **options)  # type: ignore[arg-type]
    return [period for period, one in judged.items() if one.own_far.any()]


@pytest.mark.parametrize(
    ("numbers", "far"),
    [
        pytest.param([*STEADY, 1000], [8], id="ten times too large"),
        pytest.param([*STEADY, 10], [8], id="ten times too small"),
        pytest.param([*STEADY, 200], [], id="twice as much is far in deviations alone"),
        pytest.param([100] * 6 + [1000], [6], id="all equal before"),
        pytest.param([100, 100, 100, 100, 100, 104, 98, 1000], [7], id="more than half equal: MAD 0"),
        pytest.param([100] * 6 + [101], [], id="all equal before, and a hair's breadth"),
        pytest.param([100] * 5 + [1000], [], id="five points before: cannot be judged"),
        pytest.param([*STEADY[:4], NONE, NONE, *STEADY[4:6], 1000], [8], id="quarters missing do not count"),
        pytest.param([*STEADY[:4], NONE, 1000], [], id="missing quarters are no points"),
        pytest.param([1, 2, 1, 1, 2, 1, 1, 4], [], id="four times as much, but three more only"),
        pytest.param([*STEADY, 0], [], id="a zero has no place on the scale of factors"),
        pytest.param([100, 1000, 30, 300, 60, 600, 2000], [], id="a past that says nothing"),
    ],
)
def test_far_from_the_own_past(numbers: list[float], far: list[int]) -> None:
    assert far_in(numbers) == far


@pytest.mark.parametrize(("numbers", "far"), [([2, 1, 2, 3, 2, 2, 20], [6]), ([2, 1, 2, 0, 2, 2, 6], [])])
def test_small_counts_on_the_square_root(numbers: list[float], far: list[int]) -> None:
    assert far_in(numbers, scale="square_root") == far


def test_too_few_points_are_told_apart_from_in_line() -> None:
    judged = search(series([*STEADY[:6], 101]))
    assert [bool(one.own.any()) for one in judged.values()] == [False] * 6 + [True]
    assert all(one.own_held.all() for one in judged.values())


def test_what_still_has_to_be_explained_is_no_history_and_what_was_explained_is() -> None:
    slip = [*STEADY[:6], 1000, 1000, 1000]
    assert far_in(slip) == [6, 7, 8]
    assert far_in(slip, explained=True) == [6], "a level that was explained is not asked about again"
    # without the slip there are five points only
    assert far_in([*STEADY[:5], 1000, 101, 1000], explained=False) == [7]


def test_the_quarter_after_a_slip_is_in_line() -> None:
    assert far_in([*STEADY, 1000, 101, 99]) == [8]
    assert far_in([*STEADY, 1000, 101, 99], explained=True) == [8]


@pytest.mark.parametrize(
    ("field", "far"),
    [
        # Explained there, it is the unit's level from now on: in this run as in any later one.
        pytest.param("asked", [], id="another rule asks about it"),
        pytest.param("aside", [10], id="what it is divided by is open"),
    ],
)
def test_what_is_not_judged(field: str, far: list[int]) -> None:
    rows = [row._replace(**{field: row.period in (8, 9)}) for row in series([*STEADY, 1000, 1000, 1000])]
    judged = search(rows)
    assert not judged[8].own_held.any()
    assert [period for period, one in judged.items() if one.own_far.any()] == far


def test_a_version_that_does_not_count_is_judged_and_is_no_history() -> None:
    rows = [*series([*STEADY[:6], 101]), Row(0, 6, 1000, version=1, counts=False)]
    judged = search(rows)[6]
    assert judged.own_far.tolist() == [False, True]
    assert not judged.peers.any()


def test_divided_by_what_it_hangs_on() -> None:
    """Ten times the hours of ten times the members are no slip; as many hours of a tenth of the members are."""
    rows = [*series(STEADY, per=20), Row(0, 8, 1000, 200)]
    assert not search(rows)[8].own_far.any()
    judged = search([*series(STEADY, per=20), Row(0, 8, 100, 2)])[8]
    assert judged.own_far.all()
    assert judged.own_range.high[0] < 100 < 2.5 * judged.own_range.high[0] * 20


SUMMER = [1.04, 1.08, 0.25, 1.12]


def seasonal(holders: int, periods: int, seed: int = 3) -> list[Row]:
    noise = np.random.default_rng(seed).normal(0, 0.06, (holders, periods))
    return [
        Row(holder, period, round(100 * SUMMER[period % 4] * float(np.exp(noise[holder, period])), 2))
        for holder in range(holders)
        for period in range(periods)
    ]


def test_the_summer_is_compared_with_the_summer() -> None:
    """A third quarter of a quarter of the usual raises false alarms against all quarters alike, and none against the peers' season."""
    rows = seasonal(12, 12)
    far = Limits(3.5, 6, 2.5, 5)
    plain = {period for period, one in search(rows, season="none", own=far).items() if one.own_far.any()}
    assert plain
    assert {period % 4 for period in plain} == {2}
    assert not any(one.own_far.any() for one in search(rows, season="peers", own=far).values())
    slip = [
        row._replace(number=row.number * 10) if (row.holder, row.period) == (4, 10) else row for row in rows
    ]
    found = search(slip, season="peers", own=far)[10]
    assert np.flatnonzero(found.own_far).tolist() == [4]


def test_the_same_quarter_alone_where_that_is_declared() -> None:
    rows = seasonal(1, 28)
    far = Limits(3.5, 5, 2.5, 5)
    judged = search(rows, season="same_quarter", own=far)
    assert [period for period, one in judged.items() if one.own.any()] == list(range(20, 28))
    assert not any(one.own_far.any() for one in judged.values())


def test_without_peers_the_season_cannot_be_told() -> None:
    judged = search(seasonal(FEWEST_PEERS - 1, 12), season="peers")
    assert not any(one.own.any() for one in judged.values())


def test_the_first_of_a_quarter_is_held_against_last_years_season() -> None:
    """While fewer than eight have reported, the same quarter of the year before tells the season."""
    rows = [row for row in seasonal(12, 11) if row.period < 10 or row.holder == 0]
    assert search(rows, season="peers")[10].own.all()
    spoilt = [row._replace(number=row.number * 10) if row.period == 10 else row for row in rows]
    assert search(spoilt, season="peers")[10].own_far.all()


def first_period(numbers: Sequence[float]) -> list[Row]:
    return [Row(holder, 0, number) for holder, number in enumerate(numbers)]


@pytest.mark.parametrize(
    ("numbers", "judged", "far"),
    [
        pytest.param(
            [100, 110, 95, 105, 98, 102, 97, 7], True, [7], id="the average for the sum, in the first period"
        ),
        pytest.param([100, 110, 95, 105, 98, 102, 97, 60], True, [], id="weak, not misread"),
        pytest.param([100] * 7 + [7], True, [7], id="all others equal"),
        pytest.param([100, 110, 95, 105, 98, 102, 7], False, [], id="seven members: cannot be judged"),
    ],
)
def test_far_from_the_peers(numbers: list[float], judged: bool, far: list[int]) -> None:
    found = search(first_period(numbers), own=None, peers=FAR)[0]
    assert found.peers.all() == judged
    assert np.flatnonzero(found.peers_far).tolist() == far


def test_groups_are_judged_apart() -> None:
    numbers = [100.0, 110, 95, 105, 98, 102, 97, 103, 7.0, 7.5, 6.8, 7.2, 7.1, 6.9, 7.3, 7.4]
    found = search(first_period(numbers), own=None, peers=FAR, groups=[0] * 8 + [1] * 8)[0]
    assert found.peers.all()
    assert not found.peers_far.any()


def test_one_finding_a_cell() -> None:
    """Where the own history can judge, it decides alone: an own level that was explained is not asked about for the peers' sake."""
    rows = [row for holder in range(8) for row in series([100 + holder] * 8, holder)]
    low = [row._replace(number=7.0) if row.holder == 0 else row for row in rows]
    judged = search(low, peers=FAR, explained=True)
    assert [period for period, one in judged.items() if one.peers_far.any()] == [0]
    assert not any((one.own_far & one.peers_far).any() for one in judged.values())
    unexplained = search(low, peers=FAR)
    assert all(one.peers_far.tolist() == [True] + [False] * 7 for one in unexplained.values())


def test_an_own_past_that_goes_up_and_down_answers_for_the_peers() -> None:
    rows = [row for holder in range(1, 9) for row in series([100 + holder] * 8, holder)]
    judged = search([*rows, *series([7, 20] * 4)], peers=FAR, explained=True)
    assert [period for period, one in judged.items() if one.peers_far.any()] == list(range(6))
    assert judged[7].own[0]
    assert not any(one.own_far.any() for one in judged.values())


def test_months_are_judged_one_by_one_against_all_months_before() -> None:
    rows = [Row(0, period, 100.0, month=month) for period in range(3) for month in range(3)]
    slip = [row._replace(number=1000) if (row.period, row.month) == (2, 1) else row for row in rows]
    found = search(slip, months=3)[2]
    assert found.own.tolist() == [True] * 3
    assert found.own_far.tolist() == [False, True, False]


numbers = st.lists(st.integers(1, 400), min_size=8, max_size=12)


@settings(deadline=None)
@given(st.lists(numbers, min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_holders_decides_nothing(table: list[list[int]], random: object) -> None:
    order = list(range(len(table)))
    random.shuffle(order)  # type: ignore[attr-defined]
    both = []
    for places in (list(range(len(table))), order):
        rows = [row for place, at in enumerate(places) for row in series(table[at], place)]
        judged = search(rows, season="peers", peers=FAR)
        both.append({
            (places[holder], period, name): value
            for period, one in judged.items()
            for name, column in (("own", one.own_far), ("peers", one.peers_far), ("low", one.own_range.low), ("high", one.peers_range.high))
            for holder, value in zip(one.answers.holder.tolist(), np.nan_to_num(column, nan=-1).tolist(), strict=True)
        })  # fmt: skip
    assert both[0] == both[1]


@settings(deadline=None)
@given(numbers, st.sampled_from([0.5, 2.0, 4.0, 1024.0]))
def test_other_units_of_measure_change_nothing(table: list[int], factor: float) -> None:
    """All hours in minutes, and what is little in practice too: the same numbers are far."""
    scaled = FAR._replace(difference=FAR.difference * factor)
    plain = far_in([float(number) for number in table], scale="as_is")
    assert far_in([number * factor for number in table], scale="as_is", own=scaled) == plain


@settings(deadline=None)
@given(st.integers(1, 10_000), st.integers(6, 20))
def test_a_constant_series_is_never_far(number: int, length: int) -> None:
    assert far_in([float(number)] * length) == []
