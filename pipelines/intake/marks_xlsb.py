"""What the cells of an .xlsb show beside their values, from the records of its parts.

Source: [MS-XLSB], Excel Binary File Format (.xlsb) Structure, sections 2.1.4 (records) and 2.4. A formula without a result cannot be told
from one with the result 0 or an empty text there; Excel, which alone writes this format, keeps the results.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from pipelines.intake.marks import PERCENT_BUILTIN, Mark, Places, percent_mark, targets_of
from pipelines.intake.refusal import Refusal

_ROW, _RK, _ERROR, _REAL, _FORMULA_NUMBER, _FORMULA_ERROR = 0, 2, 3, 5, 9, 11
_NUMBERS, _ERRORS = {_RK, _REAL, _FORMULA_NUMBER}, {_ERROR, _FORMULA_ERROR}
_FORMAT, _XF, _SHEET, _BEGIN_CELL_FORMATS, _END_CELL_FORMATS = 44, 47, 156, 617, 618


def read_xlsb_marks(parts: dict[str, bytes]) -> Places:
    """Marks by sheet and place, from the parts of a package. Raises Refusal (damaged_file)."""
    targets = targets_of(parts.get("xl/_rels/workbook.bin.rels", b"<none/>"))
    try:
        formats = _percent_formats(parts.get("xl/styles.bin", b""))
        sheets = [
            _sheet(body) for kind, body in _records(parts.get("xl/workbook.bin", b"")) if kind == _SHEET
        ]
        return {
            name: dict(_marks_of(parts[targets[key]], formats))
            for key, name in sheets
            if targets.get(key) in parts
        }
    except (struct.error, IndexError, ValueError):
        raise Refusal("damaged_file", "文件已损坏或不完整") from None


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Type in one or two bytes of seven bits, length in up to four, then the body."""
    position = 0
    while position < len(part):
        kind, position = _number(part, position, 2)
        length, position = _number(part, position, 4)
        yield kind, part[position : position + length]
        position += length


def _number(part: bytes, position: int, most: int) -> tuple[int, int]:
    """A number in bytes of seven bits, the lowest first, and where it ends."""
    value = 0
    for index in range(most):
        byte = part[position + index]
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, position + index + 1
    return value, position + most


def _text(body: bytes, position: int) -> tuple[str, int]:
    """A text, and where it ends; a length of ones is none."""
    (length,) = struct.unpack_from("<I", body, position)
    end = position + 4 + (0 if length == 0xFFFFFFFF else 2 * length)
    return body[position + 4 : end].decode("utf-16-le", "replace"), end


def _sheet(body: bytes) -> tuple[str, str]:
    """The key of a sheet's part, and the sheet's name."""
    key, end = _text(body, 8)
    return key, _text(body, end)[0]


def _percent_formats(styles: bytes) -> dict[int, Mark]:
    """The indexes of the cell formats that show a number with a percent sign."""
    marks = dict.fromkeys(PERCENT_BUILTIN, Mark.PERCENT)
    used: list[int] = []
    is_for_cells = False
    for kind, body in _records(styles):
        if kind == _FORMAT and (mark := percent_mark(_text(body, 2)[0])):
            marks[struct.unpack_from("<H", body)[0]] = mark
        elif kind in (_BEGIN_CELL_FORMATS, _END_CELL_FORMATS):
            is_for_cells = kind == _BEGIN_CELL_FORMATS
        elif kind == _XF and is_for_cells:
            used.append(struct.unpack_from("<H", body, 2)[0])
    return {index: marks[number] for index, number in enumerate(used) if number in marks}


def _marks_of(part: bytes, formats: dict[int, Mark]) -> Iterator[tuple[tuple[int, int], Mark]]:
    row = 0
    for kind, body in _records(part):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", body)
        elif kind in _NUMBERS or kind in _ERRORS:
            column, style = struct.unpack_from("<II", body)
            mark = Mark.ERROR if kind in _ERRORS else formats.get(style & 0xFFFFFF)
            if mark is not None:
                yield (row, column), mark
