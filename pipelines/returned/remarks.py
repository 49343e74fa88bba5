"""A finding as the returned workbook says it: its cause, its place, what was found, what is expected, how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from expectations import Catalogue, Period
from pipelines.intake.formats import Format
from pipelines.intake.grid import Grid, Workbook
from pipelines.intake.persons import find_persons
from pipelines.registry.model import Registry

# Stands where a text alone would look like a person's number or a column of names, as 138001380.25 without its point does.
WITHHELD = "（见该单元格）"


class Remark(NamedTuple):
    """One finding. severity is block, explain or inform; sheet and cell are None where it is about the whole file or sheet."""

    severity: str
    cause: str
    sheet: str | None
    cell: str | None
    branch: str
    subject: str
    found: str
    expected: str
    mend: str
    sentence: str
    is_explained: bool


def remarks(
    rows: Iterable[Mapping[str, Any]], catalogue: Catalogue, registry: Registry, period: str | None
) -> list[Remark]:
    """Findings of one file as rows (of `sanxing check --json` or of the mart `findings`) as remarks, in their order.

    period: the file's, whose versions of rules and questions are quoted; None where it has none.
    """
    catalogue = catalogue.as_of(Period.parse(period)) if period else catalogue
    return [_remark(row, catalogue, registry) for row in rows]


def _remark(row: Mapping[str, Any], catalogue: Catalogue, registry: Registry) -> Remark:
    rule = catalogue.rule[row["rule"]]
    question = catalogue.question.get(row["question"]) if row["question"] else None
    branch = registry.by_code.get(row["branch_code"]) if row["branch_code"] else None
    place = f"“{row['sheet']}”表{row['cell']}单元格"
    sentence = row["message"].removeprefix(place).lstrip("，：")
    return Remark(
        severity=row["severity"],
        cause=rule.label_zh,
        sheet=row["sheet"],
        cell=row["cell"],
        branch=safe(branch.name if branch else row["branch_code"] or ""),
        subject=safe(question.label_zh if question else row["question"] or ""),
        found=safe(row["found"] or ""),
        expected=safe(row["expected"] or ""),
        mend=rule.mend,
        sentence=sentence if _is_safe(sentence) else f"{rule.label_zh}。{rule.mend}。",
        is_explained=bool(row["explained"]),
    )


def safe(text: str) -> str:
    """The text, unless the reader would take it for a person's: then the list itself would have the file refused."""
    return text if _is_safe(text) else WITHHELD


@lru_cache(maxsize=4096)
def _is_safe(text: str) -> bool:
    # Beside what would make a head of it, whatever the list puts there.
    return find_persons(Workbook(Format.XLSX, {"": Grid("", [[text, "张三"], ["张三"]])})) is None
