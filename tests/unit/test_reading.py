"""One good workbook and one change each: the finding at its sheet and cell, and everything else still read right."""

from __future__ import annotations

import dataclasses
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from expectations import Catalogue, Period, load_catalogue
from pipelines.intake.answers import Answer, Finding
from pipelines.intake.reading import Claim, Reading, identify, read_submission
from pipelines.intake.values import NO_RESULT
from pipelines.registry.model import Registry
from pipelines.workbook import layout
from pipelines.workbook.form import Slot, UnitForm
from tests.edits import Edit, column_of, reverse_rows, row_of, unmerged
from tests.edits import edited as edited_bytes
from tests.workbooks import asked_slots, entry, filled_form, workbook_bytes

LATER = datetime(2026, 1, 5, tzinfo=UTC)
KINDS = ("city", "university", "school")


@cache
def catalogue_() -> Catalogue:
    return load_catalogue()


@cache
def form(kind: str = "school", period: str = "2025Q4") -> UnitForm:
    return filled_form(kind, period, catalogue_())


@cache
def good(kind: str = "school", period: str = "2025Q4") -> bytes:
    return workbook_bytes(form(kind, period), catalogue_())


def registry_of(some: UnitForm) -> Registry:
    return Registry(
        (some.unit, *some.branches, entry("320100S9", "school", "primary", name="另一小学")), "r" * 64
    )


def read(content: bytes, some: UnitForm | None = None, at: datetime = LATER) -> Reading:
    return read_submission(content, catalogue_(), registry_of(some or form()), at)


def edited(edit: Edit, content: bytes | None = None) -> bytes:
    return edited_bytes(edit, content or good())


def slots(answers: list[Answer]) -> dict[Slot, Answer]:
    by_slot = {Slot(answer.question, answer.branch_code, answer.month): answer for answer in answers}
    assert len(by_slot) == len(answers), "one answer a slot"
    return by_slot


def value_of(answer: Answer) -> object:
    return answer.text if answer.text is not None else answer.number


def assert_everything_else_is_right(reading: Reading, some: UnitForm, lost: set[Slot]) -> None:
    """Every answer of the form but those in `lost` is there with the value that was put down."""
    found = {slot: value_of(answer) for slot, answer in slots(reading.answers).items() if slot not in lost}
    assert found == {slot: value for slot, value in some.current.items() if slot not in lost}


# ---- what is read -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["2025Q1", "2025Q2", "2025Q3", "2025Q4"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_comes_back_from_the_cell_it_names(kind: str, period: str) -> None:
    """Another library finds the same value in the same cell."""
    some = form(kind, period)
    reading = read(good(kind, period), some)
    assert (reading.unit_code, str(reading.period), reading.refused) == (some.unit.unit_code, period, False)
    assert reading.findings == []
    assert_everything_else_is_right(reading, some, set())
    book = openpyxl.load_workbook(io.BytesIO(good(kind, period)))
    for slot, answer in slots(reading.answers).items():
        question = catalogue_().question[slot.question]
        cell = book[answer.sheet][answer.cell].value
        labels = {option.code: option.label_zh for option in question.choices}
        if answer.text is not None:
            assert cell == labels.get(answer.text, answer.text)
        else:
            assert Decimal(str(cell)) == answer.number
        assert answer.raw == str(cell)
    assert len({(answer.sheet, answer.cell) for answer in reading.answers}) == len(reading.answers)


def test_explanations_belong_to_their_row() -> None:
    by_slot = slots(read(good()).answers)
    assert by_slot[Slot("L3.1a")].explanation == "本季度集中学习一次，因暑期调整。"
    assert by_slot[Slot("L3.2a")].explanation is None
    first, second = (branch.unit_code for branch in form().branches[:2])
    assert {answer.explanation for slot, answer in by_slot.items() if slot.branch_code == first} == {
        "有党员转入。"
    }
    assert {answer.explanation for slot, answer in by_slot.items() if slot.branch_code == second} == {None}


def test_what_was_written_is_kept_as_it_was_written() -> None:
    """Full-width marks are correct Chinese: neither a reason nor a document number is respelt."""
    some = form("city")
    number = "苏教工（2025）7号：“甲”，一②"
    written = dataclasses.replace(some, current=some.current | {Slot("O2.2b"): number})
    answer = slots(read(workbook_bytes(written, catalogue_()), written).answers)[Slot("O2.2b")]
    assert (answer.raw, answer.text) == (number, number)


@pytest.mark.parametrize("name", ["示例小学（东校区）", "示例小学(东校区)", "示例・第２小学", "Ａ校"])
def test_a_unit_is_known_by_its_name_as_registered(name: str) -> None:
    """Full-width marks in a name are the same name on the cover, in the registry and after re-saving."""
    named = dataclasses.replace(form(), unit=form().unit._replace(name=name))
    reading = read(workbook_bytes(named, catalogue_()), named)
    assert reading.findings == []


def test_an_empty_form_gives_blank_answers_and_no_finding() -> None:
    """Whether an answer is missing is for the rules to say; that the cell is there is for the reader."""
    blank = dataclasses.replace(form(), current={}, previous={}, explanations={})
    reading = read(workbook_bytes(blank, catalogue_()))
    assert reading.findings == []
    assert set(slots(reading.answers)) == {slot for slot, _ in asked_slots(form(), catalogue_())}
    assert all((answer.raw, answer.number, answer.text) == (None, None, None) for answer in reading.answers)


def head_row(sheet: Worksheet) -> int:
    return row_of(sheet, layout.BRANCH_CODE)


def swap_columns(sheet: Worksheet, one: int, other: int) -> None:
    for row in range(1, sheet.max_row + 1):
        a, b = sheet.cell(row, one), sheet.cell(row, other)
        a.value, b.value = b.value, a.value  # type: ignore[union-attr]


def insert(sheet: Worksheet, *, row: int = 0, column: int = 0) -> None:
    unmerged(sheet)
    if row:
        sheet.insert_rows(row, 3)
    if column:
        sheet.insert_cols(column, 2)


HARMLESS: dict[str, Edit] = {
    "questions in another order": lambda book: reverse_rows(book["学习型"], 5),
    "branches in another order": lambda book: reverse_rows(book[layout.LEDGER], head_row(book[layout.LEDGER]) + 1),
    "blank rows above the questions": lambda book: insert(book["服务型"], row=1),
    "blank rows between the questions": lambda book: insert(book["服务型"], row=9),
    "blank columns before the codes": lambda book: insert(book["服务型"], column=1),
    "blank columns before the values": lambda book: insert(book["创新型"], column=4),
    "blank rows in the ledger": lambda book: insert(book[layout.LEDGER], row=10),
    "blank rows above the ledger": lambda book: insert(book[layout.LEDGER], row=1),
    "blank columns in the ledger": lambda book: insert(book[layout.LEDGER], column=6),
    "ledger columns in another order": lambda book: swap_columns(unmerged(book[layout.LEDGER]), 4, 12),
    "rows inserted on the cover": lambda book: insert(book[layout.COVER], row=1),
    "columns inserted on the cover": lambda book: insert(book[layout.COVER], column=2),
    "sheets in another order": lambda book: book.move_sheet(layout.LEDGER, -4),
    "a sheet of their own": lambda book: book.create_sheet("草稿").append(["代码", "本期", "L3.1a", 99]),
    "the notes are gone": lambda book: book.remove(book[layout.NOTES]),
    "a note beside the table": lambda book: book["学习型"].cell(6, 12, "已核对") and None,
    "other cells far below": lambda book: book["学习型"].cell(300, 9, "合计") and None,
    "blanks around the unit code": lambda book: put(book, layout.COVER, "B4", f"  {form().unit.unit_code} "),
    "full-width codes": lambda book: put(book, "学习型", "A5", "Ｌ１．１ａ"),
    }  # fmt: skip


def put(book: Workbook, sheet: str, cell: str, value: object) -> None:
    assert book[sheet][cell].value is not None, "the cell holds something in a good workbook"
    book[sheet][cell].value = value


def numbers_as_text(book: Workbook) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float):
                    cell.value = str(cell.value)


def heads_apart(book: Workbook) -> None:
    put(book, "学习型", "D4", "本　期")
    put(book, "学习型", "A4", "代\n码")
    put(book, layout.COVER, "A4", "单 位 代 码：")


HARMLESS["blanks and breaks in heads and labels"] = heads_apart
HARMLESS["hidden rows and columns"] = lambda book: (
    (
        setattr(book["学习型"].row_dimensions[6], "hidden", True),
        setattr(book["服务型"].column_dimensions["D"], "hidden", True),
        setattr(book[layout.LEDGER], "sheet_state", "hidden"),
    )[:0]
    or None
)


@pytest.mark.parametrize("edit", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_change_of_place_changes_nothing(edit: Edit) -> None:
    """Answers are found by code, not by position; each still names the cell that it now stands in."""
    content = edited(edit)
    reading = read(content)
    assert not reading.refused
    assert reading.findings == []
    assert_everything_else_is_right(reading, form(), set())
    book = openpyxl.load_workbook(io.BytesIO(content))
    for answer in reading.answers:
        assert str(book[answer.sheet][answer.cell].value) == answer.raw


def dressed(book: Workbook) -> None:
    """The same figures as people type them: full-width, with their unit, with separators, with signs for yes and no."""
    signs = {"是": "√", "否": "×"}
    for sheet in (book[name] for name in layout.DIMENSION_SHEETS.values()):
        for row in range(5, sheet.max_row + 1):
            cell, unit = sheet.cell(row, 4), sheet.cell(row, 3).value
            if isinstance(cell.value, int) and unit:
                cell.value = f" {cell.value:,}{unit} ".translate(
                    {ord(a): ord(a) + 0xFEE0 for a in "0123456789,"}
                )
            elif cell.value in signs:
                cell.value = signs[cell.value]


@pytest.mark.parametrize("edit", [numbers_as_text, dressed])
def test_what_is_plain_to_any_reader_is_taken_and_said(edit: Edit) -> None:
    """Each repair is a finding at its cell with before and after; the answers are the same."""
    content = edited(edit)
    reading = read(content)
    assert not reading.refused
    assert_everything_else_is_right(reading, form(), set())
    assert {finding.rule for finding in reading.findings} == {"value_repaired"}
    assert catalogue_().rule["value_repaired"].severity == "inform"
    book = openpyxl.load_workbook(io.BytesIO(content))
    untouched = slots(read(good()).answers)
    changed = {
        slot
        for slot, answer in slots(reading.answers).items()
        if answer.raw != untouched[slot].raw or edit is numbers_as_text
    }
    for finding in reading.findings:
        assert finding.sheet is not None
        assert finding.question is not None
        assert str(book[finding.sheet][finding.cell].value).strip() == finding.found
        answer = slots(reading.answers)[Slot(finding.question, finding.branch_code, finding.month)]
        shown = answer.number if answer.text is None else {"yes": "是", "no": "否"}[answer.text]
        assert f"按“{shown}”（" in (finding.expected or "")
    repaired = {(finding.question, finding.branch_code, finding.month) for finding in reading.findings}
    numbers = {slot for slot in changed if catalogue_().question[slot.question].is_number or edit is dressed}
    assert repaired == {tuple(slot) for slot in numbers}


def renamed(book: Workbook) -> None:
    for index, sheet in enumerate(book, 1):
        if sheet.title != layout.NOTES:
            sheet.title = f"Sheet{index}"


def test_renamed_sheets_are_known_by_what_stands_on_them() -> None:
    reading = read(edited(renamed))
    assert_everything_else_is_right(reading, form(), set())
    assert [(f.rule, f.found, f.expected) for f in reading.findings] == [
        ("sheet_renamed", f"Sheet{index}", f"“{name}”") for index, name in enumerate(layout.SHEETS, 1)
    ]


def test_two_sheets_that_could_be_the_same_are_neither() -> None:
    def double(book: Workbook) -> None:
        book.copy_worksheet(book["服务型"]).title = "服务二"
        book["服务型"].title = "服务一"

    reading = read(edited(double))
    assert reading.findings == [
        Finding("sheet_missing", "服务型", found="有几张表都像这张表，无法认定", expected="有一张“服务型”表")
    ]
    assert_everything_else_is_right(reading, form(), lost_in("服务型"))


def test_a_copy_beside_the_sheet_of_the_right_name_is_left_alone_and_said() -> None:
    def copy(book: Workbook) -> None:
        book.copy_worksheet(book["服务型"]).title = "服务型 (2)"
        book["服务型 (2)"]["D5"].value = 9999

    reading = read(edited(copy))
    assert reading.columns == read(good()).columns
    assert reading.findings == [
        Finding("sheet_ignored", "服务型 (2)", found="服务型 (2)", expected="“服务型”")
    ]
    assert catalogue_().rule["sheet_ignored"].severity == "inform"


@pytest.mark.parametrize(("formula", "rule"), [("=1+2", "formula_without_result")])
def test_a_formula_without_a_result_is_not_a_blank(formula: str, rule: str) -> None:
    """openpyxl writes formulas without results, as many programs do."""
    reading = read(edited(lambda book: set_by_code(book, "学习型", "L3.1a", formula)))
    (finding,) = reading.findings
    cell = f"D{row_of(openpyxl.load_workbook(io.BytesIO(good()))['学习型'], 'L3.1a')}"
    assert (finding.rule, finding.sheet, finding.cell, finding.question) == (rule, "学习型", cell, "L3.1a")
    answer = slots(reading.answers)[Slot("L3.1a")]
    assert (answer.number, answer.text, answer.raw) == (None, None, NO_RESULT)
    assert_everything_else_is_right(reading, form(), {Slot("L3.1a")})


def test_an_error_value_is_not_a_blank() -> None:
    def fail(book: Workbook) -> None:
        cell = book["学习型"].cell(row_of(book["学习型"], "L3.1a"), 4)
        cell.value, cell.data_type = "#DIV/0!", "e"  # type: ignore[misc]

    assert [finding.rule for finding in read(edited(fail)).findings] == ["formula_error"]


def test_a_percentage_is_never_taken_for_its_hundredth() -> None:
    def percent(book: Workbook) -> None:
        cell = book["学习型"].cell(row_of(book["学习型"], "L3.5b"), 4)
        cell.value, cell.number_format = 0.95, "0.0%"

    answer = slots(read(edited(percent)).answers)[Slot("L3.5b")]
    assert (answer.number, answer.raw) == (None, "95%")


# ---- what is found ------------------------------------------------------------------------------------------------------

BRANCH = form().branches[1].unit_code


def set_by_code(book: Workbook, sheet: str, code: str, value: object) -> None:
    book[sheet].cell(row_of(book[sheet], code), 4).value = value  # type: ignore[union-attr]


def set_in_ledger(book: Workbook, branch: str, code: str, value: object) -> None:
    sheet = book[layout.LEDGER]
    sheet.cell(row_of(sheet, branch), column_of(sheet, code)).value = value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sheet", "code", "value"),
    [("学习型", "L3.1a", "六次"), ("学习型", "L3.1a", 1.5), ("学习型", "L3.3a", "有时"), ("服务型", "S4.1a", "约5"), ("学习型", "L3.2a", True), ("学习型", "L3.1a", date(2025, 1, 3))],
)  # fmt: skip
def test_what_cannot_be_read_keeps_its_text_and_its_cell(sheet: str, code: str, value: object) -> None:
    reading = read(edited(lambda book: set_by_code(book, sheet, code, value)))
    assert reading.findings == [], "the rule `type` will say so"
    answer = slots(reading.answers)[Slot(code)]
    assert (answer.number, answer.text) == (None, None)
    assert answer.raw
    assert answer.sheet == sheet
    assert_everything_else_is_right(reading, form(), {Slot(code)})


def test_what_cannot_be_read_in_the_ledger_keeps_its_branch_and_month() -> None:
    reading = read(edited(lambda book: set_in_ledger(book, BRANCH, "L3.7a_11", "三十")))
    slot = Slot("L3.7a", BRANCH, 11)
    answer = slots(reading.answers)[slot]
    assert (answer.number, answer.raw, answer.branch_code, answer.month) == (None, "三十", BRANCH, 11)
    assert_everything_else_is_right(reading, form(), {slot})


def lost_in(sheet: str, code: str | None = None) -> set[Slot]:
    """The slots of a sheet (of one code) of the own form, or of a code's columns in the ledger."""
    return {
        slot
        for slot, answer in slots(read(good()).answers).items()
        if answer.sheet == sheet and code in (None, slot.question)
    }


def copy_row(sheet: Worksheet, code: str) -> None:
    sheet.append([cell.value for cell in sheet[row_of(sheet, code)]])


def remove_row(sheet: Worksheet, code: str) -> None:
    row = row_of(sheet, code)
    unmerged(sheet).delete_rows(row)


def remove_column(sheet: Worksheet, code: str) -> None:
    column = column_of(sheet, code)
    unmerged(sheet).delete_cols(column)


def copy_column(sheet: Worksheet, code: str) -> None:
    column, target = column_of(sheet, code), sheet.max_column + 1
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, target).value = sheet.cell(row, column).value  # type: ignore[union-attr]


LEARNING_END = 5 + len(lost_in("学习型"))
LEDGER_END = 8 + len(form().branches)
FOUND: dict[str, tuple[Edit, Finding, set[Slot]]] = {
    "a row is gone": (
        lambda book: remove_row(book["学习型"], "L3.1a"),
        Finding("row_missing", "学习型", question="L3.1a", found="没有这一行", expected="有代码为L3.1a的一行"), {Slot("L3.1a")},
    ),
    "a row stands twice": (
        lambda book: copy_row(book["学习型"], "L3.1a"),
        Finding("row_repeated", "学习型", f"A{LEARNING_END}", question="L3.1a", found="L3.1a", expected="每个代码一行"), set(),
    ),
    "a code is not asked": (
        lambda book: put(book, "学习型", "A5", "L9.9z"),
        Finding("unknown_code", "学习型", "A5", found="L9.9z"), {Slot("L1.1a")},
    ),
    "a sheet is gone": (
        lambda book: book.remove(book["服务型"]),
        Finding("sheet_missing", "服务型", found="没有这张表", expected="有一张“服务型”表"), lost_in("服务型"),
    ),
    "a sheet has another name": (
        lambda book: setattr(book["服务型"], "title", "服务"),
        Finding("sheet_renamed", "服务", found="服务", expected="“服务型”"), set(),
    ),
    "a head is gone": (
        lambda book: put(book, "服务型", "D4", "数值"),
        Finding("sheet_missing", "服务型", found="没有表头", expected="有一张“服务型”表"), lost_in("服务型"),
    ),
    "the ledger is gone": (
        lambda book: book.remove(book[layout.LEDGER]),
        Finding("sheet_missing", layout.LEDGER, found="没有这张表", expected="有一张“支部台账”表"), lost_in(layout.LEDGER),
    ),
    "the ledger's codes are gone": (
        lambda book: put(book, layout.LEDGER, "A7", "支部"),
        Finding("sheet_missing", layout.LEDGER, found="没有表头", expected="有一张“支部台账”表"), lost_in(layout.LEDGER),
    ),
    "a ledger column is gone": (
        lambda book: remove_column(book[layout.LEDGER], "L3.7a_11"),
        Finding("row_missing", layout.LEDGER, question="L3.7a", month=11, found="没有这一列", expected="有代码为L3.7a_11的一列"),
        {slot for slot in lost_in(layout.LEDGER, "L3.7a") if slot.month == 11},
    ),
    "a branch is gone": (
        lambda book: remove_row(book[layout.LEDGER], BRANCH),
        Finding("branch_missing", layout.LEDGER, branch_code=BRANCH, found="没有这一行", expected=f"有支部{BRANCH}（示例{BRANCH}）的一行"),
        {slot for slot in lost_in(layout.LEDGER) if slot.branch_code == BRANCH},
    ),
    "a branch stands twice": (
        lambda book: copy_row(book[layout.LEDGER], BRANCH),
        Finding("row_repeated", layout.LEDGER, f"A{LEDGER_END}", branch_code=BRANCH, found=BRANCH, expected="每个支部一行"), set(),
    ),
    "a branch of another unit": (
        lambda book: book[layout.LEDGER].append(["320100S9-01", "外单位支部"]),
        Finding("unknown_branch", layout.LEDGER, f"A{LEDGER_END}", found="320100S9-01", expected="名册中本单位的支部代码"), set(),
    ),
    "an old template": (
        lambda book: put(book, layout.COVER, "B7", "1"),
        Finding("older_template", layout.COVER, "B7", found="1"), set(),
    ),
    "an unknown template": (
        lambda book: put(book, layout.COVER, "B7", "0.9"),
        Finding("old_template", layout.COVER, "B7", found="0.9", expected="模板版本2"), set(),
    ),
    "no template version": (
        lambda book: [put(book, layout.COVER, f"{column}7", None) for column in "BCD"] and None,
        Finding("old_template", layout.COVER, "B7", found="空白", expected="模板版本2"), set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "finding", "lost"), FOUND.values(), ids=FOUND.keys())
def test_one_change_gives_one_finding_at_its_place(edit: Edit, finding: Finding, lost: set[Slot]) -> None:
    reading = read(edited(edit))
    assert not reading.refused
    # A branch that is not in the registry may be named in the finding too.
    found = [
        dataclasses.replace(f, branch_code=None) if f.rule == "unknown_branch" else f
        for f in reading.findings
    ]
    assert found == [finding] or (
        finding.rule == "unknown_code" and found[0] == finding and found[1].rule == "row_missing"
    )
    assert set(slots(reading.answers)) == set(form().current) - lost, "no answer is read from a wrong place"
    assert_everything_else_is_right(reading, form(), lost)


def test_a_ledger_column_twice_is_found_at_its_code() -> None:
    reading = read(edited(lambda book: copy_column(book[layout.LEDGER], "L3.4a")))
    assert {(f.rule, f.found, f.sheet) for f in reading.findings} == {
        ("row_repeated", "L3.4a", layout.LEDGER)
    }
    (cell,) = {finding.cell for finding in reading.findings}
    assert cell is not None
    assert cell.endswith("7"), "the code row"
    assert_everything_else_is_right(reading, form(), lost_in(layout.LEDGER, "L3.4a"))


def test_a_column_of_their_own_in_the_ledger_is_said_and_left() -> None:
    def add(book: Workbook) -> None:
        book[layout.LEDGER].cell(7, 60).value = "备用"  # type: ignore[union-attr]

    reading = read(edited(add))
    assert reading.findings == [Finding("unknown_code", layout.LEDGER, "BH7", found="备用")]
    assert catalogue_().rule["unknown_code"].severity == "inform"
    assert_everything_else_is_right(reading, form(), set())


# ---- what is refused ----------------------------------------------------------------------------------------------------


def pose_as_another(book: Workbook) -> None:
    put(book, layout.COVER, "B4", "320100S9")
    put(book, layout.COVER, "B5", "另一小学")


REFUSED: dict[str, tuple[Edit, Finding]] = {
    "no unit code": (
        lambda book: [put(book, layout.COVER, f"{column}4", None) for column in "BCD"] and None,
        Finding("unknown_unit", layout.COVER, "B4", found="空白", expected="本单位的代码"),
    ),
    "an unknown unit": (
        lambda book: put(book, layout.COVER, "B4", "999999S1"),
        Finding("unknown_unit", layout.COVER, "B4", found="999999S1", expected="名册中的单位代码"),
    ),
    "a branch as unit": (
        lambda book: put(book, layout.COVER, "B4", BRANCH),
        Finding("unknown_unit", layout.COVER, "B4", found=BRANCH, expected="名册中的单位代码"),
    ),
    "another unit's code and name": (
        pose_as_another,
        Finding("unit_name_differs", layout.COVER, "B4", found="320100S9", expected="与“学习型”表的填报单位320100S1一致"),
    ),
    "another unit's name": (
        lambda book: put(book, layout.COVER, "B5", "另一小学"),
        Finding("unit_name_differs", layout.COVER, "B5", found="另一小学", expected="示例320100S1"),
    ),
    "another period on the cover": (
        lambda book: put(book, layout.COVER, "B6", "2025Q3"),
        Finding("wrong_period", layout.COVER, "B6", found="2025Q3", expected="与“学习型”表的报告期2025Q4一致"),
    ),
    "a period that is none": (
        lambda book: put(book, layout.COVER, "B6", "四季度"),
        Finding("wrong_period", layout.COVER, "B6", found="四季度", expected="与“学习型”表的报告期2025Q4一致"),
    ),
    "no cover": (
        lambda book: book.remove(book[layout.COVER]),
        Finding("not_our_form", found="没有本系统的封面，工作表为“学习型”“服务型”“创新型”等6张表"),
    ),
    "a cover of another form": (
        lambda book: book[layout.COVER].delete_rows(1, 60),
        Finding("not_our_form", found="没有本系统的封面，工作表为“封面”“学习型”“服务型”等7张表"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "finding"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_that_units_is_refused(edit: Edit, finding: Finding) -> None:
    """Nothing of it is read."""
    reading = read(edited(edit))
    assert (reading.findings, reading.answers, reading.refused) == ([finding], [], True)
    assert catalogue_().rule[finding.rule].refuses


@pytest.mark.parametrize(
    ("edit", "unit_code", "period"),
    [
        (lambda book: put(book, layout.COVER, "B4", "999999S1"), None, "2025Q4"),
        (lambda book: put(book, layout.COVER, "B5", "另一小学"), None, "2025Q4"),
        (lambda book: put(book, layout.COVER, "B6", "2025Q3"), "320100S1", None),
        (lambda book: put(book, layout.COVER, "B6", "四季度"), "320100S1", None),
        (pose_as_another, None, "2025Q4"),
        (lambda book: book.remove(book[layout.COVER]), None, None),
    ],
)  # fmt: skip
def test_a_refused_file_keeps_what_is_certain(edit: Edit, unit_code: str | None, period: str | None) -> None:
    reading = read(edited(edit))
    assert reading.refused
    assert (reading.unit_code, str(reading.period) if reading.period else None) == (unit_code, period)


def test_another_units_code_is_refused_at_the_cover() -> None:
    """Whether the code or the name is called wrong, the file is put to nobody's account."""
    reading = read(edited(lambda book: put(book, layout.COVER, "B4", "320100S9")))
    assert reading.refused
    assert (reading.unit_code, reading.answers) == (None, [])
    (finding,) = reading.findings
    assert (finding.rule, finding.sheet) == ("unit_name_differs", layout.COVER)
    assert finding.cell in ("B4", "B5")


@pytest.mark.parametrize(
    ("period", "at", "expected"),
    [
        ("2026Q1", LATER, None),
        ("2026Q2", LATER, "已经开始的季度"),
        ("2026Q1", datetime(2025, 12, 31, tzinfo=UTC), "已经开始的季度"),
        ("2020Q4", LATER, "年份加季度，例如2025Q3"),
        ("2031Q1", LATER, "年份加季度，例如2025Q3"),
    ],
)
def test_a_period_outside_the_calendar_or_the_future_is_refused(
    period: str, at: datetime, expected: str | None
) -> None:
    some = form("school", period)
    reading = read(good("school", period), some, at)
    if expected is None:
        assert not reading.refused
    else:
        assert reading.findings == [
            Finding("wrong_period", layout.COVER, "B6", found=period, expected=expected)
        ]
        assert reading.refused


def test_a_unit_that_owes_nothing_in_the_period_is_refused() -> None:
    ended = form().unit._replace(valid_to=date(2025, 6, 30))
    registry = Registry((ended, *form().branches), "r" * 64)
    reading = read_submission(good(), catalogue_(), registry, LATER)
    assert reading.findings == [
        Finding(
            "unit_not_valid",
            layout.COVER,
            "B4",
            found="320100S1",
            expected="该单位已于2025-06-30撤销或合并，只报送此前的报告期",
        )
    ]
    assert (reading.unit_code, str(reading.period)) == ("320100S1", "2025Q4")
    assert reading.refused


def test_a_branch_that_has_ended_is_not_expected() -> None:
    """Registered as ended, its row is unknown, and nothing is missing."""
    branches = [
        b._replace(valid_to=date(2025, 6, 30)) if b.unit_code == BRANCH else b for b in form().branches
    ]
    reading = read_submission(good(), catalogue_(), Registry((form().unit, *branches), "r" * 64), LATER)
    assert [(finding.rule, finding.found) for finding in reading.findings] == [("unknown_branch", BRANCH)]
    assert not any(answer.branch_code == BRANCH for answer in reading.answers)


# ---- identity alone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_unit_and_period_are_known_without_a_registry(kind: str) -> None:
    assert identify(good(kind), catalogue_()) == Claim(form(kind).unit.unit_code, Period.parse("2025Q4"))


@pytest.mark.parametrize(
    "name",
    [
        "no unit code",
        "another period on the cover",
        "a period that is none",
        "no cover",
        "a cover of another form",
    ],
)
def test_what_does_not_say_both_clearly_is_not_identified(name: str) -> None:
    claim = identify(edited(REFUSED[name][0]), catalogue_())
    assert (claim.unit_code, claim.period) == (None, None)


def test_a_findings_id_is_the_same_in_every_run_and_its_own() -> None:
    findings = [finding for _, finding, _ in FOUND.values()] + [finding for _, finding in REFUSED.values()]
    ids = {finding.id_in("s1") for finding in findings}
    places = {(f.rule, f.sheet, f.cell, f.branch_code, f.question, f.month) for f in findings}
    assert len(ids) == len(places)
    assert {dataclasses.replace(finding).id_in("s1") for finding in findings} == ids
    assert ids.isdisjoint(finding.id_in("s2") for finding in findings)
