"""The own form: answers found by the code column of each dimension's sheet, wherever the rows stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from expectations.models.policy import Dimension
from expectations.models.question import Question
from pipelines.intake.answers import Answer, Finding
from pipelines.intake.cells import Asked, read_cell
from pipelines.intake.grid import Grid, address, squeezed
from pipelines.intake.locate import Located
from pipelines.intake.values import code_text, raw_text
from pipelines.workbook import layout


def read_form(
    located: Located, sheets: Iterable[tuple[Dimension, Sequence[Question]]]
) -> tuple[list[Answer], list[Finding]]:
    """All answers of the own form, and what is wrong with its sheets and rows."""
    answers: list[Answer] = []
    findings: list[Finding] = []
    for dimension, questions in sheets:
        name = layout.DIMENSION_SHEETS[dimension.code]
        grid = located.sheets.get(name)
        head = grid.find_row(layout.CODE, layout.CURRENT) if grid is not None else None
        if grid is None or head is None:
            findings.append(located.missing(name))
            continue
        row, columns = head
        repeated = _repeated_heads(grid, row, columns)
        findings += repeated
        for finding in repeated:
            columns.pop(squeezed(finding.found or ""), None)
        if layout.CODE in columns and layout.CURRENT in columns:
            found, faults = _read_sheet(
                grid, row, columns, {question.code: question for question in questions}
            )
            answers += found
            findings += faults
    return answers, findings


def _repeated_heads(grid: Grid, row: int, columns: dict[str, int]) -> list[Finding]:
    """Heads that are read and stand twice: which of the columns is meant is not guessed."""
    texts = ((column, squeezed(grid.text_at(row, column))) for column in range(len(grid.rows[row])))
    return [
        Finding(
            "head_repeated",
            sheet=grid.name,
            cell=address(row, column),
            found=grid.text_at(row, column),
            expected=f"只有一处（{address(row, columns[text])}单元格也是）",
        )
        for column, text in texts
        if text in (layout.CODE, layout.CURRENT, layout.EXPLANATION) and column != columns[text]
    ]


def _read_sheet(
    grid: Grid, head: int, columns: dict[str, int], questions: dict[str, Question]
) -> tuple[list[Answer], list[Finding]]:
    code_column, value_column = columns[layout.CODE], columns[layout.CURRENT]
    explanation_column = columns.get(layout.EXPLANATION)
    answers: dict[str, Answer] = {}
    findings: list[Finding] = []
    for row in range(head + 1, len(grid.rows)):
        code = code_text(grid.at(row, code_column))
        if code is None:
            continue
        place = address(row, code_column)
        if code not in questions:
            findings.append(Finding("unknown_code", sheet=grid.name, cell=place, found=code))
        elif code in answers:
            findings.append(
                Finding(
                    "row_repeated",
                    sheet=grid.name,
                    cell=place,
                    question=code,
                    found=code,
                    expected="每个代码一行",
                )
            )
        else:
            explanation = (
                raw_text(grid.at(row, explanation_column)) if explanation_column is not None else None
            )
            answers[code] = read_cell(grid, row, value_column, Asked(questions[code]), explanation, findings)
    findings += [
        Finding(
            "row_missing",
            sheet=grid.name,
            question=code,
            found="没有这一行",
            expected=f"有代码为{code}的一行",
        )
        for code in questions
        if code not in answers
    ]
    return list(answers.values()), findings
