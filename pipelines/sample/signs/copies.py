"""Rows of the ledger that repeat other rows: the quarterly figures of the last quarter, or of another unit."""

from __future__ import annotations

from expectations import Catalogue, Period
from pipelines.sample.rules import Answers
from pipelines.workbook.form import Slot


def with_copied_rows(
    answers: Answers,
    period: Period,
    source: Answers,
    source_period: Period,
    rows: dict[str, str],
    catalogue: Catalogue,
) -> Answers:
    """The answers with the quarterly flows of other branches or months in these rows (the branch there for each here); members stay."""
    month = dict(zip(period.months, source_period.months, strict=True))
    changed = {
        slot: source[Slot(slot.question, rows[slot.branch_code], month.get(slot.month or 0))]
        for slot in answers
        if slot.branch_code in rows and _is_quarterly_flow(slot.question, catalogue)
    }
    return answers | changed


def _is_quarterly_flow(code: str, catalogue: Catalogue) -> bool:
    question = catalogue.question[code]
    return question.asked == "quarterly" and question.nature == "flow"
