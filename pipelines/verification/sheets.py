"""An .xlsx list as it was found. Cells are read as any office program saves them: numbers, shared and inline texts; a formula is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from pipelines.exports.list_manifest import DATA_ITEM, SHEET, ListManifest
from pipelines.exports.sheets import FIRST_ROW
from pipelines.verification.found import Beside, Found, FoundLine
from pipelines.verification.markup import SHEETS, NotOurs, Parser
from pipelines.verification.package import Package
from pipelines.verification.properties import read_properties
from pipelines.verification.sheet_looks import Looks, bad_font, colour, float_or_none, is_off
from pipelines.verification.theme import Theme

MOST_COLUMNS = 400
MOST_SHEETS = 100
SMALLEST_ZOOM = 40
LARGEST_TEXTS, MOST_TEXTS = 128 * 1024 * 1024, 1_500_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_OF_PACKAGE = {
    "officeDocument",
    "core-properties",
    "extended-properties",
    "custom-properties",
    "thumbnail",
    "origin",
}
_POINTED_TO = {"worksheet", "sharedStrings", "styles", "theme", "calcChain", "sheetMetadata", "customXml"}
_OF_SHEET = {"table", "printerSettings"}
_CALLED = {
    "drawing": "图形或文本框", "vmlDrawing": "批注或图形", "comments": "批注", "threadedComment": "批注", "image": "图片", "hyperlink": "超链接",
    "chartsheet": "图表工作表", "dialogsheet": "对话框工作表", "xlMacrosheet": "宏工作表", "externalLink": "外部链接", "connections": "外部数据连接",
    "pivotCacheDefinition": "数据透视表", "pivotTable": "数据透视表", "oleObject": "嵌入的对象", "ctrlProp": "控件", "queryTable": "外部数据", "person": "批注",
}  # fmt: skip
# What a sheet may hold besides its cells without any bearing on what is seen.
_PLAIN = frozenset(
    """
    worksheet sheetPr pageSetUpPr outlinePr dimension sheetViews sheetView pane selection sheetFormatPr cols col sheetData row c v is t f r rPr phoneticPr rPh
    autoFilter filterColumn filters filter sortState sortCondition customFilters customFilter printOptions pageMargins pageSetup headerFooter
    oddHeader oddFooter evenHeader evenFooter firstHeader firstFooter tableParts tablePart ignoredErrors ignoredError rowBreaks colBreaks brk
    sheetProtection sheetCalcPr tabColor b i u sz color rFont family charset scheme outline shadow condense extend strike vertAlign
    """.split()  # noqa: SIM905
)
_STRANGE = {
    "drawing": "图形或文本框", "legacyDrawing": "批注或图形", "legacyDrawingHF": "页眉页脚中的图片", "picture": "背景图片", "oleObjects": "嵌入的对象", "controls": "控件",
    "mergeCells": "合并的单元格", "conditionalFormatting": "条件格式", "dataValidations": "数据验证", "hyperlinks": "超链接", "customSheetViews": "自定义视图",
    "extLst": "扩展内容",
}  # fmt: skip
_PAGES = {
    "oddHeader": "页眉", "oddFooter": "页脚", "evenHeader": "页眉（偶数页）", "evenFooter": "页脚（偶数页）", "firstHeader": "页眉（首页）", "firstFooter": "页脚（首页）",
}  # fmt: skip
_NAMES = {"_xlnm.Print_Area": "打印区域", "_xlnm.Print_Titles": "打印标题"}
_FILTER = "_xlnm._FilterDatabase"


class _Text(NamedTuple):
    """A shared text, and the colours of its letters and what hides them, where it brings its own."""

    text: str
    looks: tuple[str, ...] = ()


class _Book(NamedTuple):
    """The workbook: its sheets by name with their parts, and the parts of texts and styles."""

    sheets: dict[str, str]
    texts: str
    styles: str


def sheets_manifest(package: Package) -> ListManifest:
    """What the sheet 核验信息 holds for machines. Raises NotOurs."""
    book = _book(package, Beside())
    if SHEET not in book.sheets:
        raise NotOurs(f"文件中没有“{SHEET}”表")
    texts: list[_Text] = []
    sheet = _Sheet(SHEET, texts, Looks(), Beside())
    package.parse(book.sheets[SHEET], sheet)
    if sheet.is_shared:
        texts += _texts(package, book.texts, LARGEST_TEXTS)
        sheet = _Sheet(SHEET, texts, Looks(), Beside())
        package.parse(book.sheets[SHEET], sheet)
    data = [cells[1] for _, cells in sheet.take() if len(cells) > 1 and cells[0] == DATA_ITEM]
    manifest = ListManifest.parse(data[0]) if len(data) == 1 else None
    if manifest is None or manifest.form != "xlsx":
        raise NotOurs(f"“{SHEET}”表中没有可以识别的核验数据")
    return manifest


def read_sheets(package: Package) -> Found:
    """The list in the package, whose weight was looked at before. Raises NotOurs."""
    beside = Beside()
    book = _book(package, beside)
    looks = Looks()
    package.parse(book.styles, looks, None)
    for _, (kind, target) in package.relations(package.main()):
        if kind == "theme" and target:
            package.parse(target, Theme(beside))
    texts = _texts(package, book.texts, None)
    read_properties(package, beside)
    for name, part in book.sheets.items():
        for _, (kind, target) in package.relations(part):
            if kind == "table" and target:
                package.parse(target, _Table(name, beside))
            elif target is None or kind not in _OF_SHEET:
                beside.strange(f"“{name}”表中有{_CALLED.get(kind, f'导出时没有的内容（{kind[:40]}）')}")
    lines = {
        name: partial(_lines, package, part, name, texts, looks, beside) for name, part in book.sheets.items()
    }
    return Found(lines, _address, FIRST_ROW + 1, (), beside)


def _book(package: Package, beside: Beside) -> _Book:
    main = package.main()
    relations = package.relations(main)
    for part, known in (("", _OF_PACKAGE), (main, _POINTED_TO)):
        for _, (kind, target) in package.relations(part):
            if target is None or kind not in known:
                beside.strange(f"文件中有{_CALLED.get(kind, f'导出时没有的内容（{kind[:40]}）')}")
    targets = {key: relation.target for key, relation in relations}
    of_kind = {
        wanted: [relation.target or "" for _, relation in relations if relation.kind == wanted]
        for wanted in ("sharedStrings", "styles")
    }
    if len(targets) < len(relations) or any(len(parts) > 1 for parts in of_kind.values()):
        raise NotOurs("文件内容已损坏")
    workbook = _Workbook(beside)
    package.parse(main, workbook)
    sheets: dict[str, str] = {}
    for name, key in workbook.sheets:
        part = targets.get(key) or ""
        if part not in package.names or name in sheets or len(sheets) == MOST_SHEETS:
            raise NotOurs("文件内容已损坏")
        sheets[name] = part
    return _Book(sheets, *(next(iter(of_kind[kind]), "") for kind in ("sharedStrings", "styles")))


def _column_name(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _address(sheet: str, line: int, column: int) -> str:
    return f"“{sheet}”表{_column_name(column)}{line}"


def _lines(
    package: Package, part: str, name: str, texts: list[_Text], looks: Looks, beside: Beside
) -> Iterator[FoundLine]:
    parser = _Sheet(name, texts, looks, beside)
    for piece in package.pieces(part):
        parser.feed(piece)
        yield from parser.take()
    parser.feed(b"", is_last=True)
    yield from parser.take()


def _texts(package: Package, part: str, largest: int | None) -> list[_Text]:
    parser = _Texts()
    package.parse(part, parser, largest)
    return parser.found


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _Workbook(Parser):
    """The list of sheets, and the names that are defined."""

    spaces = SHEETS

    def __init__(self, beside: Beside) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self._beside = beside
        self._name: tuple[str, str] | None = None
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            title = attributes.get("name", "")
            self.sheets.append((title, attributes.get("id", "")))
            if attributes.get("state", "visible") != "visible":
                self._beside.strange(f"“{title}”表被隐藏")
        elif name == "definedName":
            self._name = (attributes.get("name", ""), attributes.get("localSheetId", ""))
            self._text = []

    def text(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        if name != "definedName" or self._name is None:
            return
        defined, sheet = self._name
        if called := _NAMES.get(defined):
            number = int(sheet) if sheet.isdecimal() and len(sheet) < 5 else len(self.sheets)
            of = self.sheets[number][0] if number < len(self.sheets) else "?"
            self._beside.shown[f"“{of}”表的{called}"] = "".join(self._text).replace("'", "").replace("$", "")
        elif defined != _FILTER:
            self._beside.strange(f"文件中有自定义名称“{defined[:40]}”")


class _Table(Parser):
    """A native table: the style that colours it."""

    spaces = SHEETS

    def __init__(self, sheet: str, beside: Beside) -> None:
        super().__init__()
        self._sheet, self._beside = sheet, beside
        self._heads: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tableStyleInfo" and attributes.get("name"):
            self._beside.look(f"“{self._sheet}”表的表格样式", attributes["name"], "表格")
        elif name == "tableColumn":
            self._heads.append(attributes.get("name", ""))
        elif name == "table" and (
            not is_off(attributes.get("totalsRowCount")) or attributes.get("headerRowCount") == "0"
        ):
            self._beside.strange(f"“{self._sheet}”表的表格多出汇总行或没有表头")

    def end(self, name: str) -> None:
        if name == "table":
            self._beside.look(f"“{self._sheet}”表的表头", "、".join(self._heads), "表格")


class _Letters(Parser):
    """Texts with letters of several looks."""

    spaces = SHEETS

    def __init__(self) -> None:
        super().__init__()
        self._own: list[str] = []
        self._is_run = False

    def letters(self, name: str, attributes: dict[str, str]) -> None:
        """Note what the properties of letters say of how they are shown."""
        if name == "rPr":
            self._is_run = True
        elif self._is_run and name == "color":
            self._own.append(colour(attributes))
        elif self._is_run and (what := bad_font(name, attributes)):
            self._own.append(what)

    def looks(self) -> tuple[str, ...]:
        """What was noted since last asked."""
        own, self._own = tuple(dict.fromkeys(self._own)), []
        return own


class _Texts(_Letters):
    """The shared texts, without what is only how they are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Text] = []
        self._text: list[str] = []
        self._is_open = self._is_aloud = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._is_open = name == "t"
        self._is_aloud = self._is_aloud or name == "rPh"
        self.letters(name, attributes)

    def text(self, text: str) -> None:
        if self._is_open and not self._is_aloud:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._is_open = False
        if name == "rPh":
            self._is_aloud = False
        elif name == "rPr":
            self._is_run = False
        elif name == "si":
            self.found.append(_Text(_unescaped("".join(self._text)), self.looks()))
            self._text = []
            if len(self.found) > MOST_TEXTS:
                raise NotOurs("文件中的文字过多")


class _Sheet(_Letters):
    """Rows as they come; what shows beside them, or hides them, is noted."""

    def __init__(self, name: str, texts: list[_Text], looks: Looks, beside: Beside) -> None:
        super().__init__()
        self.is_shared = False
        self._name, self._texts, self._looks, self._beside = name, texts, looks, beside
        self._ready: list[FoundLine] = []
        self._line = 0
        self._cells: list[str] = []
        self._kind, self._format, self._place, self._values = "n", 0, 0, 0
        self._is_open = self._is_aloud = False
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._page: list[str] = []
        self._seen: set[tuple[int, int, bool, tuple[str, ...]]] = set()

    def take(self) -> list[FoundLine]:
        """The rows that are complete."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._cell(attributes)
        elif name == "row":
            self._row(attributes)
        elif name == "rPh":
            self._is_aloud = True
        elif name == "f":
            self._formula = self._formula or []
        elif name in ("v", "is"):
            self._values += 1
            if self._values > 1:
                self._odd(f"{_column_name(self._place)}{self._line}写了两次，或位置不对")
        elif name != "t":
            self._frame(name, attributes)
        holder = "t" if self._kind == "inlineStr" else "v"
        self._is_open = name in (holder, "f") and not self._is_aloud

    def _row(self, attributes: dict[str, str]) -> None:
        line = _whole(attributes.get("r")) or self._line + 1
        if line <= self._line:
            self._odd(f"第{line}行写了两次，或次序颠倒")
        self._line, self._cells = line, []
        height = float_or_none(attributes.get("ht", "15"))
        if not is_off(attributes.get("hidden")) or height is None or height < 4:
            self._odd(f"第{line}行被隐藏")

    def _cell(self, attributes: dict[str, str]) -> None:
        found = _PLACE.fullmatch(attributes.get("r", ""))
        place = _column(found[1]) if found else len(self._cells) + 1
        if place > MOST_COLUMNS:
            raise NotOurs(f"第{self._line}行有超过{MOST_COLUMNS}列的内容")
        if place <= len(self._cells) or (int(found[2]) != self._line if found else "r" in attributes):
            self._odd(f"{_column_name(place)}{self._line}写了两次，或位置不对")
        if not is_off(attributes.get("ph")):
            self._odd(f"{_column_name(place)}{self._line}显示注音")
        self._kind, self._place, self._values = attributes.get("t", "n"), place, 0
        self._format = _whole(attributes.get("s")) or 0
        self._value, self._formula = [], None

    def _frame(self, name: str, attributes: dict[str, str]) -> None:
        """What is neither a row nor a cell."""
        self.letters(name, attributes)
        if name in _PAGES:
            self._page = []
        elif name == "headerFooter":
            if not (is_off(attributes.get("differentFirst")) and is_off(attributes.get("differentOddEven"))):
                self._odd("有首页或偶数页另设的页眉页脚")
        elif name == "col":
            width = float_or_none(attributes.get("width", "10"))
            first = _whole(attributes.get("min")) or 0
            if first <= MOST_COLUMNS and (
                not is_off(attributes.get("hidden")) or width is None or width < 1.5
            ):
                self._odd(f"{_column_name(first)}列被隐藏")
        elif name == "sheetFormatPr":
            height = float_or_none(attributes.get("defaultRowHeight", "15"))
            if not is_off(attributes.get("zeroHeight")) or height is None or height < 4:
                self._odd("各行被隐藏")
        elif name in ("sheetView", "pane"):
            self._view(name, attributes)
        elif name not in _PLAIN:
            self._odd(f"有{_STRANGE.get(name) or f'导出时没有的内容（{name.strip()[-40:]}）'}")

    def _view(self, name: str, attributes: dict[str, str]) -> None:
        """How the window shows the sheet."""
        if name == "pane":
            frozen = f"{attributes.get('xSplit', '0')}列、{attributes.get('ySplit', '0')}行"
            self._beside.look(f"“{self._name}”表的冻结位置", frozen, "窗口")
            return
        if attributes.get("showZeros", "1") in ("0", "false"):
            self._odd("不显示零")
        if not is_off(attributes.get("rightToLeft")):
            self._odd("从右向左显示")
        if not is_off(attributes.get("showFormulas")):
            self._odd("显示公式")
        if not (float_or_none(attributes.get("zoomScale", "100")) or 0) >= SMALLEST_ZOOM:
            self._odd("显示比例过小")

    def text(self, text: str) -> None:
        if not self._is_open:
            self._page.append(text)
        elif self._formula is not None:
            self._formula.append(text)
        else:
            self._value.append(text)

    def end(self, name: str) -> None:
        self._is_open = False
        if name == "c":
            self._ended()
        elif name == "row":
            self._ready.append((self._line, self._cells))
        elif name == "rPh":
            self._is_aloud = False
        elif name == "rPr":
            self._is_run = False
        elif name in _PAGES:
            self._beside.shown[f"“{self._name}”表的{_PAGES[name]}"] = "".join(self._page).strip()
            self._page = []

    def _ended(self) -> None:
        self._cells.extend([""] * (self._place - len(self._cells)))
        value, own = self._read()
        self._cells[self._place - 1] = value
        key = (self._place, self._format, self._kind == "n", own)
        if value[:1] in ("\n", "\r") or value[-1:] in ("\n", "\r"):
            self._odd(f"{_column_name(self._place)}{self._line}的文字前后有空行")
        if value and key not in self._seen:
            self._seen.add(key)
            self._note_look(own)

    def _note_look(self, own: tuple[str, ...]) -> None:
        look = self._looks.of(self._format)
        column = f"“{self._name}”表{_column_name(self._place)}列的"
        first = f"{_column_name(self._place)}{self._line}"
        self._beside.look(f"{column}底色和字形", look.ground, first)
        for letters in (look.letters, *own):
            self._beside.look(f"{column}文字颜色", letters, first)
        kind = "数字" if self._kind == "n" else "文字"
        self._beside.look(f"{column}{kind}格式", look.number, first)

    def _read(self) -> tuple[str, tuple[str, ...]]:
        own = self.looks()
        if self._formula is not None:
            return "=" + "".join(self._formula), own
        value = "".join(self._value)
        if self._kind == "s":
            self.is_shared = True
            place = _whole(value)
            return self._texts[place] if place is not None and place < len(self._texts) else _Text("")
        if self._kind in ("inlineStr", "str"):
            return _unescaped(value), own
        return value if self._kind == "n" or not value else f"{self._kind}：{value}", own

    def _odd(self, what: str) -> None:
        self._beside.strange(f"“{self._name}”表{what}")


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
