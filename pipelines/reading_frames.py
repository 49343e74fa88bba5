"""Readings as rows: what files, answers and findings are before they are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from expectations import Catalogue, Period
from pipelines.intake.answers import Answer, Finding
from pipelines.intake.reading import Reading
from pipelines.registry.model import Registry
from pipelines.validation.schema import ANSWER_SCHEMA
from pipelines.validation.sentences import message

READING_SCHEMA: dict[str, Any] = {
    "submission_id": pl.String, "unit_code": pl.String, "period": pl.String, "refused": pl.Boolean,
}  # fmt: skip
FINDING_SCHEMA: dict[str, Any] = {
    "source": pl.String, "finding_id": pl.String, "submission_id": pl.String, "rule": pl.String, "severity": pl.String,
    "branch_code": pl.String, "question": pl.String, "month": pl.Int32, "sheet": pl.String, "cell": pl.String, "found": pl.String,
    "expected": pl.String, "message": pl.String, "clause": pl.String, "explanation": pl.String, "explained": pl.Boolean,
}  # fmt: skip


class ReadFrames(NamedTuple):
    """Some readings as rows: one a file (READING_SCHEMA), one an answer (ANSWER_SCHEMA), one a finding (FINDING_SCHEMA)."""

    readings: pl.DataFrame
    answers: pl.DataFrame
    findings: pl.DataFrame

    def of(self, submission_ids: Sequence[str]) -> ReadFrames:
        """Only the rows of these submissions."""
        return ReadFrames(*(frame.filter(pl.col("submission_id").is_in(submission_ids)) for frame in self))


def read_frames(read: Sequence[tuple[str, Reading]], catalogue: Catalogue, registry: Registry) -> ReadFrames:
    """Readings, each with its submission id, as rows."""
    readings = pl.DataFrame(
        [
            (
                submission_id,
                reading.unit_code,
                str(reading.period) if reading.period else None,
                reading.refused,
            )
            for submission_id, reading in read
        ],
        schema=READING_SCHEMA,
        orient="row",
    )
    found = ((submission_id, finding) for submission_id, reading in read for finding in reading.findings)
    periods = {submission_id: reading.period for submission_id, reading in read if reading.period}
    findings = finding_frame("reading", found, catalogue, registry, periods=periods)
    return ReadFrames(readings, answer_frame(read, registry), findings)


def answer_frame(read: Iterable[tuple[str, Reading]], registry: Registry) -> pl.DataFrame:
    """The answers of readings, each with its submission id, as rows (ANSWER_SCHEMA)."""
    columns: dict[str, list[Any]] = {name: [] for name in ANSWER_SCHEMA}
    for submission_id, reading in read:
        unit = registry.unit(reading.unit_code) if reading.unit_code else None
        count = len(reading.columns[0])
        if unit is None or not count:
            continue
        shared = (submission_id, unit.unit_code, unit.kind, str(reading.period))
        for name, value in zip(("submission_id", "unit_code", "unit_kind", "period"), shared, strict=True):
            columns[name] += [value] * count
        for name, values in zip(Answer._fields, reading.columns, strict=True):
            columns[name] += values
    # Decimals are taken over as digits: many times faster, and as exact.
    columns["number"] = [None if number is None else str(number) for number in columns["number"]]
    return pl.DataFrame(columns, schema=ANSWER_SCHEMA | {"number": pl.String}).cast(
        {"number": ANSWER_SCHEMA["number"]}
    )


class Sent(NamedTuple):
    """What an explanation is weighed by: the unit's name, and beside how many rows of its file each text stands."""

    unit_name: str = ""
    rows: Mapping[str, int] = {}


def sent(answers: pl.DataFrame, registry: Registry) -> dict[str, Sent]:
    """What each submission explains. answers: submission_id, unit_code, branch_code, question, explanation."""
    rows: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    counted = (
        answers.filter(pl.col("explanation").is_not_null())
        .group_by("submission_id", "unit_code", "explanation")
        # A branch's explanation stands once, beside all answers of its row.
        .agg(pl.coalesce("branch_code", "question").n_unique())
    )
    for submission_id, unit_code, text, count in counted.iter_rows():
        rows[submission_id, unit_code][text] = count
    return {
        submission_id: Sent(unit.name if (unit := registry.unit(unit_code)) else "", texts)
        for (submission_id, unit_code), texts in rows.items()
    }


def finding_frame(
    source: str,
    found: Iterable[tuple[str, Finding]],
    catalogue: Catalogue,
    registry: Registry,
    told: Mapping[str, Sent] | None = None,
    periods: Mapping[str, Period] | None = None,
) -> pl.DataFrame:
    """Findings as rows (FINDING_SCHEMA), with severity, clause and the clerk's sentence.

    told: what each submission explains (`sent`); the reader's own findings are never explained. periods: of each submission that
    has one: rules and questions speak in their version of it.
    """
    then = {submission_id: catalogue.as_of(period) for submission_id, period in (periods or {}).items()}
    return pl.DataFrame(
        [
            _finding_row(
                source,
                submission_id,
                finding,
                then.get(submission_id, catalogue),
                registry,
                (told or {}).get(submission_id, Sent()),
            )
            for submission_id, finding in found
        ],
        schema=FINDING_SCHEMA,
        orient="row",
    ).unique("finding_id", keep="first", maintain_order=True)


def _finding_row(
    source: str, submission_id: str, finding: Finding, catalogue: Catalogue, registry: Registry, told: Sent
) -> tuple[Any, ...]:
    rule = catalogue.rule[finding.rule]
    question = catalogue.question.get(finding.question) if finding.question else None
    branch = registry.by_code.get(finding.branch_code) if finding.branch_code else None
    sentence = message(
        rule,
        question,
        branch.name if branch else None,
        finding.month,
        finding.sheet,
        finding.cell,
        finding.found,
        finding.expected,
    )
    explained = None
    if rule.severity == "explain":
        fault = shortcoming(finding, catalogue, registry, told)
        explained = finding.explanation is not None and fault is None
        sentence += f"情况说明“{finding.explanation}”{fault}，请改写。" if fault else ""
    clause = rule.clause or (question.clause if question else None)
    return (
        source, finding.id_in(submission_id), submission_id, rule.rule, rule.severity, finding.branch_code, finding.question,
        finding.month, finding.sheet, finding.cell, finding.found, finding.expected, sentence, clause, finding.explanation, explained,
    )  # fmt: skip


def shortcoming(finding: Finding, catalogue: Catalogue, registry: Registry, told: Sent) -> str | None:
    """Why a text that was written as an explanation explains nothing; None where it counts, or nothing was written."""
    if finding.explanation is None:
        return None
    question = catalogue.question.get(finding.question) if finding.question else None
    branch = registry.by_code.get(finding.branch_code) if finding.branch_code else None
    names = (told.unit_name, question.label_zh if question else "", branch.name if branch else "")
    # What is said of a whole sheet may stand beside each of its rows.
    rows = told.rows if finding.question or finding.branch_code else {}
    text = finding.explanation
    return catalogue.explanations.shortcoming(text, names, rows.get(text, 1))
