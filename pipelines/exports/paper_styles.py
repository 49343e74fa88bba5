"""Page and styles of an official document (GB/T 9704-2012): A4, 22 lines of 28 characters, the fonts of each level. Knows no text.

Fonts: the title asks for 方正小标宋简体, the body for 仿宋_GB2312, headings for 黑体 and 楷体_GB2312, page numbers for 宋体, figures for Times
New Roman. Where a machine lacks one, the font table names what may stand in for it (ALTERNATIVES), and the theme's fonts come last.
"""

from __future__ import annotations

import math
from typing import Any

from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt, Twips
from docx.text.paragraph import Paragraph

TITLE_FONT, BODY_FONT, HEAD_FONT, SUBHEAD_FONT, SONG = (
    "方正小标宋简体",
    "仿宋_GB2312",
    "黑体",
    "楷体_GB2312",
    "宋体",
)
LATIN = "Times New Roman"
ALTERNATIVES = {
    TITLE_FONT: "方正小标宋_GBK,小标宋体,FZXiaoBiaoSong-B05S,宋体,SimSun,Noto Serif CJK SC",
    BODY_FONT: "仿宋,FangSong,方正仿宋_GBK,华文仿宋,STFangsong,Noto Serif CJK SC",
    SUBHEAD_FONT: "楷体,KaiTi,方正楷体_GBK,华文楷体,STKaiti,Noto Serif CJK SC",
    HEAD_FONT: "SimHei,方正黑体_GBK,华文黑体,STHeiti,Noto Sans CJK SC",
    SONG: "SimSun,方正书宋_GBK,华文宋体,STSong,Noto Serif CJK SC",
}
# GB/T 9704-2012, 5.2: 37 mm above, 28 mm left of the text, which is 156 × 225 mm.
TOP, LEFT, WIDTH, HEIGHT = Mm(37), Mm(28), Mm(156), Mm(225)
PAGE_WIDTH, PAGE_HEIGHT = Mm(210), Mm(297)
BOTTOM, RIGHT = Length(PAGE_HEIGHT - TOP - HEIGHT), Length(PAGE_WIDTH - LEFT - WIDTH)
LINES, CHARACTERS = 22, 28
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)  # 二号、三号、四号、五号
LINE = Twips(int(HEIGHT.twips / LINES))  # a twip more, and the page would hold one line less
# In twentieths of a point: what each character of size 3 gives up so that 28 fill a line. The grid of the page could say it too, but
# LibreOffice misreads one that narrows.
NARROWER = -math.ceil((SIZE_3.pt - WIDTH.pt / CHARACTERS) * 20)
TITLE, ADDRESSEE, BODY, HEADING, SUBHEADING = "公文标题", "主送机关", "公文正文", "一级标题", "二级标题"
DAY_ASIDE = 4  # characters right of the day of signing
ORGAN, DAY, NOTE, CELL, ALERT = "发文机关署名", "成文日期", "附注", "表格文字", "提示文字"
# What people write into the finished paper: who reads it back looks past these.
FILLED_IN = frozenset({ADDRESSEE, ORGAN, DAY})


def lay_out(paper: Paper, warning: str | None) -> None:
    section = paper.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = PAGE_WIDTH, PAGE_HEIGHT
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.left_margin, section.right_margin = LEFT, RIGHT
    # page numbers stand 7 mm below the text
    section.header_distance, section.footer_distance = Mm(20), Length(BOTTOM - Mm(7) - SIZE_4)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(LINE.twips))
    _styles(paper)
    paper.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], ALIGN.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], ALIGN.LEFT)
    if warning:
        for header in (section.header, section.even_page_header):
            line = header.paragraphs[0]
            line.style, line.alignment = paper.styles[ALERT], ALIGN.RIGHT
            line.add_run(warning)


def _styles(paper: Paper) -> None:
    normal = paper.styles["Normal"]
    _font(normal, BODY_FONT, SIZE_3)
    normal.paragraph_format.space_after = Pt(0)
    _style(paper, TITLE, TITLE_FONT, SIZE_2, align=ALIGN.CENTER, line=Pt(35), before=LINE, after=LINE)
    _style(paper, ADDRESSEE, BODY_FONT, SIZE_3)
    _style(paper, BODY, BODY_FONT, SIZE_3, indent=2, align=ALIGN.JUSTIFY)
    _style(paper, HEADING, HEAD_FONT, SIZE_3, indent=2, keep=True)
    _style(paper, SUBHEADING, SUBHEAD_FONT, SIZE_3, indent=2, keep=True)
    # how far the organ stands from the right edge hangs on its own length
    _style(paper, ORGAN, BODY_FONT, SIZE_3, align=ALIGN.RIGHT, before=LINE, keep=True)
    _style(paper, DAY, BODY_FONT, SIZE_3, align=ALIGN.RIGHT, right=DAY_ASIDE)
    _style(paper, NOTE, BODY_FONT, SIZE_5, line=Pt(16), align=ALIGN.LEFT)
    _style(paper, CELL, BODY_FONT, SIZE_5, line=Pt(15))
    _style(paper, ALERT, HEAD_FONT, SIZE_5, line=Pt(16), align=ALIGN.CENTER)


def _style(
    paper: Paper,
    name: str,
    font: str,
    size: Length,
    *,
    indent: int = 0,
    right: int = 0,
    align: ALIGN | None = None,
    line: Length | None = None,
    before: Length | None = None,
    after: Length | None = None,
    keep: bool = False,
) -> None:
    """A style of paragraphs. indent of the first line and right: in characters."""
    style: Any = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = paper.styles["Normal"]
    style.quick_style = True
    _font(style, font, size)
    if size == SIZE_3:
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), str(NARROWER))
        style.element.get_or_add_rPr().append(spacing)
    elif line:  # a line height of its own, off the page's grid
        snap = OxmlElement("w:snapToGrid")
        snap.set(qn("w:val"), "0")
        style.element.get_or_add_pPr().append(snap)
    layout = style.paragraph_format
    layout.line_spacing = line or LINE
    layout.space_before, layout.space_after = before or Pt(0), after or Pt(0)
    layout.alignment, layout.keep_with_next, layout.widow_control = align, keep, False
    if indent or right:
        places = style.element.get_or_add_pPr().get_or_add_ind()
        if indent:
            places.set(qn("w:firstLineChars"), str(100 * indent))
            places.set(qn("w:firstLine"), str(int(indent * size.pt * 20)))
        if right:
            places.set(qn("w:rightChars"), str(100 * right))
            places.set(qn("w:right"), str(int(right * size.pt * 20)))


def characters(text: str) -> float:
    """The width of a line in Chinese characters: figures and Latin letters take half of one."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def set_aside(paragraph: Paragraph, right: float) -> None:
    """Leave so many characters of size 3 free at the right edge."""
    places = paragraph._p.get_or_add_pPr().get_or_add_ind()
    places.set(qn("w:rightChars"), str(round(100 * right)))
    places.set(qn("w:right"), str(round(right * SIZE_3.pt * 20)))


def _font(style: Any, name: str, size: Length) -> None:
    style.font.name, style.font.size = LATIN, size
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in [key for key in fonts.attrib if key.endswith("Theme")]:
        del fonts.attrib[attribute]
    fonts.set(qn("w:eastAsia"), name)
    fonts.set(qn("w:hint"), "eastAsia")


def _page_number(line: Paragraph, align: ALIGN) -> None:
    """— 1 —, of size 4 in 宋体, one character in from the outer edge."""
    line.alignment = align
    side = "w:rightChars" if align == ALIGN.RIGHT else "w:leftChars"
    line._p.get_or_add_pPr().get_or_add_ind().set(qn(side), "100")
    for text in ("— ", None, " —"):
        run = line.add_run(text or "")
        run.font.size, run.font.name = SIZE_4, SONG
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), SONG)
        if text is None:
            _add_field(run._r, "PAGE")


def _add_field(run: Any, code: str) -> None:
    for kind in ("begin", "separate", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        if kind == "separate":
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {code} "
            run.append(instruction)
        run.append(mark)
        if kind == "separate":
            shown = OxmlElement("w:t")
            shown.text = "1"
            run.append(shown)


def name_fonts(paper: Paper) -> None:
    """The font table with what may stand in for each font, and the language that decides between Chinese and Japanese forms."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, instead in ALTERNATIVES.items()
    )
    for part in paper.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {nsdecls("w")}>{fonts}</w:fonts>'.encode()
    properties = paper.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = properties.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        properties.append(language)
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
