"""A .csv list as it was found, with the manifest that lies beside it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pipelines.exports.list_manifest import LARGEST, SUFFIX, ListManifest
from pipelines.exports.shortlist_csv import PART
from pipelines.verification.found import Found
from pipelines.verification.package import NotOurs

LARGEST_FILE = 50 * 1024 * 1024
MOST_COLUMNS = 400


def read_table(path: Path) -> Found:
    """The list in the file. Raises NotOurs."""
    manifest = ListManifest.parse(_beside(path))
    if manifest is None or manifest.form != "csv":
        raise NotOurs(f"“{path.name}{SUFFIX}”中没有可以识别的核验数据")
    if path.stat().st_size > LARGEST_FILE:
        raise NotOurs(f"文件大于{LARGEST_FILE // 1024 // 1024}MB")
    try:
        lines = list(enumerate(csv.reader(io.StringIO(_text(path.read_bytes()), newline=""), strict=True), 1))
    except csv.Error:
        raise NotOurs("文件内容已损坏，不能按.csv读取") from None
    if any(len(cells) > MOST_COLUMNS for _, cells in lines):
        raise NotOurs(f"文件超过{MOST_COLUMNS}列")
    return Found(manifest, {PART: lambda: iter(lines)}, lambda _, line, column: f"第{line}行第{column}列")


def _beside(path: Path) -> str:
    beside = path.with_name(path.name + SUFFIX)
    if not beside.is_file():
        raise NotOurs(f"旁边没有核验清单“{beside.name}”；.csv名单须与它的核验清单放在同一文件夹")
    if beside.stat().st_size > 4 * LARGEST:
        raise NotOurs(f"“{beside.name}”过大")
    return beside.read_bytes().decode("utf-8", "replace").strip()


def _text(content: bytes) -> str:
    """As it was written, or as an office program saved it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotOurs("文件的编码无法识别")
