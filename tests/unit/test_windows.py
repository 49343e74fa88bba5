"""Which answers feed which indicator in which period, and how it is judged: tables over the real catalogue."""

from __future__ import annotations

import polars as pl
import pytest

from expectations import Catalogue, Period
from expectations.forms import ledger_columns, unit_questions
from pipelines.windows import (
    accumulates,
    indicator_periods,
    indicator_sources,
    is_proportion,
    question_asked,
)

YEAR = [Period.parse(f"2025Q{quarter}") for quarter in (1, 2, 3, 4)]


def sources(catalogue: Catalogue, indicator: str, side: str, question: str) -> list[str]:
    """For each quarter of 2025, the quarters whose answers are taken, as `1234`."""
    table = indicator_sources(catalogue, YEAR).filter(
        (pl.col("indicator") == indicator) & (pl.col("side") == side) & (pl.col("question") == question)
    )
    assert set(table["source_period"].str.slice(0, 4)) <= {"2025"}, "nothing of another year"
    return [
        "".join(sorted(p[-1] for p in table.filter(pl.col("period") == str(period))["source_period"]))
        for period in YEAR
    ]


@pytest.mark.parametrize(
    ("indicator", "side", "question", "taken"),
    [
        # A yearly standard over a quarterly flow sums the year so far.
        ("centre_group_sessions", "numerator", "L3.1a", ["1", "12", "123", "1234"]),
        ("centre_group_attendance", "numerator", "L3.2b", ["1", "12", "123", "1234"]),
        ("centre_group_attendance", "denominator", "L3.2a", ["1", "12", "123", "1234"]),
        ("training_hours_per_member", "numerator", "L3.4b", ["1", "12", "123", "1234"]),
        # A stock is the last that holds.
        ("training_hours_per_member", "denominator", "L3.4a", ["1", "2", "3", "4"]),
        ("leading_group_training_hours", "denominator", "L3.5a", ["1", "2", "3", "4"]),
        ("members_in_contact", "denominator", "L3.4a", ["1", "2", "3", "4"]),
        # Asked once a year: nothing before the fourth quarter.
        ("cadres_reported_on_study", "numerator", "L3.8b", ["", "", "", "4"]),
        ("unit_themed_activities", "numerator", "L2.3a", ["", "", "", "4"]),
        ("members_in_contact", "numerator", "S4.6c", ["", "", "", "4"]),
        ("study_topics_covered", "denominator", "L1.1a", ["", "", "", "4"]),
        # By the month: the quarter's own three months, judged by the quarter.
        ("monthly_exchange", "numerator", "L3.6a", ["1", "2", "3", "4"]),
        ("monthly_exchange", "denominator", "L3.6a", ["1", "2", "3", "4"]),
        ("study_participation", "numerator", "L3.7b", ["1", "2", "3", "4"]),
        # A semester's state holds until the next is asked.
        ("branches_linked_to_class", "numerator", "S4.5a", ["", "2", "2", "4"]),
    ],
)  # fmt: skip
def test_which_quarters_feed_an_indicator(
    indicator: str, side: str, question: str, taken: list[str], catalogue: Catalogue
) -> None:
    assert sources(catalogue, indicator, side, question) == taken


@pytest.mark.parametrize(
    ("indicator", "question"),
    [("requests_answered_in_time", "S1.2b"), ("volunteer_activities_per_branch", "S4.8a"), ("new_form_party_days_per_branch", "I2.1a"), ("service_seminars", "S3.1a")],
)  # fmt: skip
def test_a_semesters_flow_is_judged_by_itself(indicator: str, question: str, catalogue: Catalogue) -> None:
    """The policy counts these by the semester: the second does not make up for the first."""
    assert sources(catalogue, indicator, "numerator", question) == ["", "2", "", "4"]


def due(catalogue: Catalogue, indicator: str) -> str:
    table = indicator_periods(catalogue, YEAR).filter(pl.col("indicator") == indicator)
    return "".join(row["period"][-1] for row in table.sort("period").iter_rows(named=True) if row["is_due"])


@pytest.mark.parametrize(
    ("indicator", "quarters"),
    [("centre_group_sessions", "1234"), ("study_participation", "1234"), ("cadres_reported_on_study", "4"), ("members_in_contact", "4"), ("study_topics_covered", "4"), ("branches_linked_to_class", "234"), ("joint_projects", "4")],
)  # fmt: skip
def test_when_an_indicator_is_due(indicator: str, quarters: str, catalogue: Catalogue) -> None:
    """All its questions have been asked: a stock from an earlier quarter does, a flow of the year to come does not."""
    assert due(catalogue, indicator) == quarters


def test_every_indicator_is_due_at_the_end_of_the_year(catalogue: Catalogue) -> None:
    table = indicator_periods(catalogue, YEAR[3:])
    assert table["is_due"].all()
    assert set(table["indicator"]) == set(catalogue.indicator)
    assert table.height == len(catalogue.indicators)


@pytest.mark.parametrize(
    ("indicator", "grows"),
    [
        ("centre_group_sessions", True), ("training_hours_per_member", True), ("leading_group_training_hours", True), ("field_research_days_per_cadre", True),
        # Both sides grow together: a ratio stays a ratio.
        ("centre_group_attendance", False),
        # By the month, or asked once: nothing to be ahead or behind of.
        ("study_participation", False), ("monthly_exchange", False), ("members_in_contact", False), ("research_reports_per_leader", False), ("budget_execution", False),
    ],
)  # fmt: skip
def test_which_values_grow_over_the_year(indicator: str, grows: bool, catalogue: Catalogue) -> None:
    assert accumulates(catalogue.indicator[indicator], catalogue) == grows


@pytest.mark.parametrize(
    ("indicator", "is_one"),
    [
        ("centre_group_attendance", True), ("study_participation", True), ("cadres_reported_on_study", True), ("study_topics_covered", True), ("members_in_contact", True),
        # Money and hours are no trials; a difference is no count of successes; a number for each is no share.
        ("budget_execution", False), ("training_hours_per_member", False), ("candidates_beyond_seats", False), ("centre_group_sessions", False), ("research_reports_per_leader", False), ("branch_study_methods", False),
    ],
)  # fmt: skip
def test_which_values_are_shares_of_trials(indicator: str, is_one: bool, catalogue: Catalogue) -> None:
    assert is_proportion(catalogue.indicator[indicator], catalogue) == is_one


def test_the_standard_of_a_period_is_the_one_in_force(catalogue: Catalogue) -> None:
    """A reading of this project holds from 2021 on; what the policy states holds from its first day."""
    periods = [Period.parse("2020Q4"), Period.parse("2021Q1")]
    table = indicator_periods(catalogue, periods)
    by_period = {(row["indicator"], row["period"]): row["standard"] for row in table.iter_rows(named=True)}
    assert by_period["service_teams", "2020Q4"] is None
    assert by_period["service_teams", "2021Q1"] == 1
    assert by_period["centre_group_attendance", "2020Q4"] == by_period["centre_group_attendance", "2021Q1"]
    assert str(by_period["centre_group_attendance", "2021Q1"]) == "0.9000"


def test_the_cells_due_are_those_of_the_forms(catalogue: Catalogue) -> None:
    """What counts as missing is what the workbook asked for, and nothing besides."""
    table = question_asked(catalogue, YEAR)
    assert table.is_unique().all()
    for period in YEAR:
        for kind in ("city", "university", "school"):
            here = table.filter((pl.col("period") == str(period)) & (pl.col("unit_kind") == kind))
            own = here.filter(pl.col("branch_category").is_null())
            assert own["question"].to_list() == [q.code for q in unit_questions(catalogue, kind, period)]
            assert own["month"].null_count() == own.height
            for category in ("staff", "student", "retired"):
                row = here.filter(pl.col("branch_category") == category)
                columns = [
                    c
                    for c in ledger_columns(catalogue, kind, period)
                    if c.question.applies_to(kind, category)
                ]
                assert row.select("question", "month").rows() == [(c.question.code, c.month) for c in columns]
    required = dict(table.select("question", "required").unique().rows())
    assert [code for code, is_required in required.items() if not is_required] == ["O2.2b"]


def test_months_are_those_of_the_quarter(catalogue: Catalogue) -> None:
    table = question_asked(catalogue, YEAR).filter(pl.col("question") == "L3.7a")
    for period in YEAR:
        assert set(table.filter(pl.col("period") == str(period))["month"]) == set(period.months)
