"""A report is laid out as GB/T 9704-2012 asks: page, lines, characters, fonts of each level, page numbers, signature."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from expectations.models.selection import ShortlistGates
from pipelines.exports.figures import official_time
from pipelines.exports.list_files import list_file
from pipelines.exports.list_rules import conditions_zh
from pipelines.exports.paper_styles import (
    ADDRESSEE,
    ALTERNATIVES,
    BODY,
    BODY_FONT,
    DAY,
    HEAD_FONT,
    HEADING,
    ORGAN,
    SUBHEAD_FONT,
    SUBHEADING,
    TITLE,
    TITLE_FONT,
)
from tests.listing import published


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return list_file(published(tmp_path_factory.mktemp("marts")), 2025, ".docx")


def test_the_page_is_a4_with_22_lines_of_28_characters(content: bytes) -> None:
    paper = docx.Document(io.BytesIO(content))
    (section,) = paper.sections
    near = pytest.approx
    assert [section.page_width.mm, section.page_height.mm] == [near(210, abs=0.1), near(297, abs=0.1)]
    assert [section.top_margin.mm, section.left_margin.mm] == [near(37, abs=0.1), near(28, abs=0.1)]
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert [width / Mm(1), height / Mm(1)] == [near(156, abs=0.1), near(225, abs=0.1)]
    style = paper.styles[BODY]
    spacing = int(style.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert int(width / Pt(1) // (style.font.size.pt + spacing)) == 28
    assert int(height // style.paragraph_format.line_spacing) == 22


@pytest.mark.parametrize(
    ("style", "font", "size", "indent"),
    [
        (TITLE, TITLE_FONT, 22, None),
        (ADDRESSEE, BODY_FONT, 16, None),
        (BODY, BODY_FONT, 16, "200"),
        (HEADING, HEAD_FONT, 16, "200"),
        (SUBHEADING, SUBHEAD_FONT, 16, "200"),
    ],
)
def test_each_level_has_its_font_and_indent(
    content: bytes, style: str, font: str, size: int, indent: str | None
) -> None:
    found = docx.Document(io.BytesIO(content)).styles[style]
    assert found.element.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert found.font.size.pt == size
    ind = found.element.pPr.find(qn("w:ind"))
    assert (None if ind is None else ind.get(qn("w:firstLineChars"))) == indent


def test_fonts_that_a_machine_lacks_have_others_named_for_them(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        fonts = package.read("word/fontTable.xml").decode()
        styles = package.read("word/styles.xml").decode()
    for font, instead in ALTERNATIVES.items():
        assert f'<w:font w:name="{font}"><w:altName w:val="{instead}"/>' in fonts
    assert 'w:eastAsia="zh-CN"' in styles
    assert 'w:eastAsiaTheme="minorEastAsia"' in styles


def test_pages_are_numbered_on_the_outer_side(content: bytes) -> None:
    paper = docx.Document(io.BytesIO(content))
    section = paper.sections[0]
    assert paper.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "RIGHT"), (section.even_page_footer, "LEFT")):
        (line,) = footer.paragraphs
        assert line.text == "— 1 —"
        assert line.alignment is not None
        assert line.alignment.name == side
        assert "PAGE" in line._p.xml
        assert {run.font.size.pt for run in line.runs if run.font.size} == {14}


def test_levels_are_numbered_and_the_list_is_a_table_with_its_head_on_each_page(content: bytes) -> None:
    paper = docx.Document(io.BytesIO(content))
    headings = [
        line.text for line in paper.paragraphs if line.style is not None and line.style.name == HEADING
    ]
    assert [heading[:2] for heading in headings] == ["一、", "二、", "三、", "四、", "五、"]
    listed = paper.tables[0]
    assert [cell.text for cell in listed.rows[0].cells][:3] == ["序号", "单位代码", "单位名称"]
    assert [row.cells[1].text for row in listed.rows[1:]] == ["C1", "S1", "S2"]
    for table in paper.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_the_signature_names_the_committee_and_leaves_day_and_recipient_to_people(content: bytes) -> None:
    lines = {
        line.style.name: line.text for line in docx.Document(io.BytesIO(content)).paragraphs if line.style
    }
    assert lines[ORGAN] == "省委教育工委"
    assert re.fullmatch(r"2026年\s+月\s+日", lines[DAY])
    assert lines[ADDRESSEE] == "（主送机关）："


def test_a_style_takes_no_more_than_its_part_of_a_paper(tmp_path: Path) -> None:
    """The thumbnail and the words of the library's own empty document are gone."""
    content = list_file(published(tmp_path), 2025, ".docx")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert not [name for name in package.namelist() if "thumbnail" in name]
        assert "python-docx" not in package.read("docProps/core.xml").decode()


def test_who_signs_is_centred_above_the_day(content: bytes) -> None:
    """7.3.5.1: the day leaves four characters at the right, the organ stands in the middle above it, whatever its length."""
    paper = docx.Document(io.BytesIO(content))
    organ, day = (next(line for line in paper.paragraphs if line.style.name == name) for name in (ORGAN, DAY))
    assert paper.styles[DAY].element.pPr.find(qn("w:ind")).get(qn("w:rightChars")) == "400"
    assert (organ.text, day.text) == ("省委教育工委", "2026年　月　日")
    # the day is 7 characters wide (four figures are two), the organ 6: half a character more on either side
    assert organ._p.pPr.find(qn("w:ind")).get(qn("w:rightChars")) == "450"


def test_conditions_are_a_sentence_and_days_are_written_as_in_an_official_paper(content: bytes) -> None:
    text = "\n".join(line.text for line in docx.Document(io.BytesIO(content)).paragraphs)
    assert (
        "示范点应当同时符合下列条件：年末在册；全年各季度报表均已采用；全年各季度均按时报送；全年没有红色绩效预警；各季度数据质量均达到采信线；"
        "可以计算的指标不少于应计算指标的90%；各季度报表均已采用的完整年度不少于1个（含本年度）；有可以计分的指标。"
        in text
    )
    assert "数据截止时间为2026年1月25日10时（北京时间）" in text
    assert not re.search(r"\d{4}-\d\d-\d\d", text)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"missing_quarters": 1}, "未采用的报表不超过1个季度"),
        ({"late_quarters": 2}, "未按时报送的不超过2个季度"),
        ({"red_flags": 3}, "红色绩效预警不超过3项"),
        ({"quality": "last"}, "第四季度数据质量均达到采信线"),
        ({"least_score": "72.5"}, "总分不低于72.5分"),
        ({}, "年末在册；有可以计分的指标"),
    ],
)
def test_each_condition_has_its_words(changed: dict[str, object], words: str) -> None:
    assert words in conditions_zh(ShortlistGates.model_validate(changed))


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2025, 4, 20, 15, 59, tzinfo=UTC), "2025年4月20日23时59分"),
        (datetime(2025, 4, 20, 16, 0, tzinfo=UTC), "2025年4月21日0时"),
    ],
)
def test_times_are_the_offices_and_without_leading_zeros(moment: datetime, written: str) -> None:
    assert official_time(moment, ZoneInfo("Asia/Shanghai")) == written
