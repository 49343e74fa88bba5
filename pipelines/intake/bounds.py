"""What a file may cost before a parser sees it: size, entries, inflated size, and the extent of its cells.

A 5 KB workbook with only A1 and XFD1048576 makes a parser allocate the whole sheet; a 2 MB one can inflate to a gigabyte.
Both are refused here by counting really inflated bytes and the bounding box of the cell references.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.parsers import expat

LARGEST_FILE = 20 * 1024 * 1024
MOST_ENTRIES = 400
LARGEST_INFLATED = 120 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 400
MOST_TEXTS = 1_000_000
_XML_STARTS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK = 256 * 1024
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,9})\$?(\d{1,9})")


class OutOfBounds(Exception):
    """The file is larger than any workbook of ours; the message says in Chinese which bound it breaks."""


class NotAWorkbook(Exception):
    """The bytes are no .xlsx workbook; the message says in Chinese what they look like."""


def check_bounds(content: bytes) -> None:
    """Raise OutOfBounds or NotAWorkbook unless the bytes are a zip package of bearable size and extent."""
    if not content:
        raise NotAWorkbook("文件是空的")
    if len(content) > LARGEST_FILE:
        raise OutOfBounds(f"文件大于{LARGEST_FILE // 1024 // 1024}MB")
    if not content.startswith(b"PK"):
        raise NotAWorkbook(looks_like(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_package(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise NotAWorkbook("文件已损坏或不完整") from None


def looks_like(content: bytes) -> str:
    """What the first bytes say, in Chinese."""
    kinds = (
        (b"\xd0\xcf\x11\xe0", "旧版.xls格式或加密的工作簿"), (b"\xff\xd8\xff", "图片"), (b"\x89PNG", "图片"),
        (b"GIF8", "图片"), (b"%PDF", "PDF文件"), (b"Rar!", "RAR压缩包"), (b"7z\xbc\xaf", "7z压缩包"), (b"<", "网页或XML文件"),
    )  # fmt: skip
    return next(
        (f"文件实际是{label}" for magic, label in kinds if content.startswith(magic)), "文件内容不是工作簿"
    )


def _check_package(package: zipfile.ZipFile) -> None:
    entries = package.infolist()
    if len(entries) > MOST_ENTRIES:
        raise OutOfBounds(f"文件内含{len(entries)}个部件，超过{MOST_ENTRIES}个")
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise NotAWorkbook("文件是压缩包，但不是.xlsx工作簿")
    inflated = 0
    for entry in entries:
        inflated = _check_part(package, entry, inflated)


def _check_part(package: zipfile.ZipFile, entry: zipfile.ZipInfo, inflated: int) -> int:
    """Inflate one part in pieces; the running total of bytes. Whatever is XML is scanned: relationships may call any part a sheet."""
    # Office programs store or deflate; the other methods only bring more ways to be wrong.
    if entry.compress_type not in COMPRESSIONS:
        raise NotAWorkbook("文件的压缩方式不是办公软件所用的")
    scan: _PartScan | None = None
    with package.open(entry) as part:
        while piece := part.read(_CHUNK):
            inflated += len(piece)
            if inflated > LARGEST_INFLATED:
                raise OutOfBounds(f"文件展开后大于{LARGEST_INFLATED // 1024 // 1024}MB")
            if scan is None:
                scan = _PartScan(is_xml=piece.lstrip().startswith(_XML_STARTS))
            scan.feed(piece)
    return inflated


class _PartScan:
    """Follows the rows and cells of a sheet as a parser would, without keeping them, and refuses one that stands too far out."""

    def __init__(self, *, is_xml: bool) -> None:
        self._parser = expat.ParserCreate() if is_xml else None
        self._row = self._column = 0
        if self._parser is not None:
            self._parser.StartElementHandler = self._root
            self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, piece: bytes) -> None:
        """Take the next bytes. Raises OutOfBounds, NotAWorkbook."""
        if self._parser is None:
            return
        try:
            self._parser.Parse(piece, False)
        except expat.ExpatError:
            raise NotAWorkbook("文件已损坏或不完整") from None
        if self._parser.StartElementHandler is None:
            self._parser = None

    def _doctype(self, *_: object) -> None:
        raise NotAWorkbook("文件含有办公软件不会写入的内容")

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        root = name.rpartition(":")[2]
        if root == "sst":
            counts = (attributes.get("count", ""), attributes.get("uniqueCount", ""))
            if any(
                len(count) > len(str(MOST_TEXTS)) or (count.isdecimal() and int(count) > MOST_TEXTS)
                for count in counts
            ):
                raise OutOfBounds(f"文件声明的文字超过{MOST_TEXTS}条")
        assert self._parser is not None
        self._parser.StartElementHandler = self._element if root == "worksheet" else None

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        reference = next(
            (value.strip() for key, value in attributes.items() if key.rpartition(":")[2] == "r"), ""
        )
        if tag == "row":
            self._row = int(reference) if re.fullmatch(r"\d{1,9}", reference) else self._row + 1
            self._column = 0
        elif tag == "c":
            self._column += 1
            if match := _REFERENCE.fullmatch(reference):
                self._column, self._row = _column(match[1]), int(match[2])
        if self._row > MOST_ROWS:
            raise OutOfBounds(f"工作表超过{MOST_ROWS}行")
        if self._column > MOST_COLUMNS:
            raise OutOfBounds(f"工作表超过{MOST_COLUMNS}列")


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
