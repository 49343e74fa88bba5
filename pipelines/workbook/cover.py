"""The cover (封面): who reports, for which period, on which version; what is to be filled, and how. It holds no input cell."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from expectations.catalogue import Catalogue
from expectations.forms import unit_sheets
from expectations.models.policy import Dimension
from expectations.models.question import Question
from pipelines.workbook.form import UnitForm
from pipelines.workbook.layout import (
    BRANCH_COUNT,
    CATALOGUE_VERSION,
    COVER,
    DIMENSION_SHEETS,
    DUE,
    LEDGER,
    NOT_ASKED,
    PERIOD,
    PERIOD_NAME,
    SAVE_AS,
    TEMPLATE_VERSION,
    UNIT_CATEGORY,
    UNIT_CODE,
    UNIT_NAME,
)
from pipelines.workbook.page import set_up, synthetic_mark, table_number
from pipelines.workbook.styles import Styles, row_height

# Labels stand in column A and their values in B; C and D hold further facts that nobody reads back.
FIRST_FACT_ROW = 3
_WIDTHS = (18, 34, 14, 28)
_INSTRUCTIONS = (
    "1．只填有颜色的单元格；没有发生的填0，不要留空。其他单元格已锁定，请不要增删行、列和工作表。",
    "2．选中单元格后会显示填报口径和可填的范围；表内“填报说明”和“指标解释”表可供打印查阅。",
    "3．数据有特殊情况（如与上期相差很大）的，在同一行“情况说明”栏写明原因。",
    "4．只填组织的汇总数。各栏都不要填写个人姓名、身份证号、电话号码。",
    "5．支部有增减的，请先在名册登记，再下载新的模板，不要自行加行。",
)


def write_cover(
    book: Workbook,
    styles: Styles,
    form: UnitForm,
    catalogue: Catalogue,
    asked: Sequence[tuple[Dimension, Sequence[Question]]],
    ledger_cells: int,
) -> None:
    """Add the cover. `asked`: the own form by dimension; `ledger_cells`: cells asked of all branches together."""
    sheet = book.add_worksheet(COVER)
    set_up(sheet, form, landscape=False)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    _span(sheet, 0, catalogue.identity.title_zh, styles.title, 44)
    _span(sheet, 1, f"{catalogue.identity.issuer_zh}制定", styles.issuer, 24)
    _span(sheet, 2, synthetic_mark(form), styles.mark, 18)
    row = _write_facts(sheet, FIRST_FACT_ROW, styles, form, catalogue) + 1
    row = _write_contents(sheet, row, styles, form, catalogue, asked, ledger_cells) + 1
    _span(sheet, row, "二、填报说明", styles.section, 22)
    for text in _INSTRUCTIONS:
        row += 1
        _span(sheet, row, text, styles.paragraph, row_height([(text, sum(_WIDTHS) + 2)], 18))
    row = _write_colours(sheet, row + 2, styles) + 1
    # Signed and stamped on paper; nobody's name is asked for.
    sheet.set_row(row, 40)
    sheet.write_string(row, 0, "填报单位（盖章）：", styles.line)
    sheet.write_string(row, 2, "填报日期：", styles.line_right)
    sheet.write_string(row, 3, "　　　　年　　月　　日", styles.line)


def _write_facts(
    sheet: Worksheet, first_row: int, styles: Styles, form: UnitForm, catalogue: Catalogue
) -> int:
    """The identity of the workbook; returns the next free row."""
    due = catalogue.calendar.due_at(form.period).astimezone(ZoneInfo(catalogue.calendar.time_zone))
    facts = (
        (UNIT_CODE, form.unit.unit_code, UNIT_CATEGORY, catalogue.label_zh[form.unit.category]),
        (UNIT_NAME, form.unit.name, BRANCH_COUNT, f"{len(form.branches)}个"),
        (PERIOD, str(form.period), PERIOD_NAME, form.period.label_zh),
        (
            TEMPLATE_VERSION,
            catalogue.identity.template_version,
            DUE,
            f"{due.year}年{due.month}月{due.day}日",
        ),
        (CATALOGUE_VERSION, catalogue.identity.catalogue_version, SAVE_AS, "保存为.xlsx格式"),
    )
    for row, (label, value, other_label, other_value) in enumerate(facts, first_row):
        sheet.write_string(row, 0, label, styles.head)
        sheet.write_string(row, 1, value, styles.value)
        sheet.write_string(row, 2, other_label, styles.head)
        sheet.write_string(row, 3, other_value, styles.label)
        sheet.set_row(row, row_height([(value, _WIDTHS[1]), (other_value, _WIDTHS[3])]))
    sheet.ignore_errors({"number_stored_as_text": f"B{first_row + 1}:B{first_row + len(facts)}"})
    return first_row + len(facts)


def _write_contents(
    sheet: Worksheet,
    row: int,
    styles: Styles,
    form: UnitForm,
    catalogue: Catalogue,
    asked: Sequence[tuple[Dimension, Sequence[Question]]],
    ledger_cells: int,
) -> int:
    """Which tables there are, how many cells each has, and what is not asked; returns the next free row."""
    questions = {dimension.code: len(entries) for dimension, entries in asked}
    own = sum(questions.values())
    then = catalogue.as_of(form.period)
    filled = sum(then.question[slot.question].is_known_before for slot in form.current)
    total = f"共{own + ledger_cells}格" + (f"，其中{filled}格已预填" if filled else "")
    _span(sheet, row, f"一、本期填报内容（{total}）", styles.section, 22)
    rows = [("表号", "表名", "填报格数", "备注")]
    for dimension in catalogue.kinds.dimensions:
        count = questions.get(dimension.code, 0)
        remark = "" if count else f"本期不填，{_next_asked(form, catalogue, dimension)}"
        rows.append(
            (table_number(catalogue, dimension.code), DIMENSION_SHEETS[dimension.code], str(count), remark)
        )
    ledger_remark = f"{len(form.branches)}个支部，每个支部一行" if form.branches else "没有支部，不填"
    rows.append((table_number(catalogue, None), LEDGER, str(ledger_cells), ledger_remark))
    for number, texts in enumerate(rows):
        row += 1
        sheet.set_row(row, 20)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, styles.head if number == 0 else styles.fact)
    return row + 1


def _next_asked(form: UnitForm, catalogue: Catalogue, dimension: Dimension) -> str:
    """When a dimension that is not asked now is asked again within a year: 下次填报：2025年第四季度."""
    for step in range(1, 5):
        period = form.period.shift(step)
        if any(entry == dimension for entry, _ in unit_sheets(catalogue, form.unit.kind, period)):
            return f"下次{period.label_zh}"
    return "近一年内均不填"


def _write_colours(sheet: Worksheet, row: int, styles: Styles) -> int:
    """The colour key; returns the next free row."""
    _span(sheet, row, "三、颜色说明", styles.section, 22)
    key = (
        (styles.key_input, "", "需要填写"),
        (styles.key_prefilled, "已预填", "已按上次报送或名册预填：核对无误的不必改动，有变化的直接改正"),
        (styles.previous, "上期", "上次报送的数，供核对，不需填写"),
        (styles.not_asked, NOT_ASKED, "本支部不需填写"),
    )
    for style, sample, text in key:
        row += 1
        sheet.write_string(row, 0, sample, style)
        _span(sheet, row, f"　{text}", styles.paragraph, 20, first=1)
    return row + 1


def _span(sheet: Worksheet, row: int, text: str, style: Format, height: float, first: int = 0) -> None:
    """A line of text across the page."""
    sheet.merge_range(row, first, row, len(_WIDTHS) - 1, "", style)
    if text:
        sheet.write_string(row, first, text, style)
    sheet.set_row(row, height)
