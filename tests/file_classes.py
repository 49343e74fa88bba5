"""Every class of file that an office may send: one good workbook and one change each, and what must come of it."""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from expectations import load_catalogue
from pipelines.registry.model import Registry
from pipelines.workbook import layout
from pipelines.workbook.form import Slot
from tests.biff12 import ErrorValue, Shown, Value, to_xlsb
from tests.edits import Edit, ole, package_of, parts_of, reverse_rows, row_of, unmerged
from tests.edits import edited as edited_bytes
from tests.libreoffice.office import Errand, run_errands
from tests.workbooks import entry, filled_form, workbook_bytes

CATALOGUE = load_catalogue()
FORM = filled_form("school", "2025Q4", CATALOGUE)
GOOD = workbook_bytes(FORM, CATALOGUE)
CLOSED = entry("320100S8", "school", "primary", name="已撤小学")
REGISTRY = Registry(
    (
        FORM.unit,
        *FORM.branches,
        entry("320100S9", "school", "primary", name="另一小学"),
        CLOSED._replace(valid_to=date(2025, 6, 30)),
        CLOSED._replace(unit_code="320100S7", name="新建小学", valid_from=date(2026, 3, 1)),
    ),
    "r" * 64,
)
BRANCH = FORM.branches[1].unit_code
# 18 digits with a true check digit; the person does not exist: region code 000000 is nobody's. A number from the range for fiction.
IDENTITY, MOBILE, NAME = "110101190001011009", "13800000000", "张某某"


@dataclass(frozen=True)
class FileClass:
    """A file and what must come of it.

    rules: the findings of the reader, each as (rule, sheet, cell); refused: whether nothing of it is read;
    lost: the answers that cannot be used. Every other answer must be there with the value that was put down.
    """

    content: bytes
    rules: tuple[tuple[str, str | None, str | None], ...] = ()
    refused: bool = False
    lost: frozenset[Slot] = frozenset()
    changed: dict[Slot, object] = field(default_factory=dict)


def edited(edit: Edit) -> bytes:
    """The good workbook after `edit`."""
    return edited_bytes(edit, GOOD)


@cache
def place(code: str) -> tuple[str, str]:
    """Sheet and cell of an answer of the own form."""
    book = openpyxl.load_workbook(io.BytesIO(GOOD))
    return next(
        (name, f"D{cell.row}")
        for name in layout.DIMENSION_SHEETS.values()
        for cell in book[name]["A"]
        if cell.value == code
    )


def cell(code: str, value: object, number_format: str | None = None) -> bytes:
    """The good workbook with another value in the cell of an answer."""
    sheet, address = place(code)

    def put(book: Workbook) -> None:
        book[sheet][address].value = value
        if number_format:
            book[sheet][address].number_format = number_format

    return edited(put)


def with_value(code: str, value: object, reads: object) -> FileClass:
    """A cell that is repaired: taken as `reads`, and said at its place."""
    return FileClass(cell(code, value), (("value_repaired", *place(code)),), changed={Slot(code): reads})


def unread(code: str, value: object, rule: str | None = None, number_format: str | None = None) -> FileClass:
    """A cell that could mean two things, or nothing: never guessed. The rule `type` speaks for those without one here."""
    rules = ((rule, *place(code)),) if rule else ()
    return FileClass(cell(code, value, number_format), rules, lost=frozenset({Slot(code)}))


def refused(content: bytes, rule: str, sheet: str | None = None, address: str | None = None) -> FileClass:
    return FileClass(content, ((rule, sheet, address),), refused=True)


def on_cover(address: str, value: object, rule: str, at: str | None = None) -> FileClass:
    def put(book: Workbook) -> None:
        book[layout.COVER][address].value = value

    return refused(edited(put), rule, layout.COVER, at or address)


# ---- other formats ------------------------------------------------------------------------------------------------------


def as_xlsb(code: str | None = None, value: Value = 0.0) -> bytes:
    """The good workbook as .xlsb, with another value in the cell of an answer where one is named."""
    book = openpyxl.load_workbook(io.BytesIO(GOOD))
    sheets: dict[str, dict[tuple[int, int], Value]] = {
        sheet.title: {
            (c.row - 1, c.column - 1): c.value if isinstance(c.value, str) else float(c.value)
            for row in sheet.iter_rows()
            for c in row
            if c.value is not None
        }
        for sheet in book
    }
    if code is not None:
        sheet, address = place(code)
        sheets[sheet][int(address[1:]) - 1, 3] = value
    return to_xlsb(sheets)


def in_xlsb() -> Iterator[tuple[str, FileClass]]:
    """What a cell shows beside its value, where only .xlsx said so before."""
    lost = {"lost": frozenset({Slot("L3.5b")})}
    yield "xlsb", FileClass(as_xlsb())
    yield "xlsb, a percentage", FileClass(as_xlsb("L3.5b", Shown(0.5, "0.0%")), **lost)
    yield "xlsb, a percent sign", FileClass(as_xlsb("L3.5b", Shown(5.0, '0"%"')), **lost)
    yield "xlsb, another number format", FileClass(
        as_xlsb("L3.5b", Shown(5.0, "0.00_%")), changed={Slot("L3.5b"): 5}
    )  # fmt: skip
    yield "xlsb, a truth value", FileClass(as_xlsb("L3.5b", value=True), **lost)
    yield "xlsb, an error value", FileClass(
        as_xlsb("L3.5b", ErrorValue(7)), (("formula_error", *place("L3.5b")),), **lost
    )  # fmt: skip


def for_the_office() -> dict[str, FileClass]:
    """.xlsx files, and what must come of them in whatever format an office program saves them."""
    hours, yes = Slot("L3.5b"), Slot("L3.3a")
    lost = {"lost": frozenset({hours})}
    return {
        "as handed out": FileClass(GOOD),
        "a percentage": FileClass(cell("L3.5b", 0.5, "0%"), **lost),
        "a percent sign": FileClass(cell("L3.5b", 5, '0"%"'), **lost),
        "an error value": FileClass(cell_error("L3.5b"), (("formula_error", *place("L3.5b")),), **lost),
        "a truth value": FileClass(cell("L3.5b", value=True), **lost),
        "a truth value for yes": FileClass(
            cell("L3.3a", value=True), (("value_repaired", *place("L3.3a")),), changed={yes: "yes"}
        ),
        "a formula": FileClass(with_formula("7"), changed={Slot("L3.1a"): 7}),
    }


def saved_by_office(folder: Path) -> Iterator[tuple[str, FileClass]]:
    """Those files as LibreOffice saves them in each format, with a password too; and old files whose formulas were not calculated."""
    errands: dict[str, tuple[Errand, FileClass]] = {}
    for number, (name, made) in enumerate(for_the_office().items()):
        source = folder / f"{number}.xlsx"
        source.write_bytes(made.content)
        for ending in (".xlsx", ".xls", ".ods"):
            errands[f"{ending}, {name}"] = Errand(source, folder / f"{number}_saved{ending}"), made
    # An .xlsx with a password LibreOffice writes from its window only; there the file begins as another format, and is a class of its own.
    for ending in (".xls", ".ods"):
        errand = Errand(folder / "0.xlsx", folder / f"locked{ending}", password="p")
        errands[f"{ending}, a password"] = errand, refused(b"", "encrypted_file")
    run_errands([errand for errand, _ in errands.values()], folder / "profile")
    saved = {
        name: replace(made, content=errand.target.read_bytes()) for name, (errand, made) in errands.items()
    }
    yield from saved.items()
    uncalculated = FileClass(
        b"", (("formula_without_result", *place("L3.1a")),), lost=frozenset({Slot("L3.1a")})
    )
    for name, content in (
        (".xls, a formula without a result", forgotten_xls(saved[".xls, a formula"].content, _NO_TEXT)),
        (".xls, a formula to calculate", forgotten_xls(saved[".xls, a formula"].content, bytes(8), flags=2)),
        (".ods, a formula without a result", forgotten_ods(saved[".ods, a formula"].content)),
    ):
        yield name, replace(uncalculated, content=content)


# The result of a formula in an .xls that is an empty text.
_NO_TEXT = b"\3\0\0\0\0\0\xff\xff"


def forgotten_xls(content: bytes, result: bytes, flags: int = 0) -> bytes:
    """An .xls as a program leaves it that writes formulas and calculates nothing: another result, and a request to calculate."""
    (seven,) = re.finditer(re.escape(struct.pack("<d", 7)), content)
    return content[: seven.start()] + result + struct.pack("<H", flags) + content[seven.end() + 2 :]


def forgotten_ods(content: bytes) -> bytes:
    """The same for an .ods: the formula alone."""
    parts = parts_of(content)
    cells = re.compile(rb'( table:formula="[^"]*")[^>]*>.*?</table:table-cell>')
    parts["content.xml"], changed = cells.subn(rb"\1/>", parts["content.xml"])
    assert changed == 1
    return package_of(parts)


def with_parts(parts: dict[str, bytes]) -> bytes:
    """The good package with some parts added or replaced."""
    return package_of(parts_of(GOOD) | parts)


def part(name: str) -> bytes:
    return parts_of(GOOD)[name]


HEADS = ("unit", "period", "branch", "month", "question", "value")
HEADS_ZH = ("单位代码", "报告期", "支部代码", "月份", "代码", "数值")


def long_rows(heads: tuple[str, ...] = HEADS) -> list[list[object]]:
    """The good workbook's answers as a long table."""
    labels = {(q.code, option.code): option.label_zh for q in CATALOGUE.questions for option in q.choices}
    rows: list[list[object]] = [list(heads)]
    for slot, value in FORM.current.items():
        shown = labels.get((slot.question, str(value)), value)
        rows.append(
            [FORM.unit.unit_code, "2025Q4", slot.branch_code or "", slot.month or "", slot.question, shown]
        )
    return rows


def as_csv(rows: Iterable[Iterable[object]], encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def long_with(row: int, column: int, value: object) -> bytes:
    rows = long_rows()
    rows[row][column] = value
    return as_csv(rows)


def formats() -> Iterator[tuple[str, FileClass]]:
    yield "xlsx as handed out", FileClass(GOOD)
    yield "xlsx saved by openpyxl", FileClass(edited(lambda _: None))
    yield "xlsx stored without compression", FileClass(package_of(parts_of(GOOD), zipfile.ZIP_STORED))
    yield "xlsx with a title before the package", FileClass(with_parts({"docProps/custom.xml": b"<p/>"}))
    yield from in_xlsb()
    yield (
        "xlsm with macros",
        FileClass(
            with_parts({"xl/vbaProject.bin": bytes(range(256)) * 40}), (("macros_ignored", None, None),)
        ),
    )
    yield "long csv, UTF-8", FileClass(as_csv(long_rows()))
    yield "long csv, UTF-8 with mark", FileClass(as_csv(long_rows(), "utf-8-sig"))
    yield "long csv, GB18030, Chinese heads", FileClass(as_csv(long_rows(HEADS_ZH), "gb18030"))
    yield "long csv, UTF-16", FileClass(as_csv(long_rows(), "utf-16"))
    yield (
        "long csv, blank lines and columns of their own",
        FileClass(
            as_csv([[*row, "备注"] if i else [*row, "x"] for i, row in enumerate([*long_rows(), [""] * 6])])
        ),
    )
    yield (
        "long csv with full-width digits",
        FileClass(
            long_with(row_for("L3.1a"), 5, "１２"),
            (("value_repaired", "CSV", f"F{row_for('L3.1a') + 1}"),),
            changed={Slot("L3.1a"): 12},
        ),
    )
    yield (
        "long csv, a line twice",
        FileClass(
            as_csv([*long_rows(), long_rows()[1]]), (("row_repeated", "CSV", f"E{len(long_rows()) + 1}"),)
        ),
    )
    yield (
        "long csv, a line is gone",
        FileClass(
            as_csv(long_rows()[:-1]),
            (("row_missing", "CSV", None),),
            lost=frozenset({list(FORM.current)[-1]}),
        ),
    )
    yield (
        "long csv, a code not asked",
        FileClass(
            as_csv([*long_rows(), [*long_rows()[1][:4], "L9.9z", 1]]),
            (("unknown_code", "CSV", f"E{len(long_rows()) + 1}"),),
        ),
    )
    yield (
        "long csv, another unit's branch",
        FileClass(
            as_csv([*long_rows(), [FORM.unit.unit_code, "2025Q4", "320100S9-01", "", "L3.4a", 1]]),
            (("unknown_branch", "CSV", f"C{len(long_rows()) + 1}"),),
        ),
    )
    yield "long csv of two units", refused(long_with(3, 0, "320100S9"), "mixed_table", "CSV", "A4")
    yield "long csv of two periods", refused(long_with(3, 1, "2025Q3"), "mixed_table", "CSV", "B4")
    yield (
        "long csv with a column twice",
        refused(
            as_csv([[*row, "数值" if i == 0 else 99] for i, row in enumerate(long_rows())]),
            "column_repeated", "CSV", "G1",
        ),
    )  # fmt: skip
    yield "long csv of an unknown unit", refused(
        as_csv([row if i == 0 else ["999999S1", *row[1:]] for i, row in enumerate(long_rows())]),
        "unknown_unit", "CSV", "A2",
    )  # fmt: skip
    yield "long csv without a line", refused(as_csv(long_rows()[:1]), "unknown_unit", "CSV", "A2")
    yield "long csv without heads", refused(as_csv(long_rows()[1:]), "not_our_form")
    yield "long csv, a quote left open", refused(as_csv(long_rows()) + b'"open', "damaged_file")
    yield "long csv with a field that never ends", refused(long_with(2, 5, "长" * 140_000), "over_limits")


def row_for(code: str) -> int:
    return next(i for i, row in enumerate(long_rows()) if row[4] == code and row[2] == "")


# ---- what is plain to any reader ----------------------------------------------------------------------------------------


def with_formula(result: str | None) -> bytes:
    """A formula in the cell of L3.1a, with its cached result or without one."""
    sheet, address = place("L3.1a")
    name = f"xl/worksheets/sheet{[layout.COVER, *layout.DIMENSION_SHEETS.values()].index(sheet) + 1}.xml"
    before = part(name).decode()
    start = before.index(f'<c r="{address}"')
    end = before.index("</c>", start)
    open_tag = before[start : before.index(">", start) + 1].replace(' t="s"', "")
    value = f"<v>{result}</v>" if result is not None else ""
    after = f"{before[:start]}{open_tag}<f>3+4</f>{value}{before[end:]}"
    return with_parts({name: after.encode()})


def tolerance() -> Iterator[tuple[str, FileClass]]:
    yield "full-width digits", with_value("L3.1a", "１２", 12)
    yield "full-width digits and point", with_value("L3.5b", "１２．５", 12.5)
    yield "blanks around a number", with_value("L3.1a", " 12\u3000", 12)
    yield "a number as text", with_value("L3.1a", "12", 12)
    yield "thousands separators", with_value("S1.2a", "1,234", 1234)
    yield "full-width thousands separators", with_value("S1.2a", "１，２３４", 1234)
    yield "a number with its unit", with_value("L3.1a", "12次", 12)
    yield "a number, a blank and its unit", with_value("S4.1a", "12.5 万元", 12.5)
    yield "a tick for yes", with_value("L3.3a", "√", "yes")
    yield "a cross for no", with_value("L3.3a", "×", "no")
    yield "有 for yes", with_value("L3.3a", "有", "yes")
    yield "无 for no", with_value("L3.3a", "无", "no")
    yield "yes in English", with_value("L3.3a", "Yes", "yes")
    yield "a formula with its result", FileClass(with_formula("7"), changed={Slot("L3.1a"): 7})
    yield (
        "a formula without a result",
        FileClass(
            with_formula(None),
            (("formula_without_result", *place("L3.1a")),),
            lost=frozenset({Slot("L3.1a")}),
        ),
    )
    yield "a binary hair off its decimal", FileClass(cell("L3.5b", 0.1 + 0.2), changed={Slot("L3.5b"): 0.3})
    yield "a whole number as a decimal", FileClass(cell("L3.1a", 7.0), changed={Slot("L3.1a"): 7})
    yield (
        "a sheet renamed",
        FileClass(
            edited(lambda book: setattr(book["服务型"], "title", "服务型（终稿）")),
            (("sheet_renamed", "服务型（终稿）", None),),
        ),
    )
    yield (
        "all sheets renamed",
        FileClass(edited(rename_all), tuple(("sheet_renamed", f"Sheet{i}", None) for i in range(1, 7))),
    )
    yield "rows moved", FileClass(edited(lambda book: reverse_rows(book["学习型"], 5)))
    yield "rows inserted", FileClass(edited(lambda book: unmerged(book["服务型"]).insert_rows(9, 3)))
    yield "rows inserted above", FileClass(edited(lambda book: unmerged(book["服务型"]).insert_rows(1, 3)))
    yield "columns inserted", FileClass(edited(lambda book: unmerged(book["创新型"]).insert_cols(2, 2)))
    yield (
        "blank rows in the ledger",
        FileClass(edited(lambda book: unmerged(book[layout.LEDGER]).insert_rows(10, 3))),
    )
    yield (
        "columns inserted in the ledger",
        FileClass(edited(lambda book: unmerged(book[layout.LEDGER]).insert_cols(6, 2))),
    )
    yield "hidden rows, columns and sheets", FileClass(edited(hide))
    yield "merged heads", FileClass(edited(lambda book: book["学习型"].merge_cells("A1:G1")))
    yield "blanks in heads", FileClass(edited(lambda book: setattr(book["学习型"]["D4"], "value", "本　期 ")))
    yield "a copy of a sheet", FileClass(edited(copy), (("sheet_ignored", "学习型 (2)", None),))
    yield (
        "a sheet of their own",
        FileClass(edited(lambda book: book.create_sheet("草稿").append(["代码", "本期", "L3.1a", 99]))),
    )
    yield "a far row without a cell", FileClass(far('<row r="1048576" ht="15" customHeight="1"/>'))
    yield "far cells with formats alone", FileClass(
        far('<row r="40"><c r="XFD40" s="1"/></row><row r="30000" s="1"><c r="A30000" s="1"/><c r="B30000"></c></row>')
    )  # fmt: skip
    yield "sheets in another order", FileClass(edited(lambda book: book.move_sheet(layout.LEDGER, -5)))
    yield "the notes are gone", FileClass(edited(lambda book: book.remove(book[layout.NOTES])))
    yield (
        "protection taken off",
        FileClass(edited(lambda book: [setattr(sheet.protection, "sheet", False) for sheet in book])),
    )
    yield (
        "an older template",
        FileClass(
            edited(lambda book: setattr(book[layout.COVER]["B7"], "value", "1")),
            (("older_template", layout.COVER, "B7"),),
        ),
    )


def rename_all(book: Workbook) -> None:
    for number, sheet in enumerate([sheet for sheet in book if sheet.title != layout.NOTES], 1):
        sheet.title = f"Sheet{number}"


def far(rows: str) -> bytes:
    """The good workbook with these rows behind those of the sheet 学习型."""
    name = "xl/worksheets/sheet2.xml"
    return with_parts({name: part(name).replace(b"</sheetData>", f"{rows}</sheetData>".encode())})


def copy(book: Workbook) -> None:
    book.copy_worksheet(book["学习型"]).title = "学习型 (2)"
    book["学习型 (2)"]["D5"].value = 99


def hide(book: Workbook) -> None:
    book["学习型"].row_dimensions[6].hidden = True
    book["服务型"].column_dimensions["D"].hidden = True
    book[layout.LEDGER].sheet_state = "veryHidden"


# ---- what is never guessed ----------------------------------------------------------------------------------------------


def ambiguous() -> Iterator[tuple[str, FileClass]]:
    yield "a number in words", unread("L3.1a", "六次")
    yield "about", unread("L3.1a", "约5")
    yield "a comma that separates nothing", unread("S1.2a", "1,2")
    yield "half a session", unread("L3.1a", 1.5)
    yield "a superscript", unread("L3.1a", "5²")
    yield "another unit", unread("L3.1a", "12人")
    yield "a range", unread("L3.1a", "5-6")
    yield "a date in a count", unread("L3.1a", date(2025, 1, 3))
    yield "a truth value in a count", unread("L3.2a", value=True)
    yield "sometimes", unread("L3.3a", "有时")
    yield "a percentage cell", unread("L3.5b", 0.95, number_format="0.0%")
    yield "percent in a cell of hours", unread("L3.5b", "95%")
    yield "a cell left blank", unread("L3.1a", None)
    yield "a number beyond its bounds", FileClass(cell("L3.1a", 999), changed={Slot("L3.1a"): 999})
    yield "a number beyond reason", unread("L3.1a", 1e300)
    yield (
        "an error value",
        FileClass(
            cell_error("L3.1a"), (("formula_error", *place("L3.1a")),), lost=frozenset({Slot("L3.1a")})
        ),
    )
    yield "a row twice", FileClass(edited(row_twice), (("row_repeated", "学习型", "A27"),))
    yield (
        "the head 本期 twice, the first in a column put before it",
        FileClass(edited(head_before), (("head_repeated", "学习型", "E4"),), lost=of_sheet("学习型")),
    )
    yield "the head 本期 twice, the second behind", head_twice("H4", "本期", lost=of_sheet("学习型"))
    yield "the head 代码 twice", head_twice("H4", "代码", lost=of_sheet("学习型"))
    yield "the head 情况说明 twice: answers stand", head_twice("H4", "情 况 说 明")
    yield (
        "a row gone",
        FileClass(
            edited(lambda book: unmerged(book["学习型"]).delete_rows(row_of(book["学习型"], "L3.1a"))),
            (("row_missing", "学习型", None),),
            lost=frozenset({Slot("L3.1a")}),
        ),
    )
    yield (
        "a sheet gone",
        FileClass(
            edited(lambda book: book.remove(book["服务型"])),
            (("sheet_missing", "服务型", None),),
            lost=of_sheet("服务型"),
        ),
    )
    yield (
        "the head 支部代码 twice in the ledger",
        FileClass(
            edited(lambda book: setattr(book[layout.LEDGER]["AN7"], "value", layout.BRANCH_CODE)),
            (("row_repeated", layout.LEDGER, "AN7"),),
            lost=frozenset(slot for slot in FORM.current if slot.branch_code),
        ),
    )
    yield (
        "two sheets alike",
        FileClass(edited(double), (("sheet_missing", "服务型", None),), lost=of_sheet("服务型")),
    )
    yield (
        "heads gone",
        FileClass(
            edited(lambda book: setattr(book["服务型"]["D4"], "value", "数值")),
            (("sheet_missing", "服务型", None),),
            lost=of_sheet("服务型"),
        ),
    )
    yield (
        "a branch gone",
        FileClass(
            edited(
                lambda book: unmerged(book[layout.LEDGER]).delete_rows(row_of(book[layout.LEDGER], BRANCH))
            ),
            (("branch_missing", layout.LEDGER, None),),
            lost=frozenset(s for s in FORM.current if s.branch_code == BRANCH),
        ),
    )
    yield (
        "a branch of another unit",
        FileClass(
            edited(lambda book: book[layout.LEDGER].append(["320100S9-01", "外单位"])),
            (("unknown_branch", layout.LEDGER, f"A{8 + len(FORM.branches)}"),),
        ),
    )
    yield (
        "an unknown template",
        FileClass(
            edited(lambda book: setattr(book[layout.COVER]["B7"], "value", "0.9")),
            (("old_template", layout.COVER, "B7"),),
        ),
    )
    yield (
        "the template's version left blank",
        FileClass(
            edited(lambda book: setattr(book[layout.COVER]["B7"], "value", None)),
            (("old_template", layout.COVER, "B7"),),
        ),
    )


def cell_error(code: str) -> bytes:
    sheet, address = place(code)

    def fail(book: Workbook) -> None:
        book[sheet][address].value, book[sheet][address].data_type = "#DIV/0!", "e"

    return edited(fail)


def row_twice(book: Workbook) -> None:
    sheet = book["学习型"]
    sheet.append([c.value for c in sheet[row_of(sheet, "L3.1a")]])


def head_before(book: Workbook) -> None:
    """A column of the same head, with a value, put before the real one."""
    sheet = unmerged(book["学习型"])
    sheet.insert_cols(4)
    sheet["D4"].value, sheet["D5"].value = layout.CURRENT, 42


def head_twice(address: str, head: str, lost: frozenset[Slot] = frozenset()) -> FileClass:
    """A head that stands a second time on the sheet 学习型."""
    return FileClass(
        edited(lambda book: setattr(book["学习型"][address], "value", head)),
        (("head_repeated", "学习型", address),),
        lost=lost,
    )


def double(book: Workbook) -> None:
    book.copy_worksheet(book["服务型"]).title = "服务二"
    book["服务型"].title = "服务一"


def of_sheet(name: str) -> frozenset[Slot]:
    return frozenset(
        slot for slot in FORM.current if slot.branch_code is None and place(slot.question)[0] == name
    )


# ---- plain refusals -----------------------------------------------------------------------------------------------------


def another_workbook() -> bytes:
    book = Workbook()
    book.active.append(["姓氏统计", "数量"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def another_period(book: Workbook, period: str) -> None:
    """Another period wherever the workbook names one."""
    for sheet in book:
        for row in sheet.iter_rows():
            for c in row:
                if isinstance(c.value, str) and "2025Q4" in c.value:
                    c.value = c.value.replace("2025Q4", period)


def another_unit(book: Workbook, code: str, name: str) -> None:
    """Another unit wherever the workbook names one."""
    for sheet in book:
        for row in sheet.iter_rows():
            for c in row:
                if isinstance(c.value, str):
                    c.value = c.value.replace(FORM.unit.name, name).replace(FORM.unit.unit_code, code)


def refusals() -> Iterator[tuple[str, FileClass]]:
    yield "empty", refused(b"", "empty_file")
    yield "nothing but zeros", refused(bytes(5000), "empty_file")
    yield "a photo renamed", refused(b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(99), "not_a_workbook")
    yield "a scan as PDF", refused(b"%PDF-1.7\n", "not_a_workbook")
    yield "a Word document", refused(package_of({"word/document.xml": b"<w/>"}), "not_a_workbook")
    yield "an old Word document", refused(ole("WordDocument"), "not_a_workbook")
    yield "a web page renamed", refused(b"<html><table/></html>", "not_a_workbook")
    yield "a note", refused("请查收附件。".encode(), "not_a_workbook")
    yield "a RAR archive", refused(b"Rar!\x1a\x07\x01\0", "not_a_workbook")
    yield "a program", refused(b"MZ\x90\0" + bytes(99), "not_a_workbook")
    yield "with a password", refused(ole("EncryptionInfo", "EncryptedPackage"), "encrypted_file")
    yield "half a file", refused(GOOD[: len(GOOD) // 2], "damaged_file")
    yield "the last byte gone", refused(GOOD[:-1], "damaged_file")
    yield "half an old file", refused(ole("Workbook"), "damaged_file")
    yield (
        "an external entity",
        refused(
            with_parts(
                {"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst/>'}
            ),
            "damaged_file",
        ),
    )
    yield "another workbook", refused(another_workbook(), "not_our_form")
    yield "the cover gone", refused(edited(lambda book: book.remove(book[layout.COVER])), "not_our_form")
    yield "a far cell", refused(
        far('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "over_limits", "学习型", "XFD1048576"
    )  # fmt: skip
    yield "a far cell in a near row", refused(
        far('<row r="40"><c r="XFD40" t="str"><v>无</v></c></row>'), "over_limits", "学习型", "XFD40"
    )  # fmt: skip
    yield "a far row whose cells have no addresses", refused(
        far('<row r="30000"><c s="1"/><c><v>1</v></c></row>'), "over_limits", "学习型"
    )  # fmt: skip
    yield "a bomb", refused(with_parts({"xl/media/image1.png": bytes(130 * 1024 * 1024)}), "over_limits")
    yield "too large", refused(b"PK" + bytes(21 * 1024 * 1024), "over_limits")
    yield "an unknown unit", on_cover("B4", "999999S1", "unknown_unit")
    yield "a branch as unit", on_cover("B4", BRANCH, "unknown_unit")
    yield "the unit's code left blank", on_cover("B4", None, "unknown_unit")
    yield "the unit's name left blank", on_cover("B5", None, "unit_name_differs")
    yield "the period left blank", on_cover("B6", None, "wrong_period")
    yield "another unit's name", on_cover("B5", "另一小学", "unit_name_differs")
    yield "another unit's code on the cover alone", on_cover("B4", "320100S9", "unit_name_differs")
    yield (
        "a unit that was closed",
        refused(
            edited(lambda book: another_unit(book, "320100S8", "已撤小学")),
            "unit_not_valid",
            layout.COVER,
            "B4",
        ),
    )
    yield (
        "a unit that had not begun",
        refused(
            edited(lambda book: another_unit(book, "320100S7", "新建小学")),
            "unit_not_valid",
            layout.COVER,
            "B4",
        ),
    )
    yield "another period on the cover alone", on_cover("B6", "2025Q3", "wrong_period")
    yield "a period that is none", on_cover("B6", "四季度", "wrong_period")
    yield (
        "a period that has not begun",
        refused(edited(lambda book: another_period(book, "2026Q3")), "wrong_period", layout.COVER, "B6"),
    )
    yield (
        "a period before the calendar",
        refused(edited(lambda book: another_period(book, "2010Q1")), "wrong_period", layout.COVER, "B6"),
    )


# ---- persons ------------------------------------------------------------------------------------------------------------


def behind_blank(book: Workbook) -> None:
    """A blank cell takes few bytes, so that the one before the formula begins close to it."""
    book["学习型"]["I40"].number_format = "0"
    book["学习型"]["J40"].value = f'="{MOBILE}"'


def personal(sheet: str, address: str, value: object) -> FileClass:
    def put(book: Workbook) -> None:
        book[sheet][address].value = value

    return refused(edited(put), "personal_data", sheet, address)


def name_column(book: Workbook) -> None:
    sheet = book[layout.LEDGER]
    sheet.cell(7, 40).value, sheet.cell(8, 40).value = "姓名", "甲"


def hidden_list(book: Workbook) -> None:
    sheet = book.create_sheet("名单")
    sheet["B3"].value, sheet.sheet_state = IDENTITY, "hidden"


def commented(book: Workbook) -> None:
    book["学习型"]["D5"].comment = Comment(f"有疑问请打{MOBILE}", "某")


def headed(book: Workbook) -> None:
    book["学习型"].oddHeader.center.text = f"填表人电话：{MOBILE}"


def contact(book: Workbook) -> None:
    """Below a head, as on the last lines of many a form."""
    sheet = book["学习型"]
    sheet["F40"].value, sheet["F41"].value = "联系人", NAME


def filler(book: Workbook) -> None:
    """Beside a head."""
    sheet = book[layout.COVER]
    sheet["A40"].value, sheet["B40"].value = "填表人：", NAME


def listed(book: Workbook) -> None:
    choices = DataValidation(type="list", formula1=f'"{NAME}{MOBILE},乙"')
    choices.add("G5")
    book["学习型"].add_data_validation(choices)


def linked(book: Workbook) -> None:
    book["学习型"]["G5"].value, book["学习型"]["G5"].hyperlink = "见链接", f"tel:{MOBILE}"


def far_out(book: Workbook) -> None:
    book.create_sheet(f"{NAME}{MOBILE}")["A30000"].value = "说明"


def of_properties(book: Workbook) -> None:
    book.properties.description = IDENTITY


def not_ours() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].title = f"{NAME}{MOBILE}"
    book.worksheets[0]["A1"].value = "说明"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xlsb_comment() -> bytes:
    record = b"\x01\x02" + f"电话{MOBILE}".encode("utf-16-le") + b"\x00\x00"
    return package_of(parts_of(as_xlsb()) | {"xl/comments1.bin": record})


def persons() -> Iterator[tuple[str, FileClass]]:
    yield "an identity number", personal("学习型", "G5", f"负责同志身份证{IDENTITY}。")
    yield "an identity number with blanks", personal("学习型", "G5", "110101 19000101 1009")
    yield "an identity number as a number", personal(layout.LEDGER, "AN8", 110101190001011009)
    yield (
        "an identity number in full-width digits",
        personal("学习型", "G5", IDENTITY.translate({ord(str(d)): 0xFF10 + d for d in range(10)})),
    )
    yield "a mobile number", personal("服务型", "G6", f"联系电话{MOBILE}")
    yield "a mobile number as a number", personal("服务型", "G6", int(MOBILE))
    yield "a mobile number with dashes and country", personal("服务型", "G6", "+86 138-0000-0000")
    yield "a mobile number with wide blanks", personal("服务型", "G6", "138 0000  0000")
    yield "a mobile number with blanks of no width", personal("服务型", "G6", "138\u200b0000\u200b0000")
    yield "a mobile number in brackets", personal("服务型", "G6", "（138）0000-0000")
    yield "a mobile number for the unit's code", personal(layout.COVER, "B4", MOBILE)
    yield "a mobile number in a formula without a result", personal("学习型", "G5", f'="{MOBILE}"')
    yield (
        "a mobile number in a formula behind a blank cell",
        refused(edited(behind_blank), "personal_data", "学习型", "J40"),
    )
    yield "a mobile number in a list of choices", refused(edited(listed), "personal_data", "学习型")
    yield "a link that dials", refused(edited(linked), "personal_data", "学习型", "G5")
    yield "an identity number in the properties", refused(edited(of_properties), "personal_data")
    yield "a column of names", refused(edited(name_column), "personal_data", layout.LEDGER, "AN7")
    yield "a name below its head", refused(edited(contact), "personal_data", "学习型", "F40")
    yield "a name beside its head", refused(edited(filler), "personal_data", layout.COVER, "A40")
    yield "a name behind its head", personal("学习型", "G5", f"情况属实。填表人：{NAME}")
    yield "a hidden list", refused(edited(hidden_list), "personal_data", "第8张", "B3")
    yield (
        "a sheet called after a person",
        refused(edited(lambda book: book.create_sheet(f"{NAME}{MOBILE}")), "personal_data", "第8张"),
    )
    yield "a sheet too large, called after a person", refused(edited(far_out), "personal_data")
    yield "another workbook, its sheet called after a person", refused(not_ours(), "personal_data", "第1张")
    yield "a mobile number in a comment", refused(edited(commented), "personal_data", "学习型", "D5")
    yield "a mobile number in a comment of an xlsb", refused(xlsb_comment(), "personal_data")
    yield "a mobile number in a page header", refused(edited(headed), "personal_data", "学习型", None)
    yield from persons_in_texts()
    yield (
        "a document number is no person",
        FileClass(
            edited(
                lambda book: setattr(
                    book["学习型"]["G5"], "value", "苏教工〔2025〕138号，编号202500000000000001"
                )
            )
        ),
    )


def persons_in_texts() -> Iterator[tuple[str, FileClass]]:
    """Long tables, and texts of any other kind."""
    yield "long csv with a mobile number", refused(long_with(2, 5, MOBILE), "personal_data", "CSV", "F3")
    yield (
        "long csv of two units, one a number",
        refused(long_with(3, 0, MOBILE), "personal_data", "CSV", "A4"),
    )
    rows = [
        [MOBILE if row and column == 0 else value for column, value in enumerate(values)]
        for row, values in enumerate(long_rows())
    ]
    yield "long csv with a number for the unit", refused(as_csv(rows), "personal_data", "CSV", "A2")
    lines = f"{';'.join(HEADS)}\n320100S1;2025Q4;;;L3.1a;{IDENTITY}\n"
    for name, text in {
        "csv with semicolons": lines,
        "csv with tabs": f"单位\t姓名\t手机\n某校\t{NAME}\t{MOBILE}\n",
        "csv with a quote left open": lines.replace(";", ",").replace(IDENTITY, f'"{IDENTITY}'),
        "csv that is a note": f"名单\n{NAME} {IDENTITY} {MOBILE}\n",
        "csv that is a roster": f"姓名,身份证号\n{NAME},{IDENTITY}\n",
        "web page called xls": f"<html><table><tr><td>姓名</td></tr><tr><td>{NAME}</td></tr><tr><td>{IDENTITY}</td></tr></table></html>",
    }.items():
        place = ("CSV", "B2") if "roster" in name else (None, None)
        yield f"{name}, with persons", refused(text.encode(), "personal_data", *place)


@cache
def classes() -> dict[str, FileClass]:
    """All of them by name; making them takes some fifteen seconds, so that nobody should while tests are collected."""
    return {
        name: made
        for made_of in (formats, tolerance, ambiguous, refusals, persons)
        for name, made in made_of()
    }
