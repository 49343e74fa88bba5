"""The branch ledger (支部台账): one row for each branch, one column for each question or month, and the notes that explain the columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from expectations.catalogue import Catalogue
from expectations.forms import LedgerColumn
from expectations.models.question import Question
from expectations.wording import hints
from pipelines.registry.model import RegistryEntry
from pipelines.workbook.cells import explanation_validation, put_input, put_text, validation
from pipelines.workbook.form import Slot, UnitForm
from pipelines.workbook.layout import (
    BRANCH_CATEGORY,
    BRANCH_CODE,
    BRANCH_NAME,
    CODE,
    EXPLANATION,
    HINT,
    LABEL,
    LEDGER,
    NOT_ASKED,
    NOTES,
    UNIT_OF_MEASURE,
)
from pipelines.workbook.page import period_line, set_up, synthetic_mark, table_number, unit_line
from pipelines.workbook.styles import Styles, lines_needed, row_height

# Rows of the head, from 0: name of the question, month, unit of measure, codes; branches follow the code row.
NAME_ROW, MONTH_ROW, UNIT_ROW, CODE_ROW = 3, 4, 5, 6
FIRST_ROW = CODE_ROW + 1
_FIXED = ((BRANCH_CODE, 15), (BRANCH_NAME, 24), (BRANCH_CATEGORY, 11))
FIRST_COLUMN = len(_FIXED)
_MONTH_WIDTH, _WIDTH, _EXPLANATION_WIDTH = 8, 9, 24
_ONE_PAGE = 190  # characters that still can be read on one A4 page, landscape


def ledger_cells(columns: Sequence[LedgerColumn], form: UnitForm) -> int:
    """How many cells are asked of all branches together."""
    counts = {
        category: sum(column.question.applies_to(form.unit.kind, category) for column in columns)
        for category in {branch.category for branch in form.branches}
    }
    return sum(counts[branch.category] for branch in form.branches)


def write_ledger(
    book: Workbook, styles: Styles, form: UnitForm, catalogue: Catalogue, columns: Sequence[LedgerColumn]
) -> None:
    """Add the ledger's sheet."""
    sheet = book.add_worksheet(LEDGER)
    last = FIRST_COLUMN + len(columns)
    widths = (
        [width for _, width in _FIXED]
        + [_MONTH_WIDTH if c.month else _WIDTH for c in columns]
        + [_EXPLANATION_WIDTH]
    )
    set_up(sheet, form, landscape=True, pages_wide=1 if sum(widths) <= _ONE_PAGE else 2)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    _write_title(sheet, styles, form, catalogue)
    _write_heads(sheet, styles, columns, last)
    _write_branches(sheet, styles, form, catalogue, columns, last)
    sheet.freeze_panes(FIRST_ROW, FIRST_COLUMN)
    sheet.repeat_rows(2, CODE_ROW)
    sheet.repeat_columns(0, FIRST_COLUMN - 1)
    sheet.set_selection(FIRST_ROW, FIRST_COLUMN, FIRST_ROW, FIRST_COLUMN)


def _write_title(sheet: Worksheet, styles: Styles, form: UnitForm, catalogue: Catalogue) -> None:
    """Title, unit and period over the fixed columns, so that they show on every page and however far one scrolls."""
    sheet.write_string(0, 0, LEDGER, styles.title_left)
    sheet.write_string(0, FIRST_COLUMN, catalogue.identity.title_zh, styles.line)
    sheet.set_row(0, 32)
    sheet.write_string(1, 0, unit_line(form), styles.line)
    sheet.write_string(2, 0, f"{period_line(form)}　表号：{table_number(catalogue, None)}", styles.line)
    put_text(sheet, 0, FIRST_COLUMN - 2, synthetic_mark(form), styles.mark)


def _write_heads(sheet: Worksheet, styles: Styles, columns: Sequence[LedgerColumn], last: int) -> None:
    _merge(sheet, NAME_ROW, 0, UNIT_ROW, FIRST_COLUMN - 1, "支部（按名册登记，不需填写）", styles.head)
    for column, (head, _) in enumerate(_FIXED):
        sheet.write_string(CODE_ROW, column, head, styles.head)
    left, lines = FIRST_COLUMN, 1
    for question, months in _by_question(columns):
        right = left + len(months) - 1
        width = len(months) * (_MONTH_WIDTH if question.monthly else _WIDTH)
        lines = max(lines, lines_needed(question.label_zh, width) - (not question.monthly))
        if question.monthly:
            _merge(sheet, NAME_ROW, left, NAME_ROW, right, question.label_zh, styles.head)
            for column, month in enumerate(months, left):
                sheet.write_string(MONTH_ROW, column, f"{month.month}月", styles.head)
        else:
            _merge(sheet, NAME_ROW, left, MONTH_ROW, right, question.label_zh, styles.head)
        for column, month in enumerate(months, left):
            sheet.write_string(UNIT_ROW, column, question.unit_of_measure, styles.head_small)
            sheet.write_string(CODE_ROW, column, month.code, styles.head_small)
        left = right + 1
    _merge(sheet, NAME_ROW, last, UNIT_ROW, last, "有特殊情况的在此说明", styles.head)
    sheet.write_string(CODE_ROW, last, EXPLANATION, styles.head)
    sheet.set_row(NAME_ROW, max(28, 13.5 * lines + 4))
    sheet.set_row(MONTH_ROW, 18)
    sheet.set_row(UNIT_ROW, 16)
    sheet.set_row(CODE_ROW, 18)


def _write_branches(
    sheet: Worksheet,
    styles: Styles,
    form: UnitForm,
    catalogue: Catalogue,
    columns: Sequence[LedgerColumn],
    last: int,
) -> None:
    for row, branch in enumerate(form.branches, FIRST_ROW):
        explanation = form.explanations.get(Slot("", branch.unit_code), "")
        sheet.write_string(row, 0, branch.unit_code, styles.code)
        sheet.write_string(row, 1, branch.name, styles.label)
        sheet.write_string(row, 2, catalogue.label_zh[branch.category], styles.fact)
        for column, entry in enumerate(columns, FIRST_COLUMN):
            question = entry.question
            if not question.applies_to(form.unit.kind, branch.category):
                sheet.write_string(row, column, NOT_ASKED, styles.not_asked)
                continue
            value = form.current.get(Slot(question.code, branch.unit_code, entry.month))
            put_input(sheet, row, column, value, styles, question)
        put_text(sheet, row, last, explanation, styles.input_text)
        sheet.set_row(row, row_height([(branch.name, _FIXED[1][1]), (explanation, _EXPLANATION_WIDTH)], 24))
    _validate(sheet, form, catalogue, columns, last)


def _validate(
    sheet: Worksheet, form: UnitForm, catalogue: Catalogue, columns: Sequence[LedgerColumn], last: int
) -> None:
    """One validation for each question, over the cells where it is asked."""
    left = FIRST_COLUMN
    for question, months in _by_question(columns):
        right = left + len(months) - 1
        ranges = [
            [first, left, final, right]
            for first, final in _asked_rows(question, form.unit.kind, form.branches)
        ]
        if ranges:
            shown = validation(question, hints(catalogue, form.period)[question.code])
            sheet.data_validation(*ranges[0], shown | {"other_cells": ranges[1:]})
        left = right + 1
    if form.branches:
        sheet.data_validation(
            FIRST_ROW, last, FIRST_ROW + len(form.branches) - 1, last, explanation_validation()
        )
        sheet.ignore_errors({"number_stored_as_text": f"A{FIRST_ROW + 1}:B{FIRST_ROW + len(form.branches)}"})


def _asked_rows(
    question: Question, unit_kind: str, branches: tuple[RegistryEntry, ...]
) -> Iterator[tuple[int, int]]:
    """The first and last row of each unbroken run of branches that the question is asked of."""
    rows = enumerate(branches, FIRST_ROW)
    for asked, run in groupby(rows, key=lambda pair: question.applies_to(unit_kind, pair[1].category)):
        if asked:
            numbers = [row for row, _ in run]
            yield numbers[0], numbers[-1]


def write_notes(
    book: Workbook, styles: Styles, form: UnitForm, catalogue: Catalogue, columns: Sequence[LedgerColumn]
) -> None:
    """Add the sheet that explains the ledger's columns on paper; on screen the same text shows at the cell."""
    sheet = book.add_worksheet(NOTES)
    set_up(sheet, form, landscape=False)
    widths = (10, 32, 12, 60)
    for column, (width, head) in enumerate(zip(widths, (CODE, LABEL, UNIT_OF_MEASURE, HINT), strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, head, styles.head)
    sheet.write_string(0, 0, f"{LEDGER}{NOTES}", styles.title_left)
    sheet.set_row(0, 32)
    put_text(sheet, 1, 0, synthetic_mark(form), styles.mark)
    sheet.set_row(2, 26)
    for row, (question, _) in enumerate(_by_question(columns), 3):
        sheet.write_string(row, 0, question.code, styles.code)
        sheet.write_string(row, 1, question.label_zh, styles.label)
        sheet.write_string(row, 2, question.unit_of_measure, styles.fact)
        hint = hints(catalogue, form.period)[question.code]
        sheet.write_string(row, 3, hint, styles.hint)
        sheet.set_row(row, row_height([(question.label_zh, widths[1]), (hint, widths[3])], 22))
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)


def _by_question(columns: Sequence[LedgerColumn]) -> Iterator[tuple[Question, list[LedgerColumn]]]:
    for _, run in groupby(columns, key=lambda column: column.question.code):
        months = list(run)
        yield months[0].question, months


def _merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int, text: str, style: Format) -> None:
    """A head over one or more cells; xlsxwriter refuses to merge a single cell."""
    if (top, left) != (bottom, right):
        sheet.merge_range(top, left, bottom, right, "", style)
    sheet.write_string(top, left, text, style)
