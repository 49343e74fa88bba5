"""Answers to findings, for any number of submissions at once. The pipeline and `sanxing check` both come through here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd
import polars as pl

from expectations import Catalogue, Period
from expectations.suites import LEDGER, Suite, build_suite, questions_on
from pipelines.intake.answers import Finding
from pipelines.validation.engine import Breach, SuiteRunner
from pipelines.validation.frames import wide_frame
from pipelines.validation.sentences import BLANK, expected_text, plain


def validate_answers(
    answers: pl.DataFrame, catalogue: Catalogue, runner: SuiteRunner | None = None
) -> list[tuple[str, Finding]]:
    """All breaches of the catalogue's rules in the answers (ANSWER_SCHEMA), as (submission_id, finding). Raises ExpectationError.

    runner: one that is kept for several calls.
    """
    if answers.is_empty():
        return []
    runner = runner or SuiteRunner()
    return [
        finding
        for judged in judge(answers, catalogue, runner)
        for finding in findings_of(judged, judged.breaches, catalogue)
    ]


class Judged(NamedTuple):
    """A suite with the frame that it judged, the keys of the frame's rows, the answers behind them, and all breaches."""

    suite: Suite
    form: str
    frame: pd.DataFrame
    keys: pl.DataFrame
    answers: pl.DataFrame
    breaches: list[Breach]


def judge(answers: pl.DataFrame, catalogue: Catalogue, runner: SuiteRunner) -> Iterator[Judged]:
    """Every suite that the answers fall under, run. Raises ExpectationError."""
    for suite, form, period, part in _by_suite(answers, catalogue):
        frame, keys = wide_frame(part, questions_on(catalogue, form, period), period, catalogue)
        yield Judged(suite, form, frame, keys, part, runner.run(suite, frame))


def _by_suite(
    answers: pl.DataFrame, catalogue: Catalogue
) -> Iterable[tuple[Suite, str, Period, pl.DataFrame]]:
    """The answers by suite: periods that are judged by the same suite are validated together."""
    form = (
        pl.when(pl.col("branch_code").is_null())
        .then(pl.col("unit_kind"))
        .otherwise(pl.lit(LEDGER))
        .alias("form")
    )
    with_form = answers.with_columns(form)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for form_name, period in with_form.select("form", "period").unique().sort("form", "period").iter_rows():
        suite_text = json.dumps(build_suite(catalogue, form_name, Period.parse(period)), sort_keys=True)
        groups[form_name, suite_text].append(period)
    for (form_name, suite_text), periods in groups.items():
        part = with_form.filter((pl.col("form") == form_name) & pl.col("period").is_in(periods))
        yield json.loads(suite_text), form_name, Period.parse(periods[-1]), part


def findings_of(judged: Judged, breaches: list[Breach], catalogue: Catalogue) -> list[tuple[str, Finding]]:
    """Some of the breaches of a suite with their cells, as (submission_id, finding)."""
    if not breaches:
        return []
    broken = _named(breaches, judged.keys)
    key_of = {row: (submission, branch) for row, submission, branch in broken.iter_rows()}
    by_cell = _cells(breaches, broken, judged.answers, catalogue)
    return [_finding(breach, key_of[breach.row], by_cell, catalogue) for breach in breaches]


def _named(breaches: list[Breach], keys: pl.DataFrame) -> pl.DataFrame:
    return keys.filter(pl.col("row").is_in({breach.row for breach in breaches}))


def _cells(
    breaches: list[Breach], keys: pl.DataFrame, answers: pl.DataFrame, catalogue: Catalogue
) -> dict[tuple[str, str | None, str, int | None], dict[str, Any]]:
    """The answers that the breaches are about and those that they are held against, by submission, branch, question and month's place.

    Looked up for these cells only: a broken row has some hundred others.
    """
    wanted = {
        (breach.row, code)
        for breach in breaches
        for code in (_question(breach), *catalogue.rule[breach.meta["rule"]].right)
    }
    looked_up = pl.DataFrame(
        sorted(wanted), schema={"row": keys.schema["row"], "question": pl.String}, orient="row"
    )
    found = answers.join(
        looked_up.join(keys, on="row"), on=["submission_id", "branch_code", "question"], nulls_equal=True
    )
    return {
        (
            answer["submission_id"],
            answer["branch_code"],
            answer["question"],
            _month_index(answer["month"]),
        ): answer
        for answer in found.iter_rows(named=True)
    }


def _question(breach: Breach) -> str:
    """`L3.7a` of the frame's column `L3.7a.m2`."""
    code: str = breach.meta["column"].partition(".m")[0]
    return code


def _finding(
    breach: Breach,
    key: tuple[str, str | None],
    by_cell: dict[tuple[str, str | None, str, int | None], dict[str, Any]],
    catalogue: Catalogue,
) -> tuple[str, Finding]:
    submission_id, branch_code = key
    code, suffix = _question(breach), breach.meta["column"].partition(".m")[2]
    index = int(suffix) if suffix else None
    rule, question = catalogue.rule[breach.meta["rule"]], catalogue.question[code]
    answer = by_cell.get((submission_id, branch_code, code, index), {})
    parts = [by_cell.get((submission_id, branch_code, part, index), {}).get("number") for part in rule.right]
    right = sum((part for part in parts if part is not None), Decimal(0)) if rule.check == "compare" else None
    number = answer.get("number")
    return submission_id, Finding(
        rule=rule.rule,
        sheet=answer.get("sheet"),
        cell=answer.get("cell"),
        branch_code=branch_code,
        question=code,
        month=answer.get("month"),
        found=plain(number) if number is not None and not question.choices else answer.get("raw") or BLANK,
        expected=expected_text(rule, question, catalogue, right),
        explanation=answer.get("explanation"),
    )


def _month_index(month: int | None) -> int | None:
    return None if month is None else (month - 1) % 3 + 1
