"""Answers as the wide frames that the suites read: one row per form or branch. Pure; no Great Expectations here."""

from __future__ import annotations

import pandas as pd
import polars as pl

from expectations import Catalogue, Period
from expectations.models.question import Question
from expectations.models.rule import CompareRule, RequiredRule
from expectations.suites import frame_columns, rules_on, suffixes
from pipelines.intake.values import NO_RESULT
from pipelines.workbook.layout import NOT_ASKED

ROW = "row"
# The key of a row: one form, or one branch's row in it.
KEY = ("submission_id", "branch_code")


def wide_frame(
    answers: pl.DataFrame, questions: list[Question], period: Period, catalogue: Catalogue
) -> tuple[pd.DataFrame, pl.DataFrame]:
    """The frame of a suite, and the keys of its rows.

    answers: submission_id, branch_code (null on the own form), month, question, number (Decimal), text, raw; of one form, any
    number of submissions, all of periods in the same quarter of the year. Returns (frame with the column `row`, keys with `row`).
    """
    named = answers.with_columns(_frame_column())
    keys = answers.select(KEY).unique().sort(KEY, nulls_last=False).with_row_index(ROW)
    named = named.join(keys, on=KEY, nulls_equal=True)
    columns = [column for question in questions for column in frame_columns(question)]
    # A cell that is there but blank is "" until the pivot has told it from one that is not there.
    exact = _pivot(named, "number", columns)
    numbers = exact.with_columns(pl.col(columns).cast(pl.Float64))
    raws = _pivot(named.with_columns(pl.col("raw").fill_null("")), "raw", columns)
    readable = _pivot(
        named.with_columns(
            readable=pl.when(pl.col("raw").is_not_null() & (pl.col("raw") != NO_RESULT)).then(
                pl.col("number").is_not_null() | pl.col("text").is_not_null()
            )
        ),
        "readable",
        columns,
    )
    frame = numbers.to_pandas()
    shown = raws.with_columns(pl.col(columns).fill_null(NOT_ASKED).replace("", None)).select(columns)
    parts = [
        frame,
        shown.rename({column: f"{column}.raw" for column in columns}).to_pandas(),
        readable.select(columns).rename({column: f"{column}.readable" for column in columns}).to_pandas(),
    ]
    texts = _pivot(named, "text", columns)
    for rule in rules_on(catalogue, questions, period):
        parts.append(_rule_columns(rule, catalogue, exact, raws, texts))
    return pd.concat(parts, axis=1), keys


def _frame_column() -> pl.Expr:
    """`L3.7a.m2` for the second month of the quarter, `L3.1a` without a month."""
    month = ((pl.col("month") - 1) % 3 + 1).cast(pl.String)
    return (
        pl.when(pl.col("month").is_null())
        .then(pl.col("question"))
        .otherwise(pl.col("question") + ".m" + month)
        .alias("column")
    )


def _pivot(named: pl.DataFrame, values: str, columns: list[str]) -> pl.DataFrame:
    """One row per `row`, in order, with all the columns, null where a cell is not there."""
    wide = named.pivot("column", index=ROW, values=values, aggregate_function="first").sort(ROW)
    kind = named.schema[values]
    missing = [pl.lit(None, dtype=kind).alias(column) for column in columns if column not in wide.columns]
    return wide.with_columns(missing).select(ROW, *columns)


def _rule_columns(
    rule: CompareRule | RequiredRule,
    catalogue: Catalogue,
    exact: pl.DataFrame,
    raws: pl.DataFrame,
    texts: pl.DataFrame,
) -> pd.DataFrame:
    made: dict[str, pl.Series] = {}
    for suffix in suffixes(rule, catalogue):
        if isinstance(rule, RequiredRule):
            given = raws.select(pl.col(f"{rule.question}{suffix}") != "").to_series()
            holds = texts.select(pl.col(f"{rule.when}{suffix}") == rule.equals).to_series()
            frame = pl.DataFrame({"given": given, "holds": holds})
            made[f"{rule.rule}.left{suffix}"] = frame.select(
                pl.when(pl.col("holds")).then(pl.col("given"))
            ).to_series()
            continue
        for side, codes in (("left", rule.left), ("right", rule.right)):
            # null + 1 is null: a sum with a missing part is not compared.
            total = exact.select(
                pl.sum_horizontal([pl.col(f"{code}{suffix}") for code in codes], ignore_nulls=False)
            ).to_series()
            made[f"{rule.rule}.{side}{suffix}"] = total.cast(pl.Float64)
    return pl.DataFrame(made).to_pandas()
