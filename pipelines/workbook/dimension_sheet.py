"""One dimension of the unit's own form: a head row, then one row for each question."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from expectations.catalogue import Catalogue
from expectations.models.policy import Dimension
from expectations.models.question import Question
from expectations.wording import hints
from pipelines.workbook.cells import explanation_validation, put, put_input, put_text, shown, validation
from pipelines.workbook.form import Slot, UnitForm, Value
from pipelines.workbook.layout import (
    CODE,
    CURRENT,
    DIMENSION_SHEETS,
    EXPLANATION,
    FORM_HEADS,
    HINT,
    LABEL,
    PREVIOUS,
    UNIT_OF_MEASURE,
)
from pipelines.workbook.page import period_line, set_up, synthetic_mark, table_number, unit_line
from pipelines.workbook.styles import Styles, row_height

HEAD_ROW = 3
FIRST_ROW = HEAD_ROW + 1
_WIDTHS = (8, 29, 9, 11, 11, 32, 22)
# Room for a text of this length in its narrow cell; a longer one still can be typed, and the row made higher.
_TYPICAL_TEXT = 12
_LAST = len(FORM_HEADS) - 1
_CURRENT = FORM_HEADS.index(CURRENT)
_EXPLANATION = FORM_HEADS.index(EXPLANATION)


def write_dimension(
    book: Workbook,
    styles: Styles,
    form: UnitForm,
    catalogue: Catalogue,
    dimension: Dimension,
    questions: Sequence[Question],
) -> None:
    """Add the dimension's sheet."""
    sheet = book.add_worksheet(DIMENSION_SHEETS[dimension.code])
    set_up(sheet, form, landscape=False)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, _LAST, "", styles.title)
    sheet.write_string(0, 0, f"三型党组织建设情况统计表（{dimension.label_zh}）", styles.title)
    sheet.set_row(0, 32)
    put_text(sheet, 1, 0, synthetic_mark(form), styles.mark)
    sheet.write_string(1, _LAST, f"表号：{table_number(catalogue, dimension.code)}", styles.line_right)
    sheet.write_string(2, 0, unit_line(form), styles.line)
    sheet.write_string(2, _LAST, period_line(form), styles.line_right)
    for column, head in enumerate(FORM_HEADS):
        sheet.write_string(HEAD_ROW, column, head, styles.head)
    sheet.set_row(HEAD_ROW, 26)

    for row, question in enumerate(questions, FIRST_ROW):
        _write_question(sheet, row, styles, form, question, hints(catalogue, form.period)[question.code])
    last_row = FIRST_ROW + len(questions) - 1
    sheet.data_validation(FIRST_ROW, _EXPLANATION, last_row, _EXPLANATION, explanation_validation())
    sheet.freeze_panes(FIRST_ROW, 2)
    sheet.repeat_rows(HEAD_ROW - 1, HEAD_ROW)
    sheet.set_selection(FIRST_ROW, _CURRENT, FIRST_ROW, _CURRENT)


def _write_question(
    sheet: Worksheet, row: int, styles: Styles, form: UnitForm, question: Question, hint: str
) -> None:
    slot = Slot(question.code)
    current, previous = form.current.get(slot), form.previous.get(slot)
    explanation = form.explanations.get(slot, "")
    previous_style = styles.previous_text if question.type == "text" else styles.previous
    sheet.write_string(row, FORM_HEADS.index(CODE), question.code, styles.code)
    sheet.write_string(row, FORM_HEADS.index(LABEL), question.label_zh, styles.label)
    sheet.write_string(row, FORM_HEADS.index(UNIT_OF_MEASURE), question.unit_of_measure, styles.fact)
    put_input(sheet, row, _CURRENT, current, styles, question)
    put(sheet, row, FORM_HEADS.index(PREVIOUS), previous, previous_style, question)
    sheet.write_string(row, FORM_HEADS.index(HINT), hint, styles.hint)
    put_text(sheet, row, _EXPLANATION, explanation, styles.input_text)
    sheet.data_validation(row, _CURRENT, row, _CURRENT, validation(question, hint))
    sheet.set_row(row, _height(question, current, previous, hint, explanation))


def _height(
    question: Question, current: Value | None, previous: Value | None, hint: str, explanation: str
) -> float:
    blank = "字" * min(question.max_length, _TYPICAL_TEXT) if question.type == "text" else ""
    texts = (
        question.code,
        question.label_zh,
        question.unit_of_measure,
        shown(current, question) or blank,
        shown(previous, question),
        hint,
        explanation,
    )
    return row_height(list(zip(texts, _WIDTHS, strict=True)))
