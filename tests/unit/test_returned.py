"""The returned workbook: marks on and off by bytes, the sender's parts kept, all findings listed, hostile text inert."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.workbook import Workbook

from pipelines.intake.grid import Grid, address, open_workbook
from pipelines.intake.persons import find_persons
from pipelines.returned.edit import returned
from pipelines.returned.files import write_returned
from pipelines.returned.list_sheet import MOST_ROWS
from pipelines.returned.marks import SEVERITIES, find_mark, mark_text
from pipelines.returned.remarks import WITHHELD, Remark, safe
from pipelines.returned.styles import fill_of_word, fill_word
from pipelines.returned.unfit import Unfit
from pipelines.workbook import layout
from tests.edits import Edit, package_of, parts_of
from tests.edits import edited as edited_bytes
from tests.returning import FORM_SHEET, GOOD, HEAD, MARKS, load, look, read, remark, unmarked


def edited(edit: Edit, content: bytes = GOOD) -> bytes:
    return edited_bytes(edit, content)


def test_a_marked_cell_has_its_colour_and_a_comment_that_says_what_and_how() -> None:
    book = load(returned(GOOD, MARKS, HEAD))
    for mark in MARKS:
        cell = book[mark.sheet][mark.cell]
        assert cell.fill.fgColor.rgb == f"FF{SEVERITIES[mark.severity].colour}"
        assert cell.comment.author == "三型报送系统"
        assert f"{SEVERITIES[mark.severity].label}：{mark.sentence}" in cell.comment.text
    assert book.active.title == book.sheetnames[0] == layout.RETURNED_LIST
    assert [s.title for s in book.worksheets if s.sheet_view.tabSelected] in ([], [layout.RETURNED_LIST])
    assert book[FORM_SHEET].protection.sheet


def test_a_cell_of_several_findings_takes_the_worst_colour_and_says_all() -> None:
    cell = load(returned(GOOD, [remark(FORM_SHEET, "D5", "inform"), remark(FORM_SHEET, "D5")], HEAD))[
        FORM_SHEET
    ]["D5"]
    assert cell.fill.fgColor.rgb.endswith(SEVERITIES["block"].colour)
    assert cell.comment.text.index("强制：") < cell.comment.text.index("提示：")


def test_the_answers_are_read_as_before() -> None:
    assert read(returned(GOOD, MARKS, HEAD)) == read(GOOD)


def test_untouched_parts_keep_their_bytes() -> None:
    before, after = parts_of(GOOD), parts_of(returned(GOOD, MARKS, HEAD))
    changed = {name for name in before if before[name] != after.get(name)}
    assert "xl/sharedStrings.xml" not in changed
    assert changed <= {
        "[Content_Types].xml", "docProps/app.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
        *(f"xl/worksheets/sheet{n}.xml" for n in (load(GOOD).sheetnames.index(m.sheet) + 1 for m in MARKS)),
    }  # fmt: skip


def decorated(book: Workbook) -> None:
    """What senders add: a comment, a picture, a rule that colours, a hidden sheet with a formula, a print area."""
    sheet = book[FORM_SHEET]
    sheet["D5"].comment = Comment("单位自注：已核 <&>", "某单位")
    sheet["D6"].comment = Comment("另一条", "某单位")
    png = io.BytesIO()
    png.write(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da63fcff1f0003030200efbfa7db0000000049454e44ae426082"
        )
    )
    png.seek(0)
    sheet.add_image(Image(png), "J2")
    sheet.conditional_formatting.add(
        "D5:D9", CellIsRule(operator="greaterThan", formula=["5"], fill=PatternFill("solid", "00FF00"))
    )
    hidden = book.create_sheet("底稿")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "=SUM(1,2)"
    hidden.print_area = "A1:B2"


DECORATED = edited(decorated)


def test_what_the_sender_added_survives() -> None:
    out = returned(DECORATED, MARKS, HEAD)
    before, after = parts_of(DECORATED), parts_of(out)
    for name in before:
        if ("drawing" in name.lower() and "vml" not in name.lower()) or "media" in name:
            assert after[name] == before[name]
    hidden = next(name for name in before if b"SUM(1,2)" in before[name])
    assert after[hidden] == before[hidden]
    book = load(out)
    comment = book[FORM_SHEET]["D5"].comment.text
    assert comment.startswith("单位自注：已核 <&>\n【")
    assert book[FORM_SHEET]["D6"].comment.text == "另一条"
    assert book["底稿"].sheet_state == "hidden"
    assert book["底稿"].print_area == "'底稿'!$A$1:$B$2"
    assert book[layout.LEDGER].print_title_rows == load(GOOD)[layout.LEDGER].print_title_rows
    assert book[FORM_SHEET].conditional_formatting
    assert len(book[FORM_SHEET].data_validations.dataValidation) == len(
        load(GOOD)[FORM_SHEET].data_validations.dataValidation
    )


def test_a_file_that_comes_again_is_marked_anew() -> None:
    """Old marks and lists are gone, the sender's words stay, and nothing piles up."""
    first = returned(DECORATED, MARKS, HEAD)
    second = returned(first, MARKS, HEAD)
    third = returned(second, MARKS[1:], HEAD)
    assert look(second) == look(first)
    assert load(second).sheetnames == load(first).sheetnames
    assert parts_of(returned(second, MARKS, HEAD)) == parts_of(second)
    cell = load(third)[FORM_SHEET]["D5"]
    assert cell.comment.text == "单位自注：已核 <&>"
    assert cell.fill.fgColor.rgb == load(DECORATED)[FORM_SHEET]["D5"].fill.fgColor.rgb


CELLS = [f"{column}{row}" for column in "ADEGHKZ" for row in (1, 5, 6, 9, 12, 40)]
SOME_MARKS = st.lists(
    st.builds(
        remark,
        st.sampled_from([FORM_SHEET, layout.LEDGER, layout.COVER, "没有的表"]),
        st.sampled_from(CELLS),
        st.sampled_from(sorted(SEVERITIES)),
        sentence=st.text(max_size=40),
        found=st.text(max_size=20).map(safe),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SOME_MARKS, st.sampled_from([GOOD, DECORATED]))
def test_marks_come_off_as_if_they_had_never_been(marks: list[Remark], content: bytes) -> None:
    marked = returned(content, marks, HEAD)
    assert look(returned(marked, marks, HEAD)) == look(marked)
    after = {place: facts for place, facts in look(unmarked(marked)).items() if any(facts[:2]) or facts[-1]}
    assert after == {place: facts for place, facts in look(content).items() if any(facts[:2]) or facts[-1]}
    assert read(marked) == read(content)


@pytest.mark.parametrize(
    "fill",
    [
        '<fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="solid"><fgColor rgb="FFFFF8DC"/><bgColor indexed="64"/></patternFill></fill>',
        '<fill><patternFill patternType="solid"><fgColor theme="4" tint="0.5999"/></patternFill></fill>',
        '<fill><patternFill patternType="solid"><fgColor theme="0" tint="-0.25"/></patternFill></fill>',
        '<fill><patternFill patternType="solid"><fgColor indexed="13"/></patternFill></fill>',
        '<fill><patternFill patternType="gray125"/></fill>',
        '<fill><patternFill patternType="lightUp"><fgColor auto="1"/><bgColor rgb="80112233"/></patternFill></fill>',
    ],
)
def test_a_fill_is_remembered_as_a_word(fill: str) -> None:
    word = fill_word(fill.encode())
    assert fill_word(fill_of_word(word)) == word
    found = find_mark("单位的话\n" + mark_text(["强制：（本格原底色：无；）"], word))
    assert found is not None
    assert found[0] == len("单位的话")
    assert found[2] == word


@pytest.mark.parametrize("word", ["", "x", "<fill/>", "solid/GG/", 'solid/"/', "a/b/c/d"])
def test_a_spoilt_word_is_no_fill(word: str) -> None:
    with pytest.raises(ValueError, match="no fill"):
        fill_of_word(word)


def test_a_fill_changed_by_the_clerk_stays() -> None:
    def paint(book: Workbook) -> None:
        book[FORM_SHEET]["D5"].fill = PatternFill("solid", "00123456")

    again = edited(paint, returned(GOOD, MARKS, HEAD))
    assert load(unmarked(again))[FORM_SHEET]["D5"].fill.fgColor.rgb == "00123456"


def test_a_mark_that_moved_with_its_row_comes_off_where_it_is() -> None:
    def move(book: Workbook) -> None:
        here, there = book[FORM_SHEET]["D5"], book[FORM_SHEET]["D8"]
        there._style, there.comment, here.comment = here._style, Comment(here.comment.text, " "), None
        here.fill = there.fill.copy()

    clean = load(unmarked(edited(move, returned(GOOD, MARKS, HEAD))))[FORM_SHEET]["D8"]
    assert clean.comment is None
    assert clean.fill.fgColor.rgb == "FFFFF8DC"


def list_rows(content: bytes) -> list[list[object]]:
    """The findings on the list, by number."""
    book = load(content)
    names = [name for name in book.sheetnames if name.startswith(layout.RETURNED_LIST)]
    return [
        [cell.value for cell in row]
        for name in names
        for row in book[name].iter_rows()
        if str(row[0].value).isdecimal()
    ]


def test_the_list_holds_every_finding_with_a_link_to_its_cell() -> None:
    whole = remark(None, None, "inform", "文件含有宏")
    missing = remark(layout.LEDGER, None, "block", "缺少支部行")
    other = remark("已删的表", "B2")
    out = returned(GOOD, [*MARKS, whole, missing, other], HEAD)
    sheet = load(out)[layout.RETURNED_LIST]
    rows = {row[0].row: row for row in sheet.iter_rows() if str(row[0].value).isdecimal()}
    links = {cell.row: cell.hyperlink.location for row in rows.values() for cell in row if cell.hyperlink}
    assert {links[n]: (row[2].value, row[3].value) for n, row in rows.items() if n in links} == {
        f"'{m.sheet}'!{m.cell}": (m.sheet, m.cell) for m in MARKS
    }
    assert sorted((str(r[1].value), str(r[2].value), str(r[3].value)) for r in rows.values()) == sorted(
        (SEVERITIES[m.severity].label, m.sheet or "整份文件", m.cell or "—")
        for m in [*MARKS, whole, missing, other]
    )
    groups = [
        str(row[0].value) for row in sheet.iter_rows() if "共" in str(row[0].value) and row[0].row not in rows
    ]
    assert "超出范围（强制，共2处）" in groups
    assert sheet.freeze_panes
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")


def test_twenty_thousand_findings_are_all_listed_on_sheets_that_can_be_received() -> None:
    many = [remark(layout.LEDGER, f"A{n}", found=str(n)) for n in range(1, 20_000)]
    out = returned(GOOD, many, HEAD)
    grids = open_workbook(out).grids
    lists = [grids[name] for name in grids if name.startswith(layout.RETURNED_LIST)]
    assert [grid.name for grid in lists] == ["问题清单", "问题清单2"]
    assert all(len(grid.rows) <= MOST_ROWS + 10 for grid in lists)
    assert sum(grid.text_at(row, 0).isdecimal() for grid in lists for row in range(len(grid.rows))) == len(
        many
    )
    assert read(out) == read(GOOD)


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "<x/>&'\"]]>", "\x00\x0b\ud800文", "【三型报送系统核验意见】", "行\n行"]
)
def test_hostile_text_is_only_text(text: str) -> None:
    out = returned(GOOD, [remark(FORM_SHEET, "D5", found=text, sentence=text)], HEAD)
    book = load(out)
    row = next(row for row in book[layout.RETURNED_LIST].iter_rows() if row[0].value == "1")
    assert row[6].data_type == "s"
    assert row[6].value == text.replace("\x00", "").replace("\x0b", "").replace("\ud800", "")
    assert look(unmarked(out))[FORM_SHEET, "D5"] == look(GOOD)[FORM_SHEET, "D5"]


@pytest.mark.parametrize("text", ["138001380.25", "手机号", "姓名", "联系人", "填表人："])
def test_the_list_never_looks_like_persons(text: str) -> None:
    """Each of these passes the reader where the sender wrote it, and would have the list refused."""
    assert safe(text) == WITHHELD
    assert safe("12.5") == "12.5"
    out = returned(GOOD, [remark(FORM_SHEET, "D5", found=safe(text))], HEAD)
    assert find_persons(open_workbook(out)) is None


def test_a_sheet_of_the_senders_with_the_lists_name_stays() -> None:
    def add(book: Workbook) -> None:
        book.create_sheet("问题清单")["A1"] = "单位自己的清单"

    out = returned(edited(add), MARKS, HEAD)
    again = returned(out, MARKS, HEAD)
    assert load(again).sheetnames == load(out).sheetnames
    assert load(out)["问题清单"]["A1"].value == "单位自己的清单"
    assert load(out)["问题清单2"]["A1"].value == "三型报表问题清单"


def test_the_list_is_never_taken_for_a_sheet_of_the_form() -> None:
    def copy(book: Workbook) -> None:
        book.copy_worksheet(book[FORM_SHEET]).title = "问题清单9"
        book[FORM_SHEET].title = "改名"

    reading = read(edited(copy))
    assert {finding.rule for finding in reading.findings} == {"sheet_renamed"}


def changed_part(name: str, old: bytes, new: bytes) -> bytes:
    return package_of(
        {
            part: content.replace(old, new) if part == name else content
            for part, content in parts_of(GOOD).items()
        }
    )


SECOND = "xl/worksheets/sheet2.xml"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (SECOND, b'<row r="5"', b"<row"),
        (SECOND, b'<c r="D5"', b"<c"),
        ("xl/styles.xml", b"<fills", b"<!-- c --><fills"),
        ("xl/styles.xml", b"<fills", b"<fillz"),
        (SECOND, b'encoding="UTF-8"', b'encoding="GB2312"'),
        ("xl/workbook.xml", b'sheetId="2"', b'sheetId="x"'),
        (SECOND, b'<c r="D5" s="', b'<c r="D5" s="x'),
        (SECOND, b' width="', b' width="inf'),
        (SECOND, b' min="', b' min="-'),
        ("xl/styles.xml", b' fillId="', b' fillId="x'),
    ],
)
def test_a_package_unlike_an_office_programs_is_not_edited(name: str, old: bytes, new: bytes) -> None:
    with pytest.raises(Unfit):
        returned(changed_part(name, old, new), MARKS, HEAD)


def test_a_prefixed_sheet_is_edited_in_its_own_words() -> None:
    """Some programs write <x:c>; a plain <row> among them would be no row."""
    part = parts_of(GOOD)[SECOND]
    prefixed = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", part).replace(
        b"<x:worksheet xmlns=", b"<x:worksheet xmlns:x="
    )
    out = returned(
        changed_part(SECOND, part, prefixed), [remark(FORM_SHEET, "D5"), remark(FORM_SHEET, "D99")], HEAD
    )
    book = load(out)
    for cell in ("D5", "D99"):
        assert book[FORM_SHEET][cell].fill.fgColor.rgb.endswith(SEVERITIES["block"].colour)
        assert book[FORM_SHEET][cell].comment is not None


def test_names_of_returned_files(tmp_path: Path) -> None:
    names = [
        write_returned(b"x", tmp_path, name, ".xlsx", prefix).name
        for name, prefix in [
            ("报表.xls", ""), ("报表.xlsx", ""), ("../../etc/报表（问题清单2）.xlsx", ""), ("a\\b\\表.xlsx", "S1"), ("S1_表.xlsx", "S1"), ("…" * 300, ""),
        ]
    ]  # fmt: skip
    assert names[:5] == [
        "报表（问题清单）.xlsx", "报表（问题清单2）.xlsx", "报表（问题清单3）.xlsx", "S1_表（问题清单）.xlsx", "S1_表（问题清单2）.xlsx",
    ]  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_addresses_agree_with_the_readers() -> None:
    from pipelines.returned.cells import place

    assert all(place(address(r, c)) == (r, c) for r in (0, 8, 19_999) for c in (0, 25, 26, 399, 701, 702))
    assert Grid("", []).rows == []
