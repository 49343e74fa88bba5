"""The arithmetic of indicator_values.sql on tiny tables: exact thresholds, every status with its reason, intervals and peers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.comparison.values import compared
from pipelines.warehouse import open_warehouse

UNTIMED = settings(deadline=None, max_examples=40)
NUMBER = pl.Decimal(18, 4)
YEAR = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
PACE = {
    "2025Q1": Decimal("0.2"),
    "2025Q2": Decimal("0.3"),
    "2025Q3": Decimal("0.15"),
    "2025Q4": Decimal("0.35"),
}


class Cell(NamedTuple):
    """An answer that was due: N is the numerator's question, D the denominator's."""

    unit: str
    question: str
    value: str | None
    lacking: str | None = None
    branch: str | None = None
    period: str = "2025Q4"


class Indicator(NamedTuple):
    """How the indicator is made and judged."""

    standard: str | None = None
    compare: str | None = "at_least"
    direction: str = "higher"
    grain: str = "unit"
    accumulates: bool = False
    is_proportion: bool = False
    is_due: bool = True
    numerator: tuple[tuple[str, str], ...] = (("sum", "N"),)
    denominator: tuple[tuple[str, str], ...] = (("sum", "D"),)


Row = dict[str, Any]
RATE = Indicator("0.9", is_proportion=True)


def computed(
    cells: Sequence[Cell],
    indicator: Indicator,
    period: str = "2025Q4",
    barred: Sequence[str] = (),
    least: int = 8,
) -> dict[str, Row]:
    """The rows of indicator_values of one indicator in one period, by unit or branch code."""
    with open_warehouse(None) as warehouse:
        units = sorted({cell.unit for cell in cells}) or ["U"]
        branches = sorted({(cell.branch, cell.unit) for cell in cells if cell.branch})
        start = date(2020, 1, 1)
        dim_unit = [(u, "school", "school:small", start, None) for u in units] + [
            (b, "branch", "branch:small", start, None) for b, _ in branches
        ]
        warehouse.replace(
            "dim_unit",
            pl.DataFrame(
                dim_unit,
                {
                    "unit_code": pl.String,
                    "kind": pl.String,
                    "peer_group": pl.String,
                    "valid_from": pl.Date,
                    "valid_to": pl.Date,
                },
                orient="row",
            ),
        )
        warehouse.replace(
            "dim_period",
            pl.DataFrame(
                [(p, int(p[-1]), date(2025, 3 * int(p[-1]), 28), PACE[p]) for p in YEAR],
                {"period": pl.String, "quarter": pl.Int32, "last_day": pl.Date, "pace": NUMBER},
                orient="row",
            ),
        )
        warehouse.replace("dim_indicator", pl.DataFrame({"indicator": ["X"], "clause": ["L1.1"]}))
        warehouse.replace("dim_clause", pl.DataFrame({"clause": ["L1.1"], "who": ["city,university,school"]}))
        facts = {
            "period": period,
            "indicator": "X",
            "grain": indicator.grain,
            "direction": indicator.direction,
            "is_proportion": indicator.is_proportion,
            "standard": None if indicator.standard is None else Decimal(indicator.standard),
            "compare": indicator.compare if indicator.standard else None,
            "stated": True,
            "accumulates": indicator.accumulates,
            "is_due": indicator.is_due,
            "denominator_is_one": not indicator.denominator,
        }
        warehouse.replace(
            "indicator_periods",
            pl.DataFrame([facts], schema_overrides={"standard": NUMBER, "compare": pl.String}),
        )
        sources = [
            (period, "X", side, operation, question, taken)
            for side, terms in (("numerator", indicator.numerator), ("denominator", indicator.denominator))
            for operation, question in terms
            for taken in (
                [p for p in YEAR if p <= period]
                if indicator.accumulates and side == "numerator"
                else [period]
            )
        ]
        warehouse.replace(
            "indicator_sources",
            pl.DataFrame(
                sources,
                dict.fromkeys(
                    ["period", "indicator", "side", "operation", "question", "source_period"], pl.String
                ),
                orient="row",
            ),
        )
        rows = [
            (
                c.unit,
                c.branch,
                c.period,
                c.question,
                None,
                None if c.value is None else Decimal(c.value),
                c.lacking,
            )
            for c in cells
        ]
        warehouse.replace(
            "cells",
            pl.DataFrame(
                rows,
                {
                    "unit_code": pl.String,
                    "branch_code": pl.String,
                    "period": pl.String,
                    "question": pl.String,
                    "month": pl.Int32,
                    "value": NUMBER,
                    "lacking": pl.String,
                },
                orient="row",
            ),
        )
        warehouse.set_due([period])
        warehouse.make("indicator_facts")
        facts_of = warehouse.frame("indicator_facts", "select * from indicator_facts")
    table = compared(facts_of.with_columns(can_speak=~pl.col("unit_code").is_in(list(barred))), least)
    assert table["unit_code"].is_unique().all()
    return {row["unit_code"]: row for row in table.iter_rows(named=True)}


def one(numerator: str | int, denominator: str | int, indicator: Indicator) -> Row:
    """The value of one unit with these two answers."""
    (row,) = computed([Cell("U", "N", str(numerator)), Cell("U", "D", str(denominator))], indicator).values()
    return row


def with_standard(standard: str, compare: str = "at_least") -> Indicator:
    return Indicator(standard, compare)


# ---- thresholds ---------------------------------------------------------------------------------------------------------


# Source: the published numbers in threshold_arithmetic.json: percent, product, rounded_display, simpson (exact_pass).
@pytest.mark.parametrize(
    ("k", "n", "standard", "status"),
    [
        (9, 10, "0.9", "met"), (180, 200, "0.9", "met"), (27, 30, "0.9", "met"), (63, 70, "0.9", "met"), (171, 190, "0.9", "met"),
        (2249, 2500, "0.9", "not_met"), (1799, 2000, "0.9", "not_met"), (26, 29, "0.9", "not_met"), (7, 10, "0.9", "not_met"), (2250, 2500, "0.9", "met"),
        (29, 50, "0.58", "met"), (57, 100, "0.57", "met"), (29, 100, "0.29", "met"), (55, 100, "0.55", "met"), (99, 180, "0.55", "met"), (110, 200, "0.55", "met"),
        (0, 10, "0.9", "not_met"), (10, 10, "0.9", "met"), (1, 1, "1", "met"), (999999, 1000000, "1", "not_met"),
    ],
)  # fmt: skip
def test_a_percentage_is_judged_on_integers(k: int, n: int, standard: str, status: str) -> None:
    row = one(k, n, with_standard(standard))
    assert row["status"] == status
    assert row["reason"] is None
    assert (row["numerator"], row["denominator"]) == (k, n)
    assert row["value"] == pytest.approx(k / n)


# Source: the same, hours_24: each is 24 hours exactly, and falls short as a sum of binary floats.
@pytest.mark.parametrize(
    ("step", "times"), [("1.2", 20), ("2.4", 10), ("0.2", 120), ("0.4", 60), ("0.75", 32)]
)
@pytest.mark.parametrize(("missing", "status"), [("0", "met"), ("0.01", "not_met")])
def test_hours_add_up_exactly(step: str, times: int, missing: str, status: str) -> None:
    """A unit's hours, branch by branch, over one member: 20 × 1.2 h meets 24, a hundredth less does not."""
    cells = [Cell("U", "N", step, branch=f"B{i}") for i in range(times)] + [Cell("U", "D", "1")]
    cells[0] = cells[0]._replace(value=str(Decimal(step) - Decimal(missing)))
    assert computed(cells, with_standard("24"))["U"]["status"] == status


@pytest.mark.parametrize(
    ("compare", "numerator", "denominator", "standard", "status"),
    [
        ("above", "0", "5", "0", "not_met"), ("above", "1", "5", "0", "met"), ("above", "0.01", "5", "0", "met"), ("above", "-1", "5", "0", "not_met"),
        ("at_most", "0", "1", "0", "met"), ("at_most", "-2", "1", "0", "met"), ("at_most", "1", "1", "0", "not_met"), ("at_most", "3", "2", "1.5", "met"),
        ("at_least", "0", "1", "0", "met"), ("at_least", "3", "2", "1.5", "met"), ("at_least", "2.99", "2", "1.5", "not_met"),
    ],
)  # fmt: skip
def test_each_comparison_at_its_edge(
    compare: str, numerator: str, denominator: str, standard: str, status: str
) -> None:
    assert one(numerator, denominator, with_standard(standard, compare))["status"] == status


@UNTIMED
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=1, max_size=20),
    st.integers(0, 10**4),
)
def test_any_count_is_judged_as_whole_numbers_are(pairs: list[tuple[int, int]], standard: int) -> None:
    """k/n ≥ s/10000 exactly where 10000·k ≥ s·n."""
    cells = [
        cell
        for i, (k, n) in enumerate(pairs)
        for cell in (Cell(f"U{i}", "N", str(k)), Cell(f"U{i}", "D", str(n)))
    ]
    rows = computed(cells, with_standard(str(Decimal(standard) / 10000)))
    for i, (k, n) in enumerate(pairs):
        assert rows[f"U{i}"]["status"] == ("met" if 10000 * k >= standard * n else "not_met")


def test_the_largest_answers_are_still_judged() -> None:
    """The largest sums that the table holds meet the standard of the largest share."""
    assert one("99999999999.99", "99999999999.99", with_standard("1"))["status"] == "met"
    assert one("99999999999.98", "99999999999.99", with_standard("1"))["status"] == "not_met"


# ---- what is not judged -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "standard", "status", "reason", "value"),
    [
        ("0", "0", "0.9", "not_applicable", "分母和分子都为0，不评价", None),
        ("0", "0", None, "not_applicable", "分母和分子都为0，不评价", None),
        ("5", "0", "0.9", "not_calculable", "分母为0而分子不为0，请核对", None),
        ("5", "0", None, "not_calculable", "分母为0而分子不为0，请核对", None),
        ("7", "10", None, "not_applicable", "本指标不设标准，只作同类比较", 0.7),
    ],
)
def test_what_cannot_be_judged_says_why(
    numerator: str, denominator: str, standard: str | None, status: str, reason: str, value: float | None
) -> None:
    row = one(numerator, denominator, Indicator(standard))
    assert (row["status"], row["reason"], row["value"]) == (status, reason, value)


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ("not_reported", "有应报未报的季度"),
        ("blocked", "有1格未通过校验"),
        ("missing", "有1格未填"),
        ("unexplained", "有1格需要说明而未说明"),
    ],
)
@pytest.mark.parametrize("side", ["N", "D"])
def test_bad_data_is_never_bad_performance(lacking: str, reason: str, side: str) -> None:
    """One cell that cannot be used, on either side: not zero, not «not met», and no number at all."""
    cells = [
        Cell("U", "N", "10"),
        Cell("U", "D", "10"),
        Cell("U", side, "0" if lacking == "blocked" else None, lacking),
    ]
    row = computed(cells, RATE)["U"]
    assert (row["status"], row["reason"]) == ("not_calculable", reason)
    assert [
        row[name] for name in ("numerator", "denominator", "value", "ci_low", "ci_high", "peer_percentile")
    ] == [None] * 6


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        (("missing", "missing"), "有2格未填"),
        (("missing", "blocked"), "有2格未通过校验"),
        (("unexplained", "missing"), "有2格未填"),
        (("blocked", "not_reported"), "有应报未报的季度"),
    ],
)
def test_the_reason_that_weighs_most_is_given(lacking: tuple[str, str], reason: str) -> None:
    cells = [Cell("U", "N", None, lacking[0]), Cell("U", "D", None, lacking[1])]
    assert computed(cells, RATE)["U"]["reason"] == reason


def test_a_nonsense_number_stops_nobody() -> None:
    """Thirteen digits in one cell of each of twelve branches: blocked, and every other unit is still judged."""
    cells = [Cell("U", "N", "9999999999999", "blocked", f"B{i}") for i in range(12)] + [
        Cell("U", "D", "1", branch="B0")
    ]
    rows = computed([*cells, Cell("V", "N", "9"), Cell("V", "D", "10")], RATE)
    assert (rows["U"]["status"], rows["U"]["reason"]) == ("not_calculable", "有12格未通过校验")
    assert rows["V"]["status"] == "met"


def test_one_units_gap_leaves_the_others() -> None:
    cells = [Cell("U", "N", None, "missing"), Cell("U", "D", "10"), Cell("V", "N", "9"), Cell("V", "D", "10")]
    rows = computed(cells, RATE)
    assert (rows["U"]["status"], rows["V"]["status"]) == ("not_calculable", "met")


def test_what_is_not_asked_yet_is_not_due() -> None:
    row = computed([Cell("U", "N", "9"), Cell("U", "D", "10")], RATE._replace(is_due=False))["U"]
    assert (row["status"], row["reason"], row["value"]) == ("not_due", "本期不填报，到期再评价", None)


# ---- a standard of the year before the year ends ------------------------------------------------------------------------


def year_so_far(*values: str | None) -> dict[str, Row]:
    """A unit that was asked in these quarters (None: it was not yet in the registry), against 24 a year for one member."""
    last = YEAR[len(values) - 1]
    cells = [
        Cell("U", "N", value, period=period)
        for period, value in zip(YEAR, values, strict=False)
        if value is not None
    ]
    return computed([*cells, Cell("U", "D", "1", period=last)], Indicator("24", accumulates=True), last)


@pytest.mark.parametrize(
    ("values", "status", "share", "reason"),
    [
        (("4.8",), "on_pace", 0.2, "已过1个季度，按进度应完成全年标准的20%评价"),
        (("4.79",), "behind", 0.2, "已过1个季度，按进度应完成全年标准的20%评价"),
        (("0", "12"), "on_pace", 0.5, "已过2个季度，按进度应完成全年标准的50%评价"),
        (("6", "5.99"), "behind", 0.5, "已过2个季度，按进度应完成全年标准的50%评价"),
        (("6", "6", "3.6"), "on_pace", 0.65, "已过3个季度，按进度应完成全年标准的65%评价"),
        (("6", "6", "3.59"), "behind", 0.65, "已过3个季度，按进度应完成全年标准的65%评价"),
        (("0", "0", "0", "24"), "met", 1.0, None),
        (("6", "6", "6", "5.99"), "not_met", 1.0, None),
        # In the registry from the third quarter on: what is expected of these two, a half.
        ((None, None, "6", "6"), "on_pace", 0.5, "本年只报送了2个季度，按全年标准的50%评价"),
        ((None, None, "6", "5.99"), "behind", 0.5, "本年只报送了2个季度，按全年标准的50%评价"),
        ((None, "7.2"), "on_pace", 0.3, "已过1个季度，按进度应完成全年标准的30%评价"),
    ],
)
def test_a_years_standard_in_proportion(
    values: tuple[str | None, ...], status: str, share: float, reason: str | None
) -> None:
    row = year_so_far(*values)["U"]
    assert (row["status"], row["due_share"], row["reason"]) == (status, share, reason)
    assert row["standard"] == 24, "the standard shown is the year's"


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        # Of six meetings a year 1.2, 3 and 3.9 are expected: one, three and three whole ones.
        (("0",), "behind"),
        (("1",), "on_pace"),
        (("1", "1"), "behind"),
        (("1", "2"), "on_pace"),
        (("1", "2", "0"), "on_pace"),
        (("1", "1", "0"), "behind"),
        (("1", "2", "0", "2"), "not_met"),
        (("1", "2", "0", "3"), "met"),
    ],
)
def test_of_whole_events_a_part_of_one_is_not_due(counts: tuple[str, ...], status: str) -> None:
    cells = [Cell("U", "N", count, period=period) for period, count in zip(YEAR, counts, strict=False)]
    meetings = Indicator("6", accumulates=True, denominator=())
    assert computed(cells, meetings, YEAR[len(counts) - 1])["U"]["status"] == status


def test_a_part_of_a_year_is_compared_with_the_same_part() -> None:
    """A unit of the last quarter alone has a quarter of the meetings of those of a whole year, and stands beside none of them."""
    units = 9
    cells = [Cell(f"U{i}", "N", "3", period=period) for i in range(units) for period in YEAR]
    cells.append(Cell("NEW", "N", "3"))
    rows = computed(cells, Indicator("6", accumulates=True, denominator=()))
    assert (rows["U0"]["n_peers"], rows["U0"]["peer_position"]) == (units, "inside")
    assert (rows["NEW"]["n_peers"], rows["NEW"]["peer_position"], rows["NEW"]["peer_percentile"]) == (
        1,
        None,
        None,
    )


def test_a_quarter_not_reported_is_no_quarter_less() -> None:
    """Staying silent does not lower the standard."""
    cells = [
        Cell("U", "N", "6", period="2025Q1"),
        Cell("U", "N", None, "not_reported", period="2025Q2"),
        Cell("U", "D", "1", period="2025Q2"),
    ]
    assert computed(cells, Indicator("24", accumulates=True), "2025Q2")["U"]["status"] == "not_calculable"


# ---- how sides are made -------------------------------------------------------------------------------------------------


def test_a_units_value_is_the_ratio_of_sums() -> None:
    """9/10 and 170/200: 85.238…%, and not the mean of percentages, 87.5%. Source: threshold_arithmetic.json, simpson."""
    cells = [
        Cell("U", "N", "9", branch="B1"), Cell("U", "D", "10", branch="B1"), Cell("U", "N", "170", branch="B2"), Cell("U", "D", "200", branch="B2"),
    ]  # fmt: skip
    rows = computed(cells, Indicator("0.9", grain="branch", is_proportion=True))
    assert rows["U"]["value"] == pytest.approx(0.8523809523809524, abs=1e-15)
    assert {code: row["status"] for code, row in rows.items()} == {
        "U": "not_met",
        "B1": "met",
        "B2": "not_met",
    }
    assert (rows["U"]["numerator"], rows["U"]["denominator"]) == (179, 210)


def test_a_branch_without_anything_due_does_not_change_the_unit() -> None:
    cells = [
        Cell("U", "N", "9", branch="B1"),
        Cell("U", "D", "10", branch="B1"),
        Cell("U", "N", "0", branch="B2"),
        Cell("U", "D", "0", branch="B2"),
    ]
    rows = computed(cells, Indicator("0.9", grain="branch"))
    assert {code: row["status"] for code, row in rows.items()} == {
        "U": "met",
        "B1": "met",
        "B2": "not_applicable",
    }


def test_one_branchs_gap_is_the_units_gap() -> None:
    cells = [
        Cell("U", "N", "9", branch="B1"),
        Cell("U", "D", "10", branch="B1"),
        Cell("U", "N", None, "missing", branch="B2"),
        Cell("U", "D", "1", branch="B2"),
    ]
    rows = computed(cells, Indicator("0.9", grain="branch"))
    assert {code: row["status"] for code, row in rows.items()} == {
        "U": "not_calculable",
        "B1": "met",
        "B2": "not_calculable",
    }


def test_a_unit_indicator_says_nothing_of_branches() -> None:
    cells = [Cell("U", "N", "9", branch="B1"), Cell("U", "D", "10")]
    assert set(computed(cells, RATE)) == {"U"}


@pytest.mark.parametrize(
    ("numerator", "denominator", "pair"),
    [
        ((("sum", "N"),), (("sum", "D"),), (7, 4)),
        ((("sum", "N"), ("sum", "Z")), (("sum", "D"),), (7, 4)),
        ((("sum", "N"), ("minus", "D")), (("sum", "D"),), (3, 4)),
        ((("sum", "D"), ("minus", "N")), (("sum", "D"),), (-3, 4)),
        # in place: how many are above 0, asked: how many cells were due.
        ((("in_place", "N"), ("in_place", "Z")), (("asked", "N"), ("asked", "Z")), (1, 2)),
        ((("sum", "N"),), (("asked", "N"),), (7, 1)),
        # `one`: no question; 1 for each unit.
        ((("sum", "N"),), (), (7, 1)),
    ],
)  # fmt: skip
def test_how_a_side_is_made(
    numerator: tuple[tuple[str, str], ...], denominator: tuple[tuple[str, str], ...], pair: tuple[int, int]
) -> None:
    cells = [Cell("U", "N", "7"), Cell("U", "D", "4"), Cell("U", "Z", "0")]
    row = computed(cells, Indicator(numerator=numerator, denominator=denominator))["U"]
    assert (row["numerator"], row["denominator"]) == pair


# ---- intervals ----------------------------------------------------------------------------------------------------------


# Source: the published numbers in small_numbers.json, all_attended_lower (k = n).
@pytest.mark.parametrize(
    ("n", "low"),
    [(3, 0.4385029682449546), (5, 0.5655175352168251), (10, 0.7224672001371109), (20, 0.8388748419471808), (36, 0.9035813714055363), (100, 0.9630065017930143)],
)  # fmt: skip
def test_wilson_where_all_attended(n: int, low: float) -> None:
    row = one(n, n, RATE)
    assert row["ci_low"] == pytest.approx(low, abs=1e-12)
    assert row["ci_high"] == pytest.approx(1, abs=1e-12)
    none = one(0, n, RATE)
    assert none["ci_low"] == pytest.approx(0, abs=1e-12)
    assert none["ci_high"] == pytest.approx(1 - low, abs=1e-12), "the mirror image"


# Source: Newcombe 1998, Statistics in Medicine 17, table I, method 3 (score, no continuity correction).
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(k: int, n: int, low: float, high: float) -> None:
    row = one(k, n, RATE)
    assert (round(row["ci_low"], 4), round(row["ci_high"], 4)) == (low, high)


@pytest.mark.parametrize(
    ("numerator", "denominator", "is_proportion"),
    [("9", "10", False), ("12", "10", True), ("0", "0", True), ("-1", "10", True)],
)
def test_no_interval_without_trials(numerator: str, denominator: str, is_proportion: bool) -> None:
    """Hours per member, a share above 1, nothing out of nothing: a binomial interval would mean nothing."""
    row = one(numerator, denominator, Indicator("0.9", is_proportion=is_proportion))
    assert (row["ci_low"], row["ci_high"]) == (None, None)


def test_an_interval_never_turns_a_met_into_a_not_met() -> None:
    """Three of three meets 90%, though the interval reaches down to 44%."""
    row = one(3, 3, RATE)
    assert row["status"] == "met"
    assert row["ci_low"] < 0.9


# ---- peers --------------------------------------------------------------------------------------------------------------


def among(
    values: Sequence[str | None], direction: str = "higher", barred: Sequence[str] = (), least: int = 2
) -> dict[str, Row]:
    cells = [
        cell
        for i, value in enumerate(values)
        for cell in (
            Cell(f"U{i}", "N", value, None if value is not None else "missing"),
            Cell(f"U{i}", "D", "1"),
        )
    ]
    return computed(cells, Indicator(direction=direction), barred=barred, least=least)


@pytest.mark.parametrize(
    ("direction", "percentiles"),
    [("higher", [0.0, 0.25, 0.5, 0.75, 1.0]), ("lower", [1.0, 0.75, 0.5, 0.25, 0.0])],
)
def test_a_percentile_is_the_share_of_peers_that_do_worse(direction: str, percentiles: list[float]) -> None:
    rows = among(["1", "2", "3", "4", "5"], direction)
    assert [rows[f"U{i}"]["peer_percentile"] for i in range(5)] == percentiles
    assert {row["peer_median"] for row in rows.values()} == {3.0}


def test_ties_count_half_and_gaps_do_not_count() -> None:
    rows = among(["2", "2", "2", None])
    assert [rows[f"U{i}"]["peer_percentile"] for i in range(4)] == [0.5, 0.5, 0.5, None]
    assert rows["U3"]["peer_median"] == 2.0, "its peers' median is known all the same"


def test_what_cannot_speak_for_a_unit_is_nobodys_peer() -> None:
    """Its own figure is shown as it was reported, without a place; the others stand as if it were not there."""
    rows = among(["1", "2", "3", "100"], barred=["U3"])
    assert [rows[f"U{i}"]["peer_percentile"] for i in range(4)] == [0.0, 0.5, 1.0, None]
    assert {row["peer_median"] for row in rows.values()} == {2.0}
    assert {row["n_peers"] for row in rows.values()} == {3}
    assert rows["U3"]["value"] == 100.0


@pytest.mark.parametrize(("peers", "has_place"), [(7, False), (8, True)])
def test_no_percentile_among_fewer_than_eight(peers: int, has_place: bool) -> None:
    rows = among([str(i) for i in range(peers)], least=8)
    assert {row["peer_percentile"] is not None for row in rows.values()} == {has_place}


SHARE = Indicator("0.9", is_proportion=True)


def shares(pairs: Sequence[tuple[int, int]], indicator: Indicator = SHARE) -> list[Row]:
    """Units of one peer group with these k of n."""
    cells = [
        Cell(f"U{i}", question, str(number))
        for i, pair in enumerate(pairs)
        for question, number in zip("ND", pair, strict=True)
    ]
    rows = computed(cells, indicator)
    return [rows[f"U{i}"] for i in range(len(pairs))]


@pytest.mark.parametrize(("peers", "place"), [(7, None), (8, "below_998")])
def test_no_position_among_fewer_than_eight(peers: int, place: str | None) -> None:
    rows = shares([(20, 100), *[(95, 100)] * (peers - 1)])
    assert (rows[0]["peer_position"], rows[0]["n_peers"]) == (place, peers)
    assert rows[1]["peer_position"] in (None, "inside")


@pytest.mark.parametrize(
    ("pair", "place"),
    [
        # Beside thirty units at 450 of 500, all alike: the same share says more the more it counts.
        ((7, 10), "inside"),
        ((70, 100), "below_998"),
        ((83, 100), "below_95"),
        ((97, 100), "above_95"),
        ((100, 100), "above_998"),
        ((0, 0), None),
    ],
)
def test_a_share_stands_among_its_peers_as_far_as_its_size_shows(
    pair: tuple[int, int], place: str | None
) -> None:
    assert shares([pair, *[(450, 500)] * 30])[0]["peer_position"] == place


def test_where_units_differ_by_more_than_chance_fewer_stand_out() -> None:
    spread = [(400 + 7 * i, 500) for i in range(15)] * 2
    assert shares([(380, 500), *[(450, 500)] * 30])[0]["peer_position"] == "below_998"
    assert shares([(380, 500), *spread])[0]["peer_position"] == "inside"


@pytest.mark.parametrize(
    ("count", "place"),
    [("0", "below_998"), ("3", "below_95"), ("10", "inside"), ("19", "above_95"), ("30", "above_998")],
)
def test_a_count_stands_about_the_rate_of_its_peers(count: str, place: str) -> None:
    alike = [Cell(f"U{i}", "N", "10") for i in range(40)]
    rows = computed([Cell("X", "N", count), *alike], Indicator(denominator=()))
    assert rows["X"]["peer_position"] == place


def test_amounts_over_heads_have_a_median_and_no_position() -> None:
    row = shares([(20, 10), *[(240, 10)] * 30], Indicator("24"))[0]
    assert (row["peer_median"], row["peer_position"], row["ci_low"], row["p_below"]) == (
        24.0,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("k", "n", "direction", "p"),
    [
        (9, 10, "higher", 0.6513215599), (7, 10, "higher", 0.0701908264), (10, 10, "higher", 1.0), (0, 0, "higher", None),
        (10, 10, "lower", 0.3486784401),
    ],
)  # fmt: skip
def test_what_a_missed_share_proves_at_its_size(k: int, n: int, direction: str, p: float | None) -> None:
    """P(at most k of n) at 0.9, and at least k where lower is better. Source: the binomial distribution."""
    row = one(
        k, n, SHARE._replace(direction=direction, compare="at_least" if direction == "higher" else "at_most")
    )
    assert row["p_below"] == (None if p is None else pytest.approx(p, abs=1e-9))


def test_a_count_has_byars_interval() -> None:
    row = computed([Cell("U", "N", "6")], Indicator("6", denominator=()))["U"]
    assert (row["ci_low"], row["ci_high"]) == (
        pytest.approx(2.1909, abs=1e-3),
        pytest.approx(13.0601, abs=1e-3),
    )
    assert row["status"] == "met"


def test_alone_there_is_no_place() -> None:
    assert among(["3"])["U0"]["peer_percentile"] is None
