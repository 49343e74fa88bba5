"""The long table: one line an answer, found by unit, period, branch, month and question code."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.forms import LedgerColumn
from expectations.models.question import Question
from pipelines.intake.answers import Answer, Finding
from pipelines.intake.cells import Asked, read_cell
from pipelines.intake.grid import Grid, address
from pipelines.intake.identity import CoverValue, Identity
from pipelines.intake.long_table import BRANCH, EXPLANATION, MONTH, PERIOD, QUESTION, UNIT, VALUE, columns_of
from pipelines.intake.refusal import Refusal
from pipelines.intake.values import code_text, raw_text
from pipelines.registry.model import RegistryEntry

Slot = tuple[str, str | None, int | None]


def read_long_identity(grid: Grid) -> Identity | None:
    """Whose table it is: the one unit and the one period of its lines. None where it is no long table.

    Raises Refusal: column_repeated, mixed_table.
    """
    columns = _columns(grid)
    if columns is None:
        return None
    unit, period = (_only(grid, columns[name]) for name in (UNIT, PERIOD))
    return Identity(
        sheet=grid.name,
        unit_code=unit,
        unit_name=None,
        period=period,
        template_version=None,
        sheet_periods=(),
    )


def read_long_table(
    grid: Grid,
    own: Sequence[Question],
    ledger: Sequence[LedgerColumn],
    branches: list[RegistryEntry],
    unit_kind: str,
) -> tuple[list[Answer], list[Finding]]:
    """All answers of the table, and what is wrong with its lines; each cell that was asked and has no line is a finding."""
    columns = _columns(grid)
    assert columns is not None
    asked = _asked(own, ledger, branches, unit_kind)
    known_branches = {branch.unit_code for branch in branches}
    answers: dict[Slot, Answer] = {}
    findings: list[Finding] = []
    for row in range(1, len(grid.rows)):
        slot = _slot(grid, row, columns)
        if slot is None:
            continue
        place = address(row, columns[QUESTION])
        if slot in answers:
            findings.append(
                Finding("row_repeated", grid.name, place, slot[1], slot[0], slot[2], slot[0], "每个指标一行")
            )
        elif slot in asked:
            explanation = raw_text(grid.at(row, columns[EXPLANATION])) if EXPLANATION in columns else None
            answers[slot] = read_cell(
                grid, row, columns[VALUE], asked[slot], explanation, findings, typed=False
            )
        elif slot[1] is not None and slot[1] not in known_branches:
            where = address(row, columns[BRANCH])
            findings.append(
                Finding("unknown_branch", grid.name, where, found=slot[1], expected="名册中本单位的支部代码")
            )
        else:
            findings.append(Finding("unknown_code", grid.name, place, found=slot[0]))
    findings += [
        Finding(
            "row_missing", grid.name, None, branch, question, month, "没有这一行", f"有代码为{question}的一行"
        )
        for question, branch, month in asked
        if (question, branch, month) not in answers
    ]
    return list(answers.values()), findings


def _columns(grid: Grid) -> dict[str, int] | None:
    """Where each column stands. Raises Refusal (column_repeated): which of two columns is meant is not guessed."""
    head = [str(value) for value in grid.rows[0]] if grid.rows else []
    places = columns_of(head)
    if places is None:
        return None
    twice = next((found for found in places.values() if len(found) > 1), None)
    if twice is not None:
        raise Refusal("column_repeated", head[twice[1]], grid.name, address(0, twice[1]))
    return {name: found[0] for name, found in places.items()}


def _only(grid: Grid, column: int) -> CoverValue:
    """The one value of a column, with the first cell it stands in; the blank cell below the head where there is none.

    Raises Refusal (mixed_table) where there are two.
    """
    first: CoverValue | None = None
    for row in range(1, len(grid.rows)):
        text = code_text(grid.at(row, column))
        if text is None:
            continue
        if first is None:
            first = CoverValue(text, address(row, column))
        elif text != first.text:
            raise Refusal("mixed_table", text, grid.name, address(row, column))
    return first or CoverValue("", address(1, column))


def _asked(
    own: Sequence[Question], ledger: Sequence[LedgerColumn], branches: list[RegistryEntry], unit_kind: str
) -> dict[Slot, Asked]:
    slots: dict[Slot, Asked] = {(question.code, None, None): Asked(question) for question in own}
    for branch in branches:
        for column in ledger:
            if column.question.applies_to(unit_kind, branch.category):
                slots[column.question.code, branch.unit_code, column.month] = Asked(
                    column.question, branch.unit_code, column.month
                )
    return slots


def _slot(grid: Grid, row: int, columns: dict[str, int]) -> Slot | None:
    """What a line answers; None for a blank line. A month that is none becomes 0, which is never asked."""
    question = code_text(grid.at(row, columns[QUESTION]))
    if question is None:
        return None
    month = code_text(grid.at(row, columns[MONTH]))
    number = (
        int(month)
        if month is not None and month.isascii() and month.isdecimal() and len(month) <= 2
        else None
    )
    return (
        question,
        code_text(grid.at(row, columns[BRANCH])),
        number if number is not None or month is None else 0,
    )
