"""The workbook as another library sees it: sheets, codes, what is open, what may be typed, and the same bytes each time."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from expectations import Catalogue, Period, load_catalogue
from expectations.forms import ledger_columns, unit_questions, unit_sheets
from expectations.wording import hints, quoted
from pipelines.workbook import layout
from pipelines.workbook.cells import LIST_LENGTH, MESSAGE_LENGTH, TITLE_LENGTH, validation
from pipelines.workbook.form import Slot, UnitForm
from pipelines.workbook.prefill import prefilled_form
from pipelines.workbook.styles import INPUT_FILL, LOCKED_FILL, PREFILLED_FILL
from pipelines.workbook.write import write_workbook
from tests.workbooks import asked_slots, blank_form, entry, filled_form, workbook_bytes

KINDS = ("city", "university", "school")
QUARTERS = tuple(f"2025Q{quarter}" for quarter in (1, 2, 3, 4))
EACH_FORM = pytest.mark.parametrize(
    ("kind", "period"), [(kind, period) for kind in KINDS for period in QUARTERS]
)
# Answers that Excel would run, or send to another program, if they were written as formulas.
FORMULA_LIKE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("http://example.invalid")',
    "{=1}",
    "http://example.invalid",
)


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def reopened(form: UnitForm) -> Workbook:
    return load_workbook(io.BytesIO(workbook_bytes(form, catalogue())))


def input_cells(book: Workbook, form: UnitForm) -> dict[tuple[str, str], Slot]:
    """Every input cell with its slot, found by codes as the reader does; 情况说明 has the question `*`."""
    cells: dict[tuple[str, str], Slot] = {}
    asked = {slot for slot, _ in asked_slots(form, catalogue())}
    for name in layout.DIMENSION_SHEETS.values():
        if name in book.sheetnames:
            for row in book[name].iter_rows(min_row=5):
                cells[name, row[3].coordinate] = Slot(row[0].value)
                cells[name, row[6].coordinate] = Slot("*")
    ledger = book[layout.LEDGER]
    head = next(row for row in ledger.iter_rows() if row[0].value == layout.BRANCH_CODE)
    columns = {column.code: column for column in ledger_columns(catalogue(), form.unit.kind, form.period)}
    for row in ledger.iter_rows(min_row=head[0].row + 1):
        for top, cell in zip(head, row, strict=True):
            column = columns.get(top.value)
            slot = column and Slot(column.question.code, row[0].value, column.month)
            if slot in asked:
                cells[layout.LEDGER, cell.coordinate] = slot
            elif top.value == layout.EXPLANATION:
                cells[layout.LEDGER, cell.coordinate] = Slot("*", row[0].value)
    return cells


def validation_at(sheet: Worksheet, cell: str) -> DataValidation | None:
    return next((entry for entry in sheet.data_validations.dataValidation if cell in entry.sqref), None)


@EACH_FORM
def test_sheets_and_codes_are_those_asked(kind: str, period: str) -> None:
    form = blank_form(kind, period)
    book = reopened(form)
    asked = unit_sheets(catalogue(), kind, form.period)
    names = [layout.DIMENSION_SHEETS[dimension.code] for dimension, _ in asked]
    assert book.sheetnames == [layout.COVER, *names, layout.LEDGER, layout.NOTES]
    for name, (_, questions) in zip(names, asked, strict=True):
        rows = list(book[name].iter_rows(min_row=4, values_only=True))
        assert rows[0] == layout.FORM_HEADS
        assert [row[0] for row in rows[1:]] == [question.code for question in questions]
        assert [row[1] for row in rows[1:]] == [question.label_zh for question in questions]
    codes = [cell.value for cell in book[layout.LEDGER][7]]
    columns = ledger_columns(catalogue(), kind, form.period)
    fixed = [layout.BRANCH_CODE, layout.BRANCH_NAME, layout.BRANCH_CATEGORY]
    assert codes == fixed + [column.code for column in columns] + [layout.EXPLANATION]
    branches = [row[:3] for row in book[layout.LEDGER].iter_rows(min_row=8, values_only=True)]
    assert branches == [(b.unit_code, b.name, catalogue().label_zh[b.category]) for b in form.branches]


@EACH_FORM
def test_open_cells_are_exactly_the_input_cells(kind: str, period: str) -> None:
    form = blank_form(kind, period)
    book = reopened(form)
    unlocked = {
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    cells = input_cells(book, form)
    assert unlocked == set(cells)
    assert len([slot for slot in cells.values() if slot.question != "*"]) == len(
        asked_slots(form, catalogue())
    )
    for sheet in book:
        assert sheet.protection.sheet, sheet.title
        assert sheet.protection.password is None
        assert not sheet.protection.formatColumns, "a clerk may widen columns"
        assert not sheet.protection.selectLockedCells


@EACH_FORM
def test_every_input_cell_has_the_bounds_of_its_question(kind: str, period: str) -> None:
    form = blank_form(kind, period)
    book = reopened(form)
    cells = input_cells(book, form)
    validated = {
        (sheet.title, f"{get_column_letter(column)}{row}")
        for sheet in book
        for entry in sheet.data_validations.dataValidation
        for span in entry.sqref.ranges
        for row, column in span.cells
    }
    assert validated == set(cells)
    for (name, cell), slot in cells.items():
        found = validation_at(book[name], cell)
        assert found is not None, (name, cell)
        assert found.errorStyle in (None, "stop")
        assert found.allowBlank
        if slot.question == "*":
            assert found.type == "textLength"
            continue
        question = catalogue().question[slot.question]
        assert question.hint in found.prompt
        assert quoted(question.label_zh) in found.error
        if question.is_number:
            assert found.type == ("whole" if question.type == "count" else "decimal")
            assert (Decimal(found.formula1), Decimal(found.formula2)) == (question.min, question.max)
        elif question.choices:
            assert found.formula1 == '"' + ",".join(option.label_zh for option in question.choices) + '"'
        else:
            assert (found.type, found.formula2) == ("textLength", str(question.max_length))


@pytest.mark.parametrize("question", catalogue().questions, ids=lambda question: question.code)
def test_messages_fit_excels_limits(question) -> None:  # type: ignore[no-untyped-def]
    options = validation(question, hints(catalogue(), Period(2025, 4))[question.code])
    assert 0 < len(options["input_title"]) <= TITLE_LENGTH
    assert 0 < len(options["input_message"]) <= MESSAGE_LENGTH
    assert 0 < len(options["error_message"]) <= MESSAGE_LENGTH
    assert len(",".join(options.get("source", []))) <= LIST_LENGTH
    if question.is_number:
        assert f"{question.min}至{question.max}" in options["error_message"]
        assert question.unit in options["error_message"]


@EACH_FORM
def test_answers_stand_in_their_cells(kind: str, period: str) -> None:
    form = filled_form(kind, period, catalogue())
    book = reopened(form)
    seen = set()
    for (name, cell), slot in input_cells(book, form).items():
        value = book[name][cell].value
        if slot.question == "*":
            continue
        seen.add(slot)
        question, answer = catalogue().question[slot.question], form.current[slot]
        labels = {option.code: option.label_zh for option in question.choices}
        assert value == labels.get(str(answer), answer), (name, cell)
        assert isinstance(value, str) == (not question.is_number)
        prefilled = PREFILLED_FILL if question.is_known_before else INPUT_FILL
        assert book[name][cell].fill.fgColor.rgb == f"FF{prefilled[1:]}"
    assert seen == set(form.current)
    learning = {row[0]: row for row in book["学习型"].iter_rows(min_row=5, values_only=True)}
    assert learning["L3.1a"][4] == form.previous[Slot("L3.1a")]
    assert learning["L3.1a"][6] == form.explanations[Slot("L3.1a")]
    assert next(book[layout.LEDGER].iter_rows(min_row=8, values_only=True))[-1] == "有党员转入。"


@pytest.mark.parametrize(
    ("kind", "category", "asked"),
    [
        ("school", "staff", True),
        ("university", "staff", True),
        ("school", "retired", False),
        ("university", "student", False),
    ],
)
def test_what_is_not_asked_of_a_branch_is_marked_and_locked(kind: str, category: str, asked: bool) -> None:
    sheet = reopened(blank_form(kind, "2025Q2", (category,)))[layout.LEDGER]
    column = [cell.value for cell in sheet[7]].index("S4.5a") + 1
    cell = sheet.cell(8, column)
    assert cell.protection.locked != asked
    assert cell.value == (None if asked else layout.NOT_ASKED)
    assert (cell.fill.fgColor.rgb == f"FF{LOCKED_FILL[1:]}") != asked
    assert (validation_at(sheet, cell.coordinate) is not None) == asked


def test_months_are_named_above_their_codes() -> None:
    sheet = reopened(blank_form("school", "2025Q3"))[layout.LEDGER]
    months = {
        sheet.cell(7, column).value: sheet.cell(5, column).value for column in range(1, sheet.max_column + 1)
    }
    assert [months[f"L3.7a_{month:02d}"] for month in (7, 8, 9)] == ["7月", "8月", "9月"]
    first = [cell.value for cell in sheet[7]].index("L3.7a_07") + 1
    over = f"{get_column_letter(first)}4:{get_column_letter(first + 2)}4"
    assert over in {str(merged) for merged in sheet.merged_cells.ranges}
    assert sheet.cell(4, first).value == "参学应到人次"


@EACH_FORM
def test_cover_says_who_when_and_which_version(kind: str, period: str) -> None:
    form = blank_form(kind, period)
    rows = {row[0]: row for row in reopened(form)[layout.COVER].iter_rows(values_only=True) if row[0]}
    values = [rows[label][1] for label in layout.COVER_LABELS]
    identity = catalogue().identity
    assert values == [
        form.unit.unit_code, form.unit.name, period, identity.template_version, identity.catalogue_version,
    ]  # fmt: skip
    assert all(isinstance(value, str) for value in values)
    assert rows[layout.PERIOD][3] == form.period.label_zh
    due = {
        "2025Q1": "2025年4月20日",
        "2025Q2": "2025年7月20日",
        "2025Q3": "2025年10月20日",
        "2025Q4": "2026年1月20日",
    }
    assert rows[layout.TEMPLATE_VERSION][3] == due[period]
    asked = {dimension.code for dimension, _ in unit_sheets(catalogue(), kind, form.period)}
    for number, dimension in enumerate(catalogue().kinds.dimensions, 1):
        row = rows[f"三型{number}表"]
        assert row[1] == layout.DIMENSION_SHEETS[dimension.code]
        assert (row[3] is not None and row[3].startswith("本期不填")) == (dimension.code not in asked)
    own = len(unit_questions(catalogue(), kind, form.period))
    total = len(asked_slots(form, catalogue()))
    assert rows["三型5表"][2] == str(total - own)
    assert any(label.startswith(f"一、本期填报内容（共{total}格") for label in rows)
    assert not any(word in str(rows) for word in ("填表人", "联系电话", "联系人"))


@pytest.mark.parametrize("is_synthetic", [True, False])
def test_made_up_units_are_marked_on_every_sheet_and_real_ones_nowhere(is_synthetic: bool) -> None:
    form = blank_form("school", "2025Q4", is_synthetic=is_synthetic)
    form = dataclasses.replace(form, unit=form.unit._replace(name="第一小学"))
    form = dataclasses.replace(form, branches=tuple(b._replace(name="支部") for b in form.branches))
    for sheet in reopened(form):
        texts = [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]
        assert any(layout.SYNTHETIC in text for text in texts) == is_synthetic, sheet.title
        assert (sheet.oddHeader.right.text is not None) == is_synthetic, "each printed page"


@EACH_FORM
def test_pages_print_on_a4_with_heads_and_numbers(kind: str, period: str) -> None:
    form = blank_form(kind, period)
    form = dataclasses.replace(form, unit=form.unit._replace(name="甲&乙学校"))
    for sheet in reopened(form):
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.page_setup.orientation == ("landscape" if sheet.title == layout.LEDGER else "portrait")
        assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
        assert sheet.oddFooter.left.text == "甲&&乙学校"
        assert sheet.oddFooter.right.text == period
        if sheet.title != layout.COVER:
            assert sheet.freeze_panes is not None
            assert sheet.print_title_rows


@pytest.mark.parametrize("text", FORMULA_LIKE)
def test_texts_like_formulas_stay_texts(text: str) -> None:
    form = filled_form("city", "2025Q4", catalogue())
    form = dataclasses.replace(
        form,
        unit=form.unit._replace(name=text, unit_code=text),
        branches=tuple(branch._replace(name=text) for branch in form.branches),
        current=form.current | {Slot("O2.2b"): text, Slot("L3.1a"): text},
        previous={Slot("O2.2b"): text},
        explanations={Slot("L3.1a"): text, Slot("", form.branches[0].unit_code): text},
    )
    book = reopened(form)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert sum(cell.value == text for cell in cells) == 2 + len(form.branches) + 2 + 1 + 2
    assert {cell.data_type for cell in cells if cell.value == text} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_the_same_form_gives_the_same_bytes(tmp_path: Path) -> None:
    form = filled_form("university", "2025Q4", catalogue())
    first = workbook_bytes(form, catalogue())
    write_workbook(form, catalogue(), tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}, (
            "no time of writing"
        )
    other = dataclasses.replace(form, current=form.current | {Slot("L3.1a"): 29})
    assert workbook_bytes(other, catalogue()) != first


def test_document_properties_name_organisations_only() -> None:
    properties = reopened(blank_form("school", "2025Q3")).properties
    assert properties.creator == properties.lastModifiedBy == catalogue().identity.issuer_zh
    assert properties.created == properties.modified
    assert properties.created.date() == Period.parse("2025Q3").last_day


@pytest.mark.parametrize("categories", [(), ("staff",), ("student", "staff") * 40])
def test_any_number_of_branches(categories: tuple[str, ...]) -> None:
    book = reopened(blank_form("university", "2025Q4", categories))
    assert book[layout.LEDGER].max_row == 7 + len(categories)


def answers(*rows: tuple[str, str | None, int | None, str | None, str | None]) -> pl.DataFrame:
    """Rows of question, branch, month, value and text, as the `answers` mart has them."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "question": pl.String, "branch_code": pl.String, "month": pl.Int32, "value": pl.Decimal(18, 4), "text": pl.String,
    }  # fmt: skip
    return pl.DataFrame(
        [(q, b, m, None if v is None else Decimal(v), t) for q, b, m, v, t in rows], schema, orient="row"
    ).with_columns(period=pl.lit("2025Q1"))


SCHOOL = entry("S1", "school", "primary")
BRANCHES = (
    entry("S1-01", "branch", "staff", parent="S1", members=17),
    entry("S1-02", "branch", "retired", parent="S1", members=9),
)


@pytest.mark.parametrize(
    ("period", "row", "current", "previous"),
    [
        ("2025Q3", ("L3.5a", None, None, "7", None), {Slot("L3.5a"): 7}, {Slot("L3.5a"): 7}),
        ("2025Q3", ("L3.1a", None, None, "3", None), {}, {Slot("L3.1a"): 3}),
        ("2025Q3", ("L3.5b", None, None, "12.5000", None), {}, {Slot("L3.5b"): Decimal("12.5")}),
        ("2025Q3", ("L3.4a", "S1-01", None, "18", None), {Slot("L3.4a", "S1-01"): 18}, {Slot("L3.4a", "S1-01"): 18}),
        ("2025Q4", ("L3.3a", None, None, "1", "yes"), {}, {Slot("L3.3a"): "yes"}),
        pytest.param("2025Q3", ("L3.7a", "S1-01", 4, "30", None), {}, {}, id="monthly"),
        pytest.param("2025Q3", ("S1.2a", None, None, "4", None), {}, {}, id="not asked in this quarter"),
        pytest.param("2025Q3", ("S1.3a", None, None, "4", None), {}, {}, id="not asked of schools"),
        pytest.param("2025Q3", ("L3.4a", "S1-09", None, "18", None), {}, {}, id="branch is gone"),
        pytest.param("2025Q3", ("L3.5a", None, None, None, None), {}, {}, id="no usable value"),
        pytest.param("2025Q3", ("L3.5a", None, None, "41", None), {}, {}, id="outside today's bounds"),
        pytest.param("2025Q3", ("X9.9z", None, None, "4", None), {}, {}, id="unknown"),
        pytest.param("2025Q2", ("S4.5a", "S1-02", None, "1", "yes"), {}, {}, id="not asked of retired branches"),
    ],
)  # fmt: skip
def test_what_was_answered_before_is_filled_in(period: str, row, current, previous) -> None:  # type: ignore[no-untyped-def]
    form = prefilled_form(SCHOOL, Period.parse(period), BRANCHES, catalogue(), answers(row))
    registry = {Slot("L3.4a", "S1-01"): 17, Slot("L3.4a", "S1-02"): 9}
    assert form.current == registry | current
    assert form.previous == previous


CITY = entry("C1", "city", "bureau")


@pytest.mark.parametrize(
    ("answered_in", "question", "value", "current"),
    [
        ("2024Q4", "S1.4a", "18", {Slot("S1.4b"): 18}),
        pytest.param("2023Q4", "S1.4a", "18", {}, id="the year before last"),
        pytest.param("2024Q4", "S1.4b", "21", {}, id="last year's answer about the year before"),
        pytest.param("2024Q4", "S1.4a", "999", {}, id="outside today's bounds"),
    ],
)
def test_last_years_figure_is_not_asked_again(answered_in: str, question: str, value: str, current) -> None:  # type: ignore[no-untyped-def]
    given = answers((question, None, None, value, None)).with_columns(period=pl.lit(answered_in))
    form = prefilled_form(CITY, Period.parse("2025Q4"), (), catalogue(), given)
    assert form.current == current


def test_before_the_first_submission_the_registry_is_used() -> None:
    empty = (*BRANCHES, entry("S1-03", "branch", "staff", parent="S1", members=0))
    form = prefilled_form(SCHOOL, Period.parse("2025Q1"), empty, catalogue(), None)
    assert form.current == {Slot("L3.4a", "S1-01"): 17, Slot("L3.4a", "S1-02"): 9}, "0 is outside the bounds"
    assert form.previous == {}
    assert form.branches == empty
