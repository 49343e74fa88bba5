"""The marts of trends from points made by hand: published charts, short and even and broken series, seasons, sizes, years."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import Catalogue, load_catalogue
from tests.published import published
from tests.trending import AMOUNT, COUNT, POINTS, SHARE, Marts, made

UNTIMED = settings(deadline=None, max_examples=40)
CATALOGUE = load_catalogue()
NHS, KENDALL = published("spc_xmr_nhs"), published("mann_kendall_sen")
YEARS = [str(year) for year in range(1871, 2051)]
# One signal a point, in the words of the published runs.
KINDS = {
    "Common Cause": ("none", None), "Above UCL": ("astronomical", "high"), "7 Point Trend (Increasing)": ("trend", "high"),
    "2 in 3 Below CL": ("two_of_three", "low"), "2 in 3 Above CL": ("two_of_three", "high"),
}  # fmt: skip
CALM = [10.0, 10.5, 9.6, 10.2, 9.8, 10.4, 9.7, 10.1, 9.9, 10.3, 9.5, 10.0, 10.2, 9.8, 10.1, 9.9]


# ---- published numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in NHS["run"] if not name.endswith("unscreened")])
def test_published_charts_come_out_of_the_mart(name: str, catalogue: Catalogue) -> None:
    """Alone in the province, a unit has no season to take out: fewer than eight whole years."""
    run = NHS["run"][name]
    marts = made(catalogue, {"U": run["y"]})
    points = marts.trends.sort("point")
    assert points["value"].to_list() == pytest.approx(run["y"])
    for column, key in (("centre", "mean"), ("lower", "lpl"), ("upper", "upl")):
        expected = max(run[key], 0.0) if column == "lower" else run[key]
        assert points[column].to_list() == pytest.approx([expected] * len(run["y"]), abs=1e-9)
    assert marts.signals("U") == [KINDS[kind] for kind in run["type"]]


@pytest.mark.parametrize("case", KENDALL["series"], ids=lambda case: case["name"])
def test_published_yearly_series_come_out_of_the_mart(case: dict[str, Any], catalogue: Catalogue) -> None:
    test = made(catalogue, {"U": case["y"]}, grain="year", points=YEARS).test("U")
    assert test["s"] == case["S"]
    assert test["slope"] == pytest.approx(case["sen_slope"], abs=1e-9)
    assert test["p"] == pytest.approx(case["p_normal_cc"], abs=1e-9)


@pytest.mark.parametrize(
    ("values", "s", "p", "slope"),
    [
        ([1, 2, 3, 4, 5], 10, 1 / 60, 1.0),
        ([5, 4, 3, 2, 1], -10, 1 / 60, -1.0),
        ([1, 2, 3, 5, 4], 8, 5 / 60, 1.0),
        ([1, None, 3, 4, 5, 6], 10, 1 / 60, 1.0),  # the missing year keeps its place: the slope stays 1
    ],
)
def test_yearly_values_by_the_exact_distribution(
    values: list[float | None], s: int, p: float, slope: float, catalogue: Catalogue
) -> None:
    """Of the 120 orders of five values, one rises throughout, and four have a single pair the other way."""
    test = made(catalogue, {"U": values}, grain="year", points=YEARS).test("U")
    assert (test["s"], test["judged"]) == (s, True)
    assert (test["p"], test["slope"]) == (pytest.approx(p, abs=1e-10), pytest.approx(slope))


# ---- what cannot be judged ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 11])
def test_under_twelve_points_nothing_is_said(length: int, catalogue: Catalogue) -> None:
    marts = made(catalogue, {"U": [*CALM[: length - 1], 1000.0]})
    assert set(marts.signals("U")) == {("too_few_points", None)}
    assert marts.trends["upper"].null_count() == length
    test = marts.test("U")
    assert (test["points"], test["judged"], test["assurance"], test["upper"]) == (length, False, None, None)


def test_from_twelve_points_on_it_is(catalogue: Catalogue) -> None:
    assert made(catalogue, {"U": [*CALM[:11], 1000.0]}).signals("U")[-1] == ("astronomical", "high")


@pytest.mark.parametrize("grain", ["quarter", "year"])
def test_all_equal_points_have_no_signal(grain: str, catalogue: Catalogue) -> None:
    points = POINTS if grain == "quarter" else YEARS
    marts = made(catalogue, {"U": [7.0] * 14}, grain=grain, points=points)
    assert set(marts.signals("U")) == {("none", None)}
    assert marts.test("U")["centre"] == 7.0


def test_no_points_are_no_rows(catalogue: Catalogue) -> None:
    assert [table.height for table in made(catalogue, {"U": []})] == [0, 0, 0, 0]


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_under_five_years_no_rise_is_a_trend(length: int, catalogue: Catalogue) -> None:
    marts = made(catalogue, {"U": [1.0, 20.0, 300.0, 4000.0][:length]}, grain="year", points=YEARS)
    assert set(marts.signals("U")) == {("too_few_points", None)}
    assert marts.test("U")["judged"] is False


def test_five_rising_years_are_a_trend_and_have_no_limits(catalogue: Catalogue) -> None:
    marts = made(catalogue, {"U": [1.0, 2.0, 3.0, 5.0, 8.0]}, grain="year", points=YEARS)
    assert set(marts.signals("U")) == {("trend", "high")}
    assert marts.trends["lower"].null_count() == 5


# ---- what moves, and what does not --------------------------------------------------------------------------------------

series = st.lists(st.integers(1, 30).map(float), min_size=12, max_size=30)


@UNTIMED
@given(series)
def test_a_mirrored_series_has_mirrored_signals(values: list[float]) -> None:
    upright, mirrored = (
        made(CATALOGUE, {"U": v}).signals("U") for v in (values, [100.0 - v for v in values])
    )
    turned = {"high": "low", "low": "high", None: None}
    assert [(signal, turned[side]) for signal, side in upright] == mirrored


@UNTIMED
@given(series, st.integers(0, 30))
def test_a_missing_period_moves_nothing(values: list[float], at: int) -> None:
    at = min(at, len(values))
    whole, gapped = made(CATALOGUE, {"U": values}), made(CATALOGUE, {"U": [*values[:at], None, *values[at:]]})
    assert whole.signals("U") == gapped.signals("U")
    for column in ("value", "centre", "lower", "upper"):
        assert whole.trends.sort("point")[column].to_list() == gapped.trends.sort("point")[column].to_list()


def test_other_units_move_a_chart_by_the_season_alone(catalogue: Catalogue) -> None:
    """Peers that have no season leave limits and signals as they were."""
    alone, among = (
        made(catalogue, {"U": CALM}),
        made(catalogue, {"U": CALM, **{f"P{i}": [5.0 + i] * 16 for i in range(9)}}),
    )
    own = among.trends.filter(pl.col("unit_code") == "U").sort("point")
    assert own["upper"].to_list() == pytest.approx(alone.trends.sort("point")["upper"].to_list(), rel=0.02)
    assert own["peer_median"].to_list()[0] is not None
    assert alone.trends["peer_median"].null_count() == 16


# ---- as it was when it was the newest --------------------------------------------------------------------------------------


@UNTIMED
@given(series, st.integers(12, 30))
def test_what_comes_later_moves_nothing_that_was_said(values: list[float], known: int) -> None:
    """The flag of a point hangs on it and on what came before it; at the newest point the chart says the same."""
    columns = ("point", "then_centre", "then_lower", "then_upper", "then_signal", "then_side")
    before, after = (made(CATALOGUE, {"U": v}).trends.sort("point") for v in (values[:known], values))
    assert before.select(columns).rows() == after.head(before.height).select(columns).rows()
    newest = after.tail(1)
    for column in ("centre", "lower", "upper", "signal", "side"):
        assert newest[f"then_{column}"].to_list() == newest[column].to_list()


SIZED = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 60)).map(lambda p: (min(p), p[1])), min_size=12, max_size=24
)


@UNTIMED
@given(SIZED)
def test_limits_of_shares_at_the_newest_point_are_those_of_the_chart(counts: list[tuple[int, int]]) -> None:
    newest = made(CATALOGUE, {"U": counts}, SHARE).trends.sort("point").tail(1)
    for column in ("centre", "lower", "upper"):
        assert newest[f"then_{column}"].to_list() == pytest.approx(newest[column].to_list(), abs=1e-9)


# ---- the season ---------------------------------------------------------------------------------------------------------

SUMMER = np.tile([1.04, 1.08, 0.5, 1.12], 5)


def province(rng: np.random.Generator, units: int = 40) -> dict[str, list[float]]:
    noise = rng.normal(1, 0.03, (units, 20))
    return {f"U{i:02}": list(10 * SUMMER * noise[i]) for i in range(units)}


def test_a_summer_that_all_have_is_no_signal_and_a_bad_summer_is(catalogue: Catalogue) -> None:
    units = province(np.random.default_rng(5))
    units["BAD"] = [*units["U00"][:-2], units["U00"][-2] * 0.6, units["U00"][-1]]
    marts = made(catalogue, units)
    assert marts.signals("BAD")[-2] == ("astronomical", "low")
    healthy = marts.trends.filter(pl.col("unit_code") != "BAD")
    share = healthy.group_by(pl.col("point").str.ends_with("Q3")).agg((pl.col("signal") != "none").mean())
    by_summer = dict(share.rows())
    assert by_summer[True] < 0.06
    assert abs(by_summer[True] - by_summer[False]) < 0.03


def test_centre_and_limits_follow_the_season(catalogue: Catalogue) -> None:
    marts = made(catalogue, province(np.random.default_rng(6)))
    one = marts.trends.filter(pl.col("unit_code") == "U01").sort("point")
    summer, autumn = one.row(2, named=True), one.row(3, named=True)
    assert summer["centre"] / autumn["centre"] == pytest.approx(0.5 / 1.12, rel=0.05)
    assert summer["upper"] < autumn["lower"]


def test_a_fall_of_the_level_is_found_through_the_season(catalogue: Catalogue) -> None:
    units = province(np.random.default_rng(7))
    units["WORSE"] = [value * (1 if i < 10 else 0.85) for i, value in enumerate(units["U03"])]
    marts = made(catalogue, units)
    later = marts.signals("WORSE")[10:]
    assert sum(side == "low" for _, side in later) >= 7
    assert all(side != "high" for _, side in later)


# ---- small numbers, and what is no share --------------------------------------------------------------------------------


def test_one_absence_in_a_tiny_unit_is_no_signal_and_many_in_a_large_one_are(catalogue: Catalogue) -> None:
    small = [(3, 3)] * 13 + [(2, 3)] + [(3, 3)] * 6
    large = [(294, 300)] * 13 + [(200, 300)] + [(294, 300)] * 6
    marts = made(catalogue, {"small": small, "large": large}, SHARE)
    assert set(marts.signals("small")) == {("none", None)}
    assert marts.signals("large")[13] == ("astronomical", "low")


def test_limits_of_shares_follow_the_size_and_stay_between_none_and_all(catalogue: Catalogue) -> None:
    marts = made(catalogue, {"U": [(9, 10), (95, 100)] * 10}, SHARE)
    points = marts.trends.sort("point")
    assert points["lower"][0] < points["lower"][1]
    assert points["upper"].max() <= 1  # type: ignore[operator]


def test_more_than_all_is_charted_as_an_amount(catalogue: Catalogue) -> None:
    """Explained by the unit and therefore used: 105 of 100 came."""
    marts = made(catalogue, {"odd": [(105, 100)] + [(99, 100), (98, 100)] * 8, "fine": [(9, 10)] * 17}, SHARE)
    odd = marts.trends.filter(pl.col("unit_code") == "odd").sort("point")
    assert odd["value"][0] == 1.05
    assert odd["signal"][0] == "astronomical"
    assert set(marts.signals("fine")) == {("none", None)}


def test_a_count_that_chance_can_make_is_no_signal(catalogue: Catalogue) -> None:
    assert set(made(catalogue, {"U": [2, 2, 2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2, 2]}, COUNT).signals("U")) == {
        ("none", None)
    }


# ---- the standard -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "promise"),
    [
        ([11.0, 11.2] * 8, "consistent_pass"),
        ([10.6, 11.2] * 8, "consistent_pass"),  # a single quarter may fall short of 10, four together do not
        ([8.0, 8.2] * 8, "consistent_fail"),
        ([8.0, 12.2] * 8, "inconsistent"),
    ],
)
def test_a_years_standard_is_held_against_the_years_sum(
    values: list[float], promise: str, catalogue: Catalogue
) -> None:
    """40 hours a year: four quarters of 11 reach them, four of 8 never do."""
    marts = made(catalogue, {"U": values})
    assert marts.test("U")["assurance"] == promise
    # of 40 hours, what the calendar expects of each quarter
    assert marts.trends.sort("point")["standard"].to_list() == [8.0, 12.0, 6.0, 14.0] * 4


def test_a_first_year_owes_no_more_than_any_other(catalogue: Catalogue) -> None:
    marts = made(catalogue, {"U": [11.0, 11.2]})
    assert marts.trends.sort("point")["standard"].to_list() == [8.0, 12.0]


@pytest.mark.parametrize(
    ("shares", "promise"),
    [
        ([(98, 100), (97, 100)] * 8, "consistent_pass"),
        ([(60, 100), (61, 100)] * 8, "consistent_fail"),
        ([(89, 100), (93, 100)] * 8, "inconsistent"),
    ],
)
def test_a_standard_of_a_share_is_held_against_its_limits(
    shares: list[tuple[int, int]], promise: str, catalogue: Catalogue
) -> None:
    marts = made(catalogue, {"U": shares}, SHARE)
    assert marts.test("U")["assurance"] == promise
    assert marts.trends["standard"].unique().to_list() == [0.9]


def test_always_all_keeps_a_standard_of_all(catalogue: Catalogue) -> None:
    marts = made(catalogue, {"U": [(5, 5)] * 12}, "monthly_exchange")
    assert marts.test("U")["assurance"] == "consistent_pass"


def test_without_a_standard_nothing_is_promised(catalogue: Catalogue) -> None:
    marts = made(catalogue, {"U": [(9, 10)] * 12}, "requests_answered_in_time")
    assert marts.test("U")["assurance"] is None
    assert marts.trends["standard"].null_count() == 12


# ---- groups and peers ---------------------------------------------------------------------------------------------------


def test_groups_are_ratios_of_sums(catalogue: Catalogue) -> None:
    marts = made(catalogue, {"A": [(1, 2)] * 12, "B": [(9, 10)] * 12}, SHARE)
    province_wide = marts.group_trends.filter(pl.col("group_kind") == "province")
    assert province_wide["value"].unique().to_list() == [10 / 12]
    assert sorted(marts.group_trends["group_code"].unique()) == ["320100", "province", "school"]


def test_a_group_is_held_against_a_standard_only_where_its_sums_are_judged(catalogue: Catalogue) -> None:
    """Twelve sessions on the average of units do not say that each unit has held twelve."""
    shares = made(catalogue, {"A": [(999, 1000)] * 12, "B": [(1000, 1000)] * 12}, SHARE)
    counts = made(catalogue, {"A": [6] * 12, "B": [0] * 12}, COUNT)
    assert shares.group_trends["standard"].null_count() < shares.group_trends.height
    assert set(shares.group_trend_tests["assurance"]) == {"consistent_pass"}
    assert counts.group_trends["standard"].null_count() == counts.group_trends.height
    assert set(counts.group_trend_tests["assurance"]) == {None}


def test_a_groups_years_are_tested_as_a_units(catalogue: Catalogue) -> None:
    marts = made(catalogue, {"A": [1.0, 2.0, 3.0, 4.0, 5.0]}, grain="year", points=YEARS)
    told = marts.group_trend_tests.filter(pl.col("group_kind") == "province").row(0, named=True)
    for name in ("points", "p", "slope", "judged"):
        assert told[name] == marts.test("A")[name]
    assert told["p"] == pytest.approx(2 / 120)


def test_the_peers_median_is_of_the_point(catalogue: Catalogue) -> None:
    marts: Marts = made(catalogue, {"A": [1.0, 4.0], "B": [3.0, None], "C": [8.0, 6.0]})
    medians = dict(marts.trends.filter(pl.col("unit_code") == "A").select("point", "peer_median").rows())
    assert medians == {"2021Q1": 3.0, "2021Q2": 5.0}


def test_the_same_points_give_the_same_tables(catalogue: Catalogue) -> None:
    units = province(np.random.default_rng(8), 12)
    first = made(catalogue, units)
    second = made(catalogue, dict(sorted(units.items(), reverse=True)))
    for a, b in zip(first, second, strict=True):
        assert a.equals(b)


def test_an_indicator_that_lacks_points_at_one_grain_does_not_stop_the_others(catalogue: Catalogue) -> None:
    assert made(catalogue, {"U": CALM}, AMOUNT).trend_tests["grain"].to_list() == ["quarter"]
