"""The ledger: one row a branch, columns found by the code row, rows by the branch code."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.forms import LedgerColumn
from expectations.models.question import Question
from pipelines.intake.answers import Answer, Finding
from pipelines.intake.cells import Asked, read_cell
from pipelines.intake.grid import Grid, address, squeezed
from pipelines.intake.locate import Located
from pipelines.intake.values import code_text, raw_text
from pipelines.registry.model import RegistryEntry
from pipelines.workbook import layout


def read_ledger(
    located: Located, columns: Sequence[LedgerColumn], branches: Sequence[RegistryEntry], unit_kind: str
) -> tuple[list[Answer], list[Finding]]:
    """All answers of the ledger, and what is wrong with its columns and rows."""
    grid = located.sheets.get(layout.LEDGER)
    head = grid.find_row(layout.BRANCH_CODE) if grid is not None else None
    if grid is None or head is None:
        return [], [located.missing(layout.LEDGER)]
    code_row, places = head
    findings = _column_findings(grid, code_row, places, columns)
    repeated = {squeezed(f.found or "") for f in findings if f.rule == "row_repeated"}
    if layout.BRANCH_CODE in repeated:
        return [], findings
    present = [(column, places[column.code]) for column in columns if column.code in places]
    asked = {
        category: [
            (c.question, c.month, place) for c, place in present if c.question.applies_to(unit_kind, category)
        ]
        for category in {branch.category for branch in branches}
    }
    rows, row_findings = _branch_rows(grid, code_row, places[layout.BRANCH_CODE], branches)
    explanation = None if layout.EXPLANATION in repeated else places.get(layout.EXPLANATION)
    answers = [
        answer
        for branch, row in rows
        for answer in _read_row(grid, row, asked[branch.category], branch.unit_code, explanation, findings)
    ]
    return answers, findings + row_findings


def _column_findings(
    grid: Grid,
    code_row: int,
    places: dict[str, int],
    columns: Sequence[LedgerColumn],
) -> list[Finding]:
    """Columns that are missing, unknown, or there twice: what stands in a repeated one is ambiguous for every branch."""
    findings = [
        Finding(
            "row_missing",
            sheet=grid.name,
            question=column.question.code,
            month=column.month,
            found="没有这一列",
            expected=f"有代码为{column.code}的一列",
        )
        for column in columns
        if column.code not in places
    ]
    asked = {column.code: column for column in columns}
    fixed = {layout.BRANCH_CODE, layout.BRANCH_NAME, layout.BRANCH_CATEGORY, layout.EXPLANATION}
    seen: set[str] = set()
    for index in range(len(grid.rows[code_row])):
        text, place = squeezed(grid.text_at(code_row, index)), address(code_row, index)
        if text in seen:
            column = asked.get(text)
            question, month = (column.question.code, column.month) if column else (None, None)
            findings.append(
                Finding("row_repeated", grid.name, place, None, question, month, text, "每个代码一列")
            )
        elif text and text not in asked and text not in fixed:
            findings.append(Finding("unknown_code", sheet=grid.name, cell=place, found=text))
        if text:
            seen.add(text)
    return findings


def _branch_rows(
    grid: Grid, code_row: int, code_column: int, branches: Sequence[RegistryEntry]
) -> tuple[list[tuple[RegistryEntry, int]], list[Finding]]:
    by_code = {branch.unit_code: branch for branch in branches}
    rows: dict[str, tuple[RegistryEntry, int]] = {}
    findings: list[Finding] = []
    for row in range(code_row + 1, len(grid.rows)):
        code = code_text(grid.at(row, code_column))
        if code is None:
            continue
        place = address(row, code_column)
        if code not in by_code:
            findings.append(
                Finding(
                    "unknown_branch",
                    sheet=grid.name,
                    cell=place,
                    found=code,
                    expected="名册中本单位的支部代码",
                )
            )
        elif code in rows:
            findings.append(
                Finding(
                    "row_repeated",
                    sheet=grid.name,
                    cell=place,
                    branch_code=code,
                    found=code,
                    expected="每个支部一行",
                )
            )
        else:
            rows[code] = (by_code[code], row)
    findings += [
        Finding(
            "branch_missing",
            sheet=grid.name,
            branch_code=branch.unit_code,
            found="没有这一行",
            expected=f"有支部{branch.unit_code}（{branch.name}）的一行",
        )
        for branch in branches
        if branch.unit_code not in rows
    ]
    return list(rows.values()), findings


def _read_row(
    grid: Grid,
    row: int,
    asked: Sequence[tuple[Question, int | None, int]],
    branch_code: str,
    explanation_column: int | None,
    findings: list[Finding],
) -> list[Answer]:
    explanation = raw_text(grid.at(row, explanation_column)) if explanation_column is not None else None
    return [
        read_cell(grid, row, column, Asked(question, branch_code, month), explanation, findings)
        for question, month, column in asked
    ]
