"""How text of a paper may be laid out so that a reader still sees it as it was exported, and what each other thing is called in Chinese.

An office program that saves a paper writes many properties; those that it writes by itself are known here, each within the values at which a
text can still be read. Whatever is not known is told: a reader may see it, or may not see what stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipelines.verification.theme import is_symbol

Attributes = Mapping[str, str]

SMALLEST_SIZE = 15  # half points: 小六
_OFF = {"false", "0", "off", "none"}
# What is written without any bearing on what is seen: frames of parts, marks of the spelling check, breaks, edges, settings of a page.
_PLAIN = frozenset(
    """
    document body hdr ftr footnotes endnotes footnote endnote separator continuationSeparator p r t tbl tr tc pPr rPr tblPr tblPrEx tblGrid trPr tcPr sectPr
    bookmarkStart bookmarkEnd proofErr lastRenderedPageBreak softHyphen noBreakHyphen br cr permStart permEnd
    pStyle rStyle tblStyle keepNext keepLines pageBreakBefore widowControl suppressLineNumbers suppressAutoHyphens kinsoku wordWrap
    overflowPunct topLinePunct autoSpaceDE autoSpaceDN adjustRightInd snapToGrid contextualSpacing mirrorIndents jc textAlignment outlineLvl divId
    tabs tab pBdr between bar b bCs i iCs kern lang u noProof cs hint
    tblW tblLayout tblCellMar tblBorders tblLook tblStyleRowBandSize tblStyleColBandSize tblOverlap cantSplit tblHeader tblCellSpacing
    tcBorders tcMar vAlign noWrap hideMark cnfStyle top left bottom right start end insideH insideV tl2br tr2bl
    headerReference footerReference type pgNumType formProt docGrid noEndnote footnotePr endnotePr numFmt numStart numRestart pos cols col paperSrc
    """.split()  # noqa: SIM905
)
# Of a style, what is not its layout.
STYLE_PLAIN = frozenset(
    """
    name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked personal personalCompose personalReply rsid
    """.split()  # noqa: SIM905
)
FIELD = frozenset({"fldChar", "instrText", "fldSimple"})
_CALLED = {
    "ins": "修订（插入）", "del": "修订（删除）", "delText": "修订（删除）", "moveFrom": "修订（移动）", "moveTo": "修订（移动）", "vanish": "隐藏的文字",
    "webHidden": "隐藏的文字", "specVanish": "隐藏的文字", "hidden": "隐藏的行", "drawing": "图形或文本框", "pict": "图形或文本框", "object": "嵌入的对象",
    "txbxContent": "文本框", "framePr": "图文框", "tblpPr": "浮动的表格", "sym": "特殊符号", "sdt": "内容控件", "fldSimple": "域", "fldChar": "域",
    "instrText": "域", "hyperlink": "超链接", "footnoteReference": "脚注", "endnoteReference": "尾注", "commentReference": "批注", "commentRangeStart": "批注",
    "commentRangeEnd": "批注", "numPr": "自动编号", "strike": "删除线", "dstrike": "删除线", "altChunk": "嵌入的文件", "subDoc": "嵌入的文件", "color": "改过的文字颜色",
    "highlight": "突出显示", "shd": "底纹", "sz": "过小的文字", "szCs": "过小的文字", "rFonts": "符号字体", "spacing": "改过的间距", "ind": "改过的缩进",
    "w": "改过的字宽", "position": "升高或降低的文字", "vertAlign": "上标或下标", "vMerge": "合并的单元格", "gridSpan": "合并的单元格", "ruby": "注音", "pgSz": "改过的纸张",
    "pgMar": "改过的页边距", "trHeight": "改过的行高", "tcW": "改过的列宽", "gridCol": "改过的列宽", "tblInd": "改过的表格位置", "titlePg": "首页另设的页眉页脚", "rtl": "从右向左的文字",
    "bidi": "从右向左的段落", "textDirection": "改过的文字方向", "background": "页面背景", "em": "着重号", "caps": "改过的大小写",
}  # fmt: skip
_FOREIGN = (
    ("AlternateContent", "图形或文本框"),
    ("drawingml", "图形或文本框"),
    ("vml", "图形或文本框"),
    ("math", "公式"),
)


def strange(name: str, attributes: Attributes, parent: str) -> str | None:
    """What an element is that no paper of ours has, in Chinese; None for one that leaves text as it was."""
    if name in _PLAIN:
        return "分节" if name == "sectPr" and parent == "pPr" else None
    if name == "spacing" and parent == "rPr":
        return None if _within(attributes, -60, 400, "val") else "改过的字距"
    if check := _WITHIN.get(name):
        return None if check(attributes) else _CALLED[name]
    if attributes.get("val") in _OFF and name not in ("ins", "del"):
        return None
    if name in _CALLED:
        return _CALLED[name]
    if name.endswith("Change"):
        return "修订（格式）"
    called = next((called for word, called in _FOREIGN if word in name), None) if " " in name else None
    return called or f"导出时没有的内容（{name.rpartition(' ')[2][:40]}）"


def _number(text: str | None) -> float | None:
    try:
        return float(text.removesuffix("pt")) if text else 0.0
    except ValueError:
        return None


def _within(attributes: Attributes, low: float, high: float, *names: str) -> bool:
    numbers = [_number(attributes.get(name)) for name in names or attributes if " " not in name]
    return all(number is not None and low <= number <= high for number in numbers)


def _is_dark(attributes: Attributes) -> bool:
    """Whether text of this colour is as readable as black."""
    if attributes.get("themeColor", "text1") not in ("text1", "dark1"):
        return False
    value = attributes.get("val", "auto")
    if value == "auto":
        return True
    try:
        return len(value) == 6 and max(bytes.fromhex(value)) <= 0x60
    except ValueError:
        return False


def _is_spaced(attributes: Attributes) -> bool:
    line = _number(attributes.get("line"))
    least = 200 if attributes.get("lineRule") == "exact" else 0
    has_line = "line" not in attributes or (line is not None and least <= line <= 1_500)
    return has_line and _within(attributes, 0, 3_000, "before", "after", "beforeLines", "afterLines")


def _has_width(attributes: Attributes) -> bool:
    return attributes.get("type", "dxa") != "dxa" or _within(attributes, 300, 12_000, "w")


_WITHIN: dict[str, Callable[[Attributes], bool]] = {
    "color": _is_dark,
    "sz": lambda given: _within(given, SMALLEST_SIZE, 100, "val"),
    "szCs": lambda given: _within(given, SMALLEST_SIZE, 100, "val"),
    "rFonts": lambda given: not any(map(is_symbol, given.values())),
    "spacing": _is_spaced,
    "ind": lambda given: _within(given, -3_000, 3_000),
    "w": lambda given: _within(given, 66, 150, "val"),
    "shd": lambda given: given.get("val") in ("clear", "nil", None) and given.get("fill", "auto").upper() in ("AUTO", "FFFFFF"),
    "pgSz": lambda given: _within(given, 9_000, 25_000, "w", "h"),
    "pgMar": lambda given: _within(given, 0, 4_000),
    "trHeight": lambda given: given.get("hRule") != "exact" or _within(given, 200, 5_000, "val"),
    "tcW": _has_width,
    "gridCol": _has_width,
    "tblInd": lambda given: _within(given, -3_000, 3_000, "w"),
    "textDirection": lambda given: given.get("val") in ("lrTb", "lrTbV"),
}  # fmt: skip
