"""An .xlsx list as it was found. Cells are read as any office program saves them: numbers, shared and inline texts; a formula is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from pipelines.exports.list_manifest import DATA_ITEM, SHEET, ListManifest
from pipelines.intake.marks import sheet_parts
from pipelines.intake.refusal import Refusal
from pipelines.verification.found import Found, FoundLine
from pipelines.verification.package import NotOurs, Package, Parser

MOST_COLUMNS = 400
MOST_TEXTS = 3_000_000
WORKBOOK, RELATIONS, TEXTS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def read_sheets(package: Package) -> Found:
    """The list in the package. Raises NotOurs."""
    if WORKBOOK not in package.names:
        raise NotOurs("文件不是.xlsx或.docx文件")
    parts = dict.fromkeys(package.names, b"") | {name: package.small(name) for name in (WORKBOOK, RELATIONS)}
    try:
        sheets = sheet_parts(parts)
    except Refusal:
        raise NotOurs("文件内容已损坏") from None
    if SHEET not in sheets:
        raise NotOurs(f"文件中没有“{SHEET}”表")
    texts = _texts(package) if TEXTS in package.names else []
    lines = {name: partial(_lines, package, part, texts) for name, part in sheets.items()}
    data = [cells[1] for _, cells in lines[SHEET]() if len(cells) > 1 and cells[0] == DATA_ITEM]
    manifest = ListManifest.parse(data[0]) if len(data) == 1 else None
    if manifest is None or manifest.form != "xlsx":
        raise NotOurs(f"“{SHEET}”表中没有可以识别的核验数据")
    return Found(manifest, lines, _address)


def _address(sheet: str, line: int, column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"“{sheet}”表{letters}{line}"


def _lines(package: Package, part: str, texts: list[str]) -> Iterator[FoundLine]:
    parser = _Sheet(texts)
    for piece in package.pieces(part):
        parser.feed(piece)
        yield from parser.take()
    parser.feed(b"", is_last=True)
    yield from parser.take()


def _texts(package: Package) -> list[str]:
    parser = _Texts()
    for piece in package.pieces(TEXTS):
        parser.feed(piece)
    parser.feed(b"", is_last=True)
    return parser.found


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _Texts(Parser):
    """The shared texts, without what is only how they are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._text: list[str] = []
        self._is_open = self._is_aloud = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._is_open = name == "t"
        self._is_aloud = self._is_aloud or name == "rPh"

    def text(self, text: str) -> None:
        if self._is_open and not self._is_aloud:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._is_open = False
        if name == "rPh":
            self._is_aloud = False
        elif name == "si":
            self.found.append(_unescaped("".join(self._text)))
            self._text = []
            if len(self.found) > MOST_TEXTS:
                raise NotOurs("文件中的文字过多")


class _Sheet(Parser):
    """Rows as they come."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__()
        self._texts = texts
        self._ready: list[FoundLine] = []
        self._line = 0
        self._cells: list[str] = []
        self._kind, self._place, self._is_open, self._is_aloud = "n", 0, False, False
        self._value: list[str] = []
        self._formula: list[str] | None = None

    def take(self) -> list[FoundLine]:
        """The rows that are complete."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._line = _whole(attributes.get("r")) or self._line + 1
            self._cells = []
        elif name == "c":
            found = _PLACE.fullmatch(attributes.get("r", ""))
            self._place = _column(found[1]) if found else len(self._cells) + 1
            if self._place > MOST_COLUMNS:
                raise NotOurs(f"第{self._line}行有超过{MOST_COLUMNS}列的内容")
            self._kind, self._value, self._formula = attributes.get("t", "n"), [], None
        elif name == "rPh":
            self._is_aloud = True
        elif name == "f":
            self._formula = self._formula or []
        self._is_open = name in ("v", "t", "f") and not self._is_aloud

    def text(self, text: str) -> None:
        if self._is_open and self._formula is not None:
            self._formula.append(text)
        elif self._is_open:
            self._value.append(text)

    def end(self, name: str) -> None:
        self._is_open = False
        if name == "rPh":
            self._is_aloud = False
        elif name == "c":
            self._cells.extend([""] * (self._place - len(self._cells)))
            self._cells[self._place - 1] = self._read()
        elif name == "row":
            self._ready.append((self._line, self._cells))

    def _read(self) -> str:
        if self._formula is not None:
            return "=" + "".join(self._formula)
        value = "".join(self._value)
        if self._kind == "s":
            place = _whole(value)
            return self._texts[place] if place is not None and place < len(self._texts) else ""
        return _unescaped(value) if self._kind in ("inlineStr", "str") else value


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
