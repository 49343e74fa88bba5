"""One asked cell to its answer and what there is to say of it: the same for a form's row, a ledger's column and a line of a long table."""

from __future__ import annotations

from typing import NamedTuple

from expectations.models.question import Question
from pipelines.intake.answers import Answer, Finding
from pipelines.intake.grid import Grid, address
from pipelines.intake.marks import Mark
from pipelines.intake.values import ParsedValue, parse_value

_FORMULA_RULES = {Mark.UNCALCULATED: "formula_without_result", Mark.ERROR: "formula_error"}


class Asked(NamedTuple):
    """What a cell is asked for."""

    question: Question
    branch_code: str | None = None
    month: int | None = None


def read_cell(
    grid: Grid,
    row: int,
    column: int,
    asked: Asked,
    explanation: str | None,
    findings: list[Finding],
    *,
    typed: bool = True,
) -> Answer:
    """The answer in a cell; a repair, and a formula without a result, are added to `findings`."""
    place = address(row, column)
    mark = grid.marks.get(place) if grid.marks else None
    question, branch_code, month = asked
    code = question.code
    parsed = parse_value(grid.at(row, column), question, mark, typed=typed)
    if mark is not None and mark in _FORMULA_RULES:
        findings.append(
            Finding(
                _FORMULA_RULES[mark],
                grid.name,
                place,
                branch_code,
                code,
                month,
                parsed.raw,
                explanation=explanation,
            )
        )
    elif parsed.repair is not None:
        taken = f"按“{_shown(parsed, question)}”（{parsed.repair}）"
        findings.append(
            Finding("value_repaired", grid.name, place, branch_code, code, month, parsed.raw, taken)
        )
    return Answer(
        code, branch_code, month, parsed.number, parsed.text, parsed.raw, explanation, grid.name, place
    )


def _shown(parsed: ParsedValue, question: Question) -> str:
    if question.choices:
        return next(option.label_zh for option in question.choices if option.code == parsed.text)
    return f"{parsed.number:f}"
