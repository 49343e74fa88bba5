"""The floor of the benchmark of rules: one query finds what Great Expectations finds, cell by cell, with every rule in it."""

from __future__ import annotations

import polars as pl
import pytest

from expectations import Catalogue, Period
from expectations.models.rule import CompareRule
from expectations.models.term import LedgerTerm
from expectations.suites import LEDGER, rules_on
from tests.benchmarks.one_query import covered_rules, one_query, registry_rows
from tests.benchmarks.quarter import quarter_answers, quarter_registry
from tests.benchmarks.rules import by_great_expectations, by_one_query, places


def with_every_rule_broken(answers: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """The cells of comparisons emptied to 0 in every fifth form or row, and put far up in every fifth, in others for each question; sums over the ledger stay."""
    rules = [rule for rule in catalogue.rules if isinstance(rule, CompareRule)]
    summed = {term.ledger for rule in rules for term in rule.terms if isinstance(term, LedgerTerm)}
    cells = {rule.cell for rule in rules} - summed
    turn = (pl.int_range(pl.len()).over("question") + pl.col("question").rank("dense")) % 5
    added = pl.when(turn == 0).then(-pl.col("number")).when(turn == 1).then(900_000).otherwise(0)
    changed = pl.col("question").is_in(sorted(cells)) & pl.col("text").is_null()
    number = pl.when(changed).then(pl.col("number") + added.cast(pl.Decimal(18, 4)))
    return answers.with_columns(number=number.otherwise(pl.col("number")).cast(pl.Decimal(18, 4)))


@pytest.mark.parametrize("quarter", [1, 4])
def test_one_query_finds_the_same_cells(quarter: int, catalogue: Catalogue) -> None:
    period = Period(2025, quarter)
    registry = quarter_registry(60, period, 1, catalogue)
    answers = with_every_rule_broken(quarter_answers(60, period, 1, catalogue), catalogue)
    told = places(by_great_expectations(answers, registry, catalogue))
    _, rows = by_one_query(answers, registry_rows(registry, period), one_query(catalogue, period))
    assert set(rows) == told
    assert len(rows) == len(told)
    compared = {rule.rule for rule in catalogue.rules if isinstance(rule, CompareRule)}
    assert {row[-1] for row in rows} >= (covered_rules(catalogue, period) & compared) | {
        "presence",
        "type",
        "bounds",
    }


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_no_rule_of_a_form_is_left_out(quarter: int, catalogue: Catalogue) -> None:
    period = Period(2025, quarter)
    forms = [*(kind.code for kind in catalogue.kinds.units), LEDGER]
    judged = {rule.rule for form in forms for rule in rules_on(catalogue, form, period)}
    assert covered_rules(catalogue, period) == judged | {"presence", "type", "bounds"}
    if quarter == 4:
        compared = {r.rule for r in catalogue.rules if isinstance(r, CompareRule) and not r.asks_history}
        assert compared <= judged
