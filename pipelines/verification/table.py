"""A .csv list as it was found, with the manifest that lies beside it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pipelines.exports.list_manifest import LARGEST, SUFFIX, ListManifest
from pipelines.exports.shortlist_csv import PART
from pipelines.verification.found import Found, FoundLine
from pipelines.verification.markup import NotOurs

# A file that was saved anew says the same in other bytes: so many times what ours has, and so much besides.
MORE, MORE_BYTES, MORE_ROWS = 4, 64 * 1024, 1_000
MOST_COLUMNS = 400


def table_manifest(path: Path) -> ListManifest:
    """The manifest beside the file. Raises NotOurs."""
    beside = path.with_name(path.name + SUFFIX)
    if not beside.is_file():
        raise NotOurs(f"旁边没有核验清单“{beside.name}”；.csv名单须与它的核验清单放在同一文件夹")
    if beside.stat().st_size > 4 * LARGEST:
        raise NotOurs(f"“{beside.name}”过大")
    manifest = ListManifest.parse(beside.read_bytes().decode("utf-8", "replace").strip())
    if manifest is None or manifest.form != "csv":
        raise NotOurs(f"“{beside.name}”中没有可以识别的核验数据")
    return manifest


def read_tables(path: Path, ours: Path) -> tuple[Found, Found]:
    """The list in the file, and that in ours, by which is judged how much may stand in it. Raises NotOurs."""
    own = _rows(ours.read_bytes(), None)
    if path.stat().st_size > MORE * ours.stat().st_size + MORE_BYTES:
        raise NotOurs("文件过大，与这份名单不相称")
    return _found(_rows(path.read_bytes(), MORE * len(own) + MORE_ROWS)), _found(own)


def _found(lines: list[FoundLine]) -> Found:
    return Found({PART: lambda: iter(lines)}, lambda _, line, column: f"第{line}行第{column}列", 1)


def _rows(content: bytes, most: int | None) -> list[FoundLine]:
    lines: list[FoundLine] = []
    try:
        for line, cells in enumerate(csv.reader(io.StringIO(_text(content), newline=""), strict=True), 1):
            if len(cells) > MOST_COLUMNS:
                raise NotOurs(f"文件超过{MOST_COLUMNS}列")
            if most is not None and line > most:
                raise NotOurs("文件行数过多，与这份名单不相称")
            lines.append((line, cells))
    except csv.Error:
        raise NotOurs("文件内容已损坏，不能按.csv读取") from None
    return lines


def _text(content: bytes) -> str:
    """As it was written, or as an office program saved it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotOurs("文件的编码无法识别")
