"""What a packed file may cost before a parser sees it: size, entries, inflated size and ratio, and the extent of its cells.

A 5 KB workbook with only A1 and XFD1048576 makes a parser allocate the whole sheet; a 2 MB one can inflate to a gigabyte. What is
refused here costs half a millisecond and is told plainly; what slips through meets the limits of the process that parses (workers.py).
"""

from __future__ import annotations

import codecs
import io
import re
import struct
import zipfile
import zlib

from pipelines.intake.marks import sheet_parts
from pipelines.intake.refusal import Refusal

LARGEST_FILE = 20 * 1024 * 1024
MOST_ENTRIES = 400
MOST_SHEETS = 100
LARGEST_INFLATED = 120 * 1024 * 1024
HIGHEST_RATIO, RATIO_FROM = 250, 4 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 20_000, 400
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_XML = (b"<", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# A reference from row 20,000 or column PA (417) on: no workbook of ours reaches there, and one search in C finds it as programs write it.
_REFERENCE = rb"(?:[A-Z]{3,}|[P-Z][A-Z])\d|[A-Z]{0,3}(?:[2-9]\d{4}|\d{6,})"
_FAR = re.compile(rb' r="(?:%b)' % _REFERENCE)
# What may follow it: a row or cell that holds formats only. Office programs write those far out, and a parser passes them over.
_ATTRIBUTES = rb'(?:\s+[\w:]+="[^"]*")*\s*'
_EMPTY_CELL = rb"\s*<(?:\w+:)?c%b(?:/>|>\s*</(?:\w+:)?c>)" % _ATTRIBUTES
_EMPTY = rb"%b(?:/>|>(?:%b)*\s*</)" % (_ATTRIBUTES, _EMPTY_CELL)
_FAR_CONTENT = re.compile(rb' r="((?:%b)\d*)"(?!%b)' % (_REFERENCE, _EMPTY))
_MANY_TEXTS = re.compile(rb"""<(?:\w+:)?sst\b[^>]*?ount\s*=\s*["']\s*\d{7,}""")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# Two libraries read a value with one of these inside differently.
_SPLIT = re.compile(rb"<!(?:--|\[CDATA\[)")


def check_size(content: bytes) -> None:
    """Raise Refusal where a file is larger than any submission."""
    if len(content) > LARGEST_FILE:
        raise Refusal("over_limits", f"文件大于{LARGEST_FILE // 1024 // 1024}MB")


def inflate(content: bytes, *, with_binary: bool = False) -> dict[str, bytes]:
    """The XML parts of a package by name, inflated within the bounds. Raises Refusal: over_limits, damaged_file.

    with_binary: its .bin parts too, which hold the cells of an .xlsb.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
        check_entries(entries)
        return _parts(content, entries, with_binary=with_binary)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, ValueError, OSError):
        raise Refusal("damaged_file", "文件已损坏或不完整") from None


def check_entries(entries: list[zipfile.ZipInfo]) -> None:
    """Raise Refusal where a package has more parts or sheets than any of ours, two of one name, or a packing that office programs do not use."""
    if len(entries) > MOST_ENTRIES:
        raise Refusal("over_limits", f"文件内含{len(entries)}个部件，超过{MOST_ENTRIES}个")
    sheets = sum("/worksheets/sheet" in entry.filename for entry in entries)
    if sheets > MOST_SHEETS:
        raise Refusal("over_limits", f"文件内含{sheets}张工作表，超过{MOST_SHEETS}张")
    if len({entry.filename for entry in entries}) < len(entries):
        raise Refusal("damaged_file", "文件内有重名的部件")
    # Office programs store or deflate; the other methods only bring more ways to be wrong.
    if any(entry.compress_type not in COMPRESSIONS for entry in entries):
        raise Refusal("damaged_file", "文件的压缩方式不是办公软件所用的")


def _parts(content: bytes, entries: list[zipfile.ZipInfo], *, with_binary: bool) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    inflated = 0
    far: dict[str, str] = {}
    for entry in entries:
        part = _inflated(content, entry, LARGEST_INFLATED - inflated)
        inflated += len(part)
        if part.lstrip().startswith(_XML):
            parts[entry.filename] = part = scanned(part)
            if b"worksheet" in part and _FAR.search(part) and (place := _far_place(part)):
                far[entry.filename] = place
        elif with_binary and entry.filename.endswith(".bin"):
            parts[entry.filename] = part
    if far:
        raise _too_far(parts, *next(iter(far.items())))
    return parts


def _far_place(part: bytes) -> str | None:
    """The first cell far out that is not empty, or its row where the cells there have no addresses."""
    places = [found[1].decode() for found in _FAR_CONTENT.finditer(part)]
    return next((place for place in places if not place.isdecimal()), places[0] if places else None)


def _too_far(parts: dict[str, bytes], name: str, place: str) -> Refusal:
    """A refusal that names the sheet and the cell, so that a clerk can clear it."""
    sheet = next((title for title, part in sheet_parts(parts).items() if part == name), None)
    where, cell = (f"第{place}行", None) if place.isdecimal() else ("此处", place)
    return Refusal("over_limits", f"{where}有内容，而报表最多{MOST_ROWS}行、{MOST_COLUMNS}列", sheet, cell)


def _inflated(content: bytes, entry: zipfile.ZipInfo, room: int) -> bytes:
    """One part, of which no more than `room` bytes are ever inflated, whatever the package says of its size.

    Straight from the bytes: the library's reader costs more for each part than the parts of a form take to inflate.
    """
    name, extra = struct.unpack_from("<HH", content, entry.header_offset + 26)
    start = entry.header_offset + 30 + name + extra
    packed = memoryview(content)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        part = bytes(packed[: room + 1])
    else:
        part = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, room + 1)
    if len(part) > room:
        raise Refusal("over_limits", f"文件展开后大于{LARGEST_INFLATED // 1024 // 1024}MB")
    if len(part) > RATIO_FROM and len(part) > HIGHEST_RATIO * max(entry.compress_size, 1):
        raise Refusal("over_limits", f"文件内有部件压缩到不足{HIGHEST_RATIO}分之一，不是正常填报的内容")
    # A parser of XML may stop before the end of a part, and then nobody compares its sum.
    if zlib.crc32(part) != entry.CRC:
        raise Refusal("damaged_file", "文件已损坏或不完整")
    return part


def scanned(part: bytes) -> bytes:
    """The part as UTF-8, after a look for what no office program writes into a form. Raises Refusal."""
    if part.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        part = part.decode("utf-16", "replace").encode()
    is_sheet = b"worksheet" in part
    is_texts = b"sst" in part and (b"<sst" in part or b":sst" in part)
    if is_texts and _MANY_TEXTS.search(part):
        raise Refusal("over_limits", "文件声明的文字超过100万条")
    # One look for what all of these begin with; office programs write it nowhere.
    if b"<!" in part and (_DOCTYPE.search(part) or ((is_sheet or is_texts) and _SPLIT.search(part))):
        raise Refusal("damaged_file", "文件含有办公软件不会写入的内容")
    return part
