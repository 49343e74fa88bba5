"""What a sender's file holds beside cells comes back as it was: macros, text boxes, conversations, names, rules, panes.

Parts that no library of ours can write are made by tests/additions.py as Excel writes them.
"""

from __future__ import annotations

import io
import random
import re
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.workbook import Workbook

from pipelines.intake.formats import Format, sniff
from pipelines.intake.refusal import Refusal
from pipelines.returned.edit import returned
from pipelines.returned.fresh import Known
from pipelines.returned.give_back import Case, give_back
from pipelines.returned.marks import AUTHOR
from pipelines.returned.unfit import Unfit
from pipelines.workbook import layout
from tests.additions import (
    ANSWER,
    BOOK,
    BOXES,
    BUTTON,
    CLERK,
    COMMENTS,
    DRAWING,
    MACRO,
    MACRO_BOOK,
    PERSONS,
    THREAD,
    THREADS,
    TYPES,
    Parts,
    attributes,
    before_tag,
    note,
    part_of_sheet,
    with_boxes,
    with_comments,
    with_macro,
    with_text_box,
    with_thread,
)
from tests.edits import edited, package_of, parts_of
from tests.returning import (
    CATALOGUE,
    FORM,
    FORM_SHEET,
    GOOD,
    HEAD,
    MARKS,
    REGISTRY,
    load,
    read,
    remark,
    unmarked,
)

LIST = layout.RETURNED_LIST
MARK = remark(FORM_SHEET, "D5")
D5 = ("D5", 4, 3)
PROPERTIES = "docProps/app.xml"


def sheet_part(content: bytes, title: str = FORM_SHEET) -> bytes:
    parts = parts_of(content)
    return parts[part_of_sheet(parts, title)]


# Macros


def test_a_workbook_with_a_macro_stays_one_and_the_macro_keeps_its_bytes() -> None:
    macro_book = with_macro(GOOD)
    for out in (returned(macro_book, MARKS, HEAD), unmarked(returned(macro_book, MARKS, HEAD))):
        parts = parts_of(out)
        assert sniff(out) is Format.XLSM
        assert parts["xl/vbaProject.bin"] == MACRO
        types = parts[TYPES].decode()
        assert f'<Override PartName="/{BOOK}" ContentType="{MACRO_BOOK}"/>' in types
        assert (
            types.count('PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"')
            == 1
        )
        assert b'codeName="ThisWorkbook"' in parts[BOOK]
        book = openpyxl.load_workbook(io.BytesIO(out), keep_vba=True)
        assert book.vba_archive.read("xl/vbaProject.bin") == MACRO
        assert book.sheetnames[0] == LIST


def test_a_workbook_with_a_macro_is_given_back_under_a_name_that_excel_opens(tmp_path: Path) -> None:
    """Whatever it was sent as: Excel opens no .xlsx that holds a macro."""
    finding = {
        "rule": "bounds", "severity": "block", "question": None, "branch_code": None, "sheet": FORM_SHEET, "cell": "D5",
        "message": "填的是“99”。", "found": "99", "expected": "0至30", "explanation": None, "explained": None,
    }  # fmt: skip
    cases = [
        Case(name, content, [finding], FORM.unit.unit_code, "2025Q4")
        for name, content in (("报表.xlsx", with_macro(GOOD)), ("报表.xlsm", GOOD))
    ]
    done = list(give_back(cases, tmp_path, Known(CATALOGUE, REGISTRY, tmp_path)))
    assert [entry.path.name for entry in done if entry.path] == [
        "报表（问题清单）.xlsm",
        "报表（问题清单）.xlsx",
    ]


# Text boxes, buttons and comments


def test_a_text_box_on_a_marked_sheet_stays_beside_the_comments() -> None:
    content = with_text_box(GOOD, FORM_SHEET, "请先填台账 <&>".replace("<&>", "&lt;&amp;&gt;"))
    out = returned(content, MARKS, HEAD)
    assert parts_of(out)[DRAWING] == parts_of(content)[DRAWING]
    part = sheet_part(out)
    assert part.index(b'<drawing r:id="rIdBox"/>') < part.index(b"<legacyDrawing ")
    assert load(out)[FORM_SHEET]["D5"].comment.text.startswith("【")
    assert sheet_part(unmarked(out)) == sheet_part(content)


def test_a_sheet_with_a_button_and_comments_keeps_both_when_marks_go_on_and_off() -> None:
    content = with_comments(
        with_boxes(GOOD, FORM_SHEET, BUTTON, note(5, 3, 1031)),
        FORM_SHEET,
        ["某单位"],
        {"D6": "<t>单位的话</t>"},
    )
    out = returned(content, [MARK], HEAD)
    shapes = parts_of(out)[BOXES].decode()
    assert BUTTON in shapes
    assert note(5, 3, 1031) in shapes
    assert len(set(re.findall(r'<v:shape id="([^"]+)"', shapes))) == 3
    assert load(out)[FORM_SHEET]["D6"].comment.text == "单位的话"
    off = parts_of(unmarked(out))
    assert off[BOXES] == parts_of(content)[BOXES]
    assert b"D5" not in off[COMMENTS]


def test_a_comment_of_the_senders_keeps_its_words_and_its_box_has_room_for_both() -> None:
    """A box does not grow by itself: in the sender's own, of four rows, what is wrong could not be read."""
    rich = '<r><rPr><b/><sz val="9"/></rPr><t xml:space="preserve">张主任：</t></r><r><t>已核</t></r>'
    content = with_comments(
        with_boxes(GOOD, FORM_SHEET, note(4, 3, 1025), note(5, 3, 1026)), FORM_SHEET, ["甲", "乙"], {"D5": rich, "D6": "<t>另一条</t>"},
    )  # fmt: skip
    long = MARK._replace(sentence="填的是“99”，应为0至30。请核对。" * 10)
    out = returned(content, [long], HEAD)
    assert load(out)[FORM_SHEET]["D5"].comment.text.startswith(
        "张主任：已核\n【三型报送系统核验意见】\n强制："
    )
    assert rich.encode() in parts_of(out)[COMMENTS]
    shapes = parts_of(out)[BOXES].decode()
    assert note(5, 3, 1026) in shapes
    first = shapes[: shapes.index("</v:shape>")]
    (anchor,) = re.findall(r"<x:Anchor>([^<]*)</x:Anchor>", first)
    top, bottom = (int(anchor.split(",")[n]) for n in (2, 6))
    rows = load(out)[FORM_SHEET].row_dimensions
    assert sum((rows[n + 1].height or 15) / 0.75 for n in range(top, bottom)) > 17 * 10
    off = unmarked(out)
    assert (
        parts_of(off)[COMMENTS].replace(f"<author>{AUTHOR}</author>".encode(), b"")
        == parts_of(content)[COMMENTS]
    )
    assert parts_of(returned(out, [long], HEAD)) == parts_of(out)


# Conversations


QUESTION, REPLY = "这一格怎么填？", "按名册人数"
THREADED = with_thread(GOOD, FORM_SHEET, D5, (QUESTION, REPLY))


def said(content: bytes) -> list[tuple[str, str | None, str]]:
    """Person, parent and text of each entry of the conversations."""
    entries = re.findall(
        r"<threadedComment ([^>]*)><text>([^<]*)</text>", parts_of(content)[THREADS].decode()
    )
    given = [(attributes(tag), text) for tag, text in entries]
    assert len({values["id"] for values, _ in given}) == len(given)
    return [(values["personId"], values.get("parentId"), text) for values, text in given]


def test_a_conversation_at_a_marked_cell_gets_our_words_as_a_reply() -> None:
    """Excel shows the conversation and throws away the comment beneath it; older programs show only the comment."""
    out = returned(THREADED, [MARK], HEAD)
    question, reply, ours = said(out)
    assert (question[2], reply[2]) == (QUESTION, REPLY)
    assert ours[1] == THREAD
    assert f"强制：{MARK.sentence}" in ours[2]
    assert f'displayName="{AUTHOR}" id="{ours[0]}"' in parts_of(out)[PERSONS].decode()
    assert f'displayName="办公室" id="{CLERK}"' in parts_of(out)[PERSONS].decode()
    comment = load(out)[FORM_SHEET]["D5"].comment
    assert comment.author == f"tc={THREAD}"
    assert comment.text.startswith("[线程批注]")
    assert MARK.sentence in comment.text
    assert read(out) == read(GOOD)


def test_our_reply_goes_when_the_mark_goes_and_does_not_pile_up() -> None:
    out = returned(THREADED, [MARK], HEAD)
    assert parts_of(returned(out, [MARK], HEAD)) == parts_of(out)
    off = unmarked(out)
    assert parts_of(off)[THREADS] == parts_of(THREADED)[THREADS]
    assert load(off)[FORM_SHEET]["D5"].comment.text == load(THREADED)[FORM_SHEET]["D5"].comment.text
    assert load(off)[FORM_SHEET]["D5"].fill.fgColor.rgb == load(GOOD)[FORM_SHEET]["D5"].fill.fgColor.rgb


def test_what_the_clerk_answers_to_our_reply_stays() -> None:
    parts = Parts.of(returned(THREADED, [MARK], HEAD))
    parts.change(
        THREADS, "</ThreadedComments>",
        f'<threadedComment ref="D5" personId="{CLERK}" id="{{X}}" parentId="{THREAD}"><text>已改</text></threadedComment></ThreadedComments>',
    )  # fmt: skip
    again = returned(parts.content(), [MARK], HEAD)
    assert [text for _, _, text in said(again)][:3] == [QUESTION, REPLY, "已改"]
    assert len(said(again)) == 4


def test_a_conversation_elsewhere_on_a_marked_sheet_keeps_its_bytes() -> None:
    out = parts_of(returned(THREADED, [remark(FORM_SHEET, "D6")], HEAD))
    before = parts_of(THREADED)
    assert (out[THREADS], out[PERSONS]) == (before[THREADS], before[PERSONS])
    assert out[BOXES].startswith(before[BOXES].removesuffix(b"</xml>"))


def test_a_comment_of_ours_that_was_made_a_conversation_comes_off() -> None:
    """Excel can turn all comments into conversations; then our words begin one."""
    mark = load(returned(GOOD, [MARK], HEAD))[FORM_SHEET]["D5"].comment.text
    alone = Parts.of(with_thread(GOOD, FORM_SHEET, D5, (mark, "x")))
    alone[THREADS] = re.sub(
        rf'<threadedComment [^>]*id="{re.escape(ANSWER)}".*?</threadedComment>'.encode(), b"", alone[THREADS]
    )
    off = unmarked(alone.content())
    assert said(off) == []
    assert load(off)[FORM_SHEET]["D5"].comment is None
    answered = unmarked(with_thread(GOOD, FORM_SHEET, D5, (mark, "已改")))
    assert [text for _, _, text in said(answered)] == ["", "已改"]


# What stands around the cells


AROUND = "legacyDrawing|tableParts|extLst"
EXTENSION = (
    '<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
    '<x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    '<x14:cfRule type="cellIs" priority="2" operator="greaterThan" id="{0B2A5D0E-3333-4A5B-9C3D-000000000001}"><xm:f>封面!$B$7</xm:f>'
    '<x14:dxf><fill><patternFill><bgColor rgb="FF00FF00"/></patternFill></fill></x14:dxf></x14:cfRule><xm:sqref>D5:D9</xm:sqref>'
    "</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>"
)


def test_rules_validations_panes_and_extensions_of_a_marked_sheet_keep_their_bytes() -> None:
    """Take the colour and the boxes away, and the sheet is the sender's, byte for byte."""
    parts = Parts.of(GOOD)
    name = part_of_sheet(parts, FORM_SHEET)
    rule = '<conditionalFormatting sqref="D5:D9"><cfRule type="cellIs" priority="1" operator="greaterThan"><formula>5</formula></cfRule></conditionalFormatting>'
    parts[name] = before_tag(parts[name], "dataValidations|hyperlinks|printOptions|pageMargins", rule)
    parts[name] = before_tag(parts[name], AROUND, EXTENSION)
    content = parts.content()
    out = returned(content, MARKS, HEAD)
    before, after = sheet_part(content), sheet_part(out)
    plain = re.sub(rb"<legacyDrawing [^>]*/>", b"", after)
    style = re.compile(rb'(<c r="D5" s=")\d+')
    assert style.sub(rb"\g<1>", plain) == style.sub(rb"\g<1>", before)
    assert after.index(b"<legacyDrawing ") < after.index(b"<extLst>")
    sheet, was = load(out)[FORM_SHEET], load(content)[FORM_SHEET]
    assert sheet.freeze_panes == was.freeze_panes
    assert sheet.protection.sheet
    assert sheet.merged_cells.ranges == was.merged_cells.ranges
    assert [str(v.sqref) for v in sheet.data_validations.dataValidation] == [
        str(v.sqref) for v in was.data_validations.dataValidation
    ]
    assert sheet.conditional_formatting
    assert sheet_part(unmarked(out)) == sheet_part(content)


# What counts sheets by their position


def named(book: Workbook) -> None:
    """Names of single sheets and of the book, print areas, a filter, a hidden sheet, a chart sheet that is shown."""
    for title, area in ((layout.COVER, "A1:C9"), (FORM_SHEET, "A1:G20"), (layout.NOTES, "A1:B5")):
        book[title].print_area = area
    book[layout.LEDGER].auto_filter.ref = "A7:C12"
    book[FORM_SHEET].defined_names["本表合计"] = DefinedName("本表合计", attr_text=f"'{FORM_SHEET}'!$D$5")
    book.defined_names["全部"] = DefinedName("全部", attr_text=f"'{layout.LEDGER}'!$A$1:$C$9")
    hidden = book.create_sheet("底稿", 2)
    hidden.sheet_state = "hidden"
    hidden["A1"] = f"={FORM_SHEET}!D5"
    chart = book.create_chartsheet("图")
    chart.add_chart(BarChart())
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = False
    book.active = len(book.sheetnames) - 1
    chart.sheetViews.sheetView[0].tabSelected = True


NAMED = edited(named, GOOD)


def names_of(content: bytes) -> dict[tuple[str, str | None], str]:
    """Every defined name, with the title of the sheet that it is said to belong to, and what it means."""
    part = parts_of(content)[BOOK].decode()
    titles = [attributes(tag)["name"] for tag in re.findall(r"<sheet ([^>]*)/>", part)]
    found = {}
    for values, text in re.findall(r"<definedName ([^>]*)>([^<]*)</definedName>", part):
        given = attributes(values)
        place = given.get("localSheetId")
        found[given["name"], titles[int(place)] if place is not None else None] = text
    return found


def test_names_and_print_areas_stay_with_their_sheets() -> None:
    """Names say by number which sheet is theirs; a sheet in front moves all numbers."""
    before = names_of(NAMED)
    assert len(before) > 10
    out = returned(NAMED, MARKS, HEAD)
    (titles,) = {key: text for key, text in names_of(out).items() if key[1] == LIST}.items()
    assert titles[0][0] == "_xlnm.Print_Titles"
    assert re.fullmatch(rf"{LIST}!\$\d+:\$\d+", titles[1])
    assert names_of(out) == before | dict([titles])
    assert names_of(returned(out, MARKS, HEAD)) == names_of(out)
    book, was = load(out), load(NAMED)
    for title in was.sheetnames:
        if title != "图":
            assert book[title].print_area == was[title].print_area
            assert book[title].print_title_rows == was[title].print_title_rows
    assert book["底稿"].sheet_state == "hidden"
    assert book["底稿"]["A1"].value == was["底稿"]["A1"].value


def test_names_stay_with_their_sheets_when_the_clerk_has_moved_the_list() -> None:
    def move(book: Workbook) -> None:
        book.move_sheet(LIST, 3)

    again = returned(edited(move, returned(NAMED, MARKS, HEAD)), MARKS, HEAD)
    assert load(again).sheetnames == [LIST, *load(NAMED).sheetnames]
    kept = {key: text.replace("'", "") for key, text in names_of(again).items()}
    assert kept == {
        key: text.replace("'", "") for key, text in names_of(returned(NAMED, MARKS, HEAD)).items()
    }


def test_the_list_is_shown_first_and_no_other_sheet_is_selected_with_it() -> None:
    """Two selected sheets would be edited together. The sender's file showed its chart sheet, with its tab out of sight."""
    parts = Parts.of(NAMED)
    parts[BOOK] = re.sub(
        rb"<workbookView [^>]*/>", b'<workbookView firstSheet="4" activeTab="8"/>' * 2, parts[BOOK]
    )
    parts.change(part_of_sheet(parts, FORM_SHEET), 'tabSelected="0"', 'tabSelected="1"')
    assert b'tabSelected="1"' in parts[part_of_sheet(parts, "图")]
    out = returned(parts.content(), MARKS, HEAD)
    after = parts_of(out)
    assert (
        re.findall(rb"<workbookView [^>]*>", after[BOOK])
        == [b'<workbookView firstSheet="0" activeTab="0"/>'] * 2
    )
    assert not [name for name, part in after.items() if b"tabSelected" in part]
    assert load(out).active.title == LIST


# The document's own properties


def titles_in(content: bytes) -> bool:
    return (
        b"TitlesOfParts" in parts_of(content)[PROPERTIES] or b"HeadingPairs" in parts_of(content)[PROPERTIES]
    )


def test_the_properties_hold_no_list_of_sheets_that_has_become_untrue() -> None:
    """They listed the sheets without ours. What else they say stays, and a file without them is no other case."""
    out = returned(GOOD, MARKS, HEAD)
    assert titles_in(GOOD)
    assert not titles_in(out)
    for said_there in (b"<Application>", b"<Company>", b"<AppVersion>"):
        assert said_there in parts_of(out)[PROPERTIES]
    assert load(out).properties.creator == load(GOOD).properties.creator
    parts = Parts.of(GOOD)
    parts.change("_rels/.rels", "extended-properties", "no-properties")
    del parts[PROPERTIES]
    assert PROPERTIES not in parts_of(returned(parts.content(), MARKS, HEAD))


def test_a_list_of_sheets_that_excel_has_written_since_goes_when_the_marks_come_off() -> None:
    parts = Parts.of(returned(GOOD, MARKS, HEAD))
    titles = '<TitlesOfParts><vt:vector size="1" baseType="lpstr"><vt:lpstr>问题清单</vt:lpstr></vt:vector></TitlesOfParts></Properties>'
    parts.change(PROPERTIES, "</Properties>", titles)
    assert not titles_in(unmarked(parts.content()))


def test_a_list_that_clerks_have_written_on_goes_with_all_that_it_has_got() -> None:
    out = returned(GOOD, MARKS, HEAD)
    written_on = with_thread(with_text_box(out, LIST, "第一条已改"), LIST, ("A1", 0, 0), ("谁来改？", "我来"))
    off = parts_of(unmarked(written_on))
    assert not {COMMENTS, DRAWING, THREADS, BOXES} & set(off)
    assert sum(name.startswith("xl/worksheets/sheet") for name in off) == len(load(GOOD).sheetnames) + 1


@pytest.mark.parametrize(
    "content", [GOOD, THREADED, NAMED, with_macro(GOOD)], ids=["good", "thread", "names", "macro"]
)
def test_every_part_is_named_once_and_every_relation_leads_somewhere(content: bytes) -> None:
    """Excel calls a file damaged where a part has no type or a relation no part."""
    for out in (returned(content, MARKS, HEAD), unmarked(returned(content, MARKS, HEAD))):
        parts = parts_of(out)
        typed = re.findall(r'<Override [^>]*PartName="/([^"]+)"', parts[TYPES].decode())
        assert len(typed) == len(set(typed))
        assert set(typed) <= set(parts)
        for name in parts:
            if name.endswith(".rels"):
                folder = Path(name).parent.parent
                for target in re.findall(r'Target="([^"]+)"', parts[name].decode()):
                    place = Path("/") / folder / target
                    assert str(place.resolve()).lstrip("/") in parts, (name, target)


SPOILT = {
    b"=": [b'="x"', b'=""', b'="-1"', b'="1e400"', '="２"'.encode()],
    b"<": [b"<zz"],
    b">": [b"><", b">x<"],
}


def test_a_package_with_one_spoilt_place_is_edited_or_left_and_crashes_nothing() -> None:
    """An attribute, a tag or a text of the parts that we change or read; beyond Unfit and Refusal, `check` would end in a traceback."""
    parts = parts_of(returned(with_text_box(THREADED, FORM_SHEET, "x"), MARKS, HEAD))
    names = sorted(name for name in parts if name != "xl/sharedStrings.xml" and "theme" not in name)
    chance, place = random.Random(7), re.compile(rb'="[^"]*"|<[\w:]+|>[^<]+<')
    for _ in range(100):
        name = chance.choice(names)
        found = chance.choice(list(place.finditer(parts[name])))
        new = chance.choice(SPOILT[found[0][:1]])
        spoilt = parts[name][: found.start()] + new + parts[name][found.end() :]
        with suppress(Unfit, Refusal):
            returned(package_of({**parts, name: spoilt}), MARKS, HEAD)
