"""Lists that were changed so that a reader sees something else: none may be called unchanged, each is told with its place."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.marts.published import PublishedRun
from pipelines.selection.trial import try_out
from pipelines.verification.verify import verify
from tests.handed_in import Bytes, forged, saved, with_part, written
from tests.listing import UNITS, published

BODY, SHEET1 = "word/document.xml", "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> PublishedRun:
    return published(tmp_path_factory.mktemp("published") / "marts")


@pytest.fixture(scope="module")
def originals(run: PublishedRun, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The official list by ending, as it was written."""
    folder = tmp_path_factory.mktemp("originals")
    return {ending: written(folder, run, ending).read_bytes() for ending in (".docx", ".xlsx")}


def xml(name: str, old: str, new: str) -> Bytes:
    """The part with one text in place of another, at its first place."""

    def change(part: bytes) -> bytes:
        assert old.encode() in part
        return part.replace(old.encode(), new.encode(), 1)

    return with_part(name, change)


def run_property(inner: str) -> Bytes:
    """The first line of the first table's text with this property of its letters."""
    return xml(BODY, "<w:r><w:t>S1</w:t>", f"<w:r><w:rPr>{inner}</w:rPr><w:t>S1</w:t>")


def paragraph(inner: str) -> Bytes:
    """One more thing in the first paragraph of the body's text."""
    return xml(BODY, "<w:r><w:t>按照", f"{inner}<w:r><w:t>按照")


def related(part: str, kind: str, target: str, mode: str = "") -> Bytes:
    return xml(
        part,
        "</Relationships>",
        f'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
        f' Target="{target}"{mode}/></Relationships>',
    )


def swapped_headings(content: bytes) -> bytes:
    paper = docx.Document(io.BytesIO(content))
    one, other = (line for line in paper.paragraphs if line.text in ("二、建议名单", "三、接近入选的单位"))
    one.runs[0].text, other.runs[0].text = other.text, one.text
    return saved(paper.save)


def moved_table(content: bytes) -> bytes:
    """The table of the near misses where that of the chosen stood."""
    paper = docx.Document(io.BytesIO(content))
    one, other = paper.tables[0]._tbl, paper.tables[1]._tbl
    mark = other.getnext()
    one.addprevious(other)
    mark.addprevious(one)
    return saved(paper.save)


def filled_with(style: str, text: str) -> Bytes:
    def edit(content: bytes) -> bytes:
        paper = docx.Document(io.BytesIO(content))
        next(line for line in paper.paragraphs if line.style and line.style.name == style).runs[0].text = text
        return saved(paper.save)

    return edit


def another_main_part(content: bytes) -> bytes:
    """The package points to a paper of the forger's; ours lies beside it, untouched."""
    forged_part = with_part(BODY, lambda part: part.replace("单位S2".encode(), "单位S9".encode()))(content)
    moved = with_part("word/other.xml", lambda _: part_of(forged_part, BODY))(content)
    moved = with_part(
        "word/_rels/other.xml.rels", lambda _: part_of(content, "word/_rels/document.xml.rels")
    )(moved)
    return xml("_rels/.rels", "word/document.xml", "word/other.xml")(moved)


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


SYM = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
BOX = '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r><w:t>第九小学</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>'
MATH = '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>9</m:t></m:r></m:oMath>'


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (paragraph(BOX), "正文第4段有图形或文本框"),
        (xml(BODY, "<w:r><w:t>按照", BOX.replace("第九小学", "") + "<w:r><w:t>按照"), "正文第4段有图形或文本框"),
        (paragraph(SYM), "正文第4段有特殊符号"),
        (paragraph(MATH), "正文第4段有公式"),
        (paragraph('<w:ins w:author="x"><w:r><w:t>另</w:t></w:r></w:ins>'), "正文第4段有修订（插入）"),
        (paragraph('<w:del w:author="x"><w:r><w:delText>另</w:delText></w:r></w:del>'), "正文第4段有修订（删除）"),
        (paragraph('<w:r><w:footnoteReference w:id="2"/></w:r>'), "正文第4段有脚注"),
        (paragraph('<w:fldSimple w:instr="DATE"/>'), "正文第4段有域"),
        (paragraph('<x:t xmlns:x="urn:x">另</x:t>'), "正文第4段有导出时没有的内容（t）"),
        (xml(BODY, "<w:r><w:t>按照", '<w:r><w:rPr><w:vanish/></w:rPr><w:t>按照'), "正文第4段有隐藏的文字"),
        # to Word an attribute without its namespace is none, and the text is hidden
        (run_property('<w:vanish val="0"/>'), "表格1第3行第2列有隐藏的文字"),
        (run_property("<w:strike/>"), "表格1第3行第2列有删除线"),
        (run_property('<w:color w:val="FFFFFF"/>'), "表格1第3行第2列有改过的文字颜色"),
        (run_property('<w:sz w:val="2"/>'), "表格1第3行第2列有过小的文字"),
        (run_property('<w:rFonts w:ascii="Wingdings"/>'), "表格1第3行第2列有符号字体"),
        (xml(BODY, "<w:trPr><w:cantSplit/></w:trPr>", "<w:trPr><w:cantSplit/><w:hidden/></w:trPr>"), "表格1第2行第1列有隐藏的行"),
        (xml(BODY, "<w:trPr>", '<w:trPr><w:trHeight w:val="1" w:hRule="exact"/>'), "表格1第1行第1列有改过的行高"),
        (xml("word/styles.xml", 'w:val="公文正文"/>', 'w:val="公文正文"/><w:rPr><w:vanish/></w:rPr>'), "样式“公文正文”中有隐藏的文字"),
        (swapped_headings, "“三、接近入选的单位”的位置与导出时不同，此处应为“二、建议名单”"),
        (moved_table, "缺少“"),
        (xml("word/header1.xml", "示例数据：单位和数据均为虚构", "正式文件"), "页眉：文件中为“正式文件”，应为“示例数据"),
        (xml("word/footer1.xml", "— ", "密级 "), "页脚：文件中为“密级 N —”，应为“— N —”"),
        (xml("word/footer2.xml", " PAGE ", " AUTHOR "), "页脚（偶数页）有域（AUTHOR）"),
        (xml(BODY, '<w:headerReference w:type="default"', '<w:headerReference w:type="first"'), "页眉：文件中为“”，应为“示例数据"),
        (xml("docProps/custom.xml", "run-1", "run-7"), "文件属性“数据批次”：文件中为“run-7”，应为“run-1”"),
        (xml("docProps/custom.xml", "</Properties>", '<property name="状态"><vt:lpwstr>已批准</vt:lpwstr></property></Properties>'), "文件属性“状态”：文件中为“已批准”，应为“”"),
        (xml("docProps/core.xml", "<dc:title>关于", "<dc:title>（终稿）关于"), "文件属性“标题”：文件中为“（终稿）"),
        (related("word/_rels/document.xml.rels", "image", "media/a.png"), "文件中有导出时没有的图片"),
        (related("word/_rels/document.xml.rels", "attachedTemplate", "http://x/y.dotm", ' TargetMode="External"'), "文件中有导出时没有的外部模板"),
        (filled_with("主送机关", "省委：另增加第九小学为示范点。"), "“主送机关”处写了“省委：另增加第九小学为示范点。”，超出了由人填写的范围"),
        (filled_with("成文日期", "2026年3月1日，第九小学入选"), "“成文日期”处写了"),
        (xml("word/styles.xml", "<w:rPrDefault><w:rPr>", "<w:rPrDefault><w:rPr><w:vanish/>"), "样式“默认”中有隐藏的文字"),
        (xml("word/theme/theme1.xml", 'typeface="', 'typeface="Wingdings" x="'), "主题中有符号字体"),
        (xml("word/fontTable.xml", 'w:altName w:val="仿宋', 'w:altName w:val="Wingdings,仿宋'), "由符号字体代替"),
        (xml(BODY, "<w:t>S1</w:t></w:r>", "</w:r><w:t>S1</w:t>"), "表格1第3行第2列：文件中为“”，应为“S1”"),
        (paragraph(f"<w:r>{'<w:br/>' * 100}</w:r>"), "正文第4段有过多的换行"),
        (related("_rels/.rels", "metadata/core-properties", "docProps/core2.xml"), "文件有两份文件属性"),
        (another_main_part, "文件中为“单位S9”，应为“单位S2”"),
    ],
)  # fmt: skip
def test_what_a_reader_of_a_changed_paper_sees_is_told(
    tmp_path: Path, run: PublishedRun, originals: dict[str, bytes], edit: Bytes, told: str
) -> None:
    target = tmp_path / "名单.docx"
    target.write_bytes(edit(originals[".docx"]))
    check(target, run, told)


def check(target: Path, run: PublishedRun, told: str) -> None:
    verdict = verify(target, run)
    assert (verdict.state, verdict.status) == ("altered", 1), verdict.details
    assert any(told in line for line in verdict.details), verdict.details


def sheet(change: Callable[[Worksheet], object]) -> Bytes:
    """A change to the sheet 名单 with another library."""

    def edit(content: bytes) -> bytes:
        book = load_workbook(io.BytesIO(content))
        change(book["名单"])
        return saved(book.save)

    return edit


def hidden_sheet(page: Worksheet) -> None:
    page.parent["资格条件"].sheet_state = "veryHidden"


def defined(page: Worksheet) -> None:
    page.parent.defined_names["得分"] = DefinedName("得分", attr_text="名单!$H$5")


CELL = '<c r="H6" s="7"><v>95</v></c>'


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (sheet(lambda page: page.row_dimensions.__getitem__(6).__setattr__("hidden", True)), "“名单”表第6行被隐藏"),
        (sheet(lambda page: page.row_dimensions.__getitem__(6).__setattr__("height", 0.5)), "“名单”表第6行被隐藏"),
        (sheet(lambda page: page.column_dimensions.__getitem__("H").__setattr__("hidden", True)), "“名单”表H列被隐藏"),
        (sheet(lambda page: page.column_dimensions.__getitem__("H").__setattr__("width", 0.1)), "“名单”表H列被隐藏"),
        (sheet(hidden_sheet), "“资格条件”表被隐藏"),
        (sheet(lambda page: page.__getitem__("H6").__setattr__("number_format", '"99.50"')), "“名单”表H列的数字格式与导出时不同（H6起）：文件中为“99.50”，应为“0.00”"),
        (sheet(lambda page: page.__getitem__("H6").__setattr__("number_format", "0")), "“名单”表H列的数字格式与导出时不同（H6起）：文件中为“0”"),
        (sheet(lambda page: page.__getitem__("C6").__setattr__("font", Font(color="FFFFFFFF"))), "“名单”表C列的文字颜色与导出时不同（C6起）"),
        (sheet(lambda page: page.__getitem__("C6").__setattr__("font", Font(strike=True))), "“名单”表C列的底色和字形与导出时不同（C6起）：文件中为“none 删除线”"),
        (sheet(lambda page: page.__getitem__("C6").__setattr__("fill", PatternFill("solid", "FF000000"))), "“名单”表C列的底色和字形与导出时不同（C6起）"),
        (sheet(lambda page: page.__getitem__("C6").__setattr__("comment", Comment("已调整", "x"))), "“名单”表中有批注"),
        (sheet(lambda page: page.merge_cells("C5:C6")), "“名单”表有合并的单元格"),
        (sheet(lambda page: page.parent.create_sheet("补充名单").append(["S9"])), "多出“补充名单”。"),
        (sheet(lambda page: page.parent.create_chartsheet("图")), "文件中有图表工作表"),
        (sheet(defined), "文件中有自定义名称“得分”"),
        (sheet(lambda page: page.__setattr__("print_area", "A1:M5")), "“名单”表的打印区域：文件中为“名单!A1:M5”，应为“名单!A1:M7”"),
        (sheet(lambda page: page.oddHeader.right.__setattr__("text", "正式")), "“名单”表的页眉：文件中为“&R正式”"),
        (sheet(lambda page: page.parent.properties.__setattr__("keywords", "已批准")), "文件属性“标记”：文件中为“已批准”"),
        (sheet(lambda page: page.sheet_view.__setattr__("showZeros", False)), "“名单”表不显示零"),
        (xml(SHEET1, CELL, CELL + CELL.replace("95", "99.5")), "“名单”表H6写了两次"),
        (xml(SHEET1, CELL, CELL.replace("H6", "H16")), "“名单”表H6写了两次，或位置不对"),
        (xml(SHEET1, '<row r="6"', '<row r="5"'), "“名单”表第5行写了两次，或次序颠倒"),
        (xml(SHEET1, CELL, CELL.replace('s="7"', 's="7" t="b"')), "文件中为“b：95”，应为“95”"),
        (xml(SHEET1, '<c r="B6" s="6" t="inlineStr"><is><t>S1</t></is></c>', '<c r="B6" s="6" t="inlineStr"><v>S1</v></c>'), "“名单”表B6：文件中为“”，应为“S1”"),
        (xml(SHEET1, "<t>S1</t>", '<r><rPr><color rgb="FFFFFFFF"/></rPr><t>S1</t></r>'), "“名单”表B列的文字颜色与导出时不同（B6起）"),
        (xml(SHEET1, "<tableParts", '<drawing r:id="rId9"/><tableParts'), "“名单”表有图形或文本框"),
        (related("xl/worksheets/_rels/sheet1.xml.rels", "drawing", "../drawings/drawing1.xml"), "“名单”表中有图形或文本框"),
        (xml("xl/styles.xml", 'numFmtId="0" fontId="5" fillId="0" borderId="2" xfId="0" applyFont="1" applyBorder="1" applyAlignment="1"><alignment vertical', 'numFmtId="49" fontId="5" fillId="0" borderId="2" xfId="0"><alignment vertical'), "列的文字格式与导出时不同"),
        (xml("xl/theme/theme1.xml", '<a:dk1><a:sysClr val="windowText" lastClr="000000"/>', '<a:dk1><a:srgbClr val="FFFFFF"/>'), "主题中的文字或底色与导出时不同"),
        (xml(SHEET1, CELL, CELL.replace("<v>95</v>", "<v>9</v><v>5</v>")), "“名单”表H6写了两次"),
        (xml(SHEET1, "<t>S1</t>", '<t xml:space="preserve">&#10;&#10;S1</t>'), "“名单”表B6的文字前后有空行"),
        (xml(SHEET1, 'r="A1"', 'r="ZZZZZZ1"'), "“名单”表A1写了两次，或位置不对"),
        (xml(SHEET1, 'ySplit="4"', 'ySplit="900"'), "“名单”表的冻结位置与导出时不同"),
        (xml(SHEET1, "<sheetView ", '<sheetView zoomScale="10" '), "“名单”表显示比例过小"),
        (xml("xl/tables/table1.xml", 'name="得分"', 'name="总分"'), "“名单”表的表头与导出时不同"),
        (xml("xl/tables/table1.xml", "TableStyleLight1", "我的样式"), "“名单”表的表格样式与导出时不同"),
    ],
)  # fmt: skip
def test_what_a_reader_of_a_changed_workbook_sees_is_told(
    tmp_path: Path, run: PublishedRun, originals: dict[str, bytes], edit: Bytes, told: str
) -> None:
    target = tmp_path / "名单.xlsx"
    target.write_bytes(edit(originals[".xlsx"]))
    check(target, run, told)


def test_a_head_that_was_moved_below_its_rows_is_told(tmp_path: Path, run: PublishedRun) -> None:
    target = written(tmp_path, run, ".csv")
    head, *rows = target.read_text("utf-8-sig").splitlines(keepends=True)
    target.write_text("".join([*rows, head]), "utf-8-sig", newline="")
    check(target, run, "这一行的位置与导出时不同")


def test_a_paper_that_was_filled_in_says_with_what(tmp_path: Path, run: PublishedRun) -> None:
    target = written(tmp_path, run, ".docx")
    target.write_bytes(filled_with("主送机关", "省委：")(target.read_bytes()))
    verdict = verify(target, run)
    assert verdict.state == "saved_anew"
    assert "由人填写、不在核对范围内的内容：主送机关“省委：”。" in verdict.details


def test_a_trial_that_tells_of_other_changes_than_it_made_is_found(tmp_path: Path, run: PublishedRun) -> None:
    target = written(tmp_path, try_out(run, 2025, {"weights.learning": "0.9"}).run, ".csv")
    forged(target, trial=["学校名额由2个改为1个"])
    verdict = verify(target, run)
    assert verdict.state == "altered"
    assert any(
        "文件所称的试算改动与实际参数不符；实际改动为：学习型权重由30%改为90%" in line
        for line in verdict.details
    )


OTHER_RUN = {"run": "run-0", "catalogue": {"version": "2020.1", "sha256": "e" * 64}}


@pytest.mark.parametrize("trial", [None, ["任意文字"]])
def test_a_list_of_another_run_by_other_parameters_is_not_confirmed_as_official(
    tmp_path: Path, run: PublishedRun, trial: list[str] | None
) -> None:
    """The same units are chosen: a limit for each city that nobody reaches."""
    target = written(tmp_path, try_out(run, 2025, {"most_per_city": "9"}).run, ".csv")
    forged(target, trial=trial, **OTHER_RUN)
    verdict = verify(target, run)
    assert any("评选参数与正式评选不同：每市入选上限由2个改为9个。" in line for line in verdict.details)
    if trial is None:
        assert (verdict.state, verdict.status) == ("other_rules", 1)
        assert "不能确认为正式名单" in verdict.headline
    else:
        assert (verdict.state, verdict.status) == ("data_changed", 0)
        assert verdict.headline.endswith("这是试算名单，不是正式名单。")


def test_parameters_that_no_trial_can_change_are_named_by_their_keys(
    tmp_path: Path, run: PublishedRun
) -> None:
    later = published(tmp_path / "later", UNITS, name="run-2")
    later.manifest["selection"]["shortlist"]["near_misses"] = 1
    later.manifest["catalogue"]["sha256"] = "f" * 64
    verdict = verify(written(tmp_path, run, ".xlsx"), later)
    assert (verdict.state, verdict.status) == ("other_rules", 1)
    assert any("shortlist.near_misses：正式评选为1，文件中为2" in line for line in verdict.details)


def test_other_cells_than_the_chosen_are_told_of_a_list_of_another_run(
    tmp_path: Path, run: PublishedRun
) -> None:
    target = written(tmp_path, run, ".csv")
    target.write_bytes(re.sub("名额已满".encode(), "自愿放弃".encode(), target.read_bytes()))
    forged(target, **OTHER_RUN)
    verdict = verify(target, run)
    assert verdict.state == "data_changed"
    assert any("可能出自改动" in line for line in verdict.details)
    assert any("自愿放弃" in line for line in verdict.details)
