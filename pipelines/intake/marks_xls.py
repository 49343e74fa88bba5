"""What the cells of an .xls show beside their values, and whether it has a password: from the records of its main stream.

Source: [MS-XLS], Excel Binary File Format (.xls) Structure, sections 2.4.28 (cells) to 2.4.353 (cell formats); the older BIFF5 differs
only in how it writes the text of a number format.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from pipelines.intake.marks import PERCENT_BUILTIN, Mark, percent_mark
from pipelines.intake.refusal import Refusal

_FORMULA, _EOF, _FILEPASS, _BOUNDSHEET, _MULRK, _XF, _NUMBER, _BOOLERR, _RK, _FORMAT, _BOF = (
    0x06, 0x0A, 0x2F, 0x85, 0xBD, 0xE0, 0x203, 0x205, 0x27E, 0x41E, 0x809,
)  # fmt: skip
_BIFF8 = 0x600
_CALCULATE_ON_LOAD = 2
# The first byte of a formula's result that is no number, with two bytes of ones at its end.
_ERROR_RESULT, _EMPTY_RESULT = 2, 3
Record = tuple[int, bytes]


def read_xls_marks(content: bytes) -> list[dict[tuple[int, int], Mark]]:
    """Marks by row and column (from 0) for each sheet, in the order of the sheets. Raises Refusal: encrypted_file, damaged_file."""
    # A package of its own, for the few files in this format.
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            stream = file.openstream("Workbook" if file.exists("Workbook") else "Book").read()
        records = list(_substream(stream, 0))
        if any(kind == _FILEPASS for kind, _ in records):
            raise Refusal("encrypted_file", "文件设有打开密码")
        formats = _percent_formats(records)
        starts = [struct.unpack_from("<I", body)[0] for kind, body in records if kind == _BOUNDSHEET]
        return [dict(_marks_of(stream, start, formats)) for start in starts]
    except (OSError, struct.error, ValueError, IndexError):
        raise Refusal("damaged_file", "文件已损坏或不完整") from None


def _records(stream: bytes, position: int) -> Iterator[Record]:
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield kind, stream[position + 4 : position + 4 + length]
        position += 4 + length


def _substream(stream: bytes, position: int) -> Iterator[Record]:
    """The records of the workbook or of one sheet, without those of the charts inside it."""
    depth = 0
    for kind, body in _records(stream, position):
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        if depth == 1:
            yield kind, body


def _percent_formats(records: list[Record]) -> dict[int, Mark]:
    """The indexes of the cell formats that show a number with a percent sign."""
    is_biff8 = struct.unpack_from("<H", records[0][1])[0] == _BIFF8
    marks = dict.fromkeys(PERCENT_BUILTIN, Mark.PERCENT)
    for kind, body in records:
        if kind == _FORMAT and (mark := percent_mark(_format_code(body, is_biff8=is_biff8))):
            marks[struct.unpack_from("<H", body)[0]] = mark
    used = [struct.unpack_from("<H", body, 2)[0] for kind, body in records if kind == _XF]
    return {index: marks[number] for index, number in enumerate(used) if number in marks}


def _format_code(body: bytes, *, is_biff8: bool) -> str:
    if not is_biff8:
        return body[3:].decode("latin-1")
    return body[5:].decode("utf-16-le" if body[4] & 1 else "latin-1", "replace")


def _marks_of(stream: bytes, start: int, formats: dict[int, Mark]) -> Iterator[tuple[tuple[int, int], Mark]]:
    for kind, body in _substream(stream, start):
        if kind in (_NUMBER, _RK):
            row, column, style = struct.unpack_from("<HHH", body)
            if style in formats:
                yield (row, column), formats[style]
        elif kind == _MULRK:
            row, column = struct.unpack_from("<HH", body)
            for index in range((len(body) - 6) // 6):
                style = struct.unpack_from("<H", body, 4 + 6 * index)[0]
                if style in formats:
                    yield (row, column + index), formats[style]
        elif kind == _BOOLERR and body[7]:
            row, column = struct.unpack_from("<HH", body)
            yield (row, column), Mark.ERROR
        elif kind == _FORMULA:
            row, column, style = struct.unpack_from("<HHH", body)
            mark = _formula_mark(body) or formats.get(style)
            if mark is not None:
                yield (row, column), mark


def _formula_mark(body: bytes) -> Mark | None:
    """Whether a formula has no usable result. Programs that do not calculate leave the result empty, or at zero with a request to calculate."""
    result, (flags,) = body[6:14], struct.unpack_from("<H", body, 14)
    if result[6:] == b"\xff\xff":
        return {_ERROR_RESULT: Mark.ERROR, _EMPTY_RESULT: Mark.UNCALCULATED}.get(result[0])
    return Mark.UNCALCULATED if flags & _CALCULATE_ON_LOAD and not any(result) else None
