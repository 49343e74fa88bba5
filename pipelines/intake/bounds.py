"""What a file may cost before a parser sees it: size, entries, inflated size, and the extent of its cells.

A 5 KB workbook with only A1 and XFD1048576 makes a parser allocate the whole sheet; a 2 MB one can inflate to a gigabyte.
Both are refused here by counting really inflated bytes and the bounding box of the cell references.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

LARGEST_FILE = 20 * 1024 * 1024
MOST_ENTRIES = 400
LARGEST_INFLATED = 120 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 400
MOST_TEXTS = 1_000_000
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK = 256 * 1024
_TAG = re.compile(rb"<(?:\w+:)?(c|row)((?:\s[^<>]*)?)/?>")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']\s*\$?([A-Za-z]{0,9})\$?(\d{1,9})""")
_TEXTS = re.compile(rb"""<(?:\w+:)?sst\b[^<>]*""")
_COUNT = re.compile(rb"""[cC]ount\s*=\s*["']\s*(\d+)""")
_LONGEST_TAG = 256


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
    """Inflate one part in pieces; the running total of bytes. Sheets are scanned for the extent of their cells."""
    # Office programs store or deflate; the other methods only bring more ways to be wrong.
    if entry.compress_type not in COMPRESSIONS:
        raise NotAWorkbook("文件的压缩方式不是办公软件所用的")
    # Relationships may call any part a sheet, whatever its name: the root element tells.
    is_sheet, unplaced = False, 0
    tail = b""
    with package.open(entry) as part:
        while piece := part.read(_CHUNK):
            inflated += len(piece)
            if inflated > LARGEST_INFLATED:
                raise OutOfBounds(f"文件展开后大于{LARGEST_INFLATED // 1024 // 1024}MB")
            window = tail + piece
            _check_texts(window)
            is_sheet = is_sheet or b"worksheet" in window
            if is_sheet:
                unplaced += _check_extent(window)
            if unplaced > MOST_COLUMNS:
                raise OutOfBounds(f"工作表超过{MOST_COLUMNS}个没有地址的单元格")
            tail = piece[-_LONGEST_TAG:]
    return inflated


def _check_extent(xml: bytes) -> int:
    """Refuse rows and cells that stand too far out; how many do not say where they stand (a parser counts on without end)."""
    tags = _TAG.findall(xml)
    for tag, attributes in set(tags):
        reference = _REFERENCE.search(attributes)
        if reference is None:
            continue
        if int(reference[2]) > MOST_ROWS:
            raise OutOfBounds(f"工作表超过{MOST_ROWS}行")
        if tag == b"c" and _column(reference[1]) > MOST_COLUMNS:
            raise OutOfBounds(f"工作表超过{MOST_COLUMNS}列")
    return sum(_REFERENCE.search(attributes) is None for _, attributes in tags)


def _check_texts(xml: bytes) -> None:
    """A parser makes room for as many texts as the part promises."""
    for head in _TEXTS.findall(xml):
        if any(len(count) > 9 or int(count) > MOST_TEXTS for count in _COUNT.findall(head)):
            raise OutOfBounds(f"文件声明的文字超过{MOST_TEXTS}条")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
