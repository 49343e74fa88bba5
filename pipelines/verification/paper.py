"""A .docx list as it was found: its paragraphs but those that people fill in, and its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipelines.exports.list_manifest import NAMESPACE, ListManifest
from pipelines.exports.paper_styles import FILLED_IN
from pipelines.exports.shortlist_docx import TABLE, TEXT
from pipelines.verification.found import Found, FoundLine
from pipelines.verification.package import NotOurs, Package, Parser

BODY, STYLES = "word/document.xml", "word/styles.xml"


def read_paper(package: Package) -> Found:
    """The list in the package. Raises NotOurs."""
    manifest = _manifest(package)
    if manifest is None or manifest.form != "docx":
        raise NotOurs("文件中没有可以识别的核验数据")
    styles = _Styles()
    styles.feed(package.small(STYLES), is_last=True)
    body = _Body(styles.names)
    for piece in package.pieces(BODY):
        body.feed(piece)
    body.feed(b"", is_last=True)
    tables = {TABLE.format(number): lines for number, lines in enumerate(body.tables, 1)}
    return Found(
        manifest, {name: _again(lines) for name, lines in {TEXT: body.texts, **tables}.items()}, _address
    )


def _again(lines: list[FoundLine]) -> Callable[[], Iterator[FoundLine]]:
    return lambda: iter(lines)


def _address(part: str, line: int, column: int) -> str:
    return f"正文第{line}段" if part == TEXT else f"{part}第{line}行第{column}列"


def _manifest(package: Package) -> ListManifest | None:
    """What the part of custom XML in our namespace says, whatever number an office program has given it."""
    names = sorted(
        name for name in package.names if name.startswith("customXml/item") and name.endswith(".xml")
    )
    for name in names:
        part = package.small(name)
        if NAMESPACE.encode() in part:
            data = _Data()
            data.feed(part, is_last=True)
            return ListManifest.parse("".join(data.found))
    return None


class _Data(Parser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def text(self, text: str) -> None:
        self.found.append(text)


class _Styles(Parser):
    """Names of styles by the ids that paragraphs call them by."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self._id = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style":
            self._id = attributes.get("styleId", "")
        elif name == "name" and self._id:
            self.names[self._id] = attributes.get("val", "")


class _Body(Parser):
    """Paragraphs outside tables, and rows of tables. Of each style that people fill in, the first paragraph is passed over."""

    def __init__(self, styles: dict[str, str]) -> None:
        super().__init__()
        self.texts: list[FoundLine] = []
        self.tables: list[list[FoundLine]] = []
        self._styles, self._filled = styles, set[str]()
        self._depth = self._paragraphs = 0
        self._style, self._is_text = "", False
        self._text: list[str] = []
        self._cells: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tbl":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
        elif name == "tr" and self._depth == 1:
            self._cells = []
        elif (name == "tc" and self._depth == 1) or (name == "p" and not self._depth):
            self._text, self._style = [], ""
        elif name == "pStyle":
            self._style = self._styles.get(attributes.get("val", ""), "")
        self._is_text = name == "t"

    def text(self, text: str) -> None:
        if self._is_text:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._is_text = False
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
        if self._style in FILLED_IN and self._style not in self._filled:
            self._filled.add(self._style)
        else:
            self.texts.append((self._paragraphs, [text]))
