"""Answers as the wide frames that the suites read: one row per form or branch. Pure; no Great Expectations here."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd
import polars as pl

from expectations import Catalogue, Period
from expectations.models.rule import CompareRule, RequiredRule
from expectations.models.term import AnswerTerm, BesideTerm, ProductTerm, Term
from expectations.suites import frame_columns, questions_on, rules_on, suffixes
from pipelines.intake.values import NO_RESULT
from pipelines.workbook.layout import NOT_ASKED

ROW = "row"
# The key of a row: one form, or one branch's row in it.
KEY = ("submission_id", "branch_code")
# Wide enough for the product of two answers, to the last digit.
EXACT = pl.Decimal(38, 8)


class Wide(NamedTuple):
    """The frame of a suite; the keys of its rows; and the sums that its rules compare, exact (`rule.left`, `rule.room` …), by row."""

    frame: pd.DataFrame
    keys: pl.DataFrame
    sums: pl.DataFrame


def wide_frame(
    answers: pl.DataFrame, beside: pl.DataFrame, form: str, period: Period, catalogue: Catalogue
) -> Wide:
    """The frame of a suite.

    answers: submission_id, branch_code (null on the own form), month, question, number (Decimal), text, raw; of one form, any
    number of submissions, all of periods in the same quarter of the year. beside: see beside.py; also of other submissions.
    """
    named = answers.with_columns(_frame_column())
    keys = answers.select(KEY).unique().sort(KEY, nulls_last=False).with_row_index(ROW)
    named = named.join(keys, on=KEY, nulls_equal=True)
    columns = [c for question in questions_on(catalogue, form, period) for c in frame_columns(question)]
    # A cell that is there but blank is "" until the pivot has told it from one that is not there.
    exact = _pivot(named, "number", "column", columns)
    numbers = exact.with_columns(pl.col(columns).cast(pl.Float64))
    raws = _pivot(named.with_columns(pl.col("raw").fill_null("")), "raw", "column", columns)
    readable = _pivot(
        named.with_columns(
            readable=pl.when(pl.col("raw").is_not_null() & (pl.col("raw") != NO_RESULT)).then(
                pl.col("number").is_not_null() | pl.col("text").is_not_null()
            )
        ),
        "readable",
        "column",
        columns,
    )
    shown = raws.with_columns(pl.col(columns).fill_null(NOT_ASKED).replace("", None)).select(columns)
    rules = rules_on(catalogue, form, period)
    sums = _sums(rules, catalogue, _with_beside(exact, beside, keys, rules))
    given = _given(rules, catalogue, raws, _pivot(named, "text", "column", columns))
    parts = [
        numbers.to_pandas(),
        shown.rename({column: f"{column}.raw" for column in columns}).to_pandas(),
        readable.select(columns).rename({column: f"{column}.readable" for column in columns}).to_pandas(),
        sums.select(pl.exclude(ROW).cast(pl.Float64)).to_pandas(),
        given.to_pandas(),
    ]
    return Wide(pd.concat(parts, axis=1), keys, sums)


def _frame_column() -> pl.Expr:
    """`L3.7a.m2` for the second month of the quarter, `L3.1a` without a month."""
    month = ((pl.col("month") - 1) % 3 + 1).cast(pl.String)
    return (
        pl.when(pl.col("month").is_null())
        .then(pl.col("question"))
        .otherwise(pl.col("question") + ".m" + month)
        .alias("column")
    )


def _pivot(named: pl.DataFrame, values: str, on: str, columns: list[str]) -> pl.DataFrame:
    """One row per `row`, in order, with all the columns, null where a cell is not there."""
    wide = named.pivot(on, index=ROW, values=values, aggregate_function="first").sort(ROW)
    kind = named.schema[values]
    missing = [pl.lit(None, dtype=kind).alias(column) for column in columns if column not in wide.columns]
    return wide.with_columns(missing).select(ROW, *columns)


def _with_beside(
    exact: pl.DataFrame, beside: pl.DataFrame, keys: pl.DataFrame, rules: list[CompareRule | RequiredRule]
) -> pl.DataFrame:
    """The numbers of the form, and those that the rules compare them with, as columns."""
    terms = (term for rule in rules if isinstance(rule, CompareRule) for term in rule.terms)
    columns = list(dict.fromkeys(term.column for term in terms if isinstance(term, BesideTerm)))
    if not columns:
        return exact
    known = _pivot(beside.join(keys, on=KEY, nulls_equal=True), "number", "term", columns)
    return exact.join(known, on=ROW, how="left", maintain_order="left")


def _sums(
    rules: list[CompareRule | RequiredRule], catalogue: Catalogue, numbers: pl.DataFrame
) -> pl.DataFrame:
    """The two sums of each comparison, and where they should be near, how far apart they are and may be."""
    made: list[pl.Expr] = []
    for rule in rules:
        if not isinstance(rule, CompareRule):
            continue
        for suffix in suffixes(rule, catalogue):
            left, right = (_sum(terms, suffix) for terms in (rule.left, rule.right))
            made += [left.alias(f"{rule.rule}.left{suffix}"), right.alias(f"{rule.rule}.right{suffix}")]
            if rule.within is not None:
                room = pl.max_horizontal(right * _exactly(rule.within.share), _exactly(rule.within.least))
                made += [
                    (left - right).abs().alias(f"{rule.rule}.gap{suffix}"),
                    room.alias(f"{rule.rule}.room{suffix}"),
                ]
    return numbers.select(ROW, *made)


def _exactly(number: Any) -> pl.Expr:
    return pl.lit(number).cast(EXACT)


def _sum(terms: tuple[Term, ...], suffix: str) -> pl.Expr:
    # null + 1 is null: a sum with a missing part is not compared.
    return pl.sum_horizontal([_number(term, suffix) for term in terms], ignore_nulls=False)


def _number(term: Term, suffix: str) -> pl.Expr:
    if isinstance(term, AnswerTerm):
        return pl.col(f"{term.answer}{suffix}").cast(EXACT)
    if isinstance(term, ProductTerm):
        one, other = (pl.col(f"{code}{suffix}").cast(EXACT) for code in term.product)
        return one * other
    if isinstance(term, BesideTerm):
        return pl.col(term.column).cast(EXACT)
    raise TypeError(f"{term} asks about other submissions")


def _given(
    rules: list[CompareRule | RequiredRule], catalogue: Catalogue, raws: pl.DataFrame, texts: pl.DataFrame
) -> pl.DataFrame:
    """Whether a conditional requirement is met; null where its condition does not hold."""
    made: dict[str, pl.Series] = {}
    for rule in rules:
        if isinstance(rule, RequiredRule):
            for suffix in suffixes(rule, catalogue):
                given = raws.select(pl.col(f"{rule.question}{suffix}") != "").to_series()
                holds = texts.select(pl.col(f"{rule.when}{suffix}") == rule.equals).to_series()
                both = pl.DataFrame({"given": given, "holds": holds})
                met = both.select(pl.when(pl.col("holds")).then(pl.col("given"))).to_series()
                made[f"{rule.rule}.given{suffix}"] = met
    return pl.DataFrame(made)
