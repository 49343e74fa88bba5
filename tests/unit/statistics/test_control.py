"""Control charts: the NHS rules as published, laney's limits against the chart that they become, and series with gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.statistics import control
from tests.published import published

UNTIMED = settings(deadline=None)
NHS = published("spc_xmr_nhs")
KINDS = {
    "Common Cause": ("none", 0), "Above UCL": ("astronomical", 1), "7 Point Trend (Increasing)": ("trend", 1),
    "2 in 3 Below CL": ("two_of_three", -1), "2 in 3 Above CL": ("two_of_three", 1),
}  # fmt: skip

series = st.lists(st.integers(0, 40).map(float), max_size=40)


def signals(chart: control.Chart) -> list[tuple[str, int]]:
    return list(zip(chart.signals.tolist(), chart.sides.tolist(), strict=True))


@pytest.mark.parametrize("name", NHS["run"])
def test_published_runs(name: str) -> None:
    run = NHS["run"][name]
    chart = control.xmr(run["y"], screen=not name.endswith("unscreened"))
    assert (chart.centre, chart.lower, chart.upper) == pytest.approx(
        (run["mean"], run["lpl"], run["upl"]), abs=1e-9
    )
    assert signals(chart) == [KINDS[kind] for kind in run["type"]]
    assert chart.judged


def test_published_captions() -> None:
    known = NHS["published"]
    for screen, caption in ((True, known["screened"]), (False, known["unscreened"])):
        chart = control.xmr(known["series"], screen)
        assert (chart.lower, chart.centre, chart.upper) == pytest.approx(
            (caption["lpl"], caption["mean"], caption["upl"]), abs=0.005
        )
    spiked = NHS["run"]["rnorm_outlier_screened"]["y"]
    chart, caption = control.xmr(spiked, screen=False), known["outlier15_unscreened"]
    assert (chart.lower, chart.upper) == pytest.approx((caption["lpl"], caption["upl"]), abs=5e-7)


def of_rule(values: list[float], rule: str) -> list[bool]:
    return [signal == rule for signal in control.xmr(values, screen=False).signals]


@pytest.mark.parametrize("case", NHS["rule_units"]["trend"], ids=str)
def test_a_trend_is_seven_points_without_a_tie(case: dict[str, Any]) -> None:
    """The published flag stands at the last of seven points; the chart marks all seven, unless they are outside the limits."""
    last = [i for i, flag in enumerate(case["o"]) if flag]
    members = {i - back for i in last for back in range(7)}
    chart = control.xmr(case["i"], screen=False)
    marked = {i for i, signal in enumerate(chart.signals) if signal == "trend"}
    assert members - marked == {i for i in members if chart.signals[i] == "astronomical"}
    assert marked <= members
    assert {chart.sides[i] for i in marked} == {case["o"][i] for i in last}


@pytest.mark.parametrize("sign", [1, -1])
def test_shifts_are_marked_whole_and_a_point_on_the_mean_breaks_them(sign: int) -> None:
    steady = [2.0, -2.0] * 4
    run = [1.0, 0.5, 1.0, 0.5, 1.0, 0.5, 1.0]
    balance = [-2.0, -3.5]  # so that the mean is 0 exactly
    chart = control.xmr(sign * np.array(steady + balance + run), screen=False)
    assert chart.centre == 0
    assert signals(chart)[-7:] == [("shift", sign)] * 7
    assert not set(chart.signals[:-7]) & {"shift"}
    six = control.xmr(sign * np.array([*steady, -2.0, -2.5, *run[:5], 0.5]), screen=False)
    assert six.centre == 0
    assert "shift" not in six.signals
    broken = control.xmr(sign * np.array(steady + balance + run[:3] + [0.0] + run[3:]), screen=False)
    assert broken.centre == 0
    assert "shift" not in broken.signals


def test_two_of_three_marks_the_close_ones_only() -> None:
    values = np.array(NHS["run"]["two_of_three"]["y"])
    assert np.flatnonzero(of_rule(list(values), "two_of_three")).tolist() == [10, 11]
    apart = values.copy()
    apart[[10, 11, 12]] = 54.0, 51.0, 54.2  # the middle one is on the same side, and not close
    assert np.flatnonzero(of_rule(list(apart), "two_of_three")).tolist() == [10, 12]
    other_side = apart.copy()
    other_side[11] = 50.0
    assert not any(of_rule(list(other_side), "two_of_three"))


def test_limits_by_hand() -> None:
    chart = control.xmr([1.0, -1.0] * 10)  # mean 0, every moving range 2
    assert (chart.centre, chart.lower, chart.upper) == pytest.approx((0, -5.32, 5.32))
    assert set(chart.signals) == {"none"}


def test_series_in_rows_are_charted_each_on_its_own() -> None:
    rows = [NHS["run"][name]["y"] for name in ("vignette_screened", "two_of_three")]
    both = control.xmr(rows)
    for row, values in enumerate(rows):
        alone = control.xmr(values)
        assert [part[row].tolist() for part in both] == [np.asarray(part).tolist() for part in alone]


@UNTIMED
@given(series, st.data())
def test_missing_points_are_passed_over(values: list[float], data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.integers(0, len(values)), max_size=5))
    spaced = list(values)
    for gap in sorted(gaps, reverse=True):
        spaced.insert(gap, np.nan)
    plain, holed = control.xmr(values), control.xmr(spaced)
    there = ~np.isnan(np.array(spaced, dtype=float))
    assert signals(plain) == [s for s, known in zip(signals(holed), there, strict=True) if known]
    assert set(np.array(holed.signals)[~there]) <= {"none"}
    assert np.array_equal(
        [plain.centre, plain.lower, plain.upper], [holed.centre, holed.lower, holed.upper], equal_nan=True
    )


@UNTIMED
@given(series, st.sampled_from([-1.0, 1.0, 4.0]), st.integers(-8, 8))
def test_a_chart_moves_and_mirrors_with_its_values(values: list[float], factor: float, shift: int) -> None:
    one, other = control.xmr(values), control.xmr(factor * np.array(values) + shift)
    assert one.signals.tolist() == other.signals.tolist()
    # the point between a rise and a fall is of both: its side is the rise's in either chart
    alike = one.sides * np.sign(factor) == other.sides
    assert alike[one.signals != "trend"].all()


@pytest.mark.parametrize("values", [[0.1] * 13, [1 / 3] * 20, [0.0] * 12, [7.0], [], [1e-9] * 30])
def test_equal_values_one_value_and_none_give_no_signal(values: list[float]) -> None:
    chart = control.xmr(values)
    assert set(chart.signals) <= {"none"}
    assert set(chart.sides) <= {0}
    assert chart.judged == (len(values) >= 12)
    if len(values) < 2:
        assert np.isnan([chart.lower, chart.upper]).all()
    else:
        assert chart.lower == pytest.approx(chart.upper)


def test_one_spike_among_equal_values_is_the_one_that_stands_out() -> None:
    chart = control.xmr([5.0] * 10 + [9.0] + [5.0] * 10)
    assert np.flatnonzero(chart.signals == "astronomical").tolist() == [10]


def test_laney_with_one_size_is_the_individuals_chart() -> None:
    k, n = [18, 15, 19, 17, 20, 16, 12, 18, 19, 14, 17, 16], 20
    laney, individuals = control.laney_p(k, n), control.xmr(np.array(k) / n, screen=False)
    assert laney.centre == pytest.approx(individuals.centre)
    # 3 / 1.128 is 2.6596, which the other chart rounds to 2.66
    assert laney.lower == pytest.approx(np.full(12, individuals.lower), rel=1e-3)
    assert laney.upper == pytest.approx(np.minimum(individuals.upper, 1), rel=1e-3)
    assert signals(laney) == signals(individuals)


def test_laney_by_hand_with_two_sizes() -> None:
    p = 35 / 50
    errors = np.sqrt(p * (1 - p) / np.array([10, 40]))
    z = (np.array([0.9, 0.65]) - p) / errors
    reach = 3 * errors * abs(z[1] - z[0]) / 1.128
    chart = control.laney_p([9, 26], [10, 40])
    assert chart.centre == pytest.approx(p)
    assert chart.lower == pytest.approx(np.clip(p - reach, 0, 1))
    assert chart.upper == pytest.approx(np.clip(p + reach, 0, 1))


def test_laney_finds_the_quarter_that_fell_and_forgives_a_small_one() -> None:
    n = np.array([200] * 14 + [10])
    k = np.array([180, 184, 178, 181, 183, 179, 182, 180, 140, 181, 179, 182, 180, 181, 7])
    chart = control.laney_p(k, n)
    assert chart.signals[8] == "astronomical"
    assert chart.sides[8] == -1
    assert chart.signals[14] == "none"  # 7 of 10 is no lower than 140 of 200, and proves nothing
    assert chart.upper[14] - chart.lower[14] > chart.upper[0] - chart.lower[0]


def test_laney_passes_over_empty_periods_and_takes_all_or_nothing() -> None:
    chart = control.laney_p([9, 0, 8, np.nan, 9], [10, 0, 10, 10, 10])
    assert np.isnan(chart.lower).tolist() == [False, True, False, True, False]
    assert chart.lower[[0, 2, 4]].tolist() == control.laney_p([9, 8, 9], 10).lower.tolist()
    everybody = control.laney_p([5] * 12, [5] * 12)
    assert everybody.upper.tolist() == everybody.lower.tolist() == [1.0] * 12
    assert set(everybody.signals) == {"none"}
    assert np.isnan(control.laney_p([3], [4]).lower).all()
    assert control.laney_p([], []).lower.shape == (0,)


@pytest.mark.parametrize("case", NHS["assurance"]["direction_increase"], ids=str)
def test_published_assurance(case: dict[str, Any]) -> None:
    assert control.assurance(case["lpl"], case["upl"], case["target"], "higher") == case["o"]
    turned = {"consistent_fail": "consistent_pass", "consistent_pass": "consistent_fail"}
    assert control.assurance(case["lpl"], case["upl"], case["target"], "lower") == turned.get(
        case["o"], case["o"]
    )
    assert control.assurance(case["lpl"], case["upl"], case["target"], "increase") == case["o"]


def test_assurance_at_the_edges() -> None:
    found = control.assurance([1, 1, np.nan, 1], [3, 3, 2, 3], [3, 1, 1, np.nan], "higher")
    assert found.tolist() == ["inconsistent", "inconsistent", None, None]
    with pytest.raises(ValueError, match="direction"):
        control.assurance(1, 2, 3, "up")  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [3.0, [1.0, np.inf]])
def test_what_is_no_series_is_refused(values: Any) -> None:
    with pytest.raises(ValueError, match="series"):
        control.xmr(values)


# ---- shares with a season -----------------------------------------------------------------------------------------------


def test_odds_of_one_are_the_chart_without_a_season() -> None:
    k, n = np.array([[9, 18, 27, 40, 48, 9, 20] * 2]), np.array([[10, 20, 30, 40, 50, 10, 20] * 2])
    plain, seasonal = control.laney_p(k, n), control.laney_p(k, n, np.ones(14))
    assert seasonal.centre == pytest.approx(np.broadcast_to(plain.centre[:, None], k.shape))
    assert seasonal.upper == pytest.approx(plain.upper)
    assert seasonal.signals.tolist() == plain.signals.tolist()
    alone = control.laney_p(k[0], n[0], np.ones(14))  # one series without an axis of series
    assert alone.centre == pytest.approx(seasonal.centre[0])
    assert alone.signals.tolist() == plain.signals[0].tolist()


def test_a_share_that_falls_each_summer_as_all_do_has_no_signal() -> None:
    odds = np.tile([1.5, 1.5, 0.2, 1.5], 5)
    expected = 9 * odds / (1 + 9 * odds)
    k, n = np.rint(expected * 400)[None, :], np.full((1, 20), 400)
    chart = control.laney_p(k, n, odds)
    assert chart.centre == pytest.approx(expected[None, :], abs=0.005)
    assert set(chart.signals[0]) == {"none"}


def test_with_a_season_as_many_are_expected_as_were_found() -> None:
    k, n = np.array([[9, 18, 20, 40], [10, 20, 30, 40], [0, 0, 0, 0]]), np.array([[10, 20, 30, 40]])
    centre = control.laney_p(k, n, [2.0, 1.0, 0.25, 1.0]).centre
    assert (centre * n).sum(-1) == pytest.approx(k.sum(-1))
    assert centre[1].tolist() == [1] * 4
    assert centre[2].tolist() == [0] * 4
