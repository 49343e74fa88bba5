"""Answers to findings, for any number of submissions at once. The pipeline and `sanxing check` both come through here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl

from expectations import Catalogue, Period
from expectations.suites import LEDGER, Suite, build_suite
from expectations.wording import plain
from pipelines.intake.answers import Finding
from pipelines.validation.beside import BESIDE_SCHEMA
from pipelines.validation.engine import Breach, SuiteRunner
from pipelines.validation.frames import ROW, Wide, wide_frame
from pipelines.validation.sentences import BLANK, expected_text

Cells = dict[tuple[str, str | None, str, int | None], dict[str, Any]]


def validate_answers(
    answers: pl.DataFrame,
    catalogue: Catalogue,
    beside: pl.DataFrame | None = None,
    runner: SuiteRunner | None = None,
) -> list[tuple[str, Finding]]:
    """All breaches of the catalogue's rules in the answers (ANSWER_SCHEMA), as (submission_id, finding). Raises ExpectationError.

    beside: what the forms are compared with (beside.py); without it, nothing is compared with a ledger, branches or the registry.
    runner: one that is kept for several calls.
    """
    if answers.is_empty():
        return []
    runner = runner or SuiteRunner()
    beside = pl.DataFrame(schema=BESIDE_SCHEMA) if beside is None else beside
    found: list[tuple[str, Finding]] = []
    for suite, form, period, part in _by_suite(answers, catalogue):
        wide = wide_frame(part, beside, form, period, catalogue)
        found += _findings(runner.run(suite, wide.frame), wide, part, catalogue.as_of(period))
    return found


def _by_suite(
    answers: pl.DataFrame, catalogue: Catalogue
) -> Iterable[tuple[Suite, str, Period, pl.DataFrame]]:
    """The answers by suite: periods that are judged by the same versions and the same suite are validated together."""
    form = (
        pl.when(pl.col("branch_code").is_null())
        .then(pl.col("unit_kind"))
        .otherwise(pl.lit(LEDGER))
        .alias("form")
    )
    with_form = answers.with_columns(form)
    groups: dict[tuple[str, str, Catalogue], list[str]] = defaultdict(list)
    for form_name, code in with_form.select("form", "period").unique().sort("form", "period").iter_rows():
        period = Period.parse(code)
        suite_text = json.dumps(build_suite(catalogue, form_name, period), sort_keys=True)
        groups[form_name, suite_text, catalogue.as_of(period)].append(code)
    for (form_name, suite_text, _), periods in groups.items():
        part = with_form.filter((pl.col("form") == form_name) & pl.col("period").is_in(periods))
        yield json.loads(suite_text), form_name, Period.parse(periods[-1]), part


def _findings(
    breaches: list[Breach], wide: Wide, answers: pl.DataFrame, catalogue: Catalogue
) -> list[tuple[str, Finding]]:
    """Breaches with their cells, as (submission_id, finding)."""
    if not breaches:
        return []
    broken = pl.col(ROW).is_in({breach.row for breach in breaches})
    keys, sums = wide.keys.filter(broken), wide.sums.filter(broken)
    key_of = {row: (submission, branch) for row, submission, branch in keys.iter_rows()}
    sums_of = {row[ROW]: row for row in sums.iter_rows(named=True)}
    by_cell = _cells(breaches, keys, answers)
    return [
        _finding(breach, key_of[breach.row], by_cell, sums_of[breach.row], catalogue) for breach in breaches
    ]


def _cells(breaches: list[Breach], keys: pl.DataFrame, answers: pl.DataFrame) -> Cells:
    """The answers that the breaches are about, by submission, branch, question and month's place.

    Looked up for these cells only: a broken row has some hundred others.
    """
    wanted = sorted({(breach.row, _question(breach)) for breach in breaches})
    looked_up = pl.DataFrame(wanted, schema={ROW: keys.schema[ROW], "question": pl.String}, orient="row")
    found = answers.join(
        looked_up.join(keys, on=ROW), on=["submission_id", "branch_code", "question"], nulls_equal=True
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
    by_cell: Cells,
    sums: dict[str, Any],
    catalogue: Catalogue,
) -> tuple[str, Finding]:
    submission_id, branch_code = key
    code, (_, dot, suffix) = _question(breach), breach.meta["column"].partition(".m")
    index = int(suffix) if suffix else None
    rule, question = catalogue.rule[breach.meta["rule"]], catalogue.question[code]
    answer = by_cell.get((submission_id, branch_code, code, index), {})
    right, room = (_sum(sums, f"{rule.rule}.{side}{dot}{suffix}") for side in ("right", "room"))
    number = answer.get("number")
    return submission_id, Finding(
        rule=rule.rule,
        sheet=answer.get("sheet"),
        cell=answer.get("cell"),
        branch_code=branch_code,
        question=code,
        month=answer.get("month"),
        found=plain(number) if number is not None and not question.choices else answer.get("raw") or BLANK,
        expected=expected_text(rule, question, catalogue, right, room),
        explanation=answer.get("explanation"),
    )


def _sum(sums: dict[str, Any], column: str) -> Decimal | None:
    number: Decimal | None = sums.get(column)
    return number


def _month_index(month: int | None) -> int | None:
    return None if month is None else (month - 1) % 3 + 1
