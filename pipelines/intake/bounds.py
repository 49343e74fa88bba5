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
_CHUNK = 256 * 1024
_REFERENCE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,3})\$?(\d{1,9})""")
_LONGEST_REFERENCE = 64


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
    is_sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
    tail = b""
    with package.open(entry) as part:
        while piece := part.read(_CHUNK):
            inflated += len(piece)
            if inflated > LARGEST_INFLATED:
                raise OutOfBounds(f"文件展开后大于{LARGEST_INFLATED // 1024 // 1024}MB")
            if is_sheet:
                _check_extent(tail + piece)
                tail = piece[-_LONGEST_REFERENCE:]
    return inflated


def _check_extent(xml: bytes) -> None:
    for letters, digits in set(_REFERENCE.findall(xml)):
        if int(digits) > MOST_ROWS:
            raise OutOfBounds(f"工作表超过{MOST_ROWS}行")
        if _column(letters) > MOST_COLUMNS:
            raise OutOfBounds(f"工作表超过{MOST_COLUMNS}列")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
