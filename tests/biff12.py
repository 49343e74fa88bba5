"""A workbook as .xlsb, written by hand: no library writes that format. Only what a reader needs: sheets, and cells of each kind.

Source: [MS-XLSB], Excel Binary File Format (.xlsb) Structure, sections 2.1.4 (records) and 2.4.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROW, _ERROR, _BOOL, _REAL, _STRING = 0, 3, 4, 5, 6
_FORMAT, _XF, _BEGIN_STYLES, _END_STYLES = 44, 47, 278, 279
_BEGIN_FORMATS, _END_FORMATS, _BEGIN_CELL_FORMATS, _END_CELL_FORMATS = 615, 616, 617, 618
_BEGIN_SHEET, _END_SHEET, _BEGIN_BOOK, _END_BOOK, _BEGIN_SHEETS, _END_SHEETS = 129, 130, 131, 132, 143, 144
_BEGIN_DATA, _END_DATA, _DIMENSION, _SHEET = 145, 146, 148, 156


class Shown(NamedTuple):
    """A number in a number format."""

    number: float
    format_code: str


class ErrorValue(NamedTuple):
    """An error value by its number in the format: 7 is #DIV/0!."""

    number: int


Value = float | str | bool | Shown | ErrorValue
Cells = Mapping[tuple[int, int], Value]


def to_xlsb(sheets: Mapping[str, Cells]) -> bytes:
    """The package of a workbook. sheets: by name, the cells by row and column (from 0)."""
    numbers = range(1, len(sheets) + 1)
    formats = sorted({
        value.format_code for cells in sheets.values() for value in cells.values() if isinstance(value, Shown)
    })  # fmt: skip
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in numbers
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _content_types(numbers))
        package.writestr(
            "_rels/.rels",
            _relationships(
                f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.bin"/>'
            ),
        )
        package.writestr("xl/_rels/workbook.bin.rels", _relationships(relations))
        package.writestr("xl/workbook.bin", _workbook(list(sheets)))
        package.writestr("xl/styles.bin", _styles(formats))
        for number, cells in zip(numbers, sheets.values(), strict=True):
            package.writestr(f"xl/worksheets/sheet{number}.bin", b"".join(_worksheet(cells, formats)))
    return target.getvalue()


def _content_types(numbers: range) -> str:
    binary = "application/vnd.ms-excel"
    parts = [("/xl/workbook.bin", f"{binary}.sheet.binary.macroEnabled.main")]
    parts += [(f"/xl/worksheets/sheet{n}.bin", f"{binary}.worksheet") for n in numbers]
    overrides = "".join(f"<Override PartName={quoteattr(p)} ContentType={quoteattr(t)}/>" for p, t in parts)
    rels = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{rels}{overrides}</Types>'


def _relationships(inner: str) -> str:
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def _workbook(names: list[str]) -> bytes:
    sheets = b"".join(
        _record(_SHEET, struct.pack("<II", 0, n) + _wide(f"rId{n}") + _wide(name))
        for n, name in enumerate(names, 1)
    )
    return _record(_BEGIN_BOOK) + _record(_BEGIN_SHEETS) + sheets + _record(_END_SHEETS) + _record(_END_BOOK)


def _styles(formats: list[str]) -> bytes:
    """A cell format for each number format, after the one for plain cells."""
    numbers = range(164, 164 + len(formats))
    declared = b"".join(
        _record(_FORMAT, struct.pack("<H", n) + _wide(code)) for n, code in zip(numbers, formats, strict=True)
    )
    used = b"".join(_record(_XF, struct.pack("<HHHHHBBH", 0, n, 0, 0, 0, 0, 0, 0)) for n in (0, *numbers))
    number_formats = _record(_BEGIN_FORMATS, _count(formats)) + declared + _record(_END_FORMATS)
    cell_formats = _record(_BEGIN_CELL_FORMATS, _count([0, *numbers])) + used + _record(_END_CELL_FORMATS)
    return _record(_BEGIN_STYLES) + number_formats + cell_formats + _record(_END_STYLES)


def _count(entries: Sequence[object]) -> bytes:
    return struct.pack("<I", len(entries))


def _worksheet(cells: Cells, formats: list[str]) -> Iterator[bytes]:
    rows = sorted({row for row, _ in cells})
    columns = [column for _, column in cells]
    yield _record(_BEGIN_SHEET)
    if cells:
        yield _record(_DIMENSION, struct.pack("<IIII", rows[0], rows[-1], min(columns), max(columns)))
    yield _record(_BEGIN_DATA)
    for row in rows:
        yield _record(_ROW, struct.pack("<IIHBBBI", row, 0, 300, 0, 0, 0, 0))
        for column, value in sorted((c, value) for (r, c), value in cells.items() if r == row):
            yield _cell(column, value, formats)
    yield _record(_END_DATA)
    yield _record(_END_SHEET)


def _cell(column: int, value: Value, formats: list[str]) -> bytes:
    style = formats.index(value.format_code) + 1 if isinstance(value, Shown) else 0
    head = struct.pack("<II", column, style)
    if isinstance(value, str):
        return _record(_STRING, head + _wide(value))
    if isinstance(value, bool):
        return _record(_BOOL, head + bytes([value]))
    if isinstance(value, ErrorValue):
        return _record(_ERROR, head + bytes([value.number]))
    return _record(_REAL, head + struct.pack("<d", value.number if isinstance(value, Shown) else value))


def _wide(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def _record(kind: int, body: bytes = b"") -> bytes:
    """Type in one or two bytes of seven bits, length in up to four, then the body."""
    head = bytes([kind]) if kind < 128 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    length, rest = b"", len(body)
    while True:
        rest, low = rest >> 7, rest & 0x7F
        length += bytes([low | 0x80 if rest else low])
        if not rest:
            return head + length + body
