"""A .docx list as it was found: its paragraphs but those that people fill in, its tables, and what else a reader may see in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator

from pipelines.exports.fingerprint import cell_text
from pipelines.exports.list_manifest import NAMESPACE, ListManifest
from pipelines.exports.paper_styles import FILLED_IN
from pipelines.exports.shortlist_docx import TABLE, TEXT
from pipelines.verification.found import Beside, Found, FoundLine
from pipelines.verification.markup import TEXTS, NotOurs, Parser
from pipelines.verification.package import Package, Relation
from pipelines.verification.paper_forms import FIELD, STYLE_PLAIN, strange
from pipelines.verification.properties import read_properties
from pipelines.verification.theme import Theme

MOST_DATA = 20
_POINTED_TO = {
    "styles", "stylesWithEffects", "settings", "webSettings", "fontTable", "theme", "numbering", "customXml", "header", "footer",
    "footnotes", "endnotes",
}  # fmt: skip
_OF_PACKAGE = {
    "officeDocument", "core-properties", "extended-properties", "custom-properties", "thumbnail", "origin", "customXml",
}  # fmt: skip
_CALLED = {
    "image": "图片", "hyperlink": "超链接", "comments": "批注", "oleObject": "嵌入的对象", "chart": "图表", "aFChunk": "嵌入的文件", "font": "嵌入的字体",
    "attachedTemplate": "外部模板",
}  # fmt: skip
_ONCE = ("styles", "settings", "fontTable", "theme", "footnotes", "endnotes")
MOST_BREAKS = 20
_PAGES = {"default": "", "even": "（偶数页）", "first": "（首页）"}


def paper_manifest(package: Package) -> ListManifest:
    """What the part of custom XML in our namespace says, whatever number an office program has given it. Raises NotOurs."""
    names = sorted(
        name for name in package.names if name.startswith("customXml/item") and name.endswith(".xml")
    )
    if len(names) > MOST_DATA:
        raise NotOurs("文件中的附加数据过多")
    found = []
    for name in names:
        data = _Data()
        package.parse(name, data)
        if data.is_ours:
            found.append("".join(data.found))
    manifest = ListManifest.parse(found[0]) if len(found) == 1 else None
    if manifest is None or manifest.form != "docx":
        raise NotOurs("文件中没有可以识别的核验数据")
    return manifest


def read_paper(package: Package) -> Found:
    """The list in the package, whose weight was looked at before. Raises NotOurs."""
    beside = Beside()
    main = package.main()
    relations = package.relations(main)
    _check_relations(package, main, relations, beside)
    styles = _Styles()
    for _, (kind, target) in relations:
        if kind == "styles" and target:
            package.parse(target, styles, None)
        elif kind in ("theme", "fontTable") and target:
            package.parse(target, Theme(beside))
    body = _Body(styles, beside)
    package.parse(main, body, None)
    targets = {key: relation.target for key, relation in relations}
    for kind, page, key in body.pages:
        part = _Page(styles, beside, f"页眉{page}" if kind == "header" else f"页脚{page}")
        package.parse(targets.get(key) or "", part)
    for _, (kind, target) in relations:
        if kind in ("footnotes", "endnotes") and target:
            package.parse(target, _Page(styles, beside, "脚注" if kind == "footnotes" else "尾注"))
    styles.tell(beside)
    read_properties(package, beside)
    tables = {TABLE.format(number): lines for number, lines in enumerate(body.tables, 1)}
    parts = {name: _again(lines) for name, lines in {TEXT: body.texts, **tables}.items()}
    return Found(parts, _address, 10**9, body.sequence, beside)


def _again(lines: list[FoundLine]) -> Callable[[], Iterator[FoundLine]]:
    return lambda: iter(lines)


def _address(part: str, line: int, column: int) -> str:
    return f"正文第{line}段" if part == TEXT else f"{part}第{line}行第{column}列"


def _check_relations(
    package: Package, main: str, relations: list[tuple[str, Relation]], beside: Beside
) -> None:
    """Note what the parts point to besides what a paper of ours consists of."""
    ours = {"": _OF_PACKAGE, main: _POINTED_TO}
    others = [target for _, (kind, target) in relations if target and kind != "customXml"]
    for part in ("", main, *others):
        for _, (kind, target) in package.relations(part):
            if target is None or kind not in ours.get(part, set()):
                beside.strange(f"文件中有导出时没有的{_CALLED.get(kind, f'内容（{kind[:40]}）')}")
    once = Counter(kind for _, (kind, _) in relations)
    if any(once[kind] > 1 for kind in _ONCE):
        raise NotOurs("文件内容已损坏")


class _Data(Parser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_ours = False
        self._expat.StartNamespaceDeclHandler = self._declared

    def text(self, text: str) -> None:
        self.found.append(text)

    def _declared(self, _: str | None, space: str) -> None:
        self.is_ours = self.is_ours or space == NAMESPACE


class _Styles(Parser):
    """Styles by the ids that text calls them by: their names, what they rest on, and what in them would change what is seen."""

    spaces, is_qualified = TEXTS, True

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self.used: set[str] = set()
        self._based: dict[str, str] = {}
        self._strange: dict[str, list[str]] = {}
        self._known: set[str] = set()
        self._id = ""
        self._open: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if name == "style":
            self._id = attributes.get("styleId", "")
            if self._id in self._known:
                raise NotOurs("文件内容已损坏")
            self._known.add(self._id)
            if attributes.get("default") in ("1", "true", "on"):
                self.used.add(self._id)
        elif name == "name" and parent == "style":
            self.names[self._id] = attributes.get("val", "")
        elif name in ("basedOn", "link") and parent == "style":
            if name == "basedOn":
                self._based[self._id] = attributes.get("val", "")
        elif "latentStyles" not in self._open and name not in _STYLE_FRAMES:
            is_plain = parent == "style" and name in STYLE_PLAIN
            if not is_plain and (what := strange(name, attributes, parent)):
                self._strange.setdefault(self._id, []).append(what)

    def end(self, name: str) -> None:
        self._open.pop()
        if name == "style":
            self._id = ""

    def tell(self, beside: Beside) -> None:
        """Note what is strange in the styles that are used, those that they rest on, and what holds for all."""
        reached, wanted = set[str](), {"", *self.used}
        while wanted:
            reached |= wanted
            wanted = {self._based[style] for style in wanted if style in self._based} - reached
        for style in sorted(reached):
            for what in dict.fromkeys(self._strange.get(style, ())):
                beside.strange(f"样式“{self.names.get(style, style) or '默认'}”中有{what}")


_STYLE_FRAMES = {"styles", "docDefaults", "rPrDefault", "pPrDefault", "latentStyles", "tblStylePr"}


class _Text(Parser, ABC):
    """Paragraphs and tables, and all in them that is neither text nor the plain layout of it."""

    spaces, is_qualified = TEXTS, True
    has_fields = False

    def __init__(self, styles: _Styles, beside: Beside) -> None:
        super().__init__()
        self._styles, self._beside = styles, beside
        self._open: list[str] = []
        self._text: list[str] = []
        self._style, self._breaks = "", 0

    @abstractmethod
    def place(self) -> str:
        """Where the parser is."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if name in ("pStyle", "rStyle", "tblStyle"):
            self._styles.used.add(attributes.get("val", ""))
            if name == "pStyle":
                self._style = self._styles.names.get(attributes.get("val", ""), "")
        elif parent == "r" and name in ("tab", "noBreakHyphen"):
            self._text.append(" " if name == "tab" else "-")
        elif name == "br":
            self._breaks += 1
            if self._breaks == MOST_BREAKS:
                self._beside.strange(f"{self.place()}有过多的换行")
        if not (self.has_fields and name in FIELD) and (what := strange(name, attributes, parent)):
            self._beside.strange(f"{self.place()}有{what}")

    def text(self, text: str) -> None:
        if self._open[-3:] == ["p", "r", "t"]:  # anywhere else a program shows no text
            self._text.append(text)

    def end(self, name: str) -> None:
        self._open.pop()


class _Body(_Text):
    """Paragraphs outside tables, and rows of tables. Of each style that people fill in, the first paragraph is passed over.

    pages: kind (header or footer), which pages it is for, and the key of its part.
    """

    def __init__(self, styles: _Styles, beside: Beside) -> None:
        super().__init__(styles, beside)
        self.texts: list[FoundLine] = []
        self.tables: list[list[FoundLine]] = []
        self.sequence: list[tuple[str, str]] = []
        self.pages: list[tuple[str, str, str]] = []
        self._depth = self._paragraphs = 0
        self._cells: list[str] = []

    def place(self) -> str:
        if self._depth:
            return _address(TABLE.format(len(self.tables)), len(self.tables[-1]) + 1, len(self._cells) + 1)
        number = self._paragraphs + ("p" in self._open)
        return _address(TEXT, number, 1) if number else TEXT

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tbl":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                table = TABLE.format(len(self.tables))
                self.sequence.append((table, f"〔{table}〕"))
            else:
                self._beside.strange(f"{self.place()}有表格中的表格")
        elif name == "tr" and self._depth == 1:
            self._cells = []
        elif (name == "tc" and self._depth == 1) or (name == "p" and not self._depth):
            self._text, self._style = [], ""
        elif name in ("headerReference", "footerReference"):
            page = attributes.get("type", "default")
            self.pages.append((name[:6], _PAGES.get(page, page), attributes.get("id", "")))
        super().start(name, attributes)

    def end(self, name: str) -> None:
        super().end(name)
        if name == "tbl":
            self._depth -= 1
        elif name == "tc" and self._depth == 1:
            self._cells.append("".join(self._text))
        elif name == "tr" and self._depth == 1:
            self.tables[-1].append((len(self.tables[-1]) + 1, self._cells))
        elif name == "p" and not self._depth:
            self._paragraph("".join(self._text))

    def _paragraph(self, text: str) -> None:
        self._paragraphs += 1
        if self._style in FILLED_IN and self._style not in self._beside.filled:
            self._beside.filled[self._style] = text.strip()
            self.sequence.append((_address(TEXT, self._paragraphs, 1), f"〔{self._style}〕"))
        else:
            self.texts.append((self._paragraphs, [text]))
            if text.strip():
                self.sequence.append((_address(TEXT, self._paragraphs, 1), cell_text(text)))


class _Page(_Text):
    """The header or footer of pages, or notes: all of its text as one, a page number as N."""

    has_fields = True

    def __init__(self, styles: _Styles, beside: Beside, called: str) -> None:
        super().__init__(styles, beside)
        self._called = called
        self._said: list[str] = []
        self._is_result = False

    def place(self) -> str:
        return self._called

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if name == "fldChar":
            self._is_result = attributes.get("fldCharType") == "separate"
            if attributes.get("fldCharType") == "begin":
                self._text.append("N")
        elif name == "fldSimple":
            self._instruct(attributes.get("instr", ""))
        elif name == "tbl":
            self._beside.strange(f"{self._called}有表格")

    def text(self, text: str) -> None:
        if self._open and self._open[-1] == "instrText":
            self._instruct(text)
        elif not (self._is_result and text.strip().isdecimal()):
            super().text(text)

    def end(self, name: str) -> None:
        super().end(name)
        if name == "p":
            self._said.append("".join(self._text).strip())
            self._text = []
        elif name in ("hdr", "ftr", "footnotes", "endnotes"):
            said = "".join(self._said)
            self._beside.shown[self._called] = self._beside.shown.get(self._called, "") + said

    def _instruct(self, instruction: str) -> None:
        if instruction.split()[:1] not in ([], ["PAGE"]):
            self._beside.strange(f"{self._called}有域（{instruction.strip()[:20]}）")
